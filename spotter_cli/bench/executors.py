"""The same pictures through every executor: how long one takes, and whether all find the same people."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from mesh.launcher import LauncherError, LauncherSettings, Mesh
from spotter_cli.bench.baseline import PoseModel, finder_of, models_of, pictures
from spotter_cli.bench.context import Context
from spotter_cli.bench.mesh_run import cpu_by_part, home_for_bench
from spotter_cli.summary import Json
from svc_vision.errors import ModelError
from svc_vision.executors.local import LocalExecutor
from svc_vision.executors.model_files import find_model
from svc_vision.executors.onnx_engine import OnnxEngine
from svc_vision.executors.openvino_engine import processor_has_bf16
from svc_vision.executors.triton import TritonExecutor
from svc_vision.inference import Inference, RunningModel
from svc_vision.people import People
from svc_vision.picture import Picture

FRAMES = 100
QUICK_FRAMES = 20
WARM_UP = 3
SAME_SHARE = 0.05
"""Two people are the same where no edge of their boxes differs by more than this share of the box's height."""


class OnnxExecutor:
    """`Inference` with onnxruntime alone, as the local executor falls back to it."""

    name = "onnxruntime"

    def __init__(self, repository: Path, models: tuple[str, ...]) -> None:
        self._engines = {model: OnnxEngine(find_model(repository / model)) for model in models}

    def infer(self, model: str, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`."""
        return self._engines[model].run(inputs)

    def models(self) -> list[str]:
        """See `Inference.models`."""
        return sorted(self._engines)

    def describe(self) -> list[RunningModel]:
        """See `Inference.describe`."""
        return [RunningModel(model, "CPU (onnxruntime)", "f32") for model in self.models()]

    def close(self) -> None:
        """See `Inference.close`."""
        self._engines.clear()


@dataclass(frozen=True)
class ExecutorRun:
    """What one executor did with the pictures."""

    wall_ms: float
    """Median of a picture, from the decoded frame to people."""
    cpu_ms: float
    """Mean of a picture: this process and, where there is one, the server."""
    people: tuple[People, ...]


async def measure(context: Context) -> Json:
    """Every executor of this machine on the same pictures, those of the film at equal distances."""
    pose_model: PoseModel = "yolo11" if context.has_yolo else "blazepose"
    wanted = QUICK_FRAMES if context.quick else FRAMES
    chosen = await asyncio.to_thread(_chosen, context.film, wanted)
    runs: dict[str, ExecutorRun] = {}
    missing: dict[str, str] = {}
    for name, make in _local(context.repository, models_of(pose_model)).items():
        context.tell(f"executor {name} …")
        try:
            runs[name] = await asyncio.to_thread(_run, make, pose_model, chosen, lambda: 0.0)
        except ModelError as error:
            missing[name] = error.message
    try:
        await _on_triton(context, pose_model, chosen, runs)
    except (LauncherError, ModelError) as error:
        missing["Triton"] = str(error)
        context.tell(f"Triton: {error}")
    return _result(pose_model, wanted, runs, missing)


def _chosen(film: Path, count: int) -> list[Picture]:
    found = list(pictures(film))
    return found[:: max(1, len(found) // count)][:count]


def _local(repository: Path, models: tuple[str, ...]) -> dict[str, Callable[[], Inference]]:
    found: dict[str, Callable[[], Inference]] = {
        "local, OpenVINO f32": lambda: LocalExecutor(repository, models, "f32", streams=1),
        "local, onnxruntime f32": lambda: OnnxExecutor(repository, models),
    }
    if processor_has_bf16():
        found["local, OpenVINO bf16"] = lambda: LocalExecutor(repository, models, "bf16", streams=1)
    return found


async def _on_triton(
    context: Context, pose_model: PoseModel, chosen: list[Picture], runs: dict[str, ExecutorRun]
) -> None:
    context.tell("starting Triton …")
    models = models_of(pose_model)
    with home_for_bench() as home:
        settings = LauncherSettings(
            home=home, ports="free", services=(), triton=True, model_repository=context.repository
        )
        async with Mesh(settings) as mesh:
            assert mesh.ports.triton is not None
            address = f"127.0.0.1:{mesh.ports.triton.grpc}"
            ways: dict[str, Literal["on", "off"]] = {"Triton, gRPC": "off", "Triton, shared memory": "on"}
            for name, shared in ways.items():
                context.tell(f"executor {name} …")

                def make(shared: Literal["on", "off"] = shared) -> Inference:
                    return TritonExecutor(address, models, context.repository, shared, deadline_s=30.0)

                runs[name] = await asyncio.to_thread(
                    _run, make, pose_model, chosen, lambda: cpu_by_part(mesh)["triton"]
                )


def _run(
    make: Callable[[], Inference], pose_model: PoseModel, chosen: list[Picture], server_cpu_s: Callable[[], float]
) -> ExecutorRun:
    cv2.setNumThreads(1)
    executor = make()
    try:
        finder = finder_of(pose_model, executor)
        for picture in itertools.islice(itertools.cycle(chosen), WARM_UP):
            finder.update(picture)
        people, walls_s = [], []
        began_cpu_s = time.process_time() + server_cpu_s()
        for picture in chosen:
            began_s = time.perf_counter()
            people.append(finder.update(picture))
            walls_s.append(time.perf_counter() - began_s)
        cpu_s = time.process_time() + server_cpu_s() - began_cpu_s
    finally:
        executor.close()
    return ExecutorRun(median(walls_s) * 1000, cpu_s * 1000 / len(chosen), tuple(people))


def _result(pose_model: str, frames: int, runs: dict[str, ExecutorRun], missing: dict[str, str]) -> Json:
    reference = next(iter(runs.values()), None)
    rows = [
        {
            "executor": name,
            "wall_ms": run.wall_ms,
            "cpu_ms": run.cpu_ms,
            "people": sum(len(people.boxes) for people in run.people),
            "same_people": _same(reference.people, run.people) if reference else 0,
        }
        for name, run in runs.items()
    ]
    return {"pose_model": pose_model, "frames": frames, "rows": rows, "missing": missing}


def _same(expected: tuple[People, ...], found: tuple[People, ...]) -> int:
    """How many of the expected people were found at the same place."""
    same = 0
    for wanted, there in zip(expected, found, strict=True):
        for box in wanted.boxes:
            if not len(there.boxes):
                continue
            off = np.abs(there.boxes - box).max(axis=1).min()
            same += bool(off <= SAME_SHARE * (box[3] - box[1]))
    return same
