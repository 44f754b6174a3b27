"""From the first schema with rows in it to the record, in a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest

from mesh import migrations
from mesh.database import Database
from mesh.ids import new_id
from mesh.settings import MeshSettings
from svc_motion.record.backlog import Backlog
from svc_motion.record.keeper import RecordKeeper
from svc_motion.record.partitions import Partitions, name_of
from tests.svc_motion.record.diary import MIGRATIONS

PERSON, SET, HELD, OPEN = (new_id() for _ in range(4))
_SET = """
INSERT INTO sets (set_id, gym_id, person_id, number, exercise, camera_ids, open, start_time, end_time, repetitions,
                  full_repetitions, hold_s, score_sum, score, fault_counts)
VALUES (%s, 'gym', %s, %s, %s, '{front}', %s, %s, %s, %s, %s, %s, 400, %s, '{"shallow_squat": 2}')
"""
_REPETITION = """
INSERT INTO repetitions (set_id, number, camera_id, start_time, end_time, range_of_motion_deg, out_s, pause_s, back_s,
                         score, reasons, faults, partial)
VALUES (%s, %s, 'front', %s, %s, %s, 1, 0, 1, 80, '[]', '[]', false)
"""


@pytest.fixture
def schema(postgres_url: str) -> Iterator[str]:
    name = f"motion_{new_id()[:8]}"
    yield name
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA "{name}" CASCADE'.encode())


def connected(postgres_url: str, schema: str) -> psycopg.Connection:
    options = f"-csearch_path={schema},public"
    return psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True, options=options)


async def test_rows_of_the_first_schema_are_in_the_record_afterwards(postgres_url: str, schema: str) -> None:
    start, end = datetime(2025, 12, 31, 23, 59, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    migrations.upgrade(postgres_url, schema, MIGRATIONS, "0001")
    with connected(postgres_url, schema) as before:
        before.execute(_SET, (SET, PERSON, 1, "squat", False, start, end, 5, 4, 0.0, 80.0))
        before.execute(_SET, (HELD, PERSON, 2, "plank", False, end, end, 0, 0, 31.5, 70.0))
        before.execute(_SET, (OPEN, PERSON, 3, "squat", True, end, end, 1, 1, 0.0, 80.0))
        for number in range(1, 6):
            before.execute(_REPETITION, (SET, number, start, end, 90.0 if number > 1 else None))
        before.execute(_REPETITION, (OPEN, 1, end, end, 90.0))
    async with Database(MeshSettings(database_url=postgres_url), schema, MIGRATIONS) as database:
        with connected(postgres_url, schema) as meanwhile:
            moved = meanwhile.execute("SELECT set_id::text, count(*) FROM repetitions GROUP BY 1").fetchall()
            assert moved == [(OPEN, 1)], "what is still counted moves at once"
        await Backlog(database, RecordKeeper(ZoneInfo("UTC"))).keep()
    with connected(postgres_url, schema) as after:
        assert after.execute("SELECT to_regclass('repetitions_before')").fetchone() == (None,)
        moved = after.execute(
            "SELECT tableoid::regclass::text, set_start_time, count(*) FROM repetitions GROUP BY 1, 2 ORDER BY 2"
        ).fetchall()
        assert moved == [("repetitions_2025_12", start, 5), ("repetitions_2026_01", end, 1)]
        days = after.execute(
            "SELECT day, exercise, sets, repetitions, partial_repetitions, hold_s, range_sum_deg, range_count, "
            "fault_counts, best_score, best_repetitions_set_id::text FROM daily_exercises ORDER BY day"
        ).fetchall()
        assert days == [
            (date(2025, 12, 31), "squat", 1, 5, 1, 0.0, 360.0, 4, {"shallow_squat": 2}, 80.0, SET),
            (date(2026, 1, 1), "plank", 1, 0, 0, 31.5, 0.0, 0, {"shallow_squat": 2}, None, HELD),
        ]
        assert after.execute("SELECT day FROM sets WHERE open").fetchall() == [(None,)]
        with pytest.raises(psycopg.errors.UniqueViolation):
            after.execute("INSERT INTO repetitions SELECT * FROM repetitions WHERE set_id = %s AND number = 1", (SET,))
        after.execute("DELETE FROM sets WHERE person_id = %s", (PERSON,))
        assert after.execute("SELECT count(*) FROM repetitions").fetchone() == (0,)


async def test_partitions_are_made_ahead_and_for_what_came_unexpectedly(postgres_url: str, schema: str) -> None:
    old = datetime(2019, 5, 17, tzinfo=UTC)
    settings = MeshSettings(database_url=postgres_url)
    async with Database(settings, schema, MIGRATIONS) as database:
        with connected(postgres_url, schema) as connection:
            connection.execute(_SET, (SET, PERSON, 1, "squat", False, old, old, 3, 3, 0.0, 80.0))
            insert = _REPETITION.replace("(set_id,", "(set_start_time, set_id,").replace("VALUES (", "VALUES (%s, ")
            for number in (1, 2, 3):
                connection.execute(insert, (old, SET, number, old, old, 90.0))
            partitions = Partitions(database)
            made = await partitions.make(date(2026, 11, 21))
            assert made == [
                name_of(date(2019, 5, 1)),
                "repetitions_2026_11",
                "repetitions_2026_12",
                "repetitions_2027_01",
            ]
            assert await partitions.make(date(2026, 11, 30)) == []
            where = connection.execute("SELECT DISTINCT tableoid::regclass::text FROM repetitions").fetchall()
            assert where == [("repetitions_2019_05",)]
            # A repetition that comes again still is the same one.
            again = insert.rstrip() + " ON CONFLICT DO NOTHING"
            assert connection.execute(again, (old, SET, 3, old, old, 90.0)).rowcount == 0
            connection.execute("ALTER TABLE repetitions DETACH PARTITION repetitions_2019_05")
            connection.execute("DROP TABLE repetitions_2019_05")
            assert connection.execute("SELECT count(*) FROM repetitions").fetchone() == (0,)
