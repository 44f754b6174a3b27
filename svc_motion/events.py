"""What the motion domain tells: frozen events, the live state, and the record a set is resumed from.

Times are capture times in nanoseconds. A set is known by its start, which never changes once it is open, and a
repetition by its set and index (from 1): so a caller can make the same ids again after a crash.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from svc_motion.vocabulary import Severity, View

PersonId = NewType("PersonId", str)


class MotionState(StrEnum):
    """What a person is doing now."""

    NOT_VISIBLE = "not_visible"
    IDLE = "idle"
    EXERCISING = "exercising"
    HOLDING = "holding"
    RESTING = "resting"


class Phase(StrEnum):
    """Where in a repetition a person is now."""

    NONE = "none"
    ECCENTRIC = "eccentric"
    CONCENTRIC = "concentric"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class FaultFinding:
    """One fault in one repetition, or at one moment of a hold."""

    name: str
    severity: Severity
    cue: str
    value: float
    """The measured metric that crossed the threshold."""
    threshold: float = 0.0
    """In the metric's unit."""
    confidence: float = 1.0
    """0..1: how surely the metric is past the threshold, given how well it could be seen."""
    time_ns: int = 0
    """Capture time of the frame that shows it best; 0 where that isn't known."""


@dataclass(frozen=True, slots=True)
class RepetitionTempo:
    """Duration of the phases of one repetition."""

    eccentric_s: float
    concentric_s: float
    pause_s: float
    """Standing still between the phases."""


@dataclass(frozen=True, slots=True)
class SetOpened:
    """A set began; start_ns is the start of its first repetition or of the hold."""

    start_ns: int
    set_index: int
    """From 1 within this person's visit."""
    exercise: str
    rest_before_s: float | None = None
    """From the end of the set before; None for the first of the visit."""


@dataclass(frozen=True, slots=True)
class RepetitionCounted:
    """One repetition of the set that started at set_start_ns."""

    set_start_ns: int
    index: int
    """From 1 within the set."""
    start_ns: int
    end_ns: int
    rom_deg: float | None
    """Range of the primary joint; None in a view where it cannot be judged."""
    tempo: RepetitionTempo
    score: int
    """0..100."""
    reasons: tuple[str, ...]
    """Why points were taken off."""
    faults: tuple[FaultFinding, ...]
    partial: bool
    """Did not reach the exercise's full range; counts, but is not a full repetition."""
    symmetry: float | None = None
    """0..1; None where left and right could not be compared, or need not be alike."""
    stability: float | None = None
    """0..1: how still the body was where it should be; None where that was not seen."""
    path_deviation: float | None = None
    """How far hands or hips left their usual path, trunk lengths; None where it was not seen."""
    not_judged: tuple[str, ...] = ()
    """Faults that this view, or the joints that were seen, don't allow to judge: not the same as clean."""
    view: View = View.UNKNOWN
    """From where the camera saw it."""


@dataclass(frozen=True, slots=True)
class FaultSeen:
    """A fault was seen at time_ns: at the end of a repetition, or during a hold."""

    set_start_ns: int
    time_ns: int
    repetition_index: int | None
    """None during a hold."""
    finding: FaultFinding


@dataclass(frozen=True, slots=True)
class RejudgedRepetition:
    """What is said of a counted repetition now that its set is another exercise; fields as in RepetitionCounted."""

    index: int
    tempo: RepetitionTempo | None = None
    """None where nobody remembers how it was done: its judgement is withdrawn, and its tempo stays what it was."""
    rom_deg: float | None = None
    score: int = 100
    reasons: tuple[str, ...] = ()
    faults: tuple[FaultFinding, ...] = ()
    partial: bool = False
    symmetry: float | None = None
    stability: float | None = None
    path_deviation: float | None = None
    not_judged: tuple[str, ...] = ()
    view: View = View.UNKNOWN


@dataclass(frozen=True, slots=True)
class ExerciseRelabelled:
    """Evidence changed: the whole running set is another exercise; its repetitions stay counted, judged anew."""

    set_start_ns: int
    time_ns: int
    old: str
    new: str
    repetitions: tuple[RejudgedRepetition, ...] = ()
    """All counted so far, in order; what was said of them as the old exercise holds no more."""


@dataclass(frozen=True, slots=True)
class HoldProgress:
    """A held exercise has lasted this many whole seconds."""

    set_start_ns: int
    time_ns: int
    seconds: int


@dataclass(frozen=True, slots=True)
class SetClosed:
    """A set ended: rest, another exercise, or the person left."""

    set_start_ns: int
    end_ns: int
    exercise: str
    repetitions: int
    full_repetitions: int
    hold_s: float
    score: int
    """Mean score of the repetitions, or the score of the hold."""
    faults: dict[str, int] = field(default_factory=dict)
    """How often each fault was seen."""


MotionEvent = SetOpened | RepetitionCounted | FaultSeen | ExerciseRelabelled | HoldProgress | SetClosed


@dataclass(frozen=True, slots=True)
class SetRecord:
    """What must be stored of an open set so that counting goes on in it after a crash."""

    start_ns: int
    set_index: int
    exercise: str
    repetitions: int
    full_repetitions: int
    last_activity_ns: int
    """End of the last repetition, or of the last second held."""
    hold_s: float = 0.0
    score_sum: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    rest_before_s: float | None = None


@dataclass(frozen=True, slots=True)
class LiveState:
    """What a screen shows of a person now."""

    state: MotionState
    exercise: str | None
    repetitions: int
    range_meter: float
    """0 at the start position .. 1 at the other end of the person's own range."""
    phase: Phase
    hold_s: float
    fault: FaultFinding | None
    """The fault of the last repetition, while it is recent."""
    set_start_ns: int | None = None
    rest_s: float = 0.0
    """Seconds since the last repetition or held second, while the person rests within or after a set."""
