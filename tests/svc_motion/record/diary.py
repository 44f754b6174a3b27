"""A record to test with: real PostgreSQL, the real servicer behind real gRPC, and sets as counting stores them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import grpc
import sqlalchemy as sa

import svc_motion
from mesh.bus import Bus
from mesh.database import Database
from mesh.ids import CameraId, GymId, new_id
from mesh.interceptors import CallInterceptor
from mesh.outbox import Outbox, outbox_table
from mesh.server import Drain
from mesh.settings import MeshSettings
from spotter.events.v1 import events_pb2
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc, record_pb2_grpc
from svc_motion.events import PersonId, RepetitionCounted, RepetitionTempo, SetClosed, SetOpened, SetRecord
from svc_motion.follower import Follower
from svc_motion.library import load_library
from svc_motion.messages import Moment, set_id_of
from svc_motion.record.backlog import Backlog
from svc_motion.record.correcting import Corrector
from svc_motion.record.keeper import RecordKeeper
from svc_motion.record.service import RecordServicer
from svc_motion.record.store import RecordStore
from svc_motion.recorder import Recorder
from svc_motion.service import MotionServicer
from svc_motion.session import SessionStore
from svc_motion.store import MotionStore, sets

MIGRATIONS = Path(svc_motion.__file__).parent / "migrations"
NS = 1_000_000_000
SECONDS_A_REPETITION = 3
_REPEAT = sa.text(
    """
    INSERT INTO sets
    SELECT (jsonb_populate_record(s, jsonb_build_object(
        'set_id', gen_random_uuid(), 'number', 1000 * s.number + n,
        'start_time', s.start_time + make_interval(mins => n), 'end_time', s.end_time + make_interval(mins => n)
    ))).* FROM sets s, generate_series(1, :count) AS n WHERE s.set_id = CAST(:set_id AS uuid)
    """
)


def at(text: str) -> int:
    """Capture time of a moment in UTC, ns."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


@dataclass
class Diary:
    """One person's record, written as svc_motion writes it."""

    database: Database
    recorder: Recorder
    keeper: RecordKeeper
    store: MotionStore
    stub: record_pb2_grpc.RecordServiceStub
    sets: motion_pb2_grpc.MotionServiceStub
    gym_id: GymId = field(default_factory=lambda: GymId(f"gym-{new_id()[:8]}"))
    person_id: PersonId = field(default_factory=lambda: PersonId(new_id()))
    count: int = 0

    async def arrive(self) -> None:
        """The person is seen."""
        await self.store.follow(self.gym_id, self.person_id, 0)

    def moment(self, time_ns: int) -> Moment:
        return Moment(self.gym_id, self.person_id, CameraId("front"), time_ns, time_ns)

    def events(
        self, start_ns: int, exercise: str, repetitions: int, *, score: int, hold_s: float, range_deg: float | None
    ) -> list[SetOpened | RepetitionCounted | SetClosed]:
        """What counting tells of a whole set."""
        self.count += 1
        step_ns = SECONDS_A_REPETITION * NS
        counted = [
            RepetitionCounted(
                start_ns,
                number,
                start_ns + (number - 1) * step_ns,
                start_ns + number * step_ns,
                range_deg,
                RepetitionTempo(1.0, 1.0, 0.5),
                score,
                (),
                (),
                False,
            )
            for number in range(1, repetitions + 1)
        ]
        end_ns = start_ns + max(repetitions * step_ns, int(hold_s * NS))
        closed = SetClosed(start_ns, end_ns, exercise, repetitions, repetitions, hold_s, score, {"shallow": 1})
        return [SetOpened(start_ns, self.count, exercise), *counted, closed]

    async def train(
        self,
        when: str | int,
        exercise: str,
        repetitions: int = 0,
        *,
        score: int = 80,
        hold_s: float = 0.0,
        range_deg: float | None = 90.0,
    ) -> str:
        """One whole set; its id."""
        start_ns = at(when) if isinstance(when, str) else when
        events = self.events(start_ns, exercise, repetitions, score=score, hold_s=hold_s, range_deg=range_deg)
        await self.recorder.record(self.moment(start_ns), None, events, None)
        return set_id_of(self.moment(start_ns), start_ns)

    async def begin(self, when: str, exercise: str) -> str:
        """A set that is still open."""
        self.count += 1
        start_ns = at(when)
        record = SetRecord(start_ns, self.count, exercise, 0, 0, start_ns)
        opened = SetOpened(start_ns, self.count, exercise)
        await self.recorder.record(self.moment(start_ns), None, [opened], record)
        return set_id_of(self.moment(start_ns), start_ns)

    async def repeat(self, set_id: str, count: int) -> None:
        """So many further sets like this one, a minute apart, without repetitions."""
        async with self.database.transaction() as session:
            await session.execute(_REPEAT, {"set_id": set_id, "count": count})
            row = (await session.execute(sa.select(sets).where(sets.c.set_id == set_id))).one()
            await self.keeper.renew_day(session, self.gym_id, self.person_id, row.day)

    async def told(self, kind: str) -> list[events_pb2.Event]:
        """Events of one kind in the outbox, in order."""
        query = sa.select(outbox_table.c.event).where(outbox_table.c.subject.contains(self.gym_id))
        async with self.database.transaction() as session:
            rows = (await session.scalars(query.order_by(outbox_table.c.sequence))).all()
        events = [events_pb2.Event.FromString(row) for row in rows]
        return [event for event in events if event.HasField(kind)]  # type: ignore[arg-type]

    async def set(self, set_id: str) -> motion_pb2.Set:
        """A set as it is told."""
        return (await self.sets.GetSet(motion_pb2.GetSetRequest(gym_id=self.gym_id, set_id=set_id))).set


