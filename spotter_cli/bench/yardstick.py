"""What people run today, on the same clip: Ultralytics `YOLO.track()`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from spotter_cli.bench.context import Context
from spotter_cli.bench.ultralytics_baseline import BaselineError, run_ultralytics, unavailable
from spotter_cli.summary import Json


async def measure(context: Context) -> Json:
    """One run over the film; the reason where it can't be measured here."""
    reason = unavailable()
    if reason is not None:
        return {"unavailable": reason}
    context.tell("Ultralytics track() …")
    try:
        run = await asyncio.to_thread(run_ultralytics, context.film)
    except BaselineError as error:
        return {"unavailable": str(error)}
    if run is None:
        return {"unavailable": "neither its environment nor weights are here"}
    context.tell(f"Ultralytics: {run.cpu_ms_per_frame:.1f} ms CPU a frame, {run.mean_people:.2f} people a frame")
    found = {key: value for key, value in asdict(run).items() if key != "people"}
    return {"film": context.film.stem, "mean_people": run.mean_people, **found}
