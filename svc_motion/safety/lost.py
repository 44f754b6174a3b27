"""Somebody who is lost standing, and soon after somebody who lies still at that place: a fall that nobody saw.

Trackers lose people who fall: what lies there looks like nobody that they know, and may get another name. What tells it
from one who was lost and another who trains on the floor: nobody saw the second one come, it is the same place, the
same size, and so soon that the first one had no time to lie down with care.
"""

from dataclasses import dataclass

import numpy as np

from mesh.ids import CameraId
from svc_motion.events import PersonId
from svc_motion.observation import FloatArray, Observation
from svc_motion.safety.body import Body
from svc_motion.safety.events import SafetyEvent
from svc_motion.safety.fall import UPRIGHT_RISE_M, fall_event
from svc_motion.safety.lying import Posture, posture_of

LONGEST_GAP_S, SHORTEST_GAP_S = 2.0, 0.3
"""So long after the one was lost the other may be seen first. Raising it tells more, and more who lay down unseen;
nobody falls in less than the shorter time: who is there by then is somebody else."""
STILL_S, STILL_M, LEAST_LYING_SHARE = 1.5, 0.2, 0.8
"""The one who is found lies, in this share of the looks, and moves shoulders and hips less than this, for so long,"""
SUSPECT_S = 5.0
"""so soon after the first look, and isn't seen upright before."""
NEAR_M = 1.5
"""So far from the feet of the one who was lost may the hips of the one who is found be."""
STOOD_S = 0.5
"""The one who was lost stood at most so long before."""
LEAST_SEEN_S = 1.0
"""The one who was lost must have been followed for so long: what flickers is nobody."""
SAME_SIZE = 1.5
"""The found one's bones are longer than the lost one's by at most this ratio. (They may look shorter.)"""


@dataclass(slots=True)
class _Lost:
    """What was seen of somebody last."""

    camera_id: CameraId
    first_s: float
    last_s: float
    stood_s: float
    feet: FloatArray
    metre_px: float


@dataclass(slots=True)
class _Found:
    """Somebody new who may be the one who was lost."""

    lost_id: PersonId
    lost: _Lost
    first_s: float
    looks: list[tuple[float, bool, FloatArray]]
    """When, whether lying, and where shoulders and hips were, (4,) m."""


class LostWatch:
    """Looks for people who are lost standing and found lying. Deterministic, on capture time alone."""

    def __init__(self) -> None:
        self._seen: dict[PersonId, _Lost] = {}
        self._found: dict[PersonId, _Found] = {}

    def see(
        self,
        person_id: PersonId,
        camera_id: CameraId,
        body: Body,
        observation: Observation,
        *,
        stood_s: float,
        metre_px: float,
    ) -> list[SafetyEvent]:
        """Take one look at one person, and what the person's own detector makes of it."""
        if np.isnan(body.shoulders[0]) or np.isnan(body.hips[0]):
            return []
        self._forget_old(body.time_s)
        known = self._seen.get(person_id)
        if known is None:
            candidate = self._candidate(camera_id, body)
            if candidate is not None:
                self._found[person_id] = candidate
        feet = body.feet if np.isfinite(body.feet[1]) else body.hips + np.array([0.0, 0.9 * metre_px])
        first_s = body.time_s if known is None or known.camera_id != camera_id else known.first_s
        self._seen[person_id] = _Lost(camera_id, first_s, body.time_s, stood_s, feet, metre_px)
        found = self._found.get(person_id)
        return [] if found is None else self._judged(person_id, found, body, observation)

    def cut(self, camera_id: CameraId, cut_s: float) -> None:
        """The camera has shown another picture since then: whoever was seen before it and is missing wasn't lost."""
        before = [one for one, seen in self._seen.items() if seen.camera_id == camera_id and seen.last_s < cut_s]
        for person_id in before:
            del self._seen[person_id]
            self._found.pop(person_id, None)

    def dismiss(self, person_id: PersonId) -> None:
        """The person's fall was told already."""
        self._found.pop(person_id, None)

    def _candidate(self, camera_id: CameraId, body: Body) -> _Found | None:
        """The nearest of those who may lie there now."""
        best: tuple[float, _Found] | None = None
        for lost_id, lost in self._seen.items():
            gap_s = body.time_s - lost.last_s
            if lost.camera_id != camera_id or not SHORTEST_GAP_S <= gap_s <= LONGEST_GAP_S:
                continue
            if lost.last_s - lost.stood_s > STOOD_S:
                continue
            if lost.last_s - lost.first_s < LEAST_SEEN_S or body.metre_px > SAME_SIZE * lost.metre_px:
                continue
            away_m = float(np.hypot(*(body.hips - lost.feet))) / lost.metre_px
            if away_m <= NEAR_M and (best is None or away_m < best[0]):
                best = away_m, _Found(lost_id, lost, body.time_s, [])
        return None if best is None else best[1]

    def _judged(self, person_id: PersonId, found: _Found, body: Body, observation: Observation) -> list[SafetyEvent]:
        metre_px, now_s = found.lost.metre_px, body.time_s
        back = self._seen.get(found.lost_id)
        is_back = back is not None and back.last_s > found.lost.last_s
        upright = (body.hips[1] - body.shoulders[1]) / metre_px > UPRIGHT_RISE_M
        if is_back or upright or now_s - found.first_s > SUSPECT_S:
            del self._found[person_id]
            return []
        lying = posture_of(body, metre_px) is Posture.LYING
        found.looks.append((now_s, lying, np.array([*body.shoulders, *body.hips]) / metre_px))
        last = [look for look in found.looks if now_s - look[0] <= STILL_S]
        if now_s - found.first_s < STILL_S or np.mean([lies for _, lies, _ in last]) < LEAST_LYING_SHARE:
            return []
        low, high = np.quantile(np.array([trunk for _, _, trunk in last]), (0.1, 0.9), axis=0)
        if np.max(high - low) > STILL_M:
            return []
        del self._found[person_id]
        return [fall_event(body, observation, found.lost.last_s)]

    def _forget_old(self, now_s: float) -> None:
        for person_id in [one for one, seen in self._seen.items() if now_s - seen.last_s > 2 * LONGEST_GAP_S]:
            del self._seen[person_id]
            self._found.pop(person_id, None)
