"""What is true about the people that a camera sees, frame by frame, and its files.

The boxes also go to text as the MOT Challenge has it (Milan et al., MOT16, 2016), which evaluators of tracking read:
frame and id from 1, left, top, width, height (px), considered (0, 1), class, visibility (0..1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from spotter_cli.scene.geometry import Floats

PEDESTRIAN, DISTRACTOR, REFLECTION = 1, 8, 12
"""Classes of the MOT Challenge: who must be found; what may be found or not; the same, in a mirror."""
HIDDEN = 0.25
"""Somebody who is seen less than this is a distractor."""


@dataclass(frozen=True, eq=False)
class Sight:
    """P people in F frames; what can't be seen or projected is NaN. Row p is the same person in every frame."""

    boxes: Floats
    """(F, P, 4) px: left, top, right, bottom of the whole body, also where hidden or outside the picture."""
    visible_boxes: Floats
    """(F, P, 4) px: around the pixels that show the person."""
    visibility: Floats
    """(F, P) 0..1: share of the body that is inside the picture and not covered."""
    keypoints: Floats
    """(F, P, 17, 2) px, COCO-17, also where hidden or outside the picture."""
    floor: Floats
    """(F, P, 2) m: where on the floor the person is."""
    reflections: Floats
    """(F, P, 4) px: around the pixels that show the person in the mirror."""
    reflected_keypoints: Floats
    """(F, P, 17, 2) px: of the reflection, also where the mirror ends before it."""
    size_px: Floats
    """(F, 2) width and height of the picture."""

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.boxes)


def joined(frames: Iterable[Sight]) -> Sight:
    """Frames one after another."""
    parts = list(frames)
    return Sight(**{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Sight)})


def save_sight(sight: Sight, floor_homography: Floats, path: Path) -> None:
    """Writes a NumPy archive with the arrays of a `Sight` and `floor_homography` (3, 3), floor metres to pixels."""
    arrays: dict[str, Any] = {one.name: getattr(sight, one.name).astype(np.float32) for one in fields(Sight)}
    with path.open("wb") as file:
        np.savez_compressed(file, floor_homography=floor_homography, **arrays)


def load_sight(path: Path) -> Sight:
    """Reads what `save_sight` wrote. Raises OSError, or KeyError if the archive is another one."""
    with np.load(path) as archive:
        return Sight(**{one.name: archive[one.name].astype(np.float64) for one in fields(Sight)})


def mot_lines(sight: Sight) -> Iterator[str]:
    """The truth as the lines of a MOT file; boxes of the body end at the picture's edge.

    People who are hardly seen are distractors and reflections are reflections: whoever finds them gains and loses
    nothing.
    """
    people = sight.boxes.shape[1]
    for frame in range(len(sight)):
        for person in range(people):
            box = clipped(sight.boxes[frame, person], sight.size_px[frame])
            seen = float(sight.visibility[frame, person])
            if box is not None and seen > 0:
                kind = PEDESTRIAN if seen >= HIDDEN else DISTRACTOR
                yield mot_line(frame, person + 1, box, kind, seen)
            mirrored = sight.reflections[frame, person]
            if np.isfinite(mirrored).all():
                yield mot_line(frame, people + person + 1, mirrored, REFLECTION, 1.0)


def mot_line(frame: int, number: int, box: Sequence[float] | Floats, kind: int = PEDESTRIAN, seen: float = 1.0) -> str:
    """One line of a MOT file; frame counts from 0, the file from 1."""
    left, top, right, bottom = (float(v) for v in box)
    considered = int(kind == PEDESTRIAN)
    place = f"{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f}"
    return f"{frame + 1},{number},{place},{considered},{kind},{seen:.3f}"


def clipped(box: Floats, size_px: Floats) -> Floats | None:
    """The part of a box inside the picture; None where there is none."""
    if not np.isfinite(box).all():
        return None
    inside = np.clip(box, 0, np.tile(size_px, 2))
    return inside if (inside[2:] > inside[:2]).all() else None
