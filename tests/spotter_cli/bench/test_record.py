"""The record's queries on a small filled database: how PostgreSQL answers them, not how fast."""

from __future__ import annotations

import re

import psycopg
import pytest

from mesh.database import Database
from mesh.ids import new_id
from mesh.settings import MeshSettings
from spotter_cli.bench.record.calls import plans, samples
from spotter_cli.bench.record.fill import MIGRATIONS, fill

REPETITIONS = 100_000
# These ask about everybody: their size is that of the gym, and an index that holds all of them is no help.
WHOLE_TABLE = {"summary of corrections"}


@pytest.mark.timeout(240)
async def test_no_query_scans_a_table_and_repetitions_come_from_one_partition(postgres_url: str) -> None:
    schema = f"motion_{new_id()[:8]}"
    filled = fill(postgres_url, schema, REPETITIONS, lambda line: None)
    try:
        assert filled.repetitions == pytest.approx(REPETITIONS, rel=0.05)
        async with Database(MeshSettings(database_url=postgres_url), schema, MIGRATIONS) as database:
            found = await plans(database, await samples(database, 1), 1)
    finally:
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE'.encode())
    for query in found:
        scans = re.findall(r"Seq Scan on (sets|repetitions\w*|daily_exercises)", query.plan)
        assert not scans or query.name in WHOLE_TABLE, f"{query.name} reads all of {scans}:\n{query.plan}"
    of_set = next(query.plan for query in found if query.name == "a set and its repetitions")
    assert set(re.findall(r"Scan using \w+ on (repetitions\w*)", of_set)) == {"repetitions_2024_09"}, of_set
