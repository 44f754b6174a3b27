"""The exercise library: one YAML file an exercise, loaded and validated when the service starts.

Exercises are data, so that a new one needs no code. `docs/exercises.md` describes every field.

ExerciseFileError -- a file cannot be read as an exercise; says which file, which line and why.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from svc_motion.signals import SIGNAL_KINDS, signals_of_kinds

EXERCISE_FOLDER = Path(__file__).parent / "exercises"
NO_EXERCISE = "none"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class ExerciseFileError(ValueError):
    """A file of the library cannot be read as an exercise."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name}, line {line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


class View(StrEnum):
    """From where the camera sees the person."""

    FRONT = "front"
    BACK = "back"
    SIDE = "side"
    THREE_QUARTER = "three_quarter"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How urgent a correction is: `dangerous` can hurt, `moderate` wastes the repetition, `minor` is polish."""

    DANGEROUS = "dangerous"
    MODERATE = "moderate"
    MINOR = "minor"


SignalKind = Literal[
    "knee_angle",
    "leg_extension",
    "hip_angle",
    "hip_extension",
    "elbow_angle",
    "arm_extension",
    "arm_lowering",
    "wrist_lowering",
    "body_extension",
    "body_height",
    "trunk_upright",
    "trunk_lying",
    "leg_lowering",
]
AngleName = Literal["knee", "hip", "elbow", "arm_raise"]
FormMetric = Literal[
    "knee_min_deg",
    "knee_max_deg",
    "hip_max_deg",
    "elbow_min_deg",
    "elbow_max_deg",
    "elbow_range_deg",
    "arm_raise_max_deg",
    "body_line_min_deg",
    "knee_width_ratio",
    "elbow_flare_deg",
    "trunk_swing_deg",
]
PostureFeature = Literal[
    "trunk_tilt_deg",
    "trunk_swing_deg",
    "knee_min_deg",
    "knee_range_deg",
    "knee_difference_deg",
    "leg_shortening",
    "hip_range_deg",
    "hip_travel",
    "elbow_min_deg",
    "elbow_range_deg",
    "arm_raise_min_deg",
    "arm_raise_max_deg",
    "arm_raise_range_deg",
    "wrist_height_min",
    "wrist_height_max",
    "wrist_travel",
    "foot_spread_range",
    "body_line_deg",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PrimaryMovement(_Strict):
    """What is counted."""

    signals: tuple[SignalKind, ...] = Field(min_length=1)
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

    @cached_property
    def signal_indices(self) -> tuple[int, ...]:
        """Positions of the signals in a signal frame."""
        return signals_of_kinds(self.signals)


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


class Fault(_Strict):
    """One mistake, judged once a repetition (or once a second while holding)."""

    name: Name
    severity: Severity
    metric: FormMetric
    above: float | None = None
    below: float | None = None
    views: tuple[View, ...] = Field(min_length=1)
    cue: str = Field(min_length=3, max_length=80)
    penalty: int = Field(ge=1, le=60)
    """Points off the score of 100."""

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of above and below")
        return self

    def shows(self, value: float) -> bool:
        """Whether a measured value is this fault. NaN (not measurable) never is."""
        if self.above is not None:
            return value > self.above
        return self.below is not None and value < self.below


class Tempo(_Strict):
    """Phases faster than the first two are rushed; what moves for less than the third is no repetition."""

    min_eccentric_s: float = 0.5
    min_concentric_s: float = 0.3
    min_repetition_s: float = 0.6


class Exercise(_Strict):
    """One exercise as the library describes it."""

    name: Name
    display_name: str
    family: Name
    aliases: tuple[str, ...] = ()
    muscle_groups: tuple[str, ...] = Field(min_length=1)
    equipment: tuple[str, ...] = ()
    kind: Literal["counted", "held"]
    primary_movement: PrimaryMovement
    recognition: tuple[Trait, ...] = Field(min_length=1)
    full_repetition: FullRepetition = FullRepetition()
    tempo: Tempo = Tempo()
    faults: tuple[Fault, ...] = ()

    @property
    def counted(self) -> bool:
        """Counted in repetitions rather than held for time."""
        return self.kind == "counted"


@dataclass(frozen=True)
class Library:
    """All exercises by name, in the order of their names."""

    exercises: dict[str, Exercise]

    def __getitem__(self, name: str) -> Exercise:
        return self.exercises[name]

    def __contains__(self, name: object) -> bool:
        return name in self.exercises

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all exercises."""
        return tuple(self.exercises)


def load_library(folder: Path = EXERCISE_FOLDER) -> Library:
    """Read every `*.yaml` of a folder. Raises ExerciseFileError on the first bad file, or when there is none."""
    exercises: dict[str, Exercise] = {}
    for path in sorted(folder.glob("*.yaml")):
        exercise = _read(path)
        if exercise.name in exercises:
            raise ExerciseFileError(path, 1, f"the name {exercise.name!r} is taken by another file")
        exercises[exercise.name] = exercise
    if not exercises:
        raise ExerciseFileError(folder, 0, "no exercise files here")
    return Library(exercises)


def _read(path: Path) -> Exercise:
    text = path.read_text(encoding="utf-8")
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ExerciseFileError(path, line, f"not valid YAML: {error.problem}") from error
    try:
        exercise = Exercise.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ExerciseFileError(path, _line_of(tree, first["loc"]), f"{place}: {first['msg']}") from error
    if exercise.name != path.stem:
        raise ExerciseFileError(path, 1, f"name is {exercise.name!r}, but the file is called {path.stem!r}")
    return exercise


def _line_of(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """Line of the deepest node on the way to the place of a validation error, counted from 1."""
    line = node.start_mark.line + 1 if node else 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == part), None)
            if entry is None:
                return line
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line


assert set(SignalKind.__args__) == set(SIGNAL_KINDS), "the library's signal kinds must be those of the signal bank"  # type: ignore[attr-defined]
