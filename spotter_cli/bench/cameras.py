"""How many cameras this machine holds with counts intact: with the schedule, and looking at every frame of all.

    python -m spotter_cli.bench.cameras [--out FILE] [--pose-model auto|yolo11|blazepose] [--long-side PX] [--most N]

A third of the cameras show people who train, the others people who stand still, or nobody. All run at the speed of
capture through a mesh of their own. What "holds" means is `Trial.holds`; without the schedule nearly every frame must
have been looked at as well, since that is what such a machine promises.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from mesh.launcher import LauncherError, Mesh
from spotter_cli.bench.camera_trial import Trial, run_trial
from spotter_cli.bench.cameras_films import Films, prepare_films
from spotter_cli.bench.mesh_run import environment, home_for_bench, mesh_for_bench
from spotter_cli.bench.search import highest
from spotter_cli.live_client import LiveClient
from spotter_cli.sample import sample_dir
from spotter_cli.summary import Json

FIRST = {True: (1, 4), False: (3,)}
"""Numbers of cameras to begin with, by whether they are scheduled: latency is told at 1 and 4."""
SPARE = 0.95
"""Share of the processor that the first guess would use."""
MOST = 40


@dataclass(frozen=True)
class CamerasRun:
    """Both ways of looking, on one machine with one pose model."""

    pose_model: str
    long_side_px: int | None
    """Of the picture that yolo11 gets; None is the setting's own."""
    cores: int
    scheduled: tuple[Trial, ...]
    unscheduled: tuple[Trial, ...]

    @property
    def cameras(self) -> int:
        """Most cameras that held with the schedule."""
        return max((trial.cameras for trial in self.scheduled if trial.holds), default=0)

    @property
    def cameras_unscheduled(self) -> int:
        """Most cameras that held while every frame of all was looked at."""
        return max((trial.cameras for trial in self.unscheduled if trial.holds and trial.complete), default=0)

    @property
    def ratio(self) -> float:
        """Cameras with the schedule for each one without; 0 where not even one held."""
        return self.cameras / self.cameras_unscheduled if self.cameras_unscheduled else 0.0

    def as_json(self) -> Json:
        """Everything, for programs."""
        dropping = max((trial.cameras for trial in self.unscheduled if trial.holds), default=0)
        return asdict(self) | {
            "cameras": self.cameras,
            "cameras_unscheduled": self.cameras_unscheduled,
            "cameras_unscheduled_that_drop_frames": dropping,
            "ratio": round(self.ratio, 2),
        }

    def line(self) -> str:
        """For people."""
        return (
            f"{self.pose_model}: {self.cameras} cameras with the schedule, {self.cameras_unscheduled} looking at every "
            f"frame, on {self.cores} cores: {self.ratio:.1f} times as many"
        )


async def run_cameras(
    films: Films,
    pose_model: str,
    long_side_px: int | None = None,
    most: int = MOST,
    tell: Callable[[str], None] = print,
) -> CamerasRun:
    """Measures, for some minutes. Raises LauncherError where the mesh can't be started."""
    found: dict[bool, list[Trial]] = {True: [], False: []}
    for scheduled, trials in found.items():
        settings = {"SPOTTER_SCHEDULE": "on" if scheduled else "off", "SPOTTER_POSE_MODEL": pose_model}
        if long_side_px is not None:
            settings["SPOTTER_POSE_LONG_SIDE_PX"] = str(long_side_px)
        async with _mesh_with(settings) as (mesh, client):
            await _search(mesh, client, films, scheduled, most, trials, tell)
    return CamerasRun(pose_model, long_side_px, os.cpu_count() or 1, tuple(found[True]), tuple(found[False]))


async def _search(
    mesh: Mesh,
    client: LiveClient,
    films: Films,
    scheduled: bool,
    most: int,
    trials: list[Trial],
    tell: Callable[[str], None],
) -> None:
    async def holds(cameras: int) -> bool:
        trial = next((made for made in trials if made.cameras == cameras), None)
        if trial is None:
            trial = await run_trial(mesh, client, films, cameras, scheduled)
            trials.append(trial)
            tell(trial.line())
        return trial.holds and (scheduled or trial.complete)

    for cameras in {min(cameras, most): None for cameras in FIRST[scheduled]}:
        await holds(cameras)
    last = trials[-1]
    guess = int(last.cameras * SPARE * (os.cpu_count() or 1) / last.cores)
    await highest(guess, most, holds)


@asynccontextmanager
async def _mesh_with(settings: dict[str, str]) -> AsyncIterator[tuple[Mesh, LiveClient]]:
    with home_for_bench() as home, environment(settings):
        async with mesh_for_bench(home) as found:
            yield found


def main() -> int:
    """Exit code: 0 measured, 1 the mesh couldn't be started."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="where to write everything as JSON")
    parser.add_argument("--pose-model", choices=("auto", "yolo11", "blazepose"), default="auto")
    parser.add_argument("--long-side", type=int, help="of the picture that yolo11 gets, px")
    parser.add_argument("--most", type=int, default=MOST, help="try no more cameras than these")
    parser.add_argument("--films", type=Path, default=sample_dir() / "cameras", help="where the films are kept")
    chosen = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    films = prepare_films(chosen.films.absolute(), console.print)
    try:
        run = asyncio.run(run_cameras(films, chosen.pose_model, chosen.long_side, chosen.most, console.print))
    except LauncherError as error:
        console.print(f"[red]{error}[/red]")
        return 1
    console.print(run.line())
    if chosen.out:
        chosen.out.write_text(json.dumps(run.as_json(), indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
