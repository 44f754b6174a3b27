"""Years of old rows when svc_motion starts: it serves at once, every answer is whole, and a kill loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import grpc
import psycopg
import pytest
import sqlalchemy as sa

from mesh.ids import GymId, new_id
from mesh.launcher.layout import free_ports
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc, record_pb2
from spotter_cli.bench.record.fill import GYM_ID, LAST_DAY, fill
from svc_motion.events import PersonId
from svc_motion.store import sets
from tests.svc_motion.record.diary import Diary, Office, opened
from tests.svc_motion.test_service import motion_service

REPETITIONS = 8_000
_LEFT = "SELECT count(*) FROM motion.sets WHERE range_count IS NULL"
_SUMMING_UP = "relation = 'motion.daily_exercises'::regclass AND pid <> pg_backend_pid()"
_IS_THERE = "to_regclass('motion.repetitions_before') IS NOT NULL"
# What a set says of itself beside the repetitions that are stored of it, wherever they are.
_WRONG_SETS = """
SELECT count(*) FROM motion.sets s JOIN LATERAL (
    SELECT count(*) AS count, count(DISTINCT number) AS numbers, count(range_of_motion_deg) AS ranges
    FROM motion.repetitions r WHERE r.set_id = s.set_id
) AS stored ON true
WHERE (s.range_count IS NULL AND stored.count <> 0)
   OR (s.range_count IS NOT NULL AND (stored.count, stored.numbers, s.range_count)
                                     IS DISTINCT FROM (s.repetitions::bigint, stored.count, stored.ranges::integer))
"""
_SUMS = """
SELECT (SELECT count(*) FROM motion.repetitions), (SELECT sum(repetitions) FROM motion.sets),
       (SELECT sum(repetitions) FROM motion.daily_exercises), (SELECT sum(range_count) FROM motion.daily_exercises),
       (SELECT sum(sets) FROM motion.daily_exercises) - (SELECT count(*) FROM motion.sets)
"""


@pytest.fixture
def old_url(postgres_url: str) -> Iterator[str]:
    """A database of its own, with a schema from before the record."""
    name = f"old_{new_id()[:8]}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        url = f"{postgres_url.rpartition('/')[0]}/{name}"
        fill(url, "motion", REPETITIONS, lambda line: None)
        yield url
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


async def heaviest(office: Office) -> Diary:
    """Whoever has most old sets."""
    query = sa.select(sets.c.person_id).group_by(sets.c.person_id).order_by(sa.func.count().desc()).limit(1)
    async with office.database.transaction() as session:
        person_id = await session.scalar(query)
    diary = await office.new_diary(GymId(GYM_ID))
    diary.person_id = PersonId(str(person_id))
    return diary


async def answers(diary: Diary) -> list[Any]:
    """What every call that reads a person's past says."""
    who: dict[str, Any] = {"gym_id": diary.gym_id, "person_id": diary.person_id}
    record, motion = diary.stub, diary.sets
    listed = await motion.ListSets(motion_pb2.ListSetsRequest(gym_id=diary.gym_id))
    exported = record.ExportRecord(record_pb2.ExportRecordRequest(**who, format=record_pb2.EXPORT_FORMAT_CSV))
    return [
        listed,
        await diary.set(listed.sets[0].set_id),
        await motion.GetSession(motion_pb2.GetSessionRequest(**who)),
        await record.GetTrends(record_pb2.GetTrendsRequest(**who, weeks=200, as_of_day=LAST_DAY)),
        await record.GetHistory(record_pb2.GetHistoryRequest(**who)),
        await record.GetTotals(record_pb2.GetTotalsRequest(**who)),
        await record.GetStreaks(record_pb2.GetStreaksRequest(**who, as_of_day=LAST_DAY)),
        await record.ListPersonalBests(record_pb2.ListPersonalBestsRequest(**who)),
        await record.GetMuscleBalance(record_pb2.GetMuscleBalanceRequest(**who, days=366, as_of_day=LAST_DAY)),
        await record.CompareWeeks(record_pb2.CompareWeeksRequest(**who, as_of_day=LAST_DAY)),
        await record.GetCorrectionSummary(
            record_pb2.GetCorrectionSummaryRequest(gym_id=diary.gym_id, days=92, as_of_day=LAST_DAY)
        ),
        b"".join([piece.data async for piece in exported]),
    ]


