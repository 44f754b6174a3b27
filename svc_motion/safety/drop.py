"""How somebody got down to the floor: measured from the seconds around the moment at which they lay."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
HALT_S, HALT_M = 0.3, 0.08
"""Who halts on the way, moving less than this for so long, may fall from there: from the bottom of a squat."""
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
    hips_meanwhile_m: float
    """How far the hips did while the shoulders did most of it."""
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


@dataclass(frozen=True, slots=True)
class _Way:
    """A way down: heights in metres of the picture (down is positive), places in their arrays."""

    height: FloatArray
    hip_height: FloatArray
    end: float
    """Height at which the shoulders came to rest."""
    top: int
    """Where the person was highest,"""
    high: int
    """where the drop begins,"""
    low: int
    """and where it ends."""

    @property
    def fallen(self) -> float:
        """How far the shoulders came down."""
        return self.end - float(self.height[self.top])


def measure(bodies: Sequence[Body], low_s: float, metre_px: float) -> list[Drop]:
    """The drops of somebody who has lain since `low_s`: the whole way down and, after a halt, the last part of it.

    Empty where too little was seen.
    """
    taken = [body for body in bodies if low_s - BEFORE_S <= body.time_s]
    times_s = np.array([body.time_s for body in taken])
    lying = times_s >= low_s
    if np.count_nonzero(~lying) < LEAST_BEFORE or not lying.any():
        return []
    shoulders, hips, feet = (
        _steady(np.array(points)) / metre_px
        for points in zip(*((body.shoulders, body.hips, body.feet) for body in taken), strict=True)
    )
    ended = times_s >= times_s[-1] - SETTLED_S
    # Feet that slide away, and people who walk away from the camera, hide a drop in one of the two.
    floors = (_floor(feet[:, 1], lying), np.zeros(len(taken)))
    ways = [_way_down(times_s, ended, shoulders[:, 1] - floor, hips[:, 1] - floor) for floor in floors]
    whole = max((way for way in ways if way is not None), key=lambda way: way.fallen, default=None)
    if whole is None:
        return []
    last = _after_halt(times_s, whole)
    hands_first_s = _hands_first([body for body in taken if body.time_s < low_s], metre_px)
    growth = _growth(taken, low_s)
    return [
        Drop(
            start_s=float(times_s[way.high]),
            end_s=float(times_s[way.low]),
            duration_s=_duration(times_s[way.high : way.low + 1]),
            shoulders_m=way.fallen,
            hips_m=float(np.median(way.hip_height[ended]) - np.min(way.hip_height[way.top : way.low + 1])),
            hips_meanwhile_m=float(way.hip_height[min(way.low + 1, len(taken) - 1)] - way.hip_height[way.high]),
            in_picture_m=float(np.median(shoulders[ended, 1]) - np.min(shoulders[way.top : way.low + 1, 1])),
            peak_m_s=_peak(times_s[way.top : way.low + 2], way.height[way.top : way.low + 2]),
            fastest_step_m_s=_fastest_step(times_s[way.top :], shoulders[way.top :], hips[way.top :]),
            between=max(0, way.low - way.high - 1),
            hands_first_s=hands_first_s,
            sideways_m=float(abs(np.median(hips[ended, 0]) - hips[way.high, 0])),
            growth=growth,
        )
        for way in ((whole,) if last is None else (whole, last))
    ]


def _after_halt(times_s: FloatArray, way: _Way) -> _Way | None:
    """The way from the last place above the floor where the person stayed for a moment; None without one."""
    for place in range(way.low, way.top, -1):
        first = int(np.searchsorted(times_s, times_s[place] - HALT_S + 1e-6))
        halted = way.height[first : place + 1]
        if first > way.top and np.ptp(halted) <= HALT_M and way.end - halted[-1] > HALT_M:
            return _from_top(way, place)
    return None


def _from_top(way: _Way, top: int) -> _Way:
    fallen = way.end - way.height[top]
    begun = np.flatnonzero(way.height[top : way.low + 1] <= way.end - (1 - HIGH_SHARE) * fallen)
    return replace(way, top=top, high=top + int(begun[-1]))


def _way_down(times_s: FloatArray, ended: NDArray[np.bool_], height: FloatArray, hip_height: FloatArray) -> _Way | None:
    """The whole way of the shoulders down to where they ended; None where nothing came down."""
    end = float(np.median(height[ended]))
    top = int(np.argmin(height))
    low = top
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
    if end <= height[top]:
        return None
    return _from_top(_Way(height, hip_height, end, top, top, low), top)


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
    return float(np.max(speeds, initial=0.0))


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
