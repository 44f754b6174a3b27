"""The bare loop: decoding and the same models in one process, without any service around them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from svc_vision.blazepose.pose_tracker import MODELS, PoseTracker
from svc_vision.executors.local import LocalExecutor
from svc_vision.picture import Picture


@dataclass(frozen=True)
class BareRun:
    """What the bare loop took."""

    frames: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_ms_per_frame(self) -> float:
        """CPU time of one frame, ms."""
        return self.cpu_s * 1000 / self.frames


def run_bare(video: Path, repository: Path) -> BareRun:
    """Decodes a film and finds the people in every frame, on one thread. Raises ModelError where models are missing."""
    cv2.setNumThreads(1)
    executor = LocalExecutor(repository, MODELS)
    poses = PoseTracker(executor)
    frames = 0
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        for frame in container.decode(stream):
            poses.update(Picture.of(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)))
            frames += 1
        return BareRun(frames, time.process_time() - began_cpu_s, time.perf_counter() - began_s)
