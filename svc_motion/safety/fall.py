"""Falls: a fast drop, and then somebody who lies low and still."""

from collections import deque

import numpy as np

from svc_motion.observation import Observation, body_frame
from svc_motion.safety.body import Body, Scale, body_of
from svc_motion.safety.drop import Drop, measure
from svc_motion.safety.events import SafetyEvent, SafetyKind
from svc_motion.safety.lying import Posture, posture_of

HISTORY_S = 12.0
SIZE_S = 2.5
"""How large a metre is, is seen in so much time before somebody lay."""
UPRIGHT_RISE_M, UPRIGHT_S = 0.38, 0.15
STANDING_M = 0.55
"""Hips of somebody who stands, above the feet."""
FLICKER_S = 0.4
"""Frames that look otherwise for less than this are errors of the pose."""
STILL_S = 1.0
STILL_M = 0.2
"""Shoulders and hips that move less than this are still: breathing, and what the pose trembles."""
STILL_IN_RHYTHM_S = 10.0
"""How long somebody must lie still who has gone down and up before: burpees."""
RHYTHM_S, RHYTHM_VISITS = 20.0, 2
"""So often on the floor and on the feet again in so much time is a rhythm,"""
VISIT_S = 6.0
"""each time for no longer than this."""
SUSPECT_S = 12.0
"""A fall that isn't followed by stillness within this time isn't told."""
SHOULDERS_M, HIPS_M, BOTH_M = 0.4, 0.15, 0.7
"""How far somebody comes down at least in a fall, shoulders, hips, and the two together."""
HIPS_MEANWHILE_M = 0.17
"""Hips come down by this much while the shoulders do: who sits already and lies back keeps them where they are."""
IN_PICTURE_M = 0.2
"""Shoulders come down by this much in the picture too: who lies and lifts the legs doesn't fall."""
LONGEST_S = 0.9
SLOWEST_M_S = 1.3
"""Peak speed of the trunk downwards. With a sensor worn on the trunk 1.3 m/s parted acted falls of young people from
what old people do every day (Bourke, O'Donovan and OLaighin 2008, The identification of vertical velocity profiles
using an inertial sensor to investigate pre-impact detection of falls, Medical Engineering & Physics 30, 937-946,
https://doi.org/10.1016/j.medengphy.2007.12.003): the magnitude is taken from there, not the performance."""
SLOWEST_UNSURE_M_S = 2.1
"""Who crouches in half a second stays below this;"""
SLOWEST_UNREACHING_M_S, REACHING_S = 1.5, 0.15
"""and reaches for the floor: where the hands aren't there for so long before the hips are, less is enough."""
FASTEST_M_S = 13.0
"""Nobody falls faster; another person or another picture appears faster."""
HANDS_FIRST_S = 0.3
"""Who carries the body on hands and feet for longer than this is going down on purpose."""
SIDEWAYS_M = 2.0
"""Hips that end further away belong to somebody else."""
GROWTH = 1.7
"""So does a body this much larger than before. (It may look smaller: along the view.)"""


