"""One frame of one person as safety needs it: where trunk, feet and hands are, and how large a metre is there."""

from collections import deque
from dataclasses import dataclass
from math import isnan

import numpy as np

from svc_motion.observation import (
    ANKLES,
    ELBOWS,
    HIPS,
    KNEES,
    LEFT_ANKLE,
    LEFT_ELBOW,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_WRIST,
    RIGHT_ANKLE,
    RIGHT_ELBOW,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
    SHOULDERS,
    WRISTS,
    BodyFrame,
    FloatArray,
)

BONES = np.array(
    [
        (LEFT_SHOULDER, LEFT_HIP),
        (RIGHT_SHOULDER, RIGHT_HIP),
        (LEFT_HIP, LEFT_KNEE),
        (RIGHT_HIP, RIGHT_KNEE),
        (LEFT_KNEE, LEFT_ANKLE),
        (RIGHT_KNEE, RIGHT_ANKLE),
        (LEFT_SHOULDER, LEFT_ELBOW),
        (RIGHT_SHOULDER, RIGHT_ELBOW),
        (LEFT_ELBOW, LEFT_WRIST),
        (RIGHT_ELBOW, RIGHT_WRIST),
    ]
)
BONE_M = np.array([0.51, 0.51, 0.425, 0.425, 0.415, 0.415, 0.29, 0.29, 0.255, 0.255])
"""Lengths of an adult of 1.75 m; everybody is measured as if they were that tall."""
LEGS = np.array([(LEFT_HIP, LEFT_KNEE, LEFT_ANKLE), (RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE)])
TRUSTED_BONES = 3
"""A picture shortens bones and never lengthens them; so the third longest says how large a metre is."""


@dataclass(frozen=True, slots=True)
class Body:
    """Points in px (x, y down), NaN where nothing of the pair was seen."""

    time_s: float
    shoulders: FloatArray
    """(2,) their middle, or the one that was seen."""
    hips: FloatArray
    elbows: FloatArray
    wrists: FloatArray
    knees: FloatArray
    feet: FloatArray
    legs: FloatArray
    """(2, 3, 2) left and right hip, knee and ankle."""
    metre_px: float
    """Length of a metre at the person, as far as this frame shows it; NaN with too few bones in sight."""


def body_of(frame: BodyFrame) -> Body:
    """What safety needs of a frame."""
    points = frame.points
    return Body(
        frame.time_s,
        shoulders=_middle(points, SHOULDERS),
        hips=_middle(points, HIPS),
        elbows=_middle(points, ELBOWS),
        wrists=_middle(points, WRISTS),
        knees=_middle(points, KNEES),
        feet=_middle(points, ANKLES),
        legs=points[LEGS],
        metre_px=_metre_px(points),
    )


def _middle(points: FloatArray, pair: tuple[int, int]) -> FloatArray:
    left: FloatArray = points[pair[0]]
    right: FloatArray = points[pair[1]]
    if np.isnan(left[0]):
        return right
    return left if np.isnan(right[0]) else (left + right) / 2


def _metre_px(points: FloatArray) -> float:
    steps = points[BONES[:, 0]] - points[BONES[:, 1]]
    lengths = np.hypot(steps[:, 0], steps[:, 1]) / BONE_M
    seen = np.sort(lengths[np.isfinite(lengths)])
    return float(seen[-TRUSTED_BONES]) if len(seen) >= TRUSTED_BONES else float("nan")


class Scale:
    """Pixels of a metre over the last seconds, by the frames in which the person was shortened least."""

    QUANTILE = 0.6

    def __init__(self, duration_s: float) -> None:
        self._duration_s = duration_s
        self._sizes: deque[tuple[float, float]] = deque()

    def push(self, body: Body) -> float:
        """Take one frame; the scale now, NaN while too little was seen."""
        if not isnan(body.metre_px):
            self._sizes.append((body.time_s, body.metre_px))
        while self._sizes and body.time_s - self._sizes[0][0] > self._duration_s:
            self._sizes.popleft()
        if len(self._sizes) < TRUSTED_BONES:
            return float("nan")
        ordered = sorted(size for _, size in self._sizes)
        return ordered[int(self.QUANTILE * len(ordered))]
