"""Pinned: the bar came down to the chest, or the lifter into the squat, and nothing goes up again.

Works from the posture alone, so that a first repetition that fails counts too. What doesn't alert: a pause (shorter
than `after_s`), racking (the arms are straight) and resting on the bench (the hands leave the bar's place).
"""

import numpy as np

from svc_motion.observation import Observation, body_frame
from svc_motion.safety.body import Body, Scale, body_of
from svc_motion.safety.events import SafetyEvent, SafetyKind

SIZE_S = 6.0
LYING_RISE_M = 0.22
STRAIGHT_ARMS_M = 0.4
"""On the back, wrists this much above the shoulders hold the bar up;"""
BAR_LOW_M, BAR_UNDER_M = 0.3, 0.1
"""between these heights above (or under) the shoulders it lies on the chest."""
LIFTED_WITHIN_S = 3.0
"""The bar must have been up so short a time before it came down: somebody who only rests on a bench lifted none."""
SQUAT_HIPS_M, STANDING_HIPS_M = 0.5, 0.7
"""Hips above the feet, of somebody deep in a squat and of somebody who stands."""
BAR_ON_SHOULDERS_M = 0.28
"""Wrists this near to the level of the shoulders, as they hold a bar there."""
MOVED_M = 0.2
"""Struggling moves the bar less than this."""
GAP_S = 1.5


class PinnedDetector:
    """Looks for lifts of one person that go down and don't come up."""

    def __init__(self, after_s: float = 8.0) -> None:
        self._after_s = after_s
        self._scale = Scale(SIZE_S)
        self._up: dict[str, float] = {}
        """When the lift was last seen at its top."""
        self._down: dict[str, tuple[float, float]] = {}
        """Since when it is down, and the bar's height there, m above the shoulders or hips above the feet."""
        self._told = False
        self._last_s = float("-inf")

    def update(self, observation: Observation) -> list[SafetyEvent]:
        """Take one observation; observations that are not newer than the last one are ignored."""
        return self.see(body_of(body_frame(observation)), observation)

    def see(self, body: Body, observation: Observation) -> list[SafetyEvent]:
        """The same, where the body is known already."""
        if body.time_s <= self._last_s:
            return []
        if np.isnan(body.shoulders[0]) or np.isnan(body.hips[0]) or np.isnan(body.wrists[0]):
            return []
        if body.time_s - self._last_s > GAP_S:
            self._down.clear()
        if observation.after_cut:  # what is lower in another picture didn't come down
            self._up.clear()
            self._scale = Scale(SIZE_S)
        self._last_s = body.time_s
        metre_px = self._scale.push(body)
        if not np.isfinite(metre_px):
            return []
        since_s = max((self._since(lift, body, metre_px) for lift in ("bench", "squat")), default=0.0)
        if since_s < self._after_s:
            self._told = self._told and since_s > 0
            return []
        if self._told:
            return []
        self._told = True
        size = np.array([observation.frame_width_px, observation.frame_height_px])
        place = np.clip(body.hips / size, 0, 1)
        begin_ns = observation.capture_time_ns - round(since_s * 1e9)
        return [SafetyEvent(SafetyKind.PINNED, begin_ns, observation.capture_time_ns, float(place[0]), float(place[1]))]

    def _since(self, lift: str, body: Body, metre_px: float) -> float:
        """How long the lift has been down, s; 0 while it isn't."""
        height, up, down = (_bench if lift == "bench" else _squat)(body, metre_px)
        if up:
            self._up[lift] = body.time_s
        if not down:
            self._down.pop(lift, None)
            return 0.0
        if lift not in self._down:
            if body.time_s - self._up.get(lift, float("-inf")) > LIFTED_WITHIN_S:
                return 0.0
            self._down[lift] = (body.time_s, height)
        began_s, began_at = self._down[lift]
        if abs(height - began_at) > MOVED_M:
            self._down.pop(lift)
            return 0.0
        return body.time_s - began_s


def _bench(body: Body, metre_px: float) -> tuple[float, bool, bool]:
    """Height of the bar over the shoulders, m; whether it is held up; whether it lies on the chest."""
    rise = (body.hips[1] - body.shoulders[1]) / metre_px
    height = float((body.shoulders[1] - body.wrists[1]) / metre_px)
    on_back = abs(rise) <= LYING_RISE_M
    gripping = _arms_bent_upright(body, metre_px)
    return height, on_back and height >= STRAIGHT_ARMS_M, on_back and -BAR_UNDER_M <= height <= BAR_LOW_M and gripping


def _arms_bent_upright(body: Body, metre_px: float) -> bool:
    """Forearms stand under a bar: the wrist is above the elbow. Hands at rest lie beside it or below."""
    return bool((body.elbows[1] - body.wrists[1]) / metre_px >= 0.12)


def _squat(body: Body, metre_px: float) -> tuple[float, bool, bool]:
    """Height of the hips over the feet, m; whether the person stands under a bar; whether they are down under it."""
    height = float((body.feet[1] - body.hips[1]) / metre_px)
    rise = (body.hips[1] - body.shoulders[1]) / metre_px
    bar = abs(float(body.wrists[1] - body.shoulders[1])) / metre_px <= BAR_ON_SHOULDERS_M and rise > LYING_RISE_M
    return height, bar and height >= STANDING_HIPS_M, bar and height <= SQUAT_HIPS_M
