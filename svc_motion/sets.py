"""The running set: what it has counted, which events that makes, and the record it is resumed from."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from svc_motion.counter import Stroke
from svc_motion.events import (
    ExerciseRelabelled,
    FaultFinding,
    FaultSeen,
    HoldProgress,
    MotionEvent,
    RejudgedRepetition,
    RepetitionCounted,
    SetClosed,
    SetOpened,
    SetRecord,
)
from svc_motion.form import Judgement

NS_PER_S = 1_000_000_000
HOLD_FAULT_SHARE = 0.2
"""A fault lowers a hold's score when it was seen in this share of its seconds."""
HOLD_FAULT_PENALTY = 30


def to_ns(time_s: float) -> int:
    """Capture time in ns, to the microsecond: floats of seconds since 1970 hold no more."""
    return round(time_s * 1_000_000) * 1_000


@dataclass(slots=True)
class OpenSet:
    """A set that is still running. Its methods return the events they cause."""

    start_ns: int
    set_index: int
    exercise: str
    last_activity_ns: int
    repetitions: int = 0
    full_repetitions: int = 0
    hold_s: float = 0.0
    score_sum: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    rest_before_s: float | None = None
    """From the end of the set before; None for the first."""
    last_fault: FaultFinding | None = None

    @classmethod
    def from_record(cls, record: SetRecord) -> Self:
        """Go on where a stored set stood."""
        return cls(
            record.start_ns,
            record.set_index,
            record.exercise,
            record.last_activity_ns,
            record.repetitions,
            record.full_repetitions,
            record.hold_s,
            record.score_sum,
            Counter(record.faults),
            record.rest_before_s,
        )

    @property
    def record(self) -> SetRecord:
        """What must be stored to resume this set."""
        return SetRecord(
            self.start_ns,
            self.set_index,
            self.exercise,
            self.repetitions,
            self.full_repetitions,
            self.last_activity_ns,
            self.hold_s,
            self.score_sum,
            dict(self.faults),
            self.rest_before_s,
        )

    @property
    def start_s(self) -> float:
        """Start in seconds of capture time."""
        return self.start_ns / NS_PER_S

    @property
    def last_activity_s(self) -> float:
        """End of the last repetition or held second, in seconds of capture time."""
        return self.last_activity_ns / NS_PER_S

    def opened(self) -> SetOpened:
        """The event that announces this set."""
        return SetOpened(self.start_ns, self.set_index, self.exercise, self.rest_before_s)

    def add_repetition(self, stroke: Stroke, judgement: Judgement) -> list[MotionEvent]:
        """Count one judged repetition."""
        self.repetitions += 1
        self.full_repetitions += not judgement.partial
        self.score_sum += judgement.score
        start_ns, end_ns = max(to_ns(stroke.fall_s), self.start_ns), to_ns(stroke.back_s)
        self.last_activity_ns = max(self.last_activity_ns, end_ns)
        self.faults.update(finding.name for finding in judgement.faults)
        self.last_fault = judgement.faults[0] if judgement.faults else None
        counted = RepetitionCounted(
            self.start_ns,
            self.repetitions,
            start_ns,
            end_ns,
            judgement.rom_deg,
            judgement.tempo,
            judgement.score,
            judgement.reasons,
            judgement.faults,
            judgement.partial,
            judgement.symmetry,
            judgement.stability,
            judgement.path_deviation,
            judgement.not_judged,
            judgement.view,
        )
        seen = [FaultSeen(self.start_ns, end_ns, self.repetitions, finding) for finding in judgement.faults]
        return [counted, *seen]

    def hold_until(self, time_s: float, held_s: float, findings: tuple[FaultFinding, ...]) -> list[MotionEvent]:
        """Extend a hold by so many seconds; tells each whole second reached, and faults seen in it."""
        before = int(self.hold_s)
        self.hold_s += held_s
        self.last_activity_ns = max(self.last_activity_ns, to_ns(time_s))
        if int(self.hold_s) == before:
            return []
        new = [finding for finding in findings if self.last_fault is None or finding.name != self.last_fault.name]
        self.faults.update(finding.name for finding in findings)
        self.last_fault = findings[0] if findings else None
        progress = HoldProgress(self.start_ns, to_ns(time_s), int(self.hold_s))
        return [progress, *(FaultSeen(self.start_ns, to_ns(time_s), None, finding) for finding in new)]

    def relabel(self, exercise: str, time_s: float, repetitions: tuple[RejudgedRepetition, ...]) -> ExerciseRelabelled:
        """The whole set turns out to be another exercise; `repetitions`: all of its own, judged as that."""
        event = ExerciseRelabelled(self.start_ns, to_ns(time_s), self.exercise, exercise, repetitions)
        self.exercise = exercise
        self.full_repetitions = sum(not one.partial for one in repetitions)
        self.score_sum = sum(one.score for one in repetitions)
        self.faults = Counter(finding.name for one in repetitions for finding in one.faults)
        newest = repetitions[-1].faults if repetitions else ()
        self.last_fault = newest[0] if newest else None
        return event

    def closed(self) -> SetClosed:
        """The event that ends this set at its last activity."""
        return SetClosed(
            self.start_ns,
            self.last_activity_ns,
            self.exercise,
            self.repetitions,
            self.full_repetitions,
            round(self.hold_s, 3),
            self._score(),
            dict(self.faults),
        )

    def _score(self) -> int:
        if self.repetitions:
            return round(self.score_sum / self.repetitions)
        seconds = max(1, int(self.hold_s))
        lasting = sum(count >= HOLD_FAULT_SHARE * seconds for count in self.faults.values())
        return max(0, 100 - HOLD_FAULT_PENALTY * lasting)
