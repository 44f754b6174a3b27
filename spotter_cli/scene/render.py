"""Renders a scene to a film, frames spread over processes."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from spotter_cli.scene.encode import encode_h264
from spotter_cli.scene.frames import FrameRenderer, draw_background
from spotter_cli.scene.raster import Image
from spotter_cli.scene.script import SceneSpec, SceneTruth
from spotter_cli.scene.sight import Sight, joined, save_sight

Progress = Callable[[float, str], None]
Yuv = npt.NDArray[np.uint8]
_Frame = tuple[Yuv, Sight]

_renderers: list[FrameRenderer] = []
"""The renderer of a worker process: built once by its initializer, because it is far dearer than a frame."""


def render_scene(
    spec: SceneSpec,
    out_video: Path,
    *,
    joints_out: Path | None = None,
    sight_out: Path | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> SceneTruth:
    """Render a scene to an H.264 mp4 and say what is true about it.

    joints_out: also write a NumPy archive with `room` (frames, people, 17, 3) m, `pixels` (frames, people, 17, 2)
    and `floor_homography` (3, 3), joints in COCO-17 order. sight_out: also write where each frame shows whom, see
    `sight.save_sight`. workers 0 renders in this process. progress gets the share done (0..1) and what is being done.
    """
    report = progress or _silent
    report(0.0, "drawing the room")
    background = draw_background(spec)
    local = FrameRenderer(spec, background)
    count, camera = spec.frame_count, spec.camera
    sights: list[Sight] = []
    with _frames(spec, background, local, workers) as frames:
        pictures = _counted(frames, count, report, sights)
        encode_h264(out_video, spec.fps, (camera.width_px, camera.height_px), pictures)
    if joints_out is not None:
        _save_joints(local, count, joints_out)
    if sight_out is not None:
        save_sight(joined(sights), local.floor_homography(), sight_out)
    return SceneTruth(
        fps=spec.fps,
        frames=count,
        duration_s=round(count / spec.fps, 3),
        width_px=camera.width_px,
        height_px=camera.height_px,
        fingerprint=fingerprint(spec),
        people=local.truths(),
    )


def fingerprint(spec: SceneSpec) -> str:
    """Names what decides the pixels: the scene and the source of this package."""
    return hashlib.sha256((_source_digest() + repr(spec)).encode()).hexdigest()[:16]


@cache
def _source_digest() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


@contextmanager
def _frames(spec: SceneSpec, background: Image, local: FrameRenderer, workers: int) -> Iterator[Iterator[_Frame]]:
    """All frames in order; the workers are gone when the context ends, also after an error."""
    numbers = range(spec.frame_count)
    if workers == 0:
        yield (_frame(local, number) for number in numbers)
        return
    # spawned, not forked: the caller may run gRPC threads, which do not survive a fork
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_start_worker, initargs=(spec, background)
    )
    try:
        yield pool.map(_worker_frame, numbers, chunksize=4)
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(spec: SceneSpec, background: Image) -> None:
    cv2.setNumThreads(1)
    _renderers.append(FrameRenderer(spec, background))


def _worker_frame(index: int) -> _Frame:
    return _frame(_renderers[-1], index)


def _frame(renderer: FrameRenderer, index: int) -> _Frame:
    shot = renderer.shot(index)
    return np.asarray(cv2.cvtColor(shot.picture, cv2.COLOR_BGR2YUV_I420), np.uint8), shot.sight


def _counted(frames: Iterator[_Frame], count: int, report: Progress, sights: list[Sight]) -> Iterator[Yuv]:
    """The pictures; what is true about them is added to `sights`."""
    for number, (picture, sight) in enumerate(frames, 1):
        sights.append(sight)
        yield picture
        report(number / count, "drawing the people")


def _save_joints(renderer: FrameRenderer, count: int, path: Path) -> None:
    joints = [renderer.joints(index) for index in range(count)]
    room, pixels = (np.array(values) for values in zip(*joints, strict=True))
    with path.open("wb") as file:
        np.savez_compressed(file, room=room, pixels=pixels, floor_homography=renderer.floor_homography())


def _silent(share: float, doing: str) -> None:
    """Used where nobody asked for progress."""
