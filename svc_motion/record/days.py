"""Days and weeks of a gym, and training in a row. A week begins on Monday (ISO 8601)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from mesh import times

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Streaks:
    """Training in a row."""

    current_days: int
    longest_days: int
    longest_end_day: date | None
    current_weeks: int
    longest_weeks: int
    last_day: date | None


def day_of(time_ns: int, zone: ZoneInfo) -> date:
    """The date on the gym's clock at a capture time."""
    return times.to_datetime(time_ns).astimezone(zone).date()


def week_of(day: date) -> date:
    """Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def streaks(days: Sequence[date], today: date) -> Streaks:
    """Rows of training days and weeks, given all days with training in order.

    The current row ends today, or yesterday where nothing was done today yet; weeks likewise. Days after `today`
    aren't looked at.
    """
    past = [day for day in days if day <= today]
    weeks = sorted({week_of(day) for day in past})
    day_rows, week_rows = _rows(past, _DAY), _rows(weeks, _WEEK)
    longest = max(day_rows, key=lambda row: row[0], default=(0, None))
    return Streaks(
        current_days=_current(day_rows, today, _DAY),
        longest_days=longest[0],
        longest_end_day=longest[1],
        current_weeks=_current(week_rows, week_of(today), _WEEK),
        longest_weeks=max((row[0] for row in week_rows), default=0),
        last_day=past[-1] if past else None,
    )


def _rows(steps: Sequence[date], step: timedelta) -> list[tuple[int, date]]:
    """Length and last step of every row."""
    rows: list[tuple[int, date]] = []
    for at in steps:
        if rows and at - rows[-1][1] == step:
            rows[-1] = (rows[-1][0] + 1, at)
        else:
            rows.append((1, at))
    return rows


def _current(rows: Sequence[tuple[int, date]], now: date, step: timedelta) -> int:
    return rows[-1][0] if rows and now - rows[-1][1] <= step else 0
