"""Watches over everybody in one gym."""

from svc_motion.events import LiveState, PersonId
from svc_motion.observation import Observation, body_frame
from svc_motion.safety.body import body_of
from svc_motion.safety.events import SafetyEvent
from svc_motion.safety.fall import FallDetector
from svc_motion.safety.pinned import PinnedDetector

PINNING = frozenset({"bench_press", "squat", "barbell_squat", "unknown"})
"""Exercises under whose weight one can be stuck, and those that it may be."""


class SafetyWatch:
    """One pair of eyes for each person; deterministic, on capture time alone."""

    def __init__(self, pinned_after_s: float = 8.0) -> None:
        self._pinned_after_s = pinned_after_s
        self._people: dict[PersonId, tuple[FallDetector, PinnedDetector]] = {}

    def see(self, person_id: PersonId, observation: Observation, live: LiveState | None = None) -> list[SafetyEvent]:
        """Take one observation of one person, and what they are known to be doing then."""
        if person_id not in self._people:
            self._people[person_id] = FallDetector(), PinnedDetector(self._pinned_after_s)
        fall, pinned = self._people[person_id]
        body = body_of(body_frame(observation))
        return fall.see(body, observation) + (pinned.see(body, observation) if _may_pin(live) else [])

    def forget(self, person_id: PersonId) -> None:
        """Nobody follows this person any more."""
        self._people.pop(person_id, None)


def _may_pin(live: LiveState | None) -> bool:
    """Whether what the person does, as far as it is known, is a lift under a bar."""
    return live is None or live.exercise is None or live.exercise in PINNING
