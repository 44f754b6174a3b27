"""Personal bests: which values are held against each other, and when one is news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

UNKNOWN_EXERCISE = "unknown"
"""Sets of an exercise that isn't in the library; they are of many kinds, so none is the best of them."""
MIN_SCORED_REPETITIONS = 5
"""A score is held against others from this many repetitions on: one fine repetition proves nothing."""


class BestKind(IntEnum):
    """What a best is about; the numbers are those of the contract."""

    SET_REPETITIONS = 1
    HOLD = 2
    SCORE = 3
    DAY_REPETITIONS = 4


LEAST_GAIN = 1.0
"""Repetitions, seconds or points by which a best must exceed the one before to be told."""


@dataclass(frozen=True, slots=True)
class Best:
    """The most reached so far."""

    exercise: str
    kind: BestKind
    value: float
    """Repetitions, seconds or points."""
    day: date
    set_id: str
    """The set that reached it; empty for the most in a day."""


@dataclass(frozen=True, slots=True)
class NewBest:
    """A best that has just been beaten."""

    kind: BestKind
    value: float
    previous_value: float


def new_bests(reached: dict[BestKind, float], before: dict[BestKind, float]) -> list[NewBest]:
    """What of `reached` beats `before`, by kind. What was never done before is no best, nor is what was nothing."""
    return [
        NewBest(kind, reached[kind], before[kind])
        for kind in BestKind
        if kind in reached and before.get(kind, 0.0) > 0.0 and reached[kind] >= before[kind] + LEAST_GAIN
    ]