async def test_answers_are_the_same_before_and_after_everything_has_moved(old_url: str, nats_url: str) -> None:
    async with opened(old_url, nats_url) as office:
        diary = await heaviest(office)
        with connected(old_url) as connection:
            total = one(connection, _LEFT)
            meanwhile = await answers(diary)
            assert 0 < one(connection, _LEFT) < total, "only what was asked for has moved"
            await office.backlog.keep()
            assert not one(connection, f"SELECT {_IS_THERE}")
            assert one(connection, _WRONG_SETS) == 0
        assert await answers(diary) == meanwhile
        assert any(point.range_of_motion_deg for trend in meanwhile[3].trends for point in trend.points)
        assert meanwhile[-1].count(b"\r\n") > meanwhile[2].session.repetition_count


async def test_a_set_that_ends_meanwhile_is_held_against_the_old_ones(old_url: str, nats_url: str) -> None:
    async with opened(old_url, nats_url) as office:
        diary = await heaviest(office)
        diary.count = 10_000
        # Everybody did 20 in a set so far: fewer are no best, and the day is the first of its kind that is this short.
        await diary.train("2026-04-20T10:00", "squat", 9, score=50)
        assert not await diary.told("personal_best_reached")
        await diary.train("2026-04-20T10:20", "squat", 31, score=50)
        told = [event.personal_best_reached for event in await diary.told("personal_best_reached")]
        assert [(best.value, best.previous_value) for best in told if best.kind == 1] == [(31.0, 20.0)]


async def test_a_move_that_is_killed_in_the_middle_goes_on_at_the_next_start(old_url: str, nats_url: str) -> None:
    port = free_ports().services["motion"]
    async with opened(old_url, nats_url) as office:
        diary = await heaviest(office)
        await office.backlog.person_ready(diary.person_id)
    asked = motion_pb2.GetSessionRequest(gym_id=GYM_ID, person_id=diary.person_id)
    with connected(old_url) as connection, connected(old_url) as blocking:
        total, left = one(connection, "SELECT count(*) FROM motion.sets"), one(connection, _LEFT)
        assert 0 < left < total
        blocking.execute("BEGIN")
        blocking.execute("LOCK TABLE motion.daily_exercises IN SHARE MODE")
        async with motion_service(nats_url, old_url, port) as process:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                session = (await motion_pb2_grpc.MotionServiceStub(channel).GetSession(asked)).session
            # A batch has copied its repetitions, and can't sum up.
            await _until(connection, f"SELECT count(*) = 1 FROM pg_locks WHERE {_SUMMING_UP} AND NOT granted")
            process.kill()
            await process.wait()
        blocking.execute("ROLLBACK")
        await _until(connection, f"SELECT count(*) = 0 FROM pg_locks WHERE {_SUMMING_UP}")
        assert one(connection, _LEFT) == left
        assert one(connection, _WRONG_SETS) == 0
        async with motion_service(nats_url, old_url, port), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await _until(connection, f"SELECT NOT ({_IS_THERE})")
            again = (await motion_pb2_grpc.MotionServiceStub(channel).GetSession(asked)).session
        of_person = f"SELECT sum(repetitions) FROM motion.sets WHERE person_id = '{diary.person_id}'"
        assert again == session and again.repetition_count == one(connection, of_person) > 0
        row = connection.execute(_SUMS.encode()).fetchone()
        assert row is not None
        stored, counted, summed, ranges, unsummed_sets = row
        assert stored == counted == summed == ranges > 0 and unsummed_sets == 0
        assert one(connection, _WRONG_SETS) == 0


async def _until(connection: psycopg.Connection, holds: str) -> None:
    async with asyncio.timeout(90):
        while True:
            if one(connection, holds):
                return
            await asyncio.sleep(0.02)
