"""What readers of labelled sets give: repetitions with what people said of them, and what the labels mean here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from svc_motion.form import RepetitionTrace
from svc_motion.vocabulary import View


class Part(StrEnum):
    """Thresholds may be fitted on `train`; results are those of `test`."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True)
class Measured:
    """What a set measured itself, under the names of our metrics; for sets that hold no poses."""

    metrics: Mapping[str, float]
    view: View


@dataclass(frozen=True)
class Example:
    """One repetition, or what stands for one, and the labels that people gave it."""

    name: str
    exercise: str
    """As the library names it."""
    labels: frozenset[str]
    """Of the set's labels, those that hold."""
    part: Part
    body: RepetitionTrace | Measured
    frames: int = 1
    """How many labelled frames it stands for."""


@dataclass(frozen=True)
class Label:
    """A label of a set, and which faults of ours say the same."""

    name: str
    exercise: str
    faults: tuple[str, ...]
    """Any of these found means that the label was found; empty where the product has no such fault."""
    reported: str
    """What the set's authors report for it, and how they measured."""
    reported_f1: float | None = None
    """The best F1 that they report for it."""


@dataclass(frozen=True)
class LabelledSet:
    """A set of labelled repetitions."""

    name: str
    about: str
    """What it holds, how its poses became ours, what was assumed."""
    split: str
    """How train and test were told apart."""
    labels: Sequence[Label]
    examples: Sequence[Example]

    def of(self, label: Label, part: Part) -> list[Example]:
        """The examples of one part that the label could be given to."""
        return [one for one in self.examples if one.exercise == label.exercise and one.part is part]


class LabelledSetError(ValueError):
    """A file of a labelled set can't be read; says which and why."""