class FallDetector:
    """Looks for falls of one person."""

    def __init__(self) -> None:
        self._last_s = float("-inf")
        self._bodies: deque[Body] = deque()
        self._scale = Scale(SIZE_S)
        self._low_s: float | None = None
        """Since when the person lies."""
        self._lying_s = float("-inf")
        self._size_px = self._metre_px = float("nan")
        """Pixels of a metre: of late, and when the person lay down."""
        self._stood_s = float("-inf")
        self._maybe: deque[tuple[float, bool]] = deque()
        """Times at which the person was seen to lie, and whether it may be a crouch."""
        self._judged = self._rests = False
        """Whether how the person went down was judged: of this time lying, and since they were upright."""
        self._before_cut: Drop | None = None
        """The fall after which the person lay when the camera's picture was cut."""
        self._down_s: float | None = None
        """When the person lay first, of those who haven't stood since."""
        self._visits: deque[float] = deque()
        """When the person got up from the floor."""

    def update(self, observation: Observation) -> list[SafetyEvent]:
        """Take one observation; observations that are not newer than the last one are ignored."""
        return self.see(body_of(body_frame(observation)), observation)

    def see(self, body: Body, observation: Observation) -> list[SafetyEvent]:
        """The same, where the body is known already."""
        if body.time_s <= self._last_s:
            return []
        self._last_s = body.time_s
        if observation.after_cut:
            self._cut(body.time_s)
        if np.isnan(body.shoulders[0]) or np.isnan(body.hips[0]):
            return []
        self._bodies.append(body)
        while body.time_s - self._bodies[0].time_s > HISTORY_S:
            self._bodies.popleft()
        return self._see(body, observation)

    def _see(self, body: Body, observation: Observation) -> list[SafetyEvent]:
        metre_px = self._metre(body)
        posture = posture_of(body, metre_px) if np.isfinite(metre_px) else Posture.OTHER
        if posture is Posture.OTHER:
            self._not_lying(body, metre_px)
            return []
        if self._low_s is None:
            # Who rolls over on the floor hasn't come up, and doesn't fall.
            self._low_s, self._metre_px, self._judged = body.time_s, metre_px, self._rests
            self._down_s = body.time_s if self._down_s is None else self._down_s
            self._maybe.clear()
            self._before_cut = None
        self._lying_s = body.time_s
        self._maybe.append((body.time_s, posture is Posture.MAYBE_LYING))
        if self._judged or body.time_s - self._low_s > SUSPECT_S or not self._is_still(body.time_s):
            return []
        self._judged = self._rests = True
        drop = self._before_cut or self._fallen(body.time_s)
        if drop is None:
            return []
        return [fall_event(body, observation, drop.start_s)]

    @property
    def metre_px(self) -> float:
        """Pixels of a metre at the person, by what was seen last; NaN while too little was."""
        return self._metre_px if self._low_s is not None else self._size_px

    @property
    def stood_s(self) -> float:
        """Capture time at which the person was last seen to stand, s; minus infinity before."""
        return self._stood_s

    def _fallen(self, now_s: float) -> Drop | None:
        """The fall that brought the person down; None where they went down otherwise."""
        assert self._low_s is not None
        sure = self._is_sure(now_s)
        drops = measure(self._bodies, self._low_s, self._metre_px)
        return next((drop for drop in drops if is_fall(drop, sure)), None)

    def _cut(self, now_s: float) -> None:
        """Another picture begins: nothing is measured across it. Who lay lies on, and a fall isn't forgotten."""
        if self._low_s is not None:
            if self._bodies and not self._judged:
                self._before_cut = self._before_cut or self._fallen(self._bodies[-1].time_s)
            self._low_s = self._lying_s = now_s
        self._bodies.clear()
        self._scale = Scale(SIZE_S)
        self._metre_px = float("nan")

    def _metre(self, body: Body) -> float:
        """Pixels of a metre. Whoever lies may look shorter and shorter, and is as large as before."""
        size_px = self._size_px = self._scale.push(body)
        if self._low_s is not None:
            if np.isnan(self._metre_px):  # after a cut
                self._metre_px = size_px
            return self._metre_px
        return size_px if self._down_s is None else float(np.fmax(size_px, self._metre_px))

    def _not_lying(self, body: Body, metre_px: float) -> None:
        upright = bool((body.hips[1] - body.shoulders[1]) / metre_px > UPRIGHT_RISE_M)
        if self._low_s is not None and body.time_s - self._lying_s > (UPRIGHT_S if upright else FLICKER_S):
            self._low_s = None
        self._rests = self._rests and not (self._low_s is None and upright)
        stands = self._low_s is None and upright and _stands(body, metre_px)
        if stands:
            self._stood_s = body.time_s
        if stands and self._down_s is not None:
            lay = 2 * sum(maybe for _, maybe in self._maybe) < len(self._maybe)
            if lay and body.time_s - self._down_s <= VISIT_S:
                self._visits.append(body.time_s)
            self._down_s = None
        while self._visits and body.time_s - self._visits[0] > RHYTHM_S:
            self._visits.popleft()

    def _is_still(self, now_s: float) -> bool:
        needed_s = STILL_IN_RHYTHM_S if len(self._visits) >= RHYTHM_VISITS else STILL_S
        assert self._low_s is not None
        if now_s - self._low_s < needed_s:
            return False
        last = [body for body in self._bodies if now_s - body.time_s <= needed_s]
        trunk = np.array([(*body.shoulders, *body.hips) for body in last]) / self._metre_px
        low, high = np.quantile(trunk, (0.1, 0.9), axis=0)
        return bool(np.max(high - low) <= STILL_M)

    def _is_sure(self, now_s: float) -> bool:
        """Whether it can't be a crouch, by most of what was seen since it is still."""
        last = [maybe for time_s, maybe in self._maybe if now_s - time_s <= STILL_S]
        return 2 * sum(last) < len(last)


def fall_event(body: Body, observation: Observation, start_s: float) -> SafetyEvent:
    """A fall that began then, decided now, where the hips are."""
    size = np.array([observation.frame_width_px, observation.frame_height_px])
    place = np.clip(body.hips / size, 0, 1)
    start_ns, now_ns = round(start_s * 1e9), observation.capture_time_ns
    return SafetyEvent(SafetyKind.FALL, start_ns, now_ns, float(place[0]), float(place[1]))


def is_fall(drop: Drop, sure: bool) -> bool:
    """Whether somebody went down faster and with less control than one who means to.

    `sure` says that the person lies and doesn't crouch; without it, only what is too quick for a crouch is a fall.
    """
    return (
        drop.shoulders_m >= SHOULDERS_M
        and drop.hips_m >= HIPS_M
        and drop.shoulders_m + drop.hips_m >= BOTH_M
        and drop.hips_meanwhile_m >= HIPS_MEANWHILE_M
        and drop.in_picture_m >= IN_PICTURE_M
        and drop.duration_s <= LONGEST_S
        and drop.peak_m_s >= (SLOWEST_M_S if sure else _slowest_unsure(drop))
        and drop.fastest_step_m_s <= FASTEST_M_S
        and drop.between >= 1
        and drop.hands_first_s <= HANDS_FIRST_S
        and drop.sideways_m <= SIDEWAYS_M
        and drop.growth <= GROWTH
    )


def _stands(body: Body, metre_px: float) -> bool:
    under = body.feet if np.isfinite(body.feet[1]) else body.knees
    return not (under[1] - body.hips[1]) / metre_px < STANDING_M


def _slowest_unsure(drop: Drop) -> float:
    return SLOWEST_UNSURE_M_S if drop.hands_first_s >= REACHING_S else SLOWEST_UNREACHING_M_S