@dataclass(frozen=True)
class Office:
    """The record's servicer on a real database; everybody in it is somebody else."""

    database: Database
    outbox: Outbox
    address: str
    channel: grpc.aio.Channel
    keeper: RecordKeeper
    backlog: Backlog

    async def new_diary(self, gym_id: GymId | None = None) -> Diary:
        """The record of somebody new, in a gym of their own where none is named."""
        store = MotionStore(self.database)
        diary = Diary(
            self.database,
            Recorder(self.database, store, self.outbox, self.keeper, self.backlog),
            self.keeper,
            store,
            record_pb2_grpc.RecordServiceStub(self.channel),
            motion_pb2_grpc.MotionServiceStub(self.channel),
        )
        diary.gym_id = gym_id or diary.gym_id
        await diary.arrive()
        return diary


@asynccontextmanager
async def opened(postgres_url: str, nats_url: str, zone: str = "UTC") -> AsyncIterator[Office]:
    """The servicers of svc_motion that only read and correct, behind real gRPC."""
    settings = MeshSettings(database_url=postgres_url, nats_url=nats_url)
    library = load_library()
    async with Database(settings, "motion", MIGRATIONS) as database, Bus(settings, "test") as bus:
        # Nobody publishes: what was told stays in the outbox, where tests read it.
        outbox = Outbox(database, bus)
        store, keeper = MotionStore(database), RecordKeeper(ZoneInfo(zone))
        backlog = Backlog(database, keeper)
        corrector = Corrector(database, outbox, keeper, library)
        server = grpc.aio.server(interceptors=[CallInterceptor("motion", settings)])
        servicer = RecordServicer(library, store, RecordStore(database), corrector, keeper, backlog)
        record_pb2_grpc.add_RecordServiceServicer_to_server(servicer, server)
        motion = MotionServicer(
            library, store, SessionStore(database), backlog, _follows_nobody, outbox.flush, Drain(), 1
        )
        motion_pb2_grpc.add_MotionServiceServicer_to_server(motion, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Office(database, outbox, f"127.0.0.1:{port}", channel, keeper, backlog)
        await server.stop(0)


def _follows_nobody(gym_id: GymId) -> Follower:
    raise AssertionError("nobody is followed here")
