"""Boxes with ids, frame by frame: what a tracker says, and its MOT file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter_cli.scene.sight import mot_line

_NOBODY = "1,-1,0,0,1,1,1,1,1"
"""A box without id, which evaluators skip: they refuse an empty file."""


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    """The people of one frame."""

    ids: NDArray[np.int64]
    """(N,) from 1."""
    boxes: NDArray[np.float64]
    """(N, 4) px: left, top, right, bottom."""

    @classmethod
    def of(cls, ids: Sequence[int] | NDArray[np.int64], boxes: NDArray[np.floating]) -> TrackedFrame:
        """Those of the boxes that have an id."""
        numbers = np.asarray(ids, np.int64).reshape(-1)
        return cls(numbers[numbers > 0], np.asarray(boxes, np.float64).reshape(-1, 4)[numbers > 0])


Tracks = list[TrackedFrame]


def ids_of(tracks: Tracks) -> set[int]:
    """All ids that were given."""
    return {int(number) for frame in tracks for number in frame.ids}


def save_mot(tracks: Tracks, path: Path) -> None:
    """Writes a MOT file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        mot_line(index, int(number), box)
        for index, frame in enumerate(tracks)
        for number, box in zip(frame.ids, frame.boxes, strict=True)
    ]
    path.write_text("\n".join(lines or [_NOBODY]) + "\n", encoding="utf-8")
