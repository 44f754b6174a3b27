"""The schedule in the running service, with two cameras at once."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from pathlib import Path

import av
import grpc
import numpy as np
import pytest
from av.video.stream import VideoStream

from mesh.launcher.layout import free_ports
from spotter.common.v1 import stream_pb2
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc

RATE_HZ = 15
ROOM = np.random.default_rng(3).integers(60, 200, (9, 16)).astype(np.uint8).repeat(40, 0).repeat(40, 1)


def still(index: int) -> np.ndarray:
    return np.stack([ROOM] * 3, axis=2)


def moving(index: int) -> np.ndarray:
    picture = still(index)
    left = 20 + 12 * (index % 40)
    picture[120:240, left : left + 60] = (20, 240, 20)
    return picture


def encoded(picture: Callable[[int], np.ndarray], seconds: float) -> list[tuple[bytes, bool]]:
    """Access units of a film without B pictures, parameter sets in band."""
    with av.open(io.BytesIO(), "w", format="h264") as output:
        stream = output.add_stream("libx264", rate=RATE_HZ, options={"preset": "ultrafast", "tune": "zerolatency"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        units = []
        for index in range(round(seconds * RATE_HZ)):
            frame = av.VideoFrame.from_ndarray(picture(index), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, RATE_HZ)
            units += [(bytes(packet), packet.is_keyframe) for packet in stream.encode(frame)]
    return units


@pytest.fixture
async def vision(blazepose_repository: Path) -> AsyncIterator[vision_pb2_grpc.VisionServiceStub]:
    address = f"127.0.0.1:{free_ports().services['vision']}"
    environment = os.environ | {
        "SPOTTER_VISION_ADDRESS": address,
        "SPOTTER_MODEL_REPOSITORY": str(blazepose_repository),
        "SPOTTER_POSE_MODEL": "blazepose",
        "SPOTTER_METRICS_ADDRESS": "",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "svc_vision", env=environment)
    async with grpc.aio.insecure_channel(address) as channel:
        await asyncio.wait_for(channel.channel_ready(), 60)
        yield vision_pb2_grpc.VisionServiceStub(channel)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 15) == 0


async def watched(
    vision: vision_pb2_grpc.VisionServiceStub,
    camera_id: str,
    units: list[tuple[bytes, bool]],
    delivery: stream_pb2.Delivery.ValueType = stream_pb2.DELIVERY_NEWEST,
) -> list[vision_pb2.WatchProgress]:
    """Plays a film to the service at the speed of capture; its progress, the last one when all is done."""
    call = vision.Watch()
    opened = stream_pb2.StreamOpen(protocol_version=1, gym_id="gym", camera_id=camera_id, stream_id="s")
    video = vision_pb2.VideoFormat(codec="h264")
    await call.write(vision_pb2.WatchRequest(open=vision_pb2.WatchOpen(open=opened, format=video, delivery=delivery)))
    progress: list[vision_pb2.WatchProgress] = []

    async def listen() -> None:
        async for response in call:
            if response.WhichOneof("message") == "progress":
                progress.append(response.progress)

    listening = asyncio.create_task(listen())
    loop, origin_ns = asyncio.get_running_loop(), 1_700_000_000_000_000_000
    began_s = loop.time()
    for number, (data, key) in enumerate(units):
        await asyncio.sleep(max(0.0, began_s + number / RATE_HZ - loop.time()))
        shown_ns = number * 1_000_000_000 // RATE_HZ
        unit = vision_pb2.AccessUnit(
            sequence=number + 1,
            capture_time_ns=origin_ns + shown_ns,
            presentation_ns=shown_ns,
            key_frame=key,
            data=data,
        )
        await call.write(vision_pb2.WatchRequest(access_unit=unit))
    await asyncio.sleep(1.5)
    listening.cancel()
    call.cancel()
    return progress


async def test_a_still_camera_is_looked_at_now_and_then_while_another_gets_its_full_rate(
    vision: vision_pb2_grpc.VisionServiceStub,
) -> None:
    seconds = 5.5
    of_still, of_moving = await asyncio.gather(
        watched(vision, "still", encoded(still, seconds)), watched(vision, "moving", encoded(moving, seconds))
    )
    sent = round(seconds * RATE_HZ)
    for last in (of_still[-1], of_moving[-1]):
        assert last.frames_analysed + last.frames_dropped + last.frames_idle == sent
    # Two seconds of full rate at the beginning, then two looks a second.
    assert of_still[-1].frames_analysed + of_still[-1].frames_dropped == pytest.approx(2 * RATE_HZ + 3.5 * 2, abs=4)
    assert of_moving[-1].frames_idle <= 3
    # Where the machine is busy with other things some are dropped; it must not be most.
    assert of_moving[-1].frames_analysed > 0.4 * sent


async def test_a_camera_wakes_when_its_picture_moves(vision: vision_pb2_grpc.VisionServiceStub) -> None:
    units = encoded(lambda index: still(index) if index < 5 * RATE_HZ else moving(index), 7)
    last = (await watched(vision, "wakes", units))[-1]
    wanted = last.frames_analysed + last.frames_dropped
    assert wanted == pytest.approx(2 * RATE_HZ + 3 * 2 + 2 * RATE_HZ, abs=4)


async def test_where_every_frame_counts_nothing_is_passed_over(vision: vision_pb2_grpc.VisionServiceStub) -> None:
    units = encoded(still, 4)
    last = (await watched(vision, "every", units, stream_pb2.DELIVERY_EVERY))[-1]
    assert (last.frames_idle, last.frames_dropped) == (0, 0)
    assert last.frames_analysed >= 0.5 * len(units)
