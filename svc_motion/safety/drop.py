"""How somebody got down to the floor: measured from the seconds around the moment at which they lay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import FloatArray
from svc_motion.safety.body import Body

BEFORE_S = 1.8
"""The way down is looked for from so much time before the person lay."""
SETTLED_S = 0.5
"""Where the person ended is seen in so much time at the end."""
HIGH_SHARE, LOW_SHARE = 0.2, 0.85
"""The drop lasts from this share of its height to that one: how a movement begins and settles says little."""
STILL_ABOVE_SHARE = 0.65
"""Who was last above this share is on the way; rolling over on the floor is below it."""
LONGEST_WAY_S = 1.5
LOST_S = 0.25
"""Somebody who isn't seen for longer than this on the way down was lost; that time says nothing."""
SPEED_OVER_S = 0.15
HANDS_DOWN_M, HIPS_UP_M = 0.35, 0.22
"""Hands this near to the level of the feet are on the floor; hips this far above hands or feet, whichever is nearer to
the camera, are not."""
LEAST_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Drop:
    """One way down, in metres of the picture: what goes away from the camera is shortened."""

    start_s: float
    end_s: float
    duration_s: float
    shoulders_m: float
    """How far the shoulders came down, seen from the feet where those are seen."""
    hips_m: float
    """How far the hips did."""
    in_picture_m: float
    """How far the shoulders came down in the picture, wherever the feet went."""
    peak_m_s: float
    """Highest speed of the shoulders downwards."""
    fastest_step_m_s: float
    """Highest speed of trunk between two frames, in any direction: above what bodies do, it is another picture."""
    between: int
    """Frames that show the person on the way."""
    hands_first_s: float
    """For how long the hands were on the floor while the hips were not."""
    sideways_m: float
    """How far the hips went sideways."""
    growth: float
    """Size of the person afterwards as a share of the size before."""


def measure(bodies: Sequence[Body], low_s: float, metre_px: float) -> Drop | None:
    """The drop of somebody who has lain since `low_s`; None where too little was seen of it."""
    taken = [body for body in bodies if low_s - BEFORE_S <= body.time_s]
    times_s = np.array([body.time_s for body in taken])
    lying = times_s >= low_s
    if np.count_nonzero(~lying) < LEAST_BEFORE or not lying.any():
        return None
    shoulders, hips, feet = (
        _steady(np.array(points)) / metre_px
        for points in zip(*((body.shoulders, body.hips, body.feet) for body in taken), strict=True)
    )
    ended = times_s >= times_s[-1] - SETTLED_S
    # Feet that slide away, and people who walk away from the camera, hide a drop in one of the two.
    ways = []
    for floor in (_floor(feet[:, 1], lying), np.zeros(len(taken))):
        height = shoulders[:, 1] - floor
        end = float(np.median(height[ended]))
        found = _way_down(times_s, height, end)
        if found is not None:
            ways.append((end - float(height[found[0]]), found, height, hips[:, 1] - floor))
    if not ways:
        return None
    fallen, (top, high, low), height, hip_height = max(ways, key=lambda way: way[0])
    return Drop(
        start_s=float(times_s[high]),
        end_s=float(times_s[low]),
        duration_s=_duration(times_s[high : low + 1]),
        shoulders_m=fallen,
        hips_m=float(np.median(hip_height[ended]) - np.min(hip_height[top : low + 1])),
        in_picture_m=float(np.median(shoulders[ended, 1]) - np.min(shoulders[top : low + 1, 1])),
        peak_m_s=_peak(times_s[top : low + 2], height[top : low + 2]),
        fastest_step_m_s=_fastest_step(times_s[top:], shoulders[top:], hips[top:]),
        between=max(0, low - high - 1),
        hands_first_s=_hands_first([body for body in taken if body.time_s < low_s], metre_px),
        sideways_m=float(abs(np.median(hips[ended, 0]) - hips[high, 0])),
        growth=_growth(taken, low_s),
    )


def _way_down(times_s: FloatArray, height: FloatArray, end: float) -> tuple[int, int, int] | None:
    """Where the person was highest, where the drop begins, and where it ends; None where nothing came down."""
    top = int(np.argmin(height))
    for _ in range(2):
        fallen = end - height[top]
        if fallen <= 0:
            return None
        # Steps at the end: whoever comes nearer or goes away before the fall seems to come down or up slowly.
        above = np.flatnonzero(height[top:] < end - (1 - STILL_ABOVE_SHARE) * fallen)
        after = min(top + int(above[-1]) + 1, len(height) - 1)
        low = after + int(np.argmax(height[after:] >= end - (1 - LOW_SHARE) * fallen))
        first = int(np.searchsorted(times_s, times_s[low] - LONGEST_WAY_S))
        top = first + int(np.argmin(height[first : low + 1]))
    fallen = end - height[top]
    if fallen <= 0:
        return None
    high = top + int(np.flatnonzero(height[top : low + 1] <= end - (1 - HIGH_SHARE) * fallen)[-1])
    return top, high, low


def _floor(feet: FloatArray, lying: NDArray[np.bool_]) -> FloatArray:
    """Level of the feet at each time; nothing moves with them where they are hidden before or afterwards."""
    seen = np.isfinite(feet)
    if min(np.count_nonzero(seen & lying), np.count_nonzero(seen & ~lying)) < LEAST_BEFORE:
        return np.zeros(len(feet))
    places = np.arange(len(feet))
    return np.interp(places, places[seen], feet[seen])


def _steady(points: FloatArray) -> FloatArray:
    """Median of three neighbours: one wrong frame is no movement."""
    if len(points) < 3:
        return points
    inner = np.median(np.stack([points[:-2], points[1:-1], points[2:]]), axis=0)
    return np.concatenate([points[:1], inner, points[-1:]])


def _duration(times_s: FloatArray) -> float:
    """How long the drop lasted, without the time for which the person was lost."""
    widest_s = float(np.max(np.diff(times_s), initial=0.0))
    return float(times_s[-1] - times_s[0]) - max(0.0, widest_s - LOST_S)


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


def _hands_first(taken: Sequence[Body], metre_px: float) -> float:
    """How long the longest stretch lasted in which hands and feet carried the body."""
    longest = begun = 0.0
    on_hands = False
    for body in taken:
        hands = (body.feet[1] - body.wrists[1]) / metre_px
        hips = (max(body.feet[1], body.wrists[1]) - body.hips[1]) / metre_px
        if hands <= HANDS_DOWN_M and hips >= HIPS_UP_M:
            begun = begun if on_hands else body.time_s
            on_hands = True
            longest = max(longest, body.time_s - begun)
        else:
            on_hands = False
    return longest


def _growth(taken: Sequence[Body], low_s: float) -> float:
    before = [body.metre_px for body in taken if body.time_s < low_s]
    after = [body.metre_px for body in taken if body.time_s >= low_s]
    return float(np.nanmedian(after) / np.nanmedian(before))
