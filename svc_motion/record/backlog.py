"""What was stored before the record existed: moved into it in the background, and first of all where it is asked for.

Migration 0004 leaves the old repetitions in `repetitions_before` and marks their sets with a `range_count` of NULL. A
batch copies the repetitions of some sets, sums their days up and clears the mark, in one transaction: whenever the
process dies, a set is either moved or it isn't. Nobody reads the old table but this module, so each repetition is seen
once; whoever reads a set or a person's sums asks for them to be ready before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from mesh.database import Database
from svc_motion.record.keeper import RecordKeeper
from svc_motion.store import sets

_log = structlog.get_logger()
SETS_AT_ONCE = 200
"""Sets of one batch. Raised: fewer commits, and whoever asks for one of their people waits longer."""
RETRY_S = 60.0
TELL_EVERY_S = 10.0
_UNMOVED = sets.c.range_count.is_(None)
_COPY = sa.text(
    """
    WITH before AS MATERIALIZED (
        SELECT r.*, s.start_time AS set_start_time
        FROM sets s JOIN repetitions_before r USING (set_id) WHERE s.set_id = ANY(CAST(:set_ids AS uuid[]))
    ), copied AS (
        INSERT INTO repetitions (set_id, set_start_time, number, camera_id, start_time, end_time, range_of_motion_deg,
                                 out_s, pause_s, back_s, score, reasons, faults, partial, form)
        SELECT set_id, set_start_time, number, camera_id, start_time, end_time, range_of_motion_deg,
               out_s, pause_s, back_s, score, reasons, faults, partial, form
        FROM before ON CONFLICT DO NOTHING
    ), measured AS (
        SELECT set_id, sum(range_of_motion_deg) AS total_deg, count(range_of_motion_deg) AS judged
        FROM before GROUP BY set_id
    )
    UPDATE sets s SET range_sum_deg = coalesce(measured.total_deg, 0), range_count = coalesce(measured.judged, 0)
    FROM unnest(CAST(:set_ids AS uuid[])) AS asked(set_id) LEFT JOIN measured USING (set_id)
    WHERE s.set_id = asked.set_id
    """
)
_IS_THERE = sa.text("SELECT to_regclass('repetitions_before') IS NOT NULL")
_FINISH = (
    "DROP TABLE repetitions_before",
    "DROP INDEX sets_to_move",
    "ALTER TABLE sets ALTER COLUMN range_count SET NOT NULL",
)


class Backlog:
    """Moves old sets, a batch a transaction. Several processes may do so at once: people's turns keep them apart."""

    def __init__(self, database: Database, keeper: RecordKeeper) -> None:
        self._database = database
        self._keeper = keeper
        self._done = False

    async def keep(self) -> None:
        """Moves everything, newest first, resting as long as it works; returns when nothing is left.

        Where the database is away it goes on a minute later.
        """
        while not self._done:
            try:
                await self._move_all()
            except SQLAlchemyError as error:
                _log.warning("record_backlog_waits", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def person_ready(self, person_id: str) -> None:
        """Returns when all sets of a person are in the record."""
        await self._all_moved(sets.c.person_id == person_id)

    async def sets_ready(self, set_ids: Sequence[str]) -> None:
        """Returns when these sets are in the record; sums of their people may still lack others."""
        await self._all_moved(sets.c.set_id.in_(set_ids))

    async def _all_moved(self, condition: sa.ColumnElement[bool]) -> None:
        while not self._done and await self._move(condition):
            pass

    async def _move_all(self) -> None:
        async with self._database.transaction() as session:
            if not await session.scalar(_IS_THERE):
                self._done = True
                return
            left = await session.scalar(sa.select(sa.func.count()).where(_UNMOVED)) or 0
        _log.info("record_backlog_begins", sets_left=left)
        moved, told_s = 0, time.monotonic()
        while True:
            began_s = time.monotonic()
            batch = await self._move(sa.true())
            if not batch:
                break
            moved += batch
            now_s = time.monotonic()
            if now_s - told_s >= TELL_EVERY_S:
                told_s = now_s
                _log.info("record_backlog", sets_moved=moved, sets_left=max(left - moved, 0))
            # Counting comes first: it has the database for itself half of the time.
            await asyncio.sleep(now_s - began_s)
        await self._finish()
        _log.info("record_backlog_ends", sets_moved=moved)

    async def _move(self, condition: sa.ColumnElement[bool]) -> int:
        """Moves up to SETS_AT_ONCE sets; how many there were to move."""
        unmoved = sa.select(sets.c.set_id, sets.c.person_id).where(_UNMOVED, condition)
        async with self._database.transaction() as session:
            await _patient(session)
            found = (await session.execute(unmoved.order_by(sets.c.start_time.desc()).limit(SETS_AT_ONCE))).all()
            if not found:
                return 0
            await self._keeper.take_turns(session, *{row.person_id for row in found})
            # While this waited for its turn, somebody else may have moved them.
            still = sa.select(sets.c.set_id, sets.c.gym_id, sets.c.person_id, sets.c.day).where(
                _UNMOVED, sets.c.set_id.in_([row.set_id for row in found])
            )
            rows = (await session.execute(still)).all()
            if rows:
                await session.execute(_COPY, {"set_ids": [row.set_id for row in rows]})
                await self._keeper.renew_days(session, {(row.gym_id, row.person_id, row.day) for row in rows})
        return len(found)

    async def _finish(self) -> None:
        async with self._database.transaction() as session:
            await session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            await _patient(session)
            await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '-backlog'))"))
            if await session.scalar(_IS_THERE) and not await session.scalar(sa.select(sa.exists().where(_UNMOVED))):
                for statement in _FINISH:
                    await session.execute(sa.text(statement))


async def _patient(session: AsyncSession) -> None:
    """A batch may take longer than an answer."""
    await session.execute(sa.text("SET LOCAL statement_timeout = '120s'"))
