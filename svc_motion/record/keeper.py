"""Keeps what is derived from sets true: sums by day, supersets, bests; in the transaction that changes a set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import times
from mesh.ids import GymId, SetId
from svc_motion.events import PersonId
from svc_motion.record.bests import MIN_SCORED_REPETITIONS, UNKNOWN_EXERCISE, BestKind, NewBest, new_bests
from svc_motion.record.days import day_of
from svc_motion.record.supersets import SetSpan, superset_numbers
from svc_motion.record.tables import DONE_EXERCISE, daily, of_person
from svc_motion.store import repetitions, sets

_SUM_UP = sa.text(
    """
    WITH done AS (
        SELECT *, coalesce(corrected_exercise, exercise) AS done_exercise,
               coalesce(corrected_repetitions, repetitions) AS done_repetitions,
               coalesce(corrected_hold_s, hold_s) AS done_hold_s,
               coalesce(corrected_exercise, exercise) = exercise AS judged
        FROM sets WHERE gym_id = :gym_id AND person_id = CAST(:person_id AS uuid) AND day = :day AND NOT open
    ), faults AS (
        SELECT done_exercise, jsonb_object_agg(name, count) AS counts FROM (
            SELECT done_exercise, seen.key AS name, sum(seen.value::integer) AS count
            FROM done, jsonb_each_text(fault_counts) AS seen WHERE judged GROUP BY done_exercise, seen.key
        ) AS counted GROUP BY done_exercise
    )
    INSERT INTO daily_exercises
    SELECT gym_id, person_id, day, done_exercise, min(start_time), max(end_time), count(*), sum(done_repetitions),
           sum(least(repetitions - full_repetitions, done_repetitions)), sum(done_hold_s),
           count(*) FILTER (WHERE judged), coalesce(sum(score) FILTER (WHERE judged), 0),
           coalesce(sum(range_sum_deg) FILTER (WHERE judged), 0), coalesce(sum(range_count) FILTER (WHERE judged), 0),
           coalesce((SELECT counts FROM faults WHERE faults.done_exercise = done.done_exercise), '{}'),
           max(done_repetitions), (array_agg(set_id ORDER BY done_repetitions DESC, start_time))[1],
           max(done_hold_s), (array_agg(set_id ORDER BY done_hold_s DESC, start_time))[1],
           max(score) FILTER (WHERE judged AND done_repetitions >= :scored),
           (array_agg(set_id ORDER BY score DESC, start_time) FILTER (WHERE judged AND done_repetitions >= :scored))[1]
    FROM done GROUP BY gym_id, person_id, day, done_exercise
    """
)


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """What a set's end brought."""

    exercise: str
    day: date
    bests: list[NewBest]


class RecordKeeper:
    """Every method works in the caller's transaction. Repeating one changes nothing."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    async def close(self, session: AsyncSession, gym_id: GymId, person_id: PersonId, set_id: SetId) -> ClosedSet:
        """A set that is stored closed, with all its repetitions, goes into the record."""
        await self.take_turns(session, person_id)
        row = (await session.execute(sa.select(sets).where(sets.c.set_id == set_id))).one()
        day = day_of(times.from_datetime(row.start_time), self.zone)
        judged = sa.select(
            sa.func.coalesce(sa.func.sum(repetitions.c.range_of_motion_deg), 0.0),
            sa.func.count(repetitions.c.range_of_motion_deg),
        ).where(repetitions.c.set_id == set_id, repetitions.c.set_start_time == row.start_time)
        range_sum_deg, range_count = (await session.execute(judged)).one()
        values = {"day": day, "range_sum_deg": range_sum_deg, "range_count": range_count}
        await session.execute(sa.update(sets).where(sets.c.set_id == set_id).values(values))
        before = await self._bests_before(session, gym_id, person_id, row.exercise, day)
        await self.renew_day(session, gym_id, person_id, day)
        if row.exercise == UNKNOWN_EXERCISE:
            return ClosedSet(row.exercise, day, [])
        reached = {BestKind.SET_REPETITIONS: float(row.repetitions), BestKind.HOLD: row.hold_s}
        if row.repetitions >= MIN_SCORED_REPETITIONS:
            reached[BestKind.SCORE] = row.score
        of_day = sa.select(daily.c.repetitions).where(
            *of_person(gym_id, person_id), daily.c.day == day, daily.c.exercise == row.exercise
        )
        reached[BestKind.DAY_REPETITIONS] = float(await session.scalar(of_day) or 0)
        return ClosedSet(row.exercise, day, new_bests(reached, before))

    async def renew_day(self, session: AsyncSession, gym_id: GymId, person_id: PersonId, day: date) -> None:
        """Sums a person's day up anew from its sets, and numbers its supersets."""
        await session.execute(sa.delete(daily).where(*of_person(gym_id, person_id), daily.c.day == day))
        values = {"gym_id": gym_id, "person_id": person_id, "day": day, "scored": MIN_SCORED_REPETITIONS}
        await session.execute(_SUM_UP, values)
        await self._number_supersets(session, gym_id, person_id, day)

    async def take_turns(self, session: AsyncSession, person_id: str) -> None:
        """Until the transaction ends nobody else sums up this person's days: each sees what the one before wrote."""
        key = sa.func.hashtextextended(f"record-{person_id}", 0)
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    async def _bests_before(
        self, session: AsyncSession, gym_id: GymId, person_id: PersonId, exercise: str, day: date
    ) -> dict[BestKind, float]:
        """The most so far of each kind, before the day is summed up anew; of other days where days are compared."""
        query = sa.select(
            sa.func.max(daily.c.best_repetitions),
            sa.func.max(daily.c.best_hold_s),
            sa.func.max(daily.c.best_score),
            sa.func.max(daily.c.repetitions).filter(daily.c.day != day),
        ).where(*of_person(gym_id, person_id), daily.c.exercise == exercise)
        found = (await session.execute(query)).one()
        return {kind: float(value or 0) for kind, value in zip(BestKind, found, strict=True)}

    async def _number_supersets(self, session: AsyncSession, gym_id: GymId, person_id: PersonId, day: date) -> None:
        query = (
            sa.select(
                sets.c.set_id, DONE_EXERCISE.label("done"), sets.c.start_time, sets.c.end_time, sets.c.superset_number
            )
            .where(sets.c.gym_id == gym_id, sets.c.person_id == person_id, sets.c.day == day, ~sets.c.open)
            .order_by(sets.c.start_time)
        )
        rows = (await session.execute(query)).all()
        numbers = superset_numbers(
            [
                SetSpan(row.set_id, row.done, times.from_datetime(row.start_time), times.from_datetime(row.end_time))
                for row in rows
            ]
        )
        for row in rows:
            if row.superset_number != numbers[row.set_id]:
                changed = sa.update(sets).where(sets.c.set_id == row.set_id)
                await session.execute(changed.values(superset_number=numbers[row.set_id]))
