"""What an exercise file says: the schema of one exercise. `docs/exercises.md` describes every field."""

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from svc_motion.posture import POSTURE_FEATURES
from svc_motion.signals import SIGNAL_KINDS, signals_of_kinds
from svc_motion.vocabulary import (
    ANGLES,
    FORM_METRICS,
    JUDGED_VIEWS,
    BodyPart,
    Difficulty,
    PathShape,
    Severity,
    StrokePart,
    View,
)

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Cue = Annotated[str, Field(min_length=3, max_length=80)]
"""What a coach says in a breath."""


def _one_of(words: tuple[str, ...]) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            raise ValueError(f"{word!r} is none of {', '.join(words)}")
        return word

    return AfterValidator(check)


SignalKind = Annotated[str, _one_of(SIGNAL_KINDS)]
AngleName = Annotated[str, _one_of(ANGLES)]
FormMetric = Annotated[str, _one_of(FORM_METRICS)]
PostureFeature = Annotated[str, _one_of(POSTURE_FEATURES)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MovementSignal(_Strict):
    """One joint angle or distance that carries a movement; the kind's name alone means: in every view."""

    kind: SignalKind
    views: tuple[View, ...] = Field(default=JUDGED_VIEWS, min_length=1)
    """Views in which it follows the movement, rather than foreshortening or a hidden limb."""

    @model_validator(mode="before")
    @classmethod
    def _kind_alone(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value


class PrimaryMovement(_Strict):
    """What is counted."""

    signals: tuple[MovementSignal, ...] = Field(min_length=1)
    hidden_signals: tuple[SignalKind, ...] = ()
    """What is counted from where the joints of all of `signals` are hidden, as hands out of the picture are."""
    angle: AngleName
    """The joint whose range of motion is reported."""
    views: tuple[View, ...]
    """Views in which the range of motion can be judged; repetitions count in every view."""
    return_is: Literal["concentric", "eccentric"]
    """Whether the return stroke (the rise of the signals) is the working phase."""
    min_range_deg: float = Field(default=30.0, ge=8.0, le=90.0)
    """Movement of the signals smaller than this is no repetition; less only for exercises that move the body little."""
    alternation: Literal["each", "pair"] = "each"
    """Where left and right take turns: whether each side's stroke is a repetition, or one of both sides together."""
    travels: bool = False
    """Whether the body may be carried along meanwhile, as in walking lunges; else who walks counts nothing."""

    @cached_property
    def signal_indices(self) -> tuple[int, ...]:
        """Positions of the signals in a signal frame."""
        return signals_of_kinds(tuple(signal.kind for signal in self.signals))

    @cached_property
    def hidden_signal_indices(self) -> tuple[int, ...]:
        """The same of `hidden_signals`; none where there are none."""
        return signals_of_kinds(self.hidden_signals)

    def signal_indices_in(self, view: View) -> tuple[int, ...]:
        """Positions of the signals that can be judged in a view; all of them where the view isn't known."""
        kinds = tuple(signal.kind for signal in self.signals if view in signal.views)
        return signals_of_kinds(kinds) if kinds else self.signal_indices


class MovementPhase(_Strict):
    """One part of a repetition or hold, by the name people give it."""

    name: Name
    part: StrokePart
    text: str = Field(min_length=3, max_length=160)
    """What the body does in it."""


class FullRepetition(_Strict):
    """When a repetition is a full one; others count as partial."""

    flexed_below_deg: float | None = None
    extended_above_deg: float | None = None
    min_range_deg: float = 0.0


class Trait(_Strict):
    """One feature of posture or movement and where it lies while the exercise is done."""

    feature: PostureFeature
    low: float = float("-inf")
    high: float = float("inf")
    tolerance: float = Field(gt=0)
    """Distance outside the range at which belief has fallen by half."""
    views: tuple[View, ...] = Field(default=JUDGED_VIEWS, min_length=1)
    """Views in which the feature means this; in others it is held neither for nor against."""

    def belief(self, value: float) -> float:
        """1 inside the range, 0.5 one tolerance outside of it, and little further away."""
        outside = max(self.low - value, value - self.high, 0.0)
        return float(max(0.5 ** ((outside / self.tolerance) ** 2), 1e-4))


class Fault(_Strict):
    """One mistake, judged once a repetition (or once a second while holding)."""

    name: Name
    severity: Severity
    metric: FormMetric
    above: float | None = None
    below: float | None = None
    views: tuple[View, ...] = Field(min_length=1)
    cue: Cue
    penalty: int = Field(ge=1, le=60)
    """Points off the score of 100."""

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of above and below")
        return self

    @property
    def threshold(self) -> float:
        """The value past which it shows."""
        return self.above if self.above is not None else float(self.below or 0.0)

    def shows(self, value: float) -> bool:
        """Whether a measured value is this fault. NaN (not measurable) never is."""
        if self.above is not None:
            return value > self.above
        return self.below is not None and value < self.below


class Path(_Strict):
    """The path that is judged."""

    of: BodyPart
    shape: PathShape


class Form(_Strict):
    """What a clean repetition looks like besides its faults."""

    still: tuple[BodyPart, ...] = ()
    """What should not move; how still it was is the repetition's stability."""
    path: Path | None = None
    symmetric: bool = True
    """Whether left and right should do the same."""


class Tempo(_Strict):
    """Phases faster than the first two are rushed; what moves for less than the third is no repetition."""

    min_eccentric_s: float = 0.5
    min_concentric_s: float = 0.3
    min_repetition_s: float = 0.6


class Exercise(_Strict):
    """One exercise as the library describes it."""

    name: Name
    display_name: str = Field(min_length=2)
    description: str = Field(min_length=10, max_length=300)
    """What it is, in a sentence or two, for a person who has never done it."""
    family: Name
    variant_of: Name | None = None
    """The exercise that is recognised in its place; the variant is told from it by its own traits."""
    looks_alike: bool = False
    """A variant whose posture people show without its equipment, too: never told, it only keeps others from that."""
    aliases: tuple[str, ...] = ()
    muscle_groups: tuple[str, ...] = Field(min_length=1)
    equipment: tuple[str, ...] = ()
    difficulty: Difficulty
    kind: Literal["counted", "held"]
    primary_movement: PrimaryMovement
    phases: tuple[MovementPhase, ...] = Field(min_length=1)
    recognition: tuple[Trait, ...] = ()
    """How posture tells it; a variant that no posture tells apart from its base has none."""
    full_repetition: FullRepetition = FullRepetition()
    tempo: Tempo = Tempo()
    cues: tuple[Cue, ...] = Field(min_length=1, max_length=5)
    """What matters most, said before or while it is done."""
    faults: tuple[Fault, ...] = ()
    form: Form = Form()

    @property
    def counted(self) -> bool:
        """Counted in repetitions rather than held for time."""
        return self.kind == "counted"

    @model_validator(mode="after")
    def _recognisable(self) -> Self:
        if not self.recognition and self.variant_of is None:
            raise ValueError("recognition needs at least one trait; only a variant may have none")
        return self

    @model_validator(mode="after")
    def _phases_in_order(self) -> Self:
        parts = [phase.part for phase in self.phases]
        if not self.counted:
            if parts.count(StrokePart.HOLD) != 1 or set(parts) - {StrokePart.START, StrokePart.HOLD}:
                raise ValueError("phases of a held exercise are an optional start and one hold")
            return self
        places = [list(StrokePart).index(part) for part in parts]
        if places != sorted(places) or not {StrokePart.OUT, StrokePart.BACK} <= set(parts) or StrokePart.HOLD in parts:
            raise ValueError("phases go start, out, turn, back, of which out and back are needed")
        return self
