"""How many cameras this machine holds, and how soon news reaches a client at each number: `cameras` as a section."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from spotter_cli.bench.camera_trial import Trial
from spotter_cli.bench.cameras import MOST, run_cameras
from spotter_cli.bench.cameras_films import prepare_films
from spotter_cli.bench.context import Context
from spotter_cli.bench.mesh_run import environment
from spotter_cli.sample import sample_dir
from spotter_cli.summary import Json

QUICK_MOST = 4


async def measure(context: Context) -> Json:
    """With the pose model that this machine takes by itself."""
    films = await asyncio.to_thread(prepare_films, (sample_dir() / "cameras").absolute(), context.tell)
    with environment({"SPOTTER_MODEL_REPOSITORY": str(context.repository)}):
        run = await run_cameras(films, "auto", None, QUICK_MOST if context.quick else MOST, context.tell)
    return run.as_json() | {"scheduled": _told(run.scheduled), "unscheduled": _told(run.unscheduled)}


def _told(trials: tuple[Trial, ...]) -> list[Json]:
    """One that looks at every frame holds only where it really did."""
    return [asdict(trial) | {"holds": trial.holds and (trial.scheduled or trial.complete)} for trial in trials]
