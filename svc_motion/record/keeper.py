"""Keeps what is derived from sets true: sums by day, supersets, bests; in the transaction that changes a set."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import times
from mesh.ids import GymId, SetId
from svc_motion.events import PersonId
from svc_motion.record.bests import MIN_SCORED_REPETITIONS, UNKNOWN_EXERCISE, BestKind, NewBest, new_bests
from svc_motion.record.days import day_of
from svc_motion.record.supersets import SetSpan, superset_numbers
from svc_motion.record.tables import daily, of_person
from svc_motion.store import repetitions, sets

_SAME_DAY = " AND ".join(f"daily_exercises.{key} = asked.{key}" for key in ("gym_id", "person_id", "day"))
_ASKED = """
    WITH asked AS (
        SELECT * FROM unnest(CAST(:gym_ids AS text[]), CAST(:person_ids AS uuid[]), CAST(:days AS date[]))
            AS one(gym_id, person_id, day)
    )"""
_FORGET = sa.text(f"{_ASKED} DELETE FROM daily_exercises USING asked WHERE {_SAME_DAY}")
_SUM_UP = sa.text(
    f"""{_ASKED}, done AS (
        SELECT *, coalesce(corrected_exercise, exercise) AS done_exercise,
               coalesce(corrected_repetitions, repetitions) AS done_repetitions,
               coalesce(corrected_hold_s, hold_s) AS done_hold_s,
               coalesce(corrected_exercise, exercise) = exercise AS judged
        FROM sets JOIN asked USING (gym_id, person_id, day) WHERE NOT open
    ), faults AS (
        SELECT gym_id, person_id, day, done_exercise, jsonb_object_agg(name, count) AS counts FROM (
            SELECT gym_id, person_id, day, done_exercise, seen.key AS name, sum(seen.value::integer) AS count
            FROM done, jsonb_each_text(fault_counts) AS seen WHERE judged GROUP BY 1, 2, 3, 4, 5
        ) AS counted GROUP BY 1, 2, 3, 4
    ), summed AS (
        SELECT gym_id, person_id, day, done_exercise, min(start_time) AS start_time, max(end_time) AS end_time,
               count(*) AS sets, sum(done_repetitions) AS repetitions,
               sum(least(repetitions - full_repetitions, done_repetitions)) AS partial_repetitions,
               sum(done_hold_s) AS hold_s, count(*) FILTER (WHERE judged) AS judged_sets,
               coalesce(sum(score) FILTER (WHERE judged), 0) AS score_sum,
               coalesce(sum(range_sum_deg) FILTER (WHERE judged), 0) AS range_sum_deg,
               coalesce(sum(range_count) FILTER (WHERE judged), 0) AS range_count,
               max(done_repetitions) AS best_repetitions,
               (array_agg(set_id ORDER BY done_repetitions DESC, start_time))[1] AS best_repetitions_set_id,
               max(done_hold_s) AS best_hold_s,
               (array_agg(set_id ORDER BY done_hold_s DESC, start_time))[1] AS best_hold_set_id,
               max(score) FILTER (WHERE judged AND done_repetitions >= :scored) AS best_score,
               (array_agg(set_id ORDER BY score DESC, start_time)
                   FILTER (WHERE judged AND done_repetitions >= :scored))[1] AS best_score_set_id
        FROM done GROUP BY gym_id, person_id, day, done_exercise
    )
    INSERT INTO daily_exercises
    SELECT gym_id, person_id, day, done_exercise, start_time, end_time, sets, repetitions, partial_repetitions, hold_s,
           judged_sets, score_sum, range_sum_deg, range_count, coalesce(counts, '{{}}'), best_repetitions,
           best_repetitions_set_id, best_hold_s, best_hold_set_id, best_score, best_score_set_id
    FROM summed LEFT JOIN faults USING (gym_id, person_id, day, done_exercise)
    """
)
_SETS_OF_DAYS = sa.text(
    f"""{_ASKED}
    SELECT gym_id, person_id, day, CAST(set_id AS text), coalesce(corrected_exercise, exercise) AS done, start_time,
           end_time, superset_number
    FROM sets JOIN asked USING (gym_id, person_id, day) WHERE NOT open ORDER BY start_time
    """
)
_NUMBER = sa.text(
    """
    UPDATE sets SET superset_number = one.number
    FROM unnest(CAST(:set_ids AS uuid[]), CAST(:numbers AS integer[])) AS one(set_id, number)
    WHERE sets.set_id = one.set_id
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
        """A set that is stored closed, with all its repetitions, goes into the record. It is the person's turn."""
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
        await self.renew_days(session, {(gym_id, person_id, day)})

    async def renew_days(self, session: AsyncSession, days: Set[tuple[str, str, date]]) -> None:
        """As renew_day, of many days at once: each a gym, a person and a day."""
        gym_ids, person_ids, dates = (list(values) for values in zip(*sorted(days), strict=True))
        asked = {"gym_ids": gym_ids, "person_ids": person_ids, "days": dates}
        await session.execute(_FORGET, asked)
        await session.execute(_SUM_UP, asked | {"scored": MIN_SCORED_REPETITIONS})
        await self._number_supersets(session, asked)

    async def take_turns(self, session: AsyncSession, *person_ids: str) -> None:
        """Until the transaction ends nobody else sums up these people's days: each sees what the one before wrote.

        Whoever locks sets of a person too takes turns before that.
        """
        # In one order, so that nobody waits for somebody who waits for them.
        keys = sorted(f"record-{person_id}" for person_id in person_ids)
        asked = sa.func.unnest(sa.cast(keys, ARRAY(sa.Text))).column_valued("key")
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(asked, 0))))

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

    async def _number_supersets(self, session: AsyncSession, asked: dict[str, list[Any]]) -> None:
        by_day: dict[Any, list[Any]] = {}
        for row in (await session.execute(_SETS_OF_DAYS, asked)).all():
            by_day.setdefault((row.gym_id, row.person_id, row.day), []).append(row)
        changed: dict[str, int] = {}
        for rows in by_day.values():
            spans = [
                SetSpan(row.set_id, row.done, times.from_datetime(row.start_time), times.from_datetime(row.end_time))
                for row in rows
            ]
            numbers = superset_numbers(spans)
            changed |= {row.set_id: numbers[row.set_id] for row in rows if row.superset_number != numbers[row.set_id]}
        if changed:
            await session.execute(_NUMBER, {"set_ids": list(changed), "numbers": list(changed.values())})
