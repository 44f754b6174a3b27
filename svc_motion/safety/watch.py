"""Watches over everybody in one gym."""

from svc_motion.events import LiveState, PersonId
from svc_motion.observation import Observation
from svc_motion.safety.events import SafetyEvent
from svc_motion.safety.fall import FallDetector


class SafetyWatch:
    """One pair of eyes for each person; deterministic, on capture time alone."""

    def __init__(self, pinned_after_s: float = 8.0) -> None:
        self._pinned_after_s = pinned_after_s
        self._falls: dict[PersonId, FallDetector] = {}

    def see(self, person_id: PersonId, observation: Observation, live: LiveState | None = None) -> list[SafetyEvent]:
        """Take one observation of one person."""
        detector = self._falls.get(person_id)
        if detector is None:
            detector = self._falls[person_id] = FallDetector()
        return detector.update(observation, live)

    def forget(self, person_id: PersonId) -> None:
        """Nobody follows this person any more."""
        self._falls.pop(person_id, None)
