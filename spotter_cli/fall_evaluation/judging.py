"""Sends what was seen through the motion domain, as svc_motion does for each person, and keeps its alerts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mesh.times import NS_PER_S
from spotter_cli.fall_evaluation.seeing import Seen
from spotter_cli.tracking.eye_run import START_NS
from svc_motion.events import PersonId
from svc_motion.library import Library, load_library
from svc_motion.observation import KeypointSchema, Observation
from svc_motion.person import PersonMotion
from svc_motion.safety.events import SafetyKind
from svc_motion.safety.watch import SafetyWatch


@dataclass(frozen=True)
class Alert:
    """Somebody may need help, says the domain."""

    kind: str
    """A value of `SafetyKind`."""
    track: int
    began_s: float
    """When the fall, or the lift that failed, began; from the start of the film, as all times."""
    decided_s: float

    @property
    def is_fall(self) -> bool:
        """Whether it tells of a fall."""
        return self.kind == SafetyKind.FALL.value


def judge(seen: Seen) -> list[Alert]:
    """The alerts of a film in their order; each track is a person."""
    people: dict[int, PersonMotion] = {}
    watch = SafetyWatch()
    alerts: list[Alert] = []
    before_s: dict[int, float] = {}
    width_px, height_px = (int(v) for v in seen.size_px)
    schema = KeypointSchema(seen.keypoints.shape[1])
    for look, track, keypoints in zip(seen.looks.tolist(), seen.tracks.tolist(), seen.keypoints, strict=True):
        time_s = float(seen.times_s[look])
        after_cut = before_s.get(track, np.inf) < seen.cut_times_s[look]
        before_s[track] = time_s
        time_ns = round(time_s * NS_PER_S) + START_NS
        observation = Observation(time_ns, keypoints, schema, width_px, height_px, after_cut=bool(after_cut))
        person = people.setdefault(track, PersonMotion(_library(), PersonId(str(track))))
        person.update(observation)
        for event in watch.see(PersonId(str(track)), observation, person.live):
            began_s, decided_s = ((ns - START_NS) / NS_PER_S for ns in (event.episode_ns, event.time_ns))
            alerts.append(Alert(event.kind.value, track, round(began_s, 3), round(decided_s, 3)))
    return alerts


@cache
def _library() -> Library:
    return load_library()
