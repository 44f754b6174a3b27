"""The record's queries on a small filled database: how PostgreSQL answers them, not how fast."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import psycopg
import pytest
import sqlalchemy as sa

from mesh.database import Database
from mesh.ids import new_id
from mesh.settings import MeshSettings
from spotter_cli.bench.record.calls import plans, samples
from spotter_cli.bench.record.fill import MIGRATIONS, fill
from svc_motion.record.backlog import Backlog
from svc_motion.record.keeper import RecordKeeper
from svc_motion.store import sets

REPETITIONS = 100_000
# These ask about everybody: their size is that of the gym, and an index that holds all of them is no help.
WHOLE_TABLE = {"summary of corrections"}


async def moved(database: Database) -> int:
    """Repetitions in the record after everything old has moved."""
    backlog = Backlog(database, RecordKeeper(ZoneInfo("UTC")))
    async with database.transaction() as session:
        people = (await session.scalars(sa.select(sets.c.person_id).distinct())).all()
    for person_id in people:
        await backlog.person_ready(person_id)  # This takes no rest.
    await backlog.keep()
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(sa.text("VACUUM ANALYZE"))
        return int(await connection.scalar(sa.text("SELECT count(*) FROM repetitions")) or 0)


@pytest.mark.timeout(240)
async def test_no_query_scans_a_table_and_repetitions_come_from_one_partition(postgres_url: str) -> None:
    schema = f"motion_{new_id()[:8]}"
    fill(postgres_url, schema, REPETITIONS, lambda line: None)
    try:
        async with Database(MeshSettings(database_url=postgres_url), schema, MIGRATIONS) as database:
            assert await moved(database) == pytest.approx(REPETITIONS, rel=0.05)
            found = await plans(database, await samples(database, 1), 1)
    finally:
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE'.encode())
    for query in found:
        scans = re.findall(r"Seq Scan on (sets|repetitions\w*|daily_exercises)", query.plan)
        assert not scans or query.name in WHOLE_TABLE, f"{query.name} reads all of {scans}:\n{query.plan}"
    of_set = next(query.plan for query in found if query.name == "a set and its repetitions")
    assert set(re.findall(r"Scan using \w+ on (repetitions\w*)", of_set)) == {"repetitions_2024_09"}, of_set
