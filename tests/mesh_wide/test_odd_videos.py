"""What phones and cameras really send is analysed, upright and at its time, while the other cameras go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mesh import times
from spotter.edge.v1 import edge_pb2
from spotter.ingest.v1 import ingest_pb2
from tests.mesh_wide.gym import Caller, RunningGym, until
from tests.svc_ingest import odd_videos

ENOUGH = 30


@asynccontextmanager
async def watched(staff: Caller, path: Path) -> AsyncIterator[str]:
    """The film as a live camera."""
    camera_id = await staff.attach(path)
    try:
        yield camera_id
    finally:
        await staff.detach(camera_id)


async def analysed(staff: Caller, camera_id: str, more_than: int = ENOUGH) -> ingest_pb2.Camera:
    """The camera, once it is live and so many of its pictures have been analysed."""
    found: list[ingest_pb2.Camera] = []

    async def enough() -> bool:
        found[:] = [await staff.camera(camera_id)]
        return bool(found[0].state == ingest_pb2.Camera.STATE_LIVE and found[0].frames_analysed > more_than)

    try:
        await until(enough, timeout_s=60)
    except TimeoutError:
        raise AssertionError(f"not analysed: {found}") from None
    return found[0]


async def shown(staff: Caller, camera_id: str) -> tuple[Any, float]:
    """A picture as vision sees it, (height, width, 3) BGR, and how old it is, s."""
    request = edge_pb2.StreamPreviewRequest(camera_id=camera_id, max_width_px=320)
    preview = (await staff.first("StreamPreview", request)).preview
    image = cv2.imdecode(np.frombuffer(preview.jpeg, np.uint8), cv2.IMREAD_COLOR)
    return image, time.time() - times.from_timestamp(preview.capture_time) / 1e9


def is_upright(image: Any) -> bool:
    """Red above, blue below."""
    above, below = (half.reshape(-1, 3).mean(axis=0) for half in np.array_split(image, 2))
    return bool(above[2] > above[0] + 60 and below[0] > below[2] + 60)


CASES = {
    "h265": (lambda folder: odd_videos.steady(folder / "h265.mp4", codec="libx265"), (320, 240)),
    "4k": (lambda folder: odd_videos.steady(folder / "four_k.mp4", 20, 3840, 2160), (3840, 2160)),
    "variable rate": (lambda folder: odd_videos.variable_rate(folder / "phone.mp4"), (320, 240)),
    "turned by 90": (lambda folder: odd_videos.rotated(folder / "turned_90.mp4", 90), (240, 320)),
    "turned by 180": (lambda folder: odd_videos.rotated(folder / "turned_180.mp4", 180), (240, 320)),
    "turned by 270": (lambda folder: odd_videos.rotated(folder / "turned_270.mp4", 270), (240, 320)),
}


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_film_is_analysed_upright_and_in_time(gym: RunningGym, tmp_path: Path, case: str) -> None:
    make, size_px = CASES[case]
    path = make(tmp_path)

    async def look() -> None:
        async with gym.edge() as staff, watched(staff, path) as camera_id:
            camera = await analysed(staff, camera_id)
            image, age_s = await shown(staff, camera_id)
        assert (camera.width_px, camera.height_px) == size_px
        assert image.shape[1] / image.shape[0] == pytest.approx(size_px[0] / size_px[1], rel=0.02)
        assert is_upright(image)
        assert -0.5 < age_s < 3
        assert camera.frames_corrupt == 0 and not camera.state_detail

    gym.run(look())


def test_a_change_of_resolution_in_mid_stream_goes_on_in_the_new_size(gym: RunningGym, tmp_path: Path) -> None:
    path = odd_videos.resolution_change(tmp_path / "change.ts", tmp_path)

    async def look() -> None:
        async with gym.edge() as staff, watched(staff, path) as camera_id:
            seen: set[tuple[int, int]] = set()
            recorded: set[tuple[int, int]] = set()

            async def both() -> bool:
                image, _ = await shown(staff, camera_id)
                assert is_upright(image)
                seen.add((round(image.shape[1] / image.shape[0] * 12), 12))
                camera = await staff.camera(camera_id)
                recorded.add((camera.width_px, camera.height_px))
                return seen >= {(16, 12), (9, 12)} and recorded >= {(320, 240), (480, 640)}

            await analysed(staff, camera_id)
            try:
                await until(both, timeout_s=30)
            except TimeoutError:
                raise AssertionError(f"seen {seen}, recorded {recorded}") from None
            assert (await staff.camera(camera_id)).frames_corrupt == 0

    gym.run(look())


def test_garbage_between_good_pictures_costs_pictures_and_nothing_else(gym: RunningGym, tmp_path: Path) -> None:
    whole = odd_videos.steady(tmp_path / "whole.mp4", 90)
    path = odd_videos.with_garbage(tmp_path / "garbage.mp4", whole)

    async def look() -> None:
        async with gym.edge() as staff, watched(staff, whole) as good, watched(staff, path) as bad:
            camera = await analysed(staff, bad)
            image, age_s = await shown(staff, bad)
            assert camera.frames_corrupt > 0
            assert is_upright(image) and age_s < 3
            await asyncio.sleep(0.5)
            assert (await staff.camera(good)).frames_corrupt == 0

    logs = gym.log_sizes()
    gym.run(look())
    assert "Traceback" not in "".join(gym.logged_since(logs).values())
