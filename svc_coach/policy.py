"""When the coach speaks: the most dangerous fault first, seldom enough to be heard, and praise for what got better.

Capture time is its only clock, and everything it remembers is in `PersonState`, so it can be stored with what was said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any

NS_PER_S = 1_000_000_000
REMEMBERED_ALERTS = 16
"""So many acknowledged alerts of a person are remembered."""


class Severity(IntEnum):
    """How dangerous a fault is; the numbers are those of the contract."""

    UNKNOWN = 0
    MINOR = 1
    MAJOR = 2
    DANGER = 3


class Kind(IntEnum):
    """Why the coach speaks; the numbers are those of the contract."""

    CORRECTION = 1
    PRAISE = 2
    MILESTONE = 3


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """Parameters; what happens when each is raised."""

    correction_interval_s: float = 30.0
    """Least capture time between two corrections of a person. Raised: more silence."""
    clean_repetitions: int = 2
    """Repetitions without a corrected fault until it is praised. Raised: praise comes later, and is truer."""
    repetition_step: int = 5
    """Every so many repetitions are a milestone."""
    hold_steps_s: tuple[int, ...] = (60, 30)
    """Seconds held that are a milestone, longest first."""
    min_set_repetitions: int = 3
    """Shorter sets end without a word."""
    good_set_score: float = 85.0
    """Mean score from which a set is praised, 0..100."""


@dataclass(frozen=True, slots=True)
class FaultSeen:
    """A fault as motion judged it."""

    name: str
    severity: Severity
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class RepetitionDone:
    """A repetition was counted."""

    set_id: str
    exercise: str
    number: int
    """From 1 within the set."""
    faults: tuple[FaultSeen, ...] = ()
    range_of_motion_deg: float = 0.0
    """0 where it couldn't be judged."""


@dataclass(frozen=True, slots=True)
class HoldFault:
    """A fault was seen during a hold."""

    set_id: str
    exercise: str
    fault: FaultSeen


@dataclass(frozen=True, slots=True)
class SetDone:
    """A set ended."""

    set_id: str
    exercise: str
    repetitions: int
    score: float
    hold_s: float


@dataclass(frozen=True, slots=True)
class BestReached:
    """A set that is about to end has been the best so far."""

    set_id: str
    exercise: str
    situation: str
    """Name of the template: which kind of best."""
    value: int
    """Repetitions, seconds or points."""


@dataclass(frozen=True, slots=True)
class AlertTold:
    """The person may need help."""

    alert_id: str


@dataclass(frozen=True, slots=True)
class AlertAcknowledged:
    """Somebody looks after the person."""

    alert_id: str


Occurrence = RepetitionDone | HoldFault | SetDone | BestReached | AlertTold | AlertAcknowledged


@dataclass(frozen=True, slots=True)
class Decision:
    """What to speak of."""

    situation: str
    """Name of a template: a fault, "fault_gone", or a milestone."""
    kind: Kind
    exercise: str
    fault: str = ""
    severity: Severity = Severity.UNKNOWN
    number: int = 0
    """Repetitions or seconds it is about; 0 for none."""
    range_of_motion_deg: float = 0.0


@dataclass(slots=True)
class PersonState:
    """What the coach remembers of one person."""

    last_correction_ns: int | None = None
    clean: dict[str, int] = field(default_factory=dict)
    """Repetitions without it since a fault was corrected, by "exercise/fault"."""
    set_id: str = ""
    """Set of the newest repetition."""
    number: int = 0
    """Number of the newest repetition."""
    sets_done: int = 0
    best_set_id: str = ""
    """The newest set whose best was spoken of; its end needs no other word."""
    turns: dict[str, int] = field(default_factory=dict)
    """How often each template was used."""
    open_alerts: list[str] = field(default_factory=list)
    """Alerts about the person that nobody looks after."""
    acknowledged_alerts: list[str] = field(default_factory=list)
    """The newest of those that somebody does: events may come again, and in another order."""

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> PersonState:
        """What `to_json` made."""
        return cls(**stored)

    def next_turn(self, template: str) -> int:
        """How often a template was used before; counts this use."""
        turn = self.turns.get(template, 0)
        self.turns[template] = turn + 1
        return turn


