"""What numbers of the record say: sums over days, slopes over weeks, and how sets spread over muscle groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from svc_motion.library import Library

SECONDARY_SHARE = 0.5
"""A set for a muscle group that an exercise trains beside its first one counts half: "fractional sets", as in Pelland
et al. 2024, The Resistance Training Dose Response."""


def muscle_sets(sets_by_exercise: Mapping[str, int], library: Library) -> dict[str, float]:
    """Fractional sets of every muscle group of the library, most first, then by name."""
    found: dict[str, float] = {}
    for name in library.names:
        for rank, group in enumerate(library[name].muscle_groups):
            weight = SECONDARY_SHARE if rank else 1.0
            found[group] = found.get(group, 0.0) + weight * sets_by_exercise.get(name, 0)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


@dataclass(slots=True)
class Sums:
    """What was done of one exercise in some days; fields are named as in the rows of days."""

    exercise: str
    days: list[date] = field(default_factory=list)
    sets: int = 0
    repetitions: int = 0
    partial_repetitions: int = 0
    hold_s: float = 0.0
    judged_sets: int = 0
    score_sum: float = 0.0


def sums_of_days(rows: Iterable[Any]) -> tuple[list[Sums], dict[str, dict[str, int]]]:
    """Rows of days and exercises summed by exercise, most sets first, and how often each fault was seen in them."""
    sums: dict[str, Sums] = {}
    faults: dict[str, dict[str, int]] = {}
    for row in rows:
        found = sums.setdefault(row.exercise, Sums(row.exercise))
        found.days.append(row.day)
        found.sets += row.sets
        found.repetitions += row.repetitions
        found.partial_repetitions += row.partial_repetitions
        found.hold_s += row.hold_s
        found.judged_sets += row.judged_sets
        found.score_sum += row.score_sum
        seen = faults.setdefault(row.exercise, {})
        for name, count in row.fault_counts.items():
            seen[name] = seen.get(name, 0) + count
    return sorted(sums.values(), key=lambda found: (-found.sets, found.exercise)), faults


def weekly_slope(points: Sequence[tuple[date, float]]) -> float:
    """Change a week of a line fitted to (Monday, value) by least squares; 0 with fewer than two weeks."""
    if len(points) < 2:
        return 0.0
    weeks = [(day - points[0][0]).days / 7 for day, _ in points]
    values = [value for _, value in points]
    middle_week, middle = sum(weeks) / len(weeks), sum(values) / len(values)
    spread = sum((week - middle_week) ** 2 for week in weeks)
    together = sum((week - middle_week) * (value - middle) for week, value in zip(weeks, values, strict=True))
    return together / spread if spread else 0.0
