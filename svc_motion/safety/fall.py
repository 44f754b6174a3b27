"""Falls: a fast drop, and then somebody who lies low and still."""

from collections import deque

import numpy as np

from svc_motion.events import LiveState
from svc_motion.observation import Observation, body_frame
from svc_motion.safety.body import Body, body_of
from svc_motion.safety.drop import Drop, measure
from svc_motion.safety.events import SafetyEvent, SafetyKind

HISTORY_S = 6.0
LYING_RISE_M = 0.25
"""Shoulders of somebody who lies are at most this much above the hips in the picture; upright they are 0.5 m."""
LYING_HIPS_M = 0.42
"""Hips of somebody who lies are at most this much above the feet: a bench is higher."""
PROPPED_WRISTS_M, PROPPED_ELBOWS_M = 0.35, 0.2
"""Shoulders this much above wrists, or above elbows, are held up by the arms: a plank, a push-up."""
FLICKER_S = 0.4
"""Frames that look otherwise for less than this are errors of the pose."""
STILL_S = 1.0
STILL_M = 0.2
"""Shoulders and hips that move less than this are still: breathing, and what the pose trembles."""
STILL_IN_RHYTHM_S = 4.0
"""How long somebody must lie still who has been going down and up before: burpees."""
RHYTHM_S = 25.0
SUSPECT_S = 10.0
"""A fall that isn't followed by stillness within this time isn't told."""
SHOULDERS_M, HIPS_M, BOTH_M = 0.5, 0.15, 0.85
"""How far somebody comes down at least in a fall."""
LONGEST_S = 0.8
SLOWEST_M_S = 1.8
FASTEST_M_S = 10.0
HANDS_FIRST_S = 0.4
SIDEWAYS_M = 2.0
GROWTH = 1.7


class FallDetector:
    """Looks for falls of one person."""

    def __init__(self) -> None:
        self._bodies: deque[Body] = deque()
        self._low_s: float | None = None
        """Since when the person lies."""
        self._lying_s = float("-inf")
        self._drop: Drop | None = None
        self._judged = False
        self._told = False
        self._visits: deque[float] = deque()
        """When the person got up from the floor."""

    def update(self, observation: Observation, live: LiveState | None = None) -> list[SafetyEvent]:
        """Take one observation; observations that are not newer than the last one are ignored.

        `live` is what the person is known to be doing; falls are found without it too.
        """
        frame = body_frame(observation)
        if self._bodies and frame.time_s <= self._bodies[-1].time_s:
            return []
        body = body_of(frame)
        if np.isnan(body.shoulders[0]) or np.isnan(body.hips[0]):
            return []
        self._bodies.append(body)
        while body.time_s - self._bodies[0].time_s > HISTORY_S:
            self._bodies.popleft()
        return self._see(body, observation)

    def _see(self, body: Body, observation: Observation) -> list[SafetyEvent]:
        metre_px = self._metre_px()
        if not np.isfinite(metre_px) or not _lies(body, metre_px):
            self._not_lying(body)
            return []
        if self._low_s is None:
            self._low_s, self._drop, self._judged, self._told = body.time_s, None, False, False
        self._lying_s = body.time_s
        lain_s = body.time_s - self._low_s
        if not self._judged and lain_s >= STILL_S / 2:
            self._judged = True
            drop = measure(self._bodies, self._low_s, metre_px)
            self._drop = drop if drop is not None and is_fall(drop) else None
        if self._drop is None or self._told or lain_s > SUSPECT_S or not self._is_still(body.time_s, metre_px):
            return []
        self._told = True
        size = np.array([observation.frame_width_px, observation.frame_height_px])
        place = np.clip(body.hips / size, 0, 1)
        start_ns, now_ns = round(self._drop.start_s * 1e9), observation.capture_time_ns
        return [SafetyEvent(SafetyKind.FALL, start_ns, now_ns, float(place[0]), float(place[1]))]

    def _not_lying(self, body: Body) -> None:
        if self._low_s is not None and body.time_s - self._lying_s > FLICKER_S:
            self._low_s = None
            self._visits.append(body.time_s)
        while self._visits and body.time_s - self._visits[0] > RHYTHM_S:
            self._visits.popleft()

    def _is_still(self, now_s: float, metre_px: float) -> bool:
        needed_s = STILL_IN_RHYTHM_S if self._visits else STILL_S
        assert self._drop is not None
        if now_s - self._drop.end_s < needed_s:
            return False
        last = [body for body in self._bodies if now_s - body.time_s <= needed_s + 0.05]
        trunk = np.array([(*body.shoulders, *body.hips) for body in last]) / metre_px
        low, high = np.quantile(trunk, (0.1, 0.9), axis=0)
        return bool(np.max(high - low) <= STILL_M)

    def _metre_px(self) -> float:
        """Size of a metre as seen over the last seconds: more than half of them the person was hardly shortened."""
        sizes = np.array([body.metre_px for body in self._bodies])
        sizes = sizes[np.isfinite(sizes)]
        return float(np.quantile(sizes, 0.6)) if len(sizes) >= 3 else float("nan")


def is_fall(drop: Drop) -> bool:
    """Whether somebody went down faster and with less control than one who means to."""
    return (
        drop.shoulders_m >= SHOULDERS_M
        and drop.hips_m >= HIPS_M
        and drop.shoulders_m + drop.hips_m >= BOTH_M
        and drop.duration_s <= LONGEST_S
        and drop.peak_m_s >= SLOWEST_M_S
        and drop.fastest_step_m_s <= FASTEST_M_S
        and drop.between >= 1
        and drop.hands_first_s <= HANDS_FIRST_S
        and drop.sideways_m <= SIDEWAYS_M
        and 1 / GROWTH <= drop.growth <= GROWTH
    )


def _lies(body: Body, metre_px: float) -> bool:
    """Trunk level, hips low, not held up by the arms."""
    rise = (body.hips[1] - body.shoulders[1]) / metre_px
    if rise > LYING_RISE_M:
        return False
    under = body.feet if np.isfinite(body.feet[1]) else body.knees
    if np.isfinite(under[1]) and (under[1] - body.hips[1]) / metre_px > LYING_HIPS_M:
        return False
    wrists = (body.wrists[1] - body.shoulders[1]) / metre_px
    elbows = (body.elbows[1] - body.shoulders[1]) / metre_px
    return not (wrists >= PROPPED_WRISTS_M or (elbows >= PROPPED_ELBOWS_M and not wrists < 0))
