"""Partitions of the repetitions: one for each month (UTC), made ahead of time."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import times
from mesh.database import Database

_log = structlog.get_logger()
MONTHS_AHEAD = 2
LOOK_EVERY_S = 12 * 3600.0
RETRY_S = 60.0
_EXISTING = sa.text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'repetitions'::regclass")
_IN_DEFAULT = sa.text(
    "SELECT DISTINCT date_trunc('month', set_start_time AT TIME ZONE 'UTC')::date FROM repetitions_default"
)
# Whoever waits for a lock holds up those behind: better to try again later than to keep sets from being stored.
_LIMITS = ("SET LOCAL lock_timeout = '2s'", "SET LOCAL statement_timeout = '120s'")


class Partitions:
    """Keeps a partition ready for this month and the next ones, and gives months that came unexpectedly (films of
    long ago) a partition of their own: until then their repetitions are in `repetitions_default`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self) -> None:
        """Looks twice a day, until cancelled. Counting goes on where this fails: the default partition takes all."""
        while True:
            try:
                await self.make(times.to_datetime(times.now_ns()).date())
                await asyncio.sleep(LOOK_EVERY_S)
            except SQLAlchemyError as error:
                _log.warning("partitions_wait", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def make(self, today: date) -> list[str]:
        """Makes the partitions that are missing, each in a transaction of its own; returns their names.

        Raises SQLAlchemyError where the server is away or a lock isn't to be had within 2 s.
        """
        async with self._database.transaction() as session:
            there = {name.split(".")[-1] for name in (await session.scalars(_EXISTING)).all()}
            unexpected = (await session.scalars(_IN_DEFAULT)).all()
        wanted = [*unexpected, *(_month_after(today.replace(day=1), ahead) for ahead in range(MONTHS_AHEAD + 1))]
        made = []
        for month in sorted(set(wanted)):
            if name_of(month) not in there:
                async with self._database.transaction() as session:
                    await _make(session, month)
                made.append(name_of(month))
        if made:
            _log.info("partitions_made", partitions=made)
        return made


def name_of(month: date) -> str:
    """Name of a month's partition."""
    return f"repetitions_{month:%Y_%m}"


def _month_after(month: date, count: int) -> date:
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


async def _make(session: AsyncSession, month: date) -> None:
    """A partition, with what the default partition has of its month."""
    name = name_of(month)
    start, end = (datetime(at.year, at.month, 1, tzinfo=UTC).isoformat() for at in (month, _month_after(month, 1)))
    for limit in _LIMITS:
        await session.execute(sa.text(limit))
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '-partitions'))"))
    if (await session.scalar(sa.text("SELECT to_regclass(:name)"), {"name": name})) is not None:
        return
    await session.execute(sa.text(f"CREATE TABLE {name} (LIKE repetitions INCLUDING ALL)"))
    await session.execute(
        sa.text(
            "WITH moved AS (DELETE FROM repetitions_default WHERE set_start_time >= CAST(:start AS timestamptz) "
            f"AND set_start_time < CAST(:end AS timestamptz) RETURNING *) INSERT INTO {name} SELECT * FROM moved"
        ),
        {"start": start, "end": end},
    )
    attach = f"ALTER TABLE repetitions ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')"
    # A colon in a time isn't a parameter.
    await session.execute(sa.text(attach.replace(":", r"\:")))
