"""How many falls were told, how soon, and how often somebody was said to have fallen who hadn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter_cli.fall_evaluation.judging import Alert
from spotter_cli.fall_evaluation.seeing import Seen
from spotter_cli.scene.skeleton import JOINTS

IN_TIME_S = 2.0
"""An alert that comes later after the fall's end than this is late."""
_EARLY_S = 0.3
"""Nobody can tell before this much of a fall is left."""
_FOUND_IOU = 0.3
_NEAR_SHARE = 0.1
_TRUNK = [JOINTS.index(f"{side}_{part}") for part in ("shoulder", "hip") for side in ("left", "right")]


@dataclass(frozen=True)
class FallScore:
    """What was told of one fall."""

    told_s: float | None
    """When it was told, from the start of the film; None for a miss."""
    latency_s: float | None
    """The same from the end of the fall."""
    too_many: tuple[Alert, ...]
    """Alerts before the fall, and those after the first about it."""

    @property
    def in_time(self) -> bool:
        """Whether it was told, and soon enough."""
        return self.latency_s is not None and self.latency_s <= IN_TIME_S


def score_fall(alerts: Sequence[Alert], start_s: float, end_s: float) -> FallScore:
    """Which alert tells of the fall, and which are too many."""
    telling = next((one for one in alerts if one.is_fall and one.decided_s >= end_s - _EARLY_S), None)
    too_many = tuple(one for one in alerts if one is not telling and not _same_need(one, start_s))
    if telling is None:
        return FallScore(None, None, too_many)
    return FallScore(telling.decided_s, round(telling.decided_s - end_s, 3), too_many)


def _same_need(alert: Alert, start_s: float) -> bool:
    """Whoever lies under a weight after a fall is pinned as well: that isn't false."""
    return not alert.is_fall and alert.decided_s >= start_s


@dataclass(frozen=True)
class Sighting:
    """How well somebody was seen in some looks; shares are NaN where there were none."""

    looks: int
    found: float
    """Share of the looks in which a tracked box lies on the person (IoU at least 0.3)."""
    posed: float
    """Share in which shoulders and hips, on average, are right to a tenth of the body's longer side in the picture."""


def sighting(seen: Seen, begin_s: float = 0.0, end_s: float = float("inf")) -> Sighting:
    """How well the first person of a drawn film was seen from one time to another."""
    found: list[bool] = []
    posed: list[bool] = []
    for look in np.flatnonzero((seen.times_s >= begin_s) & (seen.times_s < end_s)).tolist():
        true_box, true_joints = seen.true_boxes[look], seen.true_joints[look, _TRUNK]
        if not np.isfinite(true_box).all():
            continue
        rows = np.flatnonzero(seen.looks == look)
        overlaps = [iou(seen.boxes[row], true_box) for row in rows]
        best = int(np.argmax(overlaps)) if overlaps else -1
        here = best >= 0 and overlaps[best] >= _FOUND_IOU
        found.append(here)
        side = float(max(true_box[2] - true_box[0], true_box[3] - true_box[1]))
        posed.append(here and _off(seen.keypoints[rows[best]], true_joints) <= _NEAR_SHARE * side)
    share = [float(np.mean(one)) if one else float("nan") for one in (found, posed)]
    return Sighting(len(found), *share)


def _off(keypoints: NDArray[np.float32], true_joints: NDArray[np.float32]) -> float:
    """Mean distance of the trunk's joints from the truth, px."""
    rows = (11, 12, 23, 24) if len(keypoints) == 33 else (5, 6, 11, 12)
    return float(np.linalg.norm(keypoints[list(rows), :2] - true_joints, axis=1).mean())


def iou(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.maximum(sides, 0)))
    both = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]))
    return shared / max(both - shared, 1e-9)
