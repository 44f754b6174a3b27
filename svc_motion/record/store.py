"""What the record reads. Sums come from `daily_exercises`; repetitions are read by their set only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from mesh.database import Database
from mesh.ids import GymId
from svc_motion.record.bests import UNKNOWN_EXERCISE, Best, BestKind
from svc_motion.record.tables import corrections, daily, of_person
from svc_motion.store import SHOWN, repetitions, sets

_SUMS = (
    sa.func.sum(daily.c.sets).label("sets"),
    sa.func.sum(daily.c.repetitions).label("repetitions"),
    sa.func.sum(daily.c.partial_repetitions).label("partial_repetitions"),
    sa.func.sum(daily.c.hold_s).label("hold_s"),
    sa.func.sum(daily.c.judged_sets).label("judged_sets"),
    sa.func.sum(daily.c.score_sum).label("score_sum"),
    sa.func.sum(daily.c.range_sum_deg).label("range_sum_deg"),
    sa.func.sum(daily.c.range_count).label("range_count"),
)
_OF_A_DAY = tuple(
    daily.c[name]
    for name in (
        *("day", "exercise", "sets", "repetitions", "partial_repetitions", "hold_s"),
        *("judged_sets", "score_sum", "fault_counts"),
    )
)
_WEEK = sa.cast(sa.func.date_trunc("week", daily.c.day), sa.Date)
_BEST_COLUMNS: tuple[tuple[BestKind, str, str | None], ...] = (
    (BestKind.SET_REPETITIONS, "best_repetitions", "best_repetitions_set_id"),
    (BestKind.HOLD, "best_hold_s", "best_hold_set_id"),
    (BestKind.SCORE, "best_score", "best_score_set_id"),
    (BestKind.DAY_REPETITIONS, "repetitions", None),
)

# To parse JSON takes longer than all other values together: what isn't exported isn't read, and no faults are NULL.
_EXPORTED = (
    *(column for column in repetitions.c if column.name not in {"reasons", "faults", "form", "set_start_time"}),
    sa.func.nullif(repetitions.c.faults, sa.cast(sa.literal("[]"), JSONB), type_=JSONB).label("faults"),
)


class RecordStore:
    """Reads of the record; days are inclusive on both ends, None is no limit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def days(
        self, gym_id: GymId, person_id: str, first: date | None, last: date | None, limit: int
    ) -> Sequence[Any]:
        """Days with their sums, newest first."""
        query = (
            sa.select(
                daily.c.day,
                sa.func.min(daily.c.start_time).label("start_time"),
                sa.func.max(daily.c.end_time).label("end_time"),
                *_SUMS,
            )
            .where(*of_person(gym_id, person_id), *_between(daily.c.day, first, last))
            .group_by(daily.c.day)
            .order_by(daily.c.day.desc())
            .limit(limit)
        )
        return await self._all(query)

    async def exercises_of_days(self, gym_id: GymId, person_id: str, first: date, last: date) -> Sequence[Any]:
        """The rows of each day and exercise."""
        query = sa.select(*_OF_A_DAY).where(*of_person(gym_id, person_id), *_between(daily.c.day, first, last))
        return await self._all(query)

    async def sets_of_days(self, gym_id: GymId, person_id: str, first: date, last: date) -> Sequence[Any]:
        """Closed sets, oldest first."""
        query = sa.select(*SHOWN).where(
            sets.c.person_id == person_id, sets.c.gym_id == gym_id, ~sets.c.open, *_between(sets.c.day, first, last)
        )
        return await self._all(query.order_by(sets.c.start_time))

    async def totals(self, gym_id: GymId, person_id: str, first: date | None, last: date | None) -> Sequence[Any]:
        """Sums by exercise, most sets first, with the days of each."""
        here = (*of_person(gym_id, person_id), *_between(daily.c.day, first, last))
        query = (
            sa.select(daily.c.exercise, sa.func.array_agg(daily.c.day).label("days"), *_SUMS)
            .where(*here)
            .group_by(daily.c.exercise)
            .order_by(sa.func.sum(daily.c.sets).desc(), daily.c.exercise)
        )
        return await self._all(query)

    async def faults(
        self, gym_id: GymId, person_id: str, first: date | None, last: date | None
    ) -> dict[str, dict[str, int]]:
        """How often each fault was seen, by exercise and name."""
        seen = sa.func.jsonb_each_text(daily.c.fault_counts).table_valued("key", "value", name="seen").render_derived()
        query = (
            sa.select(daily.c.exercise, seen.c.key, sa.func.sum(sa.cast(seen.c.value, sa.Integer)))
            .select_from(daily.join(seen, sa.true()))
            .where(*of_person(gym_id, person_id), *_between(daily.c.day, first, last))
            .group_by(daily.c.exercise, seen.c.key)
        )
        found: dict[str, dict[str, int]] = {}
        for exercise, name, count in await self._all(query):
            found.setdefault(exercise, {})[name] = count
        return found

    async def all_days(self, gym_id: GymId, person_id: str) -> list[date]:
        """Every day with a closed set, oldest first."""
        query = sa.select(daily.c.day).where(*of_person(gym_id, person_id)).distinct().order_by(daily.c.day)
        return [row.day for row in await self._all(query)]

    async def bests(self, gym_id: GymId, person_id: str, exercise: str) -> list[Best]:
        """The bests, by exercise, then kind; of one exercise where it isn't empty."""
        here = [*of_person(gym_id, person_id), daily.c.exercise != UNKNOWN_EXERCISE]
        if exercise:
            here.append(daily.c.exercise == exercise)
        # A person's days lie all over the table: they are read once, not once for each kind.
        names = {name for _, value, set_id in _BEST_COLUMNS for name in (value, set_id) if name}
        columns = (daily.c[name] for name in ("exercise", "day", *sorted(names)))
        mine = sa.select(*columns).where(*here).cte("mine").prefix_with("MATERIALIZED")
        parts = [
            sa.select(
                mine.c.exercise,
                sa.literal(int(kind)).label("kind"),
                sa.cast(mine.c[value], sa.Double).label("value"),
                mine.c.day,
                sa.cast(mine.c[set_id] if set_id else sa.null(), sa.Text).label("set_id"),
            )
            .where(mine.c[value] > 0)
            .ext(distinct_on(mine.c.exercise))
            .order_by(mine.c.exercise, mine.c[value].desc(), mine.c.day)
            for kind, value, set_id in _BEST_COLUMNS
        ]
        rows = await self._all(sa.union_all(*(part.subquery().select() for part in parts)))
        found = [Best(row.exercise, BestKind(row.kind), row.value, row.day, row.set_id or "") for row in rows]
        return sorted(found, key=lambda best: (best.exercise, best.kind))

    async def weeks(self, gym_id: GymId, person_id: str, exercise: str, first: date, last: date) -> Sequence[Any]:
        """Sums by exercise and week, in this order; of one exercise where it isn't empty."""
        query = (
            sa.select(daily.c.exercise, _WEEK.label("week"), *_SUMS)
            .where(*of_person(gym_id, person_id), *_between(daily.c.day, first, last))
            .group_by(daily.c.exercise, _WEEK)
            .order_by(daily.c.exercise, _WEEK)
        )
        if exercise:
            query = query.where(daily.c.exercise == exercise)
        return await self._all(query)

    async def corrections(
        self, gym_id: GymId, person_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Any]:
        """Corrections, newest first, beginning after a (time, id)."""
        query = sa.select(corrections).where(corrections.c.gym_id == gym_id)
        if person_id:
            query = query.where(corrections.c.person_id == person_id)
        if after is not None:
            position = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid(as_uuid=False)))
            query = query.where(sa.tuple_(corrections.c.create_time, corrections.c.correction_id) < position)
        newest = (corrections.c.create_time.desc(), corrections.c.correction_id.desc())
        return await self._all(query.order_by(*newest).limit(limit))

    async def correction_summary(self, gym_id: GymId, person_id: str, first: date, last: date) -> Sequence[Any]:
        """By measured exercise: sets, corrected ones, and how far their values were off.

        Corrected sets are few and have an index of their own; all others are only counted, in the index.
        """
        here = [sets.c.gym_id == gym_id, *_between(sets.c.day, first, last)]
        if person_id:
            here.append(sets.c.person_id == person_id)
        counted = (
            sa.select(sets.c.exercise, sa.func.count().label("sets"))
            .where(*here, ~sets.c.open)
            .group_by(sets.c.exercise)
            .subquery()
        )
        same = sets.c.corrected_exercise.is_(None) | (sets.c.corrected_exercise == sets.c.exercise)
        error = sets.c.repetitions - sets.c.corrected_repetitions
        hold_error_s = sets.c.hold_s - sets.c.corrected_hold_s
        of_counts, of_holds = same & (sets.c.hold_s == 0), same & (sets.c.hold_s > 0)
        wrong = (
            sa.select(
                sets.c.exercise,
                sa.func.count().label("corrected"),
                sa.func.count().filter(~same).label("relabelled"),
                sa.func.avg(sa.func.abs(sa.func.coalesce(error, 0))).filter(of_counts).label("count_error"),
                sa.func.avg(sa.func.coalesce(error, 0)).filter(of_counts).label("count_bias"),
                sa.func.avg(sa.func.abs(sa.func.coalesce(hold_error_s, 0.0))).filter(of_holds).label("hold_error_s"),
            )
            .where(*here, sets.c.correct_time.is_not(None))
            .group_by(sets.c.exercise)
            .subquery()
        )
        joined = counted.outerjoin(wrong, wrong.c.exercise == counted.c.exercise)
        columns = [column for column in wrong.c if column.name != "exercise"]
        return await self._all(sa.select(counted, *columns).select_from(joined).order_by(counted.c.exercise))

    async def export_sets(
        self,
        gym_id: GymId,
        person_id: str,
        first: date | None,
        last: date | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Any]:
        """Closed sets in the order they began, beginning after a (start time, id)."""
        query = sa.select(sets).where(sets.c.person_id == person_id, sets.c.gym_id == gym_id, ~sets.c.open)
        query = query.where(*_between(sets.c.day, first, last))
        if after is not None:
            position = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid(as_uuid=False)))
            query = query.where(sa.tuple_(sets.c.start_time, sets.c.set_id) > position)
        return await self._all(query.order_by(sets.c.start_time, sets.c.set_id).limit(limit))

    async def repetitions_of(self, rows: Sequence[Any]) -> dict[str, list[Any]]:
        """What is exported of the repetitions of some sets' rows, by set, in order; without faults they are None."""
        if not rows:
            return {}
        query = sa.select(*_EXPORTED).where(
            repetitions.c.set_id.in_([row.set_id for row in rows]),
            # These lead to the partitions that hold them.
            repetitions.c.set_start_time >= min(row.start_time for row in rows),
            repetitions.c.set_start_time <= max(row.start_time for row in rows),
        )
        found: dict[str, list[Any]] = {}
        for row in await self._all(query.order_by(repetitions.c.set_id, repetitions.c.number)):
            found.setdefault(row.set_id, []).append(row)
        return found

    async def _all(self, query: Any) -> Sequence[Any]:
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()


def _between(column: Any, first: date | None, last: date | None) -> list[sa.ColumnElement[bool]]:
    limits = []
    if first is not None:
        limits.append(column >= first)
    if last is not None:
        limits.append(column <= last)
    return limits
