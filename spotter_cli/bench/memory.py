"""What each part of the mesh holds at one camera, at six, and after ten minutes of six."""

from __future__ import annotations

import asyncio
import itertools
import time

from mesh.launcher import Mesh
from spotter_cli.bench.cameras_films import Film, prepare_films
from spotter_cli.bench.context import Context
from spotter_cli.bench.mesh_run import memory_by_part, own_mesh
from spotter_cli.live_client import LiveClient, new_camera
from spotter_cli.sample import sample_dir
from spotter_cli.summary import Json

CAMERAS = 6
SETTLED_S = 45.0
"""After this long the seconds that are kept for clips are full, and every statement has been prepared."""
QUICK_SETTLED_S = 20.0
LASTING_S = 600.0
QUICK_LASTING_S = 60.0
EVERY_S = 20.0


async def measure(context: Context) -> Json:
    """One mesh: one camera, then five more, then time passes."""
    films = await asyncio.to_thread(prepare_films, (sample_dir() / "cameras").absolute(), context.tell)
    shown = (films.busy[0], films.busy[1], films.still, films.empty, films.still, films.empty)
    settled_s = QUICK_SETTLED_S if context.quick else SETTLED_S
    lasting_s = QUICK_LASTING_S if context.quick else LASTING_S
    async with own_mesh({"SPOTTER_MODEL_REPOSITORY": str(context.repository)}) as (mesh, client):
        before = await _settled(mesh)
        await _attach(client, shown[0])
        await _wait(context, "1 camera", settled_s)
        at_one = await _settled(mesh)
        for film in shown[1:]:
            await _attach(client, film)
        await _wait(context, f"{CAMERAS} cameras", settled_s)
        samples = [(0.0, await _settled(mesh))]
        began_s = time.monotonic()
        while (passed_s := time.monotonic() - began_s) < lasting_s:
            await _wait(context, f"{CAMERAS} cameras for {passed_s:.0f} s", min(EVERY_S, lasting_s - passed_s))
            samples.append((time.monotonic() - began_s, await _settled(mesh)))
    return {
        "cameras": CAMERAS,
        "idle_mib": before,
        "one_mib": at_one,
        "six_mib": samples[0][1],
        "last_mib": samples[-1][1],
        "lasted_s": samples[-1][0],
        "growth_mib_per_hour": {part: growth_per_hour(samples, part) for part in at_one},
        "samples": samples,
    }


def growth_per_hour(samples: list[tuple[float, dict[str, float]]], part: str) -> float:
    """Slope over the later half, MiB an hour: the median over all pairs (Theil 1950, Sen 1968) forgives peaks."""
    later = samples[len(samples) // 2 :]
    slopes = sorted(
        (second[1][part] - first[1][part]) / (second[0] - first[0]) * 3600
        for first, second in itertools.combinations(later, 2)
    )
    return slopes[len(slopes) // 2] if slopes else 0.0


async def _attach(client: LiveClient, film: Film) -> None:
    await client.attach(new_camera(str(film.path), every_frame=False, once=False))


async def _settled(mesh: Mesh) -> dict[str, float]:
    return await asyncio.to_thread(memory_by_part, mesh)


async def _wait(context: Context, what: str, seconds: float) -> None:
    context.tell(f"memory: {what} …")
    await asyncio.sleep(seconds)
