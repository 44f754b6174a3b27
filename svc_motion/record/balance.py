"""What numbers of the record say: slopes over weeks, and how sets spread over muscle groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

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
