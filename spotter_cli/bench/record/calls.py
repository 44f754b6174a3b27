"""Every call of the record's API, and of sets and sessions, as a client makes it; and the queries behind them."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from google.protobuf.field_mask_pb2 import FieldMask

from mesh.database import Database
from mesh.ids import GymId, new_id
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc, record_pb2, record_pb2_grpc
from spotter_cli.bench.record.fill import DAYS, GYM_ID, LAST_DAY
from svc_motion.record.store import RecordStore
from svc_motion.session import SessionStore
from svc_motion.store import MotionStore

GYM = GymId(GYM_ID)
TODAY = date.fromisoformat(LAST_DAY)
WARM_UP = 5
"""Calls before the time of one counts."""


@dataclass(frozen=True)
class Sample:
    """Somebody to ask about: the heaviest users are the worst case."""

    person_id: str
    set_id: str
    set_start: datetime


@dataclass(frozen=True)
class Call:
    """One call: what is asked, and of whom."""

    name: str
    make: Callable[[Sample, random.Random], Awaitable[Any]]


def calls(motion: motion_pb2_grpc.MotionServiceStub, record: record_pb2_grpc.RecordServiceStub) -> list[Call]:
    """Every unary call, with the requests that cost most."""

    def of(kind: Callable[..., Any], sample: Sample, **more: object) -> Any:
        return kind(gym_id=GYM_ID, person_id=sample.person_id, **more)

    without_sets = FieldMask(paths=["day", "set_count", "repetition_count"])
    today = LAST_DAY
    pb = record_pb2
    return [
        Call("GetHistory, 50 days with their sets", lambda s, _: record.GetHistory(of(pb.GetHistoryRequest, s))),
        Call(
            "GetHistory, as many days with their sets as there are in a page",
            lambda s, _: record.GetHistory(of(pb.GetHistoryRequest, s, page_size=200)),
        ),
        Call(
            "GetHistory, 200 days without sets (read_mask)",
            lambda s, _: record.GetHistory(of(pb.GetHistoryRequest, s, page_size=200, read_mask=without_sets)),
        ),
        Call(
            "GetHistory, a page two years back",
            lambda s, r: record.GetHistory(of(pb.GetHistoryRequest, s, page_size=20, end_day=_day_before(r))),
        ),
        Call("GetTotals, everything", lambda s, _: record.GetTotals(of(pb.GetTotalsRequest, s))),
        Call("GetStreaks", lambda s, _: record.GetStreaks(of(pb.GetStreaksRequest, s, as_of_day=today))),
        Call("ListPersonalBests", lambda s, _: record.ListPersonalBests(of(pb.ListPersonalBestsRequest, s))),
        Call(
            "GetTrends, all exercises, 156 weeks",
            lambda s, _: record.GetTrends(of(pb.GetTrendsRequest, s, weeks=156, as_of_day=today)),
        ),
        Call(
            "GetMuscleBalance, a year",
            lambda s, _: record.GetMuscleBalance(of(pb.GetMuscleBalanceRequest, s, days=366, as_of_day=today)),
        ),
        Call("CompareWeeks", lambda s, _: record.CompareWeeks(of(pb.CompareWeeksRequest, s, as_of_day=today))),
        Call("CorrectSet", lambda s, r: record.CorrectSet(_correction(s, r))),
        Call(
            "ListCorrections, of the gym", lambda s, _: record.ListCorrections(pb.ListCorrectionsRequest(gym_id=GYM_ID))
        ),
        Call("ListCorrections, of a person", lambda s, _: record.ListCorrections(of(pb.ListCorrectionsRequest, s))),
        Call(
            "GetCorrectionSummary, of the gym, 92 days",
            lambda s, r: record.GetCorrectionSummary(
                pb.GetCorrectionSummaryRequest(gym_id=GYM_ID, days=92, as_of_day=_day_before(r))
            ),
        ),
        Call("GetSet, with repetitions", lambda s, _: motion.GetSet(_get_set(s))),
        Call("GetSession, its first 200 sets", lambda s, _: motion.GetSession(of(motion_pb2.GetSessionRequest, s))),
        Call(
            "ListSets, 200 of a person", lambda s, _: motion.ListSets(of(motion_pb2.ListSetsRequest, s, page_size=200))
        ),
        Call("ListSets, of the gym", lambda s, _: motion.ListSets(motion_pb2.ListSetsRequest(gym_id=GYM_ID))),
        Call("ListSets, of a camera", lambda s, r: motion.ListSets(_sets_of_camera(f"cam-{r.randrange(12)}"))),
        Call("ListSets, of a camera that saw nobody", lambda s, _: motion.ListSets(_sets_of_camera("cam-none"))),
        Call("ExportRecord, first piece", lambda s, _: _first_piece(record, s)),
    ]


def queries(database: Database, sample: Sample) -> list[tuple[str, Callable[[], Awaitable[Any]]]]:
    """What the calls ask the database, one by one, for plans."""
    record, store, person = RecordStore(database), MotionStore(database), sample.person_id
    sessions = SessionStore(database)
    first = TODAY - timedelta(days=60)
    return [
        ("person is known", lambda: store.is_followed(GYM, person)),
        ("days of a history page", lambda: record.days(GYM, person, None, None, 51)),
        ("exercises of its days", lambda: record.exercises_of_days(GYM, person, first, TODAY)),
        ("sets of its days", lambda: record.sets_of_days(GYM, person, first, TODAY)),
        ("totals by exercise", lambda: record.totals(GYM, person, None, None)),
        ("faults by exercise", lambda: record.faults(GYM, person, None, None)),
        ("all days (streaks)", lambda: record.all_days(GYM, person)),
        ("personal bests", lambda: record.bests(GYM, person, "")),
        ("weeks (trends)", lambda: record.weeks(GYM, person, "", TODAY - timedelta(days=DAYS), TODAY)),
        ("corrections of the gym", lambda: record.corrections(GYM, "", None, 51)),
        ("corrections of a person", lambda: record.corrections(GYM, person, None, 51)),
        ("summary of corrections", lambda: record.correction_summary(GYM, "", TODAY - timedelta(days=91), TODAY)),
        ("sets of an export", lambda: record.export_sets(GYM, person, None, None, None, 200)),
        ("a set and its repetitions", lambda: store.get_set(GYM, sample.set_id)),
        ("totals of a session", lambda: sessions.totals(GYM, person)),
        ("sets of a session", lambda: sessions.page(GYM, person, None, 201)),
        ("resuming a person", lambda: store.resume(person)),  # type: ignore[arg-type]
        ("sets of the gym", lambda: store.list_sets(GYM, "", "", None, 51)),
        ("sets of a camera", lambda: store.list_sets(GYM, "", "cam-3", None, 51)),
        ("sets of a camera that saw nobody", lambda: store.list_sets(GYM, "", "cam-none", None, 51)),
    ]


async def samples(database: Database, count: int) -> list[Sample]:
    """The people with most sets, each with one set somewhere in their record."""
    query = sa.text(
        "SELECT person_id::text, (array_agg(set_id::text ORDER BY start_time))[1 + count(*) / 2], "
        "(array_agg(start_time ORDER BY start_time))[1 + count(*) / 2] "
        "FROM sets GROUP BY person_id ORDER BY count(*) DESC LIMIT :count"
    )
    async with database.transaction() as session:
        await session.execute(sa.text("SET LOCAL statement_timeout = '120s'"))
        return [Sample(*row) for row in (await session.execute(query, {"count": count})).all()]


@asynccontextmanager
async def statements(database: Database) -> AsyncIterator[list[tuple[str, Any]]]:
    """The statements that are sent while the block runs, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        sent.append((statement, parameters))

    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine.sync_engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class Query:
    """One statement that a call sends."""

    name: str
    statement: str
    plan: str
    """EXPLAIN ANALYZE of the first run, when nothing of it may be in memory yet."""
    taken_ms: list[float]
    """Planning and running it, by PostgreSQL's own clock, in order."""


