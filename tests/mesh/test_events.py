"""Bus and outbox together: nothing lost, nothing doubled, in order, over a real NATS and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from nats.js.errors import BadRequestError

from mesh import names
from mesh.bus import Bus
from mesh.database import Database
from mesh.ids import new_id
from mesh.outbox import Outbox, outbox_table
from mesh.settings import MeshSettings
from spotter.events.v1 import events_pb2

MIGRATION = """
from alembic import op
from mesh.outbox import create_outbox
revision = "0001"
down_revision = None
def upgrade():
    create_outbox(op)
"""


@pytest.fixture
def settings(nats_url: str, postgres_url: str) -> MeshSettings:
    return MeshSettings(nats_url=nats_url, database_url=postgres_url)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001_outbox.py").write_text(MIGRATION)
    return tmp_path


def an_event(number: int = 1) -> events_pb2.Event:
    meta = events_pb2.EventMeta(event_id=new_id(), gym_id="gym")
    return events_pb2.Event(meta=meta, repetition_counted=events_pb2.RepetitionCounted(number=number))


async def gather(bus: Bus, subject: str, count: int, after: int = 0) -> list[events_pb2.Event]:
    found: list[events_pb2.Event] = []
    async with asyncio.timeout(10):
        async for stored in bus.replay(subject, after):
            found.append(stored.event)
            if len(found) == count:
                break
    return found


def subject_of(gym_id: str) -> str:
    return names.event_subject(gym_id, "motion", "repetition_counted", "p")


async def test_an_event_published_twice_is_delivered_once(settings):
    gym_id, event, last = new_id(), an_event(), an_event(2)
    async with Bus(settings, "test") as bus:
        for published in (event, event, last):
            await bus.publish(subject_of(gym_id), published)
        found = await gather(bus, f"spotter.{gym_id}.motion.>", 2)
    assert [one.meta.event_id for one in found] == [event.meta.event_id, last.meta.event_id]


async def test_a_handler_that_fails_gets_the_event_again(settings):
    gym_id, event, tries = new_id(), an_event(), []
    done = asyncio.Event()

    async def handle(received: events_pb2.Event) -> None:
        tries.append(received.meta.event_id)
        if len(tries) < 3:
            raise RuntimeError("not yet")
        done.set()

    async with Bus(settings, "test") as bus:
        bus.consume(f"test-{gym_id}", f"spotter.{gym_id}.motion.>", handle)
        await bus.publish(subject_of(gym_id), event)
        await asyncio.wait_for(done.wait(), 10)
    assert tries == [event.meta.event_id] * 3


async def test_a_replay_goes_on_after_the_place_it_is_given(settings):
    gym_id = new_id()
    async with Bus(settings, "test") as bus:
        sent = [an_event(number) for number in range(1, 6)]
        for event in sent:
            await bus.publish(subject_of(gym_id), event)
        last = await bus.last_sequence()
        assert [e.repetition_counted.number for e in await gather(bus, f"spotter.{gym_id}.motion.>", 2, last - 2)] == [
            4,
            5,
        ]


async def test_a_subject_that_nothing_keeps_is_refused(settings):
    async with Bus(settings, "test") as bus:
        with pytest.raises(BadRequestError):
            await gather(bus, names.live_subject("gym", "p"), 1)


async def test_live_events_reach_listeners_and_are_not_kept(settings):
    gym_id, event = new_id(), an_event()
    async with Bus(settings, "test") as bus:
        before = await bus.last_sequence()
        heard = asyncio.create_task(anext(bus.listen(names.live_subject(gym_id, "*"))))
        await asyncio.sleep(0.1)
        await bus.publish_live(names.live_subject(gym_id, "p"), event)
        assert (await asyncio.wait_for(heard, 5)).meta.event_id == event.meta.event_id
        assert await bus.last_sequence() == before


async def test_only_what_is_committed_is_told_in_order_and_once(settings, migrations):
    gym_id, schema = new_id(), f"test_{new_id()[:8]}"
    async with Database(settings, schema, migrations) as database, Bus(settings, "test") as bus:
        async with Outbox(database, bus) as outbox:
            sent = [an_event(number) for number in range(1, 8)]
            for event in sent:
                async with database.transaction() as session:
                    assert await outbox.add(session, subject_of(gym_id), event)
                    assert not await outbox.add(session, subject_of(gym_id), event)
            with pytest.raises(RuntimeError, match="rolled back"):
                async with database.transaction() as session:
                    await outbox.add(session, subject_of(gym_id), an_event(99))
                    raise RuntimeError("rolled back")
            outbox.notify()
            await outbox.flush()
        found = await gather(bus, f"spotter.{gym_id}.motion.>", len(sent))
        assert [event.repetition_counted.number for event in found] == list(range(1, 8))
        async with database.transaction() as session:
            pending = sa.select(sa.func.count()).where(outbox_table.c.publish_time.is_(None))
            assert (await session.execute(pending)).scalar() == 0


async def test_what_was_published_before_a_crash_is_not_doubled_after_it(settings, migrations):
    gym_id, schema, event = new_id(), f"test_{new_id()[:8]}", an_event()
    async with Database(settings, schema, migrations) as database, Bus(settings, "test") as bus:
        outbox = Outbox(database, bus)
        async with database.transaction() as session:
            await outbox.add(session, subject_of(gym_id), event)
        # The crash came between the acknowledgement and the note of it in the database.
        await bus.publish(subject_of(gym_id), event)
        async with Outbox(database, bus) as restarted:
            await restarted.flush()
        await bus.publish(subject_of(gym_id), an_event(2))
        found = await gather(bus, f"spotter.{gym_id}.motion.>", 2)
    assert [e.repetition_counted.number for e in found] == [1, 2]
