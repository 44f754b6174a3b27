"""What went wrong and where: frames in which a person gets another id, and ids that reflections get."""

from __future__ import annotations

from dataclasses import dataclass, field

import lap
import numpy as np
from numpy.typing import NDArray

from spotter_cli.scene import Sight
from spotter_cli.scene.sight import HIDDEN, clipped
from spotter_cli.tracking.tracks import TrackedFrame, Tracks
from svc_vision.tracking.bytetrack import iou_matrix

_SAME = 0.5
"""Least overlap (IoU) of a box and the person it shows."""


@dataclass(frozen=True)
class Switch:
    """From this frame on a person has another id than when last seen."""

    frame: int
    person: int
    before: int
    after: int


@dataclass
class Mistakes:
    """Of one tracker on one film."""

    switches: list[Switch] = field(default_factory=list)
    ids_of_person: dict[int, set[int]] = field(default_factory=dict)
    """All ids that each person of the truth ever had."""
    reflected_boxes: int = 0
    """Boxes with an id that show a reflection."""
    reflected_ids: set[int] = field(default_factory=set)
    """Ids that show reflections more often than people."""


def find_mistakes(sight: Sight, tracks: Tracks) -> Mistakes:
    """Compares tracks with the truth, box by box."""
    found = Mistakes()
    last: dict[int, int] = {}
    on_people: dict[int, int] = {}
    on_reflections: dict[int, int] = {}
    people = sight.boxes.shape[1]
    for index, frame in enumerate(tracks[: len(sight)]):
        for shown, number in _matched(_shown(sight, index), frame):
            if shown >= people:
                found.reflected_boxes += 1
                on_reflections[number] = on_reflections.get(number, 0) + 1
                continue
            on_people[number] = on_people.get(number, 0) + 1
            if last.get(shown, number) != number:
                found.switches.append(Switch(index, shown, last[shown], number))
            last[shown] = number
            found.ids_of_person.setdefault(shown, set()).add(number)
    found.reflected_ids = {n for n, count in on_reflections.items() if count > on_people.get(n, 0)}
    return found


def _shown(sight: Sight, frame: int) -> NDArray[np.float64]:
    """(2 P, 4) boxes of people, then of reflections; NaN where there is nothing to find."""
    boxes = np.full((2 * sight.boxes.shape[1], 4), np.nan)
    for person, box in enumerate(sight.boxes[frame]):
        inside = clipped(box, sight.size_px[frame])
        if inside is not None and sight.visibility[frame, person] >= HIDDEN:
            boxes[person] = inside
    boxes[sight.boxes.shape[1] :] = sight.reflections[frame]
    return boxes


def _matched(boxes: NDArray[np.float64], frame: TrackedFrame) -> list[tuple[int, int]]:
    """Pairs of row and id, so that the overlap is largest over all."""
    rows = np.flatnonzero(np.isfinite(boxes).all(axis=1))
    if not len(rows) or not len(frame.ids):
        return []
    overlap = iou_matrix(boxes[rows], frame.boxes)
    overlap[overlap < _SAME] = 0
    left, right = lap.lapjvx(-overlap, extend_cost=True, return_cost=False)
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return [(int(rows[row]), int(frame.ids[column])) for row, column in pairs if overlap[row, column] >= _SAME]
