"""Sends the films of a scene through a whole mesh, all its cameras at once, and scores who identity says they show.

What is scored is what a client of the public API sees: the boxes of the preview, with the person of each, five times a
second. Person ids hold over absences and over cameras, so all cameras of a scene are scored as one sequence.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

import grpc
import numpy as np
from numpy.typing import NDArray

from mesh import times
from spotter.vision.v1 import vision_pb2
from spotter_cli.live_client import LiveClient, new_camera
from spotter_cli.scene import Sight, mot_lines
from spotter_cli.scene.sight import joined
from spotter_cli.tracking.films import Film
from spotter_cli.tracking.mistakes import Mistakes, find_mistakes
from spotter_cli.tracking.scoring import Score, score
from spotter_cli.tracking.tracks import TrackedFrame, Tracks, ids_of
from spotter_cli.watching import OVER

_RETRY_S = 0.1
_POLL_S = 0.3
_TIMEOUT_S = 600.0


@dataclass
class _Seen:
    """Previews of one film."""

    film: Film
    camera_id: str
    first_frame_ns: int = 0
    previews: list[vision_pb2.StreamPreviewResponse] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class MeshResult:
    """A scene through the mesh."""

    scene: str
    cameras: int
    people: int
    frames: int
    """Previews that were scored, of all cameras."""
    score: Score
    mistakes: Mistakes
    person_ids: int
    """How many persons identity made of the people."""


async def watch_in_mesh(client: LiveClient, scene: str, films: Sequence[Film]) -> MeshResult:
    """Every film is a camera of its own, every frame is analysed; the cameras are detached again."""
    seen = [await _attach(client, film) for film in films]
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await asyncio.gather(*(_follow(client, one) for one in seen))
    finally:
        for one in seen:
            with suppress(grpc.aio.AioRpcError):
                await client.detach(one.camera_id)
    return _scored(scene, seen)


async def _attach(client: LiveClient, film: Film) -> _Seen:
    camera = await client.attach(new_camera(str(film.video), every_frame=True, once=True))
    return _Seen(film, camera.camera_id)


async def _follow(client: LiveClient, seen: _Seen) -> None:
    """Collects previews until the film is over."""
    previews = asyncio.create_task(_collect(client, seen))
    try:
        while True:
            camera = await client.camera(seen.camera_id)
            if camera.state in OVER:
                break
            await asyncio.sleep(_POLL_S)
        seen.first_frame_ns = times.from_timestamp(camera.first_frame_time)
    finally:
        previews.cancel()
        with suppress(asyncio.CancelledError):
            await previews


async def _collect(client: LiveClient, seen: _Seen) -> None:
    while True:  # there is no preview before the first frame is analysed
        with suppress(grpc.aio.AioRpcError):
            async for preview in client.previews(seen.camera_id):
                seen.previews.append(preview)
        await asyncio.sleep(_RETRY_S)


def _scored(scene: str, seen: Sequence[_Seen]) -> MeshResult:
    """All cameras one after another, so that a person is to have one id over all of them."""
    numbers: dict[str, int] = {}
    sights, tracks = [], Tracks()
    for one in seen:
        whole = one.film.sight()
        by_frame = {_frame_of(preview, one): preview for preview in one.previews}
        frames = [frame for frame in sorted(by_frame) if 0 <= frame < len(whole)]
        sights.append(_only(whole, frames))
        tracks += [_tracked(by_frame[frame], whole.size_px[frame], numbers) for frame in frames]
    sight = joined(sights)
    with tempfile.TemporaryDirectory() as folder:
        truth = Path(folder) / "truth.txt"
        truth.write_text("\n".join(mot_lines(sight)) + "\n", encoding="utf-8")
        found = score(truth, tracks)
    return MeshResult(
        scene, len(seen), sight.boxes.shape[1], len(tracks), found, find_mistakes(sight, tracks), len(ids_of(tracks))
    )


def _only(sight: Sight, frames: list[int]) -> Sight:
    return Sight(**{one.name: getattr(sight, one.name)[frames] for one in fields(Sight)})


def _frame_of(preview: vision_pb2.StreamPreviewResponse, seen: _Seen) -> int:
    since_ns = times.from_timestamp(preview.capture_time) - seen.first_frame_ns
    return round(since_ns / times.NS_PER_S * seen.film.fps)


def _tracked(
    preview: vision_pb2.StreamPreviewResponse, size_px: NDArray[np.float64], numbers: dict[str, int]
) -> TrackedFrame:
    """People with a person id, which get numbers in the order in which they turn up."""
    known = [person for person in preview.people if person.person_id]
    ids = [numbers.setdefault(person.person_id, len(numbers) + 1) for person in known]
    boxes = np.array([[person.left, person.top, person.right, person.bottom] for person in known])
    return TrackedFrame.of(ids, boxes.reshape(-1, 4) * np.tile(size_px, 2))
