"""`python -m spotter_cli.bench.record`: fills PostgreSQL with ten million repetitions, then times every call.

They are written as they were before there was a record; svc_motion starts on them and moves them, which is timed too.
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
from typing import Any, Self

import grpc
import psycopg
from rich.console import Console

from mesh.database import Database
from mesh.launcher import Mesh
from mesh.launcher.layout import PROJECT_DIR, LauncherSettings
from mesh.settings import MeshSettings
from spotter.motion.v1 import motion_pb2_grpc, record_pb2_grpc
from spotter_cli.bench.record.calls import WARM_UP, Call, Query, Sample, calls, plans, samples, timed
from spotter_cli.bench.record.fill import MIGRATIONS, fill
from spotter_cli.bench.record.processor import Spent
from spotter_cli.bench.results import this_machine

LIMIT_MS = 50.0
PEOPLE_ASKED = 40
LOOK_EVERY_S = 5.0
_IS_MOVING = "SELECT to_regclass('motion.repetitions_before') IS NOT NULL"


@dataclass(frozen=True)
class Timing:
    """Times of a call or a query."""

    name: str
    p50_ms: float
    p99_ms: float
    longest_ms: float
    spent: Spent | None = None
    """Processor time of one call, on average."""

    @classmethod
    def of(cls, name: str, taken_ms: list[float], spent: Spent | None = None) -> Self:
        """From times in order."""
        last = len(taken_ms) - 1
        return cls(name, taken_ms[len(taken_ms) // 2], taken_ms[last * 99 // 100], taken_ms[last], spent)


@dataclass(frozen=True)
class Contents:
    """What is asked about, and what it took to get there."""

    people: int
    sets: int
    repetitions: int
    start_s: float
    """From svc_motion's start on the old schema until it served; with an empty one this is `empty_start_s`."""
    empty_start_s: float
    move_s: float
    """From then until every repetition was in the record; 0 where it was before."""


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
    floor = LauncherSettings(home=home, ports="free", services=())
    with_motion = LauncherSettings(home=home, ports="free", services=("motion",))
    began_s = time.monotonic()
    async with Mesh(with_motion if not chosen.keep else floor):
        empty_start_s = time.monotonic() - began_s
    async with Mesh(floor) as mesh:
        if not chosen.keep or not _count(mesh.database_url, "sets"):
            await asyncio.to_thread(fill, mesh.database_url, "motion", chosen.repetitions, tell)
    began_s = time.monotonic()
    async with Mesh(with_motion) as mesh:
        start_s = time.monotonic() - began_s
        tell(f"svc_motion and what it stands on started in {start_s:.1f} s")
        url = mesh.database_url
        move_s = await _moved(url, tell)
        people_count, set_count, repetition_count = (_count(url, name) for name in ("people", "sets", "repetitions"))
        contents = Contents(people_count, set_count, repetition_count, start_s, empty_start_s, move_s)
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
    text = _report(contents, timings, explained)
    (chosen.out / "record.md").write_text(text, encoding="utf-8")
    tell(f"{chosen.out / 'record.md'} is written")
    return timings


async def _moved(url: str, tell: Callable[[str], None]) -> float:
    """Seconds until everything old is in the record; 0 where it is."""
    began_s = time.monotonic()
    with _connected(url) as connection:
        if not _one(connection, _IS_MOVING):
            return 0.0
        while _one(connection, _IS_MOVING):
            tell(f"{_one(connection, 'SELECT count(*) FROM motion.sets WHERE range_count IS NULL'):,} sets left")
            await asyncio.sleep(LOOK_EVERY_S)
        move_s = time.monotonic() - began_s
        await asyncio.to_thread(connection.execute, "VACUUM ANALYZE")
    return move_s


async def _time(call: Call, people: list[Sample], times: int, tell: Callable[[str], None]) -> Timing:
    before = Spent.so_far()
    taken = await timed(call, people, times, random.Random(7))
    timing = Timing.of(call.name, taken, Spent.so_far().since(before, times + WARM_UP))
    tell(f"{timing.name:70} p50 {timing.p50_ms:6.1f} ms  p99 {timing.p99_ms:6.1f} ms  {timing.spent}")
    return timing


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _count(url: str, table: str) -> int:
    """Rows of a table; 0 where there is none."""
    with _connected(url) as connection:
        if _one(connection, f"SELECT to_regclass('motion.{table}') IS NULL"):
            return 0
        return int(_one(connection, f"SELECT count(*) FROM motion.{table}"))


def _report(contents: Contents, timings: list[Timing], explained: list[Query]) -> str:
    machine = this_machine()
    lines = [
        "# The record, measured",
        "",
        f"{contents.repetitions:,} repetitions in {contents.sets:,} sets of {contents.people:,} people over three "
        f"years; {machine['processor']}, {machine['cores']} cores. Asked about the people with most sets.",
    ]
    if contents.move_s:
        lines.append(
            f"svc_motion and what it stands on started on the old tables in {contents.start_s:.1f} s (on empty ones in "
            f"{contents.empty_start_s:.1f} s), and moved everything in the {contents.move_s:.0f} s after that."
        )
    lines += ["", "Calls, as a client sees them over gRPC, and the processor time of one:", "", *_table(timings)]
    of_queries = [Timing.of(query.name, query.taken_ms) for query in explained]
    lines += ["", "The queries behind them, planning and running, by PostgreSQL's own clock:", "", *_table(of_queries)]
    for query in explained:
        lines += ["", f"## {query.name}", "", "```sql", query.statement, "```", "", "```", query.plan, "```"]
    return "\n".join(lines) + "\n"


def _table(timings: list[Timing]) -> list[str]:
    spent = all(timing.spent for timing in timings)
    head = " processor ms: svc_motion | PostgreSQL | client | all |" if spent else ""
    rows = []
    for one in timings:
        cells = one.spent.cells() if one.spent else ""
        rows.append(f"| {one.name} | {one.p50_ms:.1f} | {one.p99_ms:.1f} | {one.longest_ms:.1f} |{cells}")
    return [f"| | p50 ms | p99 ms | longest ms |{head}", f"|---|---|---|---|{'---|' * 4 if spent else ''}", *rows]


if __name__ == "__main__":
    sys.exit(main())
