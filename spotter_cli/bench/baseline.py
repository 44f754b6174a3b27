"""The bare loop: decoding and the same models in one process, without any service around them.

    python -m spotter_cli.bench.baseline FILM REPOSITORY yolo11|blazepose f32|bf16

A program of its own, so that nothing but the loop is in the process that is measured. Prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import av
import cv2

from mesh.launcher.layout import PROJECT_DIR
from svc_vision.blazepose import pose_tracker
from svc_vision.convert import Converter
from svc_vision.decode import DecodedFrame
from svc_vision.executors.local import LocalExecutor
from svc_vision.finder import PeopleFinder
from svc_vision.inference import Inference
from svc_vision.picture import Picture
from svc_vision.yolo import yolo_finder

PoseModel = Literal["yolo11", "blazepose"]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class BareRun:
    """What the bare loop took."""

    frames: int
    cpu_s: float
    decode_cpu_s: float
    """Of that, decoding."""
    people: tuple[int, ...]
    """People sure enough to be tracked, frame by frame."""

    @property
    def cpu_ms_per_frame(self) -> float:
        """CPU time of one frame, ms."""
        return self.cpu_s * 1000 / self.frames

    @property
    def mean_people(self) -> float:
        """People a frame."""
        return sum(self.people) / self.frames


def models_of(pose_model: PoseModel) -> tuple[str, ...]:
    """The models that a way of finding people runs."""
    return (yolo_finder.MODEL,) if pose_model == "yolo11" else tuple(pose_tracker.MODELS)


def finder_of(pose_model: PoseModel, inference: Inference) -> PeopleFinder:
    """As svc_vision has it for one camera, with the settings that it has by itself."""
    return yolo_finder.YoloFinder(inference) if pose_model == "yolo11" else pose_tracker.PoseTracker(inference)


def pictures(film: Path) -> Iterator[Picture]:
    """The pictures of a film, decoded on one thread; converted only when a finder asks."""
    convert = Converter()
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        for frame in container.decode(stream):
            yield Picture(DecodedFrame(frame.pts or 0, 0, frame, convert))


def run_bare(film: Path, repository: Path, pose_model: PoseModel, precision: Literal["f32", "bf16"]) -> BareRun:
    """Finds the people in every frame, on one thread; the first frame, which sets everything up, isn't counted.

    Raises ModelError where models are missing or the processor has no bf16.
    """
    cv2.setNumThreads(1)
    finder = finder_of(pose_model, LocalExecutor(repository, models_of(pose_model), precision, streams=1))
    people: list[int] = []
    decode_s = began_s = 0.0
    at_s = time.process_time()
    for number, picture in enumerate(pictures(film)):
        decode_s += time.process_time() - at_s
        found = finder.update(picture)
        people.append(int((found.scores >= finder.sure_score).sum()))
        at_s = time.process_time()
        if number == 0:
            decode_s, began_s = 0.0, at_s
    return BareRun(len(people) - 1, at_s - began_s, decode_s, tuple(people[1:]))


async def measure_bare(film: Path, repository: Path, pose_model: PoseModel, precision: str) -> BareRun:
    """`run_bare` in a process of its own. Raises RuntimeError with its last words where it fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "spotter_cli.bench.baseline", str(film), str(repository), pose_model, precision),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | ONE_THREAD,
        cwd=PROJECT_DIR,
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the bare loop failed: {errors.decode().strip()[-800:]}")
    measured = json.loads(output)
    return BareRun(**{**measured, "people": tuple(measured["people"])})


if __name__ == "__main__":
    run = run_bare(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])  # type: ignore[arg-type]
    sys.stdout.write(json.dumps(asdict(run)))
