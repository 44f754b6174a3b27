"""The outbox: an event is stored in the transaction that makes it true, and published afterwards until acknowledged.

A crash between the two loses nothing (the row is still there) and doubles nothing (the id is the message id).
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

import sqlalchemy as sa
import structlog
from nats.errors import Error as NatsError
from prometheus_client import Gauge
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import names, times
from mesh.bus import Bus
from mesh.database import Database, is_connection_error
from spotter.events.v1 import events_pb2

_log = structlog.get_logger()
_PENDING = Gauge(names.METRIC_OUTBOX_PENDING, "Events stored and not yet published.")
POLL_INTERVAL_S = 4.0
"""How often somebody looks for events that nobody spoke of."""
RETRY_INTERVAL_S = 1.0
"""The same while the bus or the database is away."""
BATCH_SIZE = 200
KEEP_PUBLISHED = timedelta(days=7)
PRUNE_EVERY_S = 600.0

metadata = sa.MetaData()
outbox_table = sa.Table(
    "outbox",
    metadata,
    sa.Column("event_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("sequence", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("event", sa.LargeBinary, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("publish_time", sa.DateTime(timezone=True)),
)


def create_outbox(operations: Any) -> None:
    """Creates the table, for a service's first migration: `create_outbox(op)`."""
    operations.create_table(
        outbox_table.name,
        *(column._copy() for column in outbox_table.columns if column.name != "sequence"),
        sa.Column("sequence", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    )
    operations.create_index(
        "outbox_pending", outbox_table.name, ["sequence"], postgresql_where=sa.text("publish_time IS NULL")
    )


class Outbox:
    """One service's outbox: while entered, a task publishes what is pending.

    Use as `async with Outbox(database, bus)`.
    """

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._publishing = asyncio.Lock()
        self._pruned_s = 0.0

    async def add(self, session: AsyncSession, subject: str, event: events_pb2.Event) -> bool:
        """Stores an event in the caller's transaction; False where its id was stored before."""
        statement = (
            insert(outbox_table)
            .values(event_id=event.meta.event_id, subject=subject, event=event.SerializeToString())
            .on_conflict_do_nothing(index_elements=["event_id"])
            .returning(outbox_table.c.event_id)
        )
        return (await session.execute(statement)).first() is not None

    def notify(self) -> None:
        """Says that a transaction with events has been committed, so that they go out at once."""
        self._wake.set()

    async def flush(self) -> None:
        """Returns when nothing is pending. Raises TimeoutError, NatsError or OperationalError where that can't be."""
        while await self._publish_batch():
            pass

    async def __aenter__(self) -> Outbox:
        self._task = asyncio.create_task(self._run(), name="outbox")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            woken, interval_s = self._wake.is_set(), POLL_INTERVAL_S
            self._wake.clear()
            try:
                # What nobody spoke of is rare (left by a crash or a lost server): a count is cheaper than a batch.
                if woken or await self._count_pending():
                    await self.flush()
                    await self._count_pending()
                await self._prune()
            except (NatsError, TimeoutError, OSError) as error:
                _log.info("outbox_waits", error=type(error).__name__)
                interval_s = RETRY_INTERVAL_S
                await asyncio.sleep(0.2)
            except sa.exc.SQLAlchemyError as error:
                if not is_connection_error(error):
                    _log.error("outbox_failed", exc_info=error)
                interval_s = RETRY_INTERVAL_S
                await asyncio.sleep(0.2)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), interval_s)

    async def _publish_batch(self) -> bool:
        """Publishes the oldest pending events in order; True where there may be more."""
        async with self._publishing, self._database.transaction() as session:
            # One publisher a schema at a time keeps the order; a second replica waits its turn.
            await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '-outbox'))"))
            table = outbox_table
            pending = (
                sa.select(table).where(table.c.publish_time.is_(None)).order_by(table.c.sequence).limit(BATCH_SIZE)
            )
            rows = (await session.execute(pending)).all()
            for row in rows:
                event = events_pb2.Event.FromString(row.event)
                event.meta.publish_time.CopyFrom(times.to_timestamp(times.now_ns()))
                await self._bus.publish(row.subject, event)
            if rows:
                published = table.c.event_id.in_([row.event_id for row in rows])
                values = {"publish_time": sa.func.clock_timestamp()}
                await session.execute(sa.update(table).where(published).values(values))
            return len(rows) == BATCH_SIZE

    async def _count_pending(self) -> int:
        """How much waits, told to the metric too; over the partial index."""
        pending = sa.select(sa.func.count()).select_from(outbox_table).where(outbox_table.c.publish_time.is_(None))
        async with self._database.transaction() as session:
            count = int((await session.execute(pending)).scalar_one())
        _PENDING.set(count)
        return count

    async def _prune(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._pruned_s < PRUNE_EVERY_S:
            return
        self._pruned_s = now_s
        async with self._database.transaction() as session:
            old = datetime.now(UTC) - KEEP_PUBLISHED
            await session.execute(sa.delete(outbox_table).where(outbox_table.c.publish_time < old))
