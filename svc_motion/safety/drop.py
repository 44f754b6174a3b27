"""How somebody got down to the floor: measured from the seconds around the moment at which they lay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from svc_motion.observation import FloatArray
from svc_motion.safety.body import Body

BEFORE_S = 1.8
"""The way down is looked for in so much time before the person lay, and this much after it:"""
AFTER_S = 0.35
HIGH_SHARE, LOW_SHARE = 0.2, 0.85
"""The drop lasts from this share of its height to that one: how a movement begins and settles says little."""
SPEED_OVER_S = 0.15
HANDS_DOWN_M = 0.25
"""Hands this near to the level of the floor are on it."""
LEAST_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Drop:
    """One way down, in metres of the picture: what goes away from the camera is shortened."""

    start_s: float
    end_s: float
    duration_s: float
    shoulders_m: float
    """How far the shoulders came down."""
    hips_m: float
    """How far the hips did."""
    peak_m_s: float
    """Highest speed of the shoulders downwards."""
    fastest_step_m_s: float
    """Highest speed of trunk between two frames, in any direction: above what bodies do, it is another picture."""
    between: int
    """Frames that show the person on the way."""
    hands_first_s: float
    """For how long the hands had been on the floor when the shoulders came down."""
    sideways_m: float
    """How far the hips went sideways."""
    growth: float
    """Size of the person afterwards as a share of the size before."""


def measure(bodies: Sequence[Body], low_s: float, metre_px: float) -> Drop | None:
    """The drop that ended with lying at `low_s`; None where too little was seen of it."""
    taken = [body for body in bodies if low_s - BEFORE_S <= body.time_s <= low_s + AFTER_S]
    times_s = np.array([body.time_s for body in taken])
    if np.count_nonzero(times_s < low_s) < LEAST_BEFORE or times_s[-1] <= low_s:
        return None
    shoulders = _steady(np.array([body.shoulders for body in taken])) / metre_px
    hips = _steady(np.array([body.hips for body in taken])) / metre_px
    height, end = shoulders[:, 1], float(np.median(shoulders[times_s >= low_s, 1]))
    top = int(np.argmin(height[times_s < low_s]))
    fallen = end - height[top]
    if fallen <= 0:
        return None
    share = (height - height[top]) / fallen
    low = top + int(np.argmax(share[top:] >= LOW_SHARE))
    high = top + int(np.flatnonzero(share[top : low + 1] <= HIGH_SHARE)[-1])
    return Drop(
        float(times_s[high]),
        float(times_s[low]),
        float(times_s[low] - times_s[high]),
        fallen,
        float(np.median(hips[times_s >= low_s, 1]) - np.min(hips[: low + 1, 1])),
        _peak(times_s[: low + 2], height[: low + 2]),
        _fastest_step(times_s, shoulders, hips),
        max(0, low - high - 1),
        _hands_first(taken, low, end, metre_px),
        float(abs(np.median(hips[times_s >= low_s, 0]) - hips[high, 0])),
        _growth(taken, low_s),
    )


def _steady(points: FloatArray) -> FloatArray:
    """Median of three neighbours: one wrong frame is no movement."""
    if len(points) < 3:
        return points
    inner = np.median(np.stack([points[:-2], points[1:-1], points[2:]]), axis=0)
    return np.concatenate([points[:1], inner, points[-1:]])


def _peak(times_s: FloatArray, height: FloatArray) -> float:
    """Highest speed downwards over at least SPEED_OVER_S."""
    best = 0.0
    for place, start_s in enumerate(times_s):
        after = int(np.searchsorted(times_s, start_s + SPEED_OVER_S - 1e-6))
        if after < len(times_s):
            best = max(best, float((height[after] - height[place]) / (times_s[after] - start_s)))
    return best


def _fastest_step(times_s: FloatArray, shoulders: FloatArray, hips: FloatArray) -> float:
    step_s = np.maximum(np.diff(times_s), 1e-3)
    speeds = [np.hypot(*np.diff(points, axis=0).T) / step_s for points in (shoulders, hips)]
    return float(np.max(speeds))


def _hands_first(taken: Sequence[Body], low: int, end: float, metre_px: float) -> float:
    start_s = taken[low].time_s
    for body in reversed(taken[: low + 1]):
        height = body.wrists[1] / metre_px
        if np.isnan(height):
            continue
        if height < end - HANDS_DOWN_M:
            break
        start_s = body.time_s
    return taken[low].time_s - start_s


def _growth(taken: Sequence[Body], low_s: float) -> float:
    before = [body.metre_px for body in taken if body.time_s < low_s]
    after = [body.metre_px for body in taken if body.time_s >= low_s]
    return float(np.nanmedian(after) / np.nanmedian(before))
