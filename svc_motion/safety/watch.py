"""Watches over everybody in one gym."""

from mesh.ids import CameraId
from svc_motion.events import LiveState, PersonId
from svc_motion.observation import Observation, body_frame
from svc_motion.safety.body import body_of
from svc_motion.safety.events import SafetyEvent
from svc_motion.safety.fall import FallDetector
from svc_motion.safety.lost import LostWatch
from svc_motion.safety.pinned import PinnedDetector

PINNING = frozenset({"bench_press", "squat", "barbell_squat", "unknown"})
"""Exercises under whose weight one can be stuck, and those that it may be."""

ONE_CAMERA = CameraId("")
"""Of observations that all come from one camera."""


class SafetyWatch:
    """One pair of eyes for each person, and one for those who are lost; deterministic, on capture time alone."""

    def __init__(self, pinned_after_s: float = 8.0) -> None:
        self._pinned_after_s = pinned_after_s
        self._people: dict[PersonId, tuple[FallDetector, PinnedDetector]] = {}
        self._lost = LostWatch()

    def see(
        self,
        person_id: PersonId,
        observation: Observation,
        live: LiveState | None = None,
        camera_id: CameraId = ONE_CAMERA,
    ) -> list[SafetyEvent]:
        """Take one observation of one person, what they are known to be doing then, and who sees them."""
        if person_id not in self._people:
            self._people[person_id] = FallDetector(), PinnedDetector(self._pinned_after_s)
        fall, pinned = self._people[person_id]
        body = body_of(body_frame(observation))
        events = fall.see(body, observation)
        found = self._lost.see(person_id, camera_id, body, observation, stood_s=fall.stood_s, metre_px=fall.metre_px)
        if events:
            self._lost.dismiss(person_id)
        return (events or found) + (pinned.see(body, observation) if _may_pin(live) else [])

    def cut(self, camera_id: CameraId, cut_time_ns: int) -> None:
        """A camera's picture was last cut at that capture time; 0 where it never was."""
        self._lost.cut(camera_id, cut_time_ns * 1e-9)

    def forget(self, person_id: PersonId) -> None:
        """Nobody follows this person any more."""
        self._people.pop(person_id, None)


def _may_pin(live: LiveState | None) -> bool:
    """Whether what the person does, as far as it is known, is a lift under a bar."""
    return live is None or live.exercise is None or live.exercise in PINNING
