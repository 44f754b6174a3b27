"""What was said and what is remembered, in PostgreSQL. What is said is stored with its event, once for each cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from mesh.database import Database
from mesh.ids import GymId, PersonId, derived_id
from mesh.outbox import Outbox
from spotter.events.v1 import events_pb2
from svc_coach import messages
from svc_coach.policy import Decision, PersonState

metadata = sa.MetaData()
guidance = sa.Table(
    "guidance",
    metadata,
    sa.Column("guidance_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("gym_id", sa.Text),
    sa.Column("person_id", sa.Uuid(as_uuid=False)),
    sa.Column("text", sa.Text),
    sa.Column("kind", sa.SmallInteger),
    sa.Column("exercise", sa.Text),
    sa.Column("fault", sa.Text),
    sa.Column("severity", sa.SmallInteger),
    sa.Column("personalised", sa.Boolean),
    sa.Column("said", sa.Boolean),
    sa.Column("create_time", sa.DateTime(timezone=True)),
    sa.Column("cause_event_id", sa.Uuid(as_uuid=False)),
    sa.Column("cause_meta", sa.LargeBinary),
)
person_state = sa.Table(
    "person_state",
    metadata,
    sa.Column("gym_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("state", JSONB),
)
handled_events = sa.Table(
    "handled_events",
    metadata,
    sa.Column("event_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("handle_time", sa.DateTime(timezone=True)),
)
# Longer than JetStream keeps events, so that none can come again.
KEEP_HANDLED = timedelta(days=8)


@dataclass(frozen=True)
class Draft:
    """A decision and the template's wording."""

    decision: Decision
    text: str


class CoachStore:
    """Reads and writes of the coach schema."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def handle(
        self,
        person_id: PersonId,
        cause: events_pb2.EventMeta,
        decide: Callable[[PersonState], Draft | None],
        said: bool,
    ) -> tuple[str, Draft] | None:
        """Lets `decide` change a person's state and stores both with what it wants said, once for each event.

        Returns the guidance's id and the draft, None where nothing is said. With `said` the event goes out with it,
        otherwise `say` must follow.
        """
        async with self._database.transaction() as session:
            if not await _first_time(session, cause.event_id):
                return None
            state = await _lock_state(session, GymId(cause.gym_id), person_id)
            draft = decide(state)
            await session.execute(
                sa.update(person_state)
                .where(person_state.c.gym_id == cause.gym_id, person_state.c.person_id == person_id)
                .values(state=state.to_json())
            )
            if draft is None:
                return None
            row = _row(person_id, cause, draft, said)
            await session.execute(insert(guidance).values(row))
            if said:
                await self._tell(session, row)
        self._outbox.notify()
        return row["guidance_id"], draft

    async def say(self, guidance_id: str, text: str | None) -> None:
        """Says what was decided, in these words or, for None, in the template's. Once, however often it is called.

        What was decided before an alert about the person is never said after it.
        """
        changed: dict[str, Any] = {"said": True, "create_time": datetime.now(UTC)}
        if text is not None:
            changed |= {"text": text, "personalised": True}
        async with self._database.transaction() as session:
            if await _may_need_help(session, guidance_id):
                unsaid = guidance.c.guidance_id == guidance_id, guidance.c.said.is_(False)
                await session.execute(sa.delete(guidance).where(*unsaid))
                return
            statement = (
                sa.update(guidance)
                .where(guidance.c.guidance_id == guidance_id, guidance.c.said.is_(False))
                .values(changed)
                .returning(guidance)
            )
            row = (await session.execute(statement)).mappings().first()
            if row is not None:
                await self._tell(session, row)
        self._outbox.notify()

    async def unsaid(self) -> Sequence[str]:
        """Ids of what was decided and not said, oldest first."""
        query = sa.select(guidance.c.guidance_id).where(guidance.c.said.is_(False)).order_by(guidance.c.create_time)
        async with self._database.transaction() as session:
            return (await session.execute(query)).scalars().all()

    async def prune(self) -> None:
        """Forgets events that can't come again."""
        async with self._database.transaction() as session:
            old = datetime.now(UTC) - KEEP_HANDLED
            await session.execute(sa.delete(handled_events).where(handled_events.c.handle_time < old))

    async def list(
        self, gym_id: GymId, person_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Any]:
        """Rows of what was said to a person, newest first, beginning after a (create time, guidance id)."""
        query = sa.select(guidance).where(
            guidance.c.gym_id == gym_id, guidance.c.person_id == person_id, guidance.c.said
        )
        if after is not None:
            position = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid(as_uuid=False)))
            query = query.where(sa.tuple_(guidance.c.create_time, guidance.c.guidance_id) < position)
        query = query.order_by(guidance.c.create_time.desc(), guidance.c.guidance_id.desc()).limit(limit)
        async with self._database.transaction() as session:
            return (await session.execute(query)).all()

    async def _tell(self, session: AsyncSession, row: Any) -> None:
        body = events_pb2.GuidanceGiven(
            person_id=row["person_id"],
            text=row["text"],
            kind=row["kind"],
            exercise=row["exercise"],
            fault=row["fault"],
            severity=row["severity"],
            personalised=row["personalised"],
        )
        cause = events_pb2.EventMeta.FromString(row["cause_meta"])
        await self._outbox.add(session, *messages.guidance_given(GymId(row["gym_id"]), body, cause))


async def _first_time(session: AsyncSession, event_id: str) -> bool:
    statement = insert(handled_events).values(event_id=event_id).on_conflict_do_nothing()
    return (await session.execute(statement.returning(handled_events.c.event_id))).first() is not None


async def _lock_state(session: AsyncSession, gym_id: GymId, person_id: PersonId) -> PersonState:
    empty = {"gym_id": gym_id, "person_id": person_id, "state": PersonState().to_json()}
    await session.execute(insert(person_state).values(empty).on_conflict_do_nothing())
    query = sa.select(person_state.c.state).where(
        person_state.c.gym_id == gym_id, person_state.c.person_id == person_id
    )
    return PersonState.from_json((await session.execute(query.with_for_update())).scalar_one())


async def _may_need_help(session: AsyncSession, guidance_id: str) -> bool:
    """Whether an alert is open about the person to whom this is to be said; holds alerts off until it is."""
    of_person = sa.and_(
        person_state.c.gym_id == guidance.c.gym_id,
        person_state.c.person_id == guidance.c.person_id,
        guidance.c.guidance_id == guidance_id,
    )
    query = sa.select(person_state.c.state).where(of_person).with_for_update(of=person_state)
    stored = (await session.execute(query)).scalar_one_or_none()
    return stored is not None and bool(PersonState.from_json(stored).open_alerts)


def _row(person_id: PersonId, cause: events_pb2.EventMeta, draft: Draft, said: bool) -> dict[str, Any]:
    return {
        "guidance_id": derived_id("guidance", cause.event_id),
        "gym_id": cause.gym_id,
        "person_id": person_id,
        "text": draft.text,
        "kind": int(draft.decision.kind),
        "exercise": draft.decision.exercise,
        "fault": draft.decision.fault,
        "severity": int(draft.decision.severity),
        "personalised": False,
        "said": said,
        "create_time": datetime.now(UTC),
        "cause_event_id": cause.event_id,
        "cause_meta": cause.SerializeToString(),
    }
