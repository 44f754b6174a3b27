"""What the mesh costs: its CPU time of a frame beside decoding and the same model in a bare loop."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median
from typing import Any

from spotter_cli.bench.baseline import BareRun, PoseModel, measure_bare
from spotter_cli.bench.context import Context
from spotter_cli.bench.mesh_run import MeshRun, own_mesh, run_mesh
from spotter_cli.sample import compare
from spotter_cli.summary import Json

ROUNDS = 3
"""Of loop and mesh in turn: both see the machine in the same moods."""


async def measure(context: Context) -> Json:
    """Each way of finding people that this machine has."""
    ways = []
    for pose_model, precision in context.ways:
        context.tell(f"mesh tax: {pose_model} {precision} …")
        ways.append(await _way(context, pose_model, precision))
        context.tell(line(ways[-1]))
    return {"film": context.film.stem, "ways": ways}


def line(way: Json) -> str:
    """For people."""
    return (
        f"{way['pose_model']} {way['precision']}: bare loop {way['bare_ms']:.1f}, mesh {way['mesh_ms']:.1f} ms CPU a "
        f"frame, efficiency {way['efficiency']:.2f}; {way['people_right']} of {way['people_true']} people counted right"
    )


async def _way(context: Context, pose_model: PoseModel, precision: str) -> Json:
    settings = {
        "SPOTTER_POSE_MODEL": pose_model,
        "SPOTTER_INFERENCE_PRECISION": precision,
        "SPOTTER_MODEL_REPOSITORY": str(context.repository),
    }
    bares: list[BareRun] = []
    meshes: list[MeshRun] = []
    async with own_mesh(settings) as (mesh, client):
        # The first film warms everything up: statements, graphs of this size, imports on demand.
        await run_mesh(mesh, client, context.film, every_frame=True)
        for _ in range(1 if context.quick else ROUNDS):
            bares.append(await measure_bare(context.film, context.repository, pose_model, precision))
            meshes.append(await run_mesh(mesh, client, context.film, every_frame=True))
    return _result(context, pose_model, precision, bares, meshes)


def _result(context: Context, pose_model: str, precision: str, bares: list[BareRun], meshes: list[MeshRun]) -> Json:
    bare_ms = median(run.cpu_ms_per_frame for run in bares)
    mesh_ms = median(run.cpu_ms_per_frame for run in meshes)
    matches = compare(context.truth, meshes[-1].summary)
    parts: dict[str, Any] = {
        part: median(run.cpu_s[part] * 1000 / max(1, run.frames) for run in meshes) for part in meshes[0].cpu_s
    }
    return {
        "pose_model": pose_model,
        "precision": precision,
        "frames": bares[0].frames,
        "bare_ms": bare_ms,
        "decode_ms": median(run.decode_cpu_s * 1000 / run.frames for run in bares),
        "bare_people": bares[0].mean_people,
        "mesh_ms": mesh_ms,
        "parts_ms": parts,
        "efficiency": bare_ms / mesh_ms,
        "frames_per_s": median(run.frames / run.wall_s for run in meshes),
        "analysed": meshes[-1].frames,
        "people_true": len(matches),
        "people_right": sum(
            (match.exercise, match.reps) == (match.truth.exercise, match.truth.reps) for match in matches
        ),
        "faults_right": sum(match.faults == match.truth.faults for match in matches),
        "counts": [asdict(match) for match in matches],
    }
