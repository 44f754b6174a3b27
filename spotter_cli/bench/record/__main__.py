"""`python -m spotter_cli.bench.record`: fills PostgreSQL with ten million repetitions, then times every call.

Writes out/bench/record.md: a table of the calls, and the plan of every query. --keep leaves the filled database in its
folder for the next run, which then starts at once.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import grpc
import psycopg
from rich.console import Console

from mesh.database import Database
from mesh.launcher import Mesh
from mesh.launcher.layout import PROJECT_DIR, LauncherSettings
from mesh.settings import MeshSettings
from spotter.motion.v1 import motion_pb2_grpc, record_pb2_grpc
from spotter_cli.bench.record.calls import Call, Query, Sample, calls, plans, samples, timed
from spotter_cli.bench.record.fill import MIGRATIONS, Filled, fill
from spotter_cli.bench.results import this_machine

LIMIT_MS = 50.0
PEOPLE_ASKED = 40


@dataclass(frozen=True)
class Timing:
    """Times of a call or a query."""

    name: str
    p50_ms: float
    p99_ms: float
    longest_ms: float

    @classmethod
    def of(cls, name: str, taken_ms: list[float]) -> Self:
        """From times in order."""
        last = len(taken_ms) - 1
        return cls(name, taken_ms[len(taken_ms) // 2], taken_ms[last * 99 // 100], taken_ms[last])


def main() -> int:
    """Exit code: 0 every call's p99 is below the limit, 1 one isn't."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=10_000_000, help="about how many to write")
    parser.add_argument("--times", type=int, default=200, help="how often each call is made")
    parser.add_argument("--out", type=Path, default=PROJECT_DIR / "out" / "bench", help="folder of record.md")
    parser.add_argument("--home", type=Path, default=PROJECT_DIR / "out" / "bench" / "record", help="the database")
    parser.add_argument("--keep", action="store_true", help="use the database that is there, where one is")
    chosen = parser.parse_args()
    console = Console(highlight=False)
    began_s = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"{time.monotonic() - began_s:6.0f} s  {line}", markup=False)

    timings = asyncio.run(_measure(chosen, tell))
    slow = [timing for timing in timings if timing.p99_ms >= LIMIT_MS]
    for timing in slow:
        tell(f"slower than {LIMIT_MS:.0f} ms: {timing.name}, {timing.p99_ms:.1f} ms")
    return 1 if slow else 0


async def _measure(chosen: argparse.Namespace, tell: Callable[[str], None]) -> list[Timing]:
    home = chosen.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    async with Mesh(LauncherSettings(home=home, ports="free", services=("motion",))) as mesh:
        url = mesh.database_url
        # The service has migrated an empty schema; it is asked only after it has been filled.
        filled = _found(url) if chosen.keep else None
        if filled is None or filled.repetitions == 0:
            filled = await asyncio.to_thread(fill, url, "motion", chosen.repetitions, tell)
        address = f"127.0.0.1:{mesh.ports.services['motion']}"
        async with (
            Database(MeshSettings(database_url=url), "motion", MIGRATIONS) as database,
            grpc.aio.insecure_channel(address) as channel,
        ):
            people = await samples(database, PEOPLE_ASKED)
            stubs = motion_pb2_grpc.MotionServiceStub(channel), record_pb2_grpc.RecordServiceStub(channel)
            timings = [await _time(call, people, chosen.times, tell) for call in calls(*stubs)]
            explained = await plans(database, people, chosen.times)
    chosen.out.mkdir(parents=True, exist_ok=True)
    text = _report(filled, timings, explained)
    (chosen.out / "record.md").write_text(text, encoding="utf-8")
    tell(f"{chosen.out / 'record.md'} is written")
    return timings


async def _time(call: Call, people: list[Sample], times: int, tell: Callable[[str], None]) -> Timing:
    taken = await timed(call, people, times, random.Random(7))
    timing = Timing.of(call.name, taken)
    tell(f"{timing.name:50} p50 {timing.p50_ms:6.1f} ms  p99 {timing.p99_ms:6.1f} ms")
    return timing


def _found(url: str) -> Filled | None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        if connection.execute("SELECT to_regclass('motion.daily_exercises')").fetchone() == (None,):
            return None
        counts = [
            connection.execute(f"SELECT count(*) FROM motion.{table}".encode()).fetchone()
            for table in ("people", "sets", "repetitions")
        ]
    found = [int(row[0]) for row in counts if row is not None]
    return Filled(found[0], found[1], found[2], 0.0)


def _report(filled: Filled, timings: list[Timing], explained: list[Query]) -> str:
    machine = this_machine()
    lines = [
        "# The record, measured",
        "",
        f"{filled.repetitions:,} repetitions in {filled.sets:,} sets of {filled.people:,} people over three years; "
        f"{machine['processor']}, {machine['cores']} cores. Asked about the people with most sets.",
    ]
    if filled.migration_s:
        lines.append(f"Migrating all this from the tables without partitions took {filled.migration_s:.0f} s.")
    lines += ["", "Calls, as a client sees them over gRPC:", "", *_table(timings)]
    of_queries = [Timing.of(query.name, query.taken_ms) for query in explained]
    lines += ["", "The queries behind them, planning and running, by PostgreSQL's own clock:", "", *_table(of_queries)]
    for query in explained:
        lines += ["", f"## {query.name}", "", "```sql", query.statement, "```", "", "```", query.plan, "```"]
    return "\n".join(lines) + "\n"


def _table(timings: list[Timing]) -> list[str]:
    rows = [f"| {one.name} | {one.p50_ms:.1f} | {one.p99_ms:.1f} | {one.longest_ms:.1f} |" for one in timings]
    return ["| | p50 ms | p99 ms | longest ms |", "|---|---|---|---|", *rows]


if __name__ == "__main__":
    sys.exit(main())
