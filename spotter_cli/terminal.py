"""What a watch shows: a live table on a terminal, one plain line an event where the output goes elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mesh import times
from spotter.common.v1 import exercise_pb2
from spotter.ingest.v1 import ingest_pb2
from spotter_cli.board import PersonRow
from spotter_cli.watching import Watching

REFRESH_S = 0.25
BAR_WIDTH = 16
FORGET_AFTER_NS = 60 * times.NS_PER_S
_STATES = {
    exercise_pb2.ACTIVITY_STATE_NOT_VISIBLE: "not visible",
    exercise_pb2.ACTIVITY_STATE_IDLE: "idle",
    exercise_pb2.ACTIVITY_STATE_EXERCISING: "exercising",
    exercise_pb2.ACTIVITY_STATE_HOLDING: "holding",
    exercise_pb2.ACTIVITY_STATE_RESTING: "resting",
}
_CAMERA_COLOURS = {
    ingest_pb2.Camera.STATE_LIVE: "green",
    ingest_pb2.Camera.STATE_FAILED: "red",
    ingest_pb2.Camera.STATE_STALLED: "yellow",
}


class Lines:
    """One line an event, with the seconds since the start."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start_ns = times.now_ns()

    def tell(self, line: str) -> None:
        """Prints a line."""
        since_s = (times.now_ns() - self._start_ns) / times.NS_PER_S
        self._console.print(f"{since_s:7.1f} s  {line}", markup=False, highlight=False, soft_wrap=True)


@asynccontextmanager
async def live_table(console: Console, watching: Watching) -> AsyncIterator[None]:
    """Draws the table again and again while the block runs; leaves the last one standing."""

    async def draw(live: Live) -> None:
        while True:
            live.update(picture(watching, times.now_ns()), refresh=True)
            await asyncio.sleep(REFRESH_S)

    with Live(picture(watching, times.now_ns()), console=console, auto_refresh=False) as live:
        drawing = asyncio.create_task(draw(live))
        try:
            yield
        finally:
            drawing.cancel()
            with suppress(asyncio.CancelledError):
                await drawing
            live.update(picture(watching, times.now_ns()), refresh=True)


def picture(watching: Watching, now_ns: int) -> Group:
    """People above, cameras below, problems last."""
    people = Table(box=None, pad_edge=False, expand=True)
    for title in ("Person", "Exercise", "Reps", "Range", "Fault"):
        people.add_column(title, justify="right" if title == "Reps" else "left", no_wrap=True)
    people.add_column("Coach", ratio=1)
    for row in sorted(watching.board.people.values(), key=lambda row: row.label):
        if now_ns - row.seen_ns < FORGET_AFTER_NS:
            people.add_row(*_person(row))
    cameras = Table(box=None, pad_edge=False)
    for title in ("Camera", "State", "Frames", "Analysed", "Dropped", "Idle"):
        cameras.add_column(title, justify="left" if title in ("Camera", "State") else "right")
    for camera in watching.cameras.values():
        cameras.add_row(*_camera(camera))
    problems = [Text(f"{source}: {sentence}", style="red") for source, sentence in watching.problems.items()]
    return Group(people, Text(), cameras, *problems)


def bar(ratio: float) -> str:
    """A bar of BAR_WIDTH characters; `ratio` outside of 0..1 is cut."""
    filled = round(min(max(ratio, 0.0), 1.0) * BAR_WIDTH)
    return "█" * filled + "░" * (BAR_WIDTH - filled)


def _person(row: PersonRow) -> tuple[str | Text, ...]:
    exercise = row.exercise.replace("_", " ") or _STATES.get(row.state, "")
    count = f"{row.hold_s:.0f} s" if row.hold_s else str(row.repetitions)
    return (row.label, exercise, Text(count, "bold"), bar(row.range_ratio), Text(row.fault, "yellow"), row.guidance)


def _camera(camera: ingest_pb2.Camera) -> tuple[str | Text, ...]:
    state = ingest_pb2.Camera.State.Name(camera.state).removeprefix("STATE_").lower()
    return (
        camera.display_name or camera.camera_id,
        Text(state, _CAMERA_COLOURS.get(camera.state, "")),
        f"{camera.frames_read:,}",
        f"{camera.frames_analysed:,}",
        f"{camera.frames_dropped:,}",
        f"{camera.frames_idle:,}",
    )