class Policy:
    """Decides. Keeps nothing itself: the state that is handed in is changed."""

    def __init__(self, config: PolicyConfig | None = None) -> None:
        self._config = config or PolicyConfig()

    def decide(self, state: PersonState, occurrence: Occurrence, capture_time_ns: int) -> Decision | None:
        """What to say now, at most one thing; None for silence.

        Danger first: about training nothing is said to somebody who may need help, until an alert is acknowledged.
        """
        if isinstance(occurrence, AlertTold | AlertAcknowledged):
            self._on_alert(state, occurrence)
            return None
        if state.open_alerts:
            self._keep_silent(state, occurrence)
            return None
        if isinstance(occurrence, RepetitionDone):
            return self._on_repetition(state, occurrence, capture_time_ns)
        if isinstance(occurrence, HoldFault):
            return self._correction(state, occurrence.exercise, (occurrence.fault,), capture_time_ns)
        if isinstance(occurrence, BestReached):
            return self._on_best(state, occurrence)
        return self._on_set(state, occurrence)

    def _on_alert(self, state: PersonState, alert: AlertTold | AlertAcknowledged) -> None:
        if isinstance(alert, AlertTold):
            if alert.alert_id not in (*state.open_alerts, *state.acknowledged_alerts):
                state.open_alerts.append(alert.alert_id)
            return
        state.open_alerts = [one for one in state.open_alerts if one != alert.alert_id]
        if alert.alert_id not in state.acknowledged_alerts:
            state.acknowledged_alerts = [*state.acknowledged_alerts, alert.alert_id][-REMEMBERED_ALERTS:]

    def _keep_silent(self, state: PersonState, occurrence: RepetitionDone | HoldFault | SetDone | BestReached) -> None:
        """What is passed over in silence isn't spoken of later."""
        if isinstance(occurrence, RepetitionDone):
            state.set_id, state.number = occurrence.set_id, occurrence.number
        elif isinstance(occurrence, BestReached):
            state.best_set_id = occurrence.set_id

    def _on_repetition(self, state: PersonState, done: RepetitionDone, now_ns: int) -> Decision | None:
        if done.set_id == state.set_id and done.number <= state.number:
            return None
        state.set_id, state.number = done.set_id, done.number
        self._count_clean(state, done)
        correction = self._correction(
            state, done.exercise, done.faults, now_ns, number=done.number, range_deg=done.range_of_motion_deg
        )
        return correction or self._praise(state, done) or self._milestone(done)

    def _correction(
        self,
        state: PersonState,
        exercise: str,
        faults: tuple[FaultSeen, ...],
        now_ns: int,
        *,
        number: int = 0,
        range_deg: float = 0.0,
    ) -> Decision | None:
        last_ns = state.last_correction_ns
        # An event that comes late lies before the last correction: it is old news, not a reason to speak.
        if not faults or (last_ns is not None and now_ns - last_ns < self._config.correction_interval_s * NS_PER_S):
            return None
        worst = max(faults, key=lambda fault: (fault.severity, fault.confidence, fault.name))
        state.last_correction_ns = now_ns
        state.clean[_key(exercise, worst.name)] = 0
        return Decision(worst.name, Kind.CORRECTION, exercise, worst.name, worst.severity, number, range_deg)

    def _count_clean(self, state: PersonState, done: RepetitionDone) -> None:
        seen = {_key(done.exercise, fault.name) for fault in done.faults}
        for key in state.clean:
            if key.startswith(f"{done.exercise}/"):
                state.clean[key] = 0 if key in seen else state.clean[key] + 1

    def _praise(self, state: PersonState, done: RepetitionDone) -> Decision | None:
        if done.faults:
            return None
        for key, clean in sorted(state.clean.items()):
            exercise, fault = key.split("/", 1)
            if exercise == done.exercise and clean >= self._config.clean_repetitions:
                del state.clean[key]
                return Decision(
                    "fault_gone",
                    Kind.PRAISE,
                    exercise,
                    fault,
                    number=done.number,
                    range_of_motion_deg=done.range_of_motion_deg,
                )
        return None

    def _milestone(self, done: RepetitionDone) -> Decision | None:
        # To cheer a repetition with a fault would teach the fault.
        if done.faults or done.number % self._config.repetition_step:
            return None
        return Decision("repetitions", Kind.MILESTONE, done.exercise, number=done.number)

    def _on_set(self, state: PersonState, done: SetDone) -> Decision | None:
        reached_s = next((step for step in self._config.hold_steps_s if done.hold_s >= step), 0)
        if not reached_s and done.repetitions < self._config.min_set_repetitions:
            return None
        state.sets_done += 1
        if done.set_id == state.best_set_id:
            return None
        if reached_s:
            return Decision("hold", Kind.MILESTONE, done.exercise, number=reached_s)
        if state.sets_done == 1:
            return Decision("first_set_finished", Kind.MILESTONE, done.exercise, number=done.repetitions)
        if done.score >= self._config.good_set_score:
            return Decision("good_set_finished", Kind.PRAISE, done.exercise, number=done.repetitions)
        return Decision("set_finished", Kind.MILESTONE, done.exercise, number=done.repetitions)

    def _on_best(self, state: PersonState, best: BestReached) -> Decision | None:
        # One set may be the best in several ways: the first told is the one that says most.
        if best.set_id == state.best_set_id:
            return None
        state.best_set_id = best.set_id
        return Decision(best.situation, Kind.MILESTONE, best.exercise, number=best.value)


def _key(exercise: str, fault: str) -> str:
    return f"{exercise}/{fault}"