async def plans(database: Database, people: list[Sample], times: int) -> list[Query]:
    """Every query, explained and timed, each time about another of these people."""
    found = []
    for number, (name, _) in enumerate(queries(database, people[0])):
        plan, statement, taken = "", "", []
        for turn in range(times):
            async with statements(database) as sent:
                await queries(database, people[turn % len(people)])[number][1]()
            # Where a call sends several, the last reads most.
            statement, parameters = sent[-1]
            async with database.engine.connect() as connection:
                explain = f"EXPLAIN (ANALYZE, BUFFERS) {statement}"
                rows = [str(row[0]) for row in (await connection.exec_driver_sql(explain, parameters)).all()]
            plan = plan or "\n".join(rows)
            taken.append(sum(float(row.split()[2]) for row in rows if row.endswith(" ms") and "Time:" in row))
        found.append(Query(name, statement, plan, sorted(taken)))
    return found


async def timed(call: Call, people: list[Sample], times: int, rng: random.Random) -> list[float]:
    """Milliseconds of a call as a client sees it, in order; after a few that aren't counted."""
    taken = []
    for number in range(times + WARM_UP):
        began_s = time.perf_counter()
        await call.make(people[number % len(people)], rng)
        if number >= WARM_UP:
            taken.append((time.perf_counter() - began_s) * 1000)
    return sorted(taken)


def _day_before(rng: random.Random) -> str:
    return (TODAY - timedelta(days=rng.randrange(DAYS * 2 // 3))).isoformat()


def _correction(sample: Sample, rng: random.Random) -> record_pb2.CorrectSetRequest:
    amount = {"exercise": "squat", "repetition_count": rng.randrange(10, 30)}
    return record_pb2.CorrectSetRequest(
        gym_id=GYM_ID,
        set_id=sample.set_id,
        corrected_by=record_pb2.CORRECTED_BY_STAFF,
        request_id=new_id(),
        **amount,  # type: ignore[arg-type]
    )


def _get_set(sample: Sample) -> motion_pb2.GetSetRequest:
    return motion_pb2.GetSetRequest(gym_id=GYM_ID, set_id=sample.set_id)


def _sets_of_camera(camera_id: str) -> motion_pb2.ListSetsRequest:
    return motion_pb2.ListSetsRequest(gym_id=GYM_ID, camera_id=camera_id)


async def _first_piece(record: record_pb2_grpc.RecordServiceStub, sample: Sample) -> None:
    request = record_pb2.ExportRecordRequest(
        gym_id=GYM_ID, person_id=sample.person_id, format=record_pb2.EXPORT_FORMAT_CSV
    )
    stream = record.ExportRecord(request)
    async for piece in stream:
        if piece.data:
            break
    stream.cancel()
