"""svc_vision as its callers see it; the way of frames through the whole mesh is tested beside the other services."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mesh.launcher.layout import free_ports
from spotter.common.v1 import stream_pb2
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc
from triton_models.build import default_repository, is_built


@pytest.fixture(scope="module")
def models() -> Path:
    if not is_built(default_repository()):
        pytest.skip("the pose models are not built; run `make models`")
    return default_repository()


@pytest.fixture
async def vision(models: Path) -> AsyncIterator[vision_pb2_grpc.VisionServiceStub]:
    address = f"127.0.0.1:{free_ports().services['vision']}"
    environment = os.environ | {
        "SPOTTER_VISION_ADDRESS": address,
        "SPOTTER_MODEL_REPOSITORY": str(models),
        "SPOTTER_POSE_MODEL": "blazepose",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "svc_vision", env=environment)
    async with grpc.aio.insecure_channel(address) as channel:
        await asyncio.wait_for(channel.channel_ready(), 30)
        yield vision_pb2_grpc.VisionServiceStub(channel)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 15) == 0


def opening(codec: str, version: int = 1) -> vision_pb2.WatchRequest:
    opened = stream_pb2.StreamOpen(protocol_version=version, gym_id="gym", camera_id="front", stream_id="s")
    video = vision_pb2.VideoFormat(codec=codec)
    return vision_pb2.WatchRequest(open=vision_pb2.WatchOpen(open=opened, format=video))


def reason_of(error: grpc.aio.AioRpcError) -> str:
    info = error_details_pb2.ErrorInfo()
    assert rpc_status.from_call(error).details[0].Unpack(info)
    return info.reason


async def test_status_names_executor_and_models(vision):
    status = await vision.GetStatus(vision_pb2.GetStatusRequest())
    assert status.executor == "local"
    assert {"blazepose_detect", "blazepose_landmark"} <= set(status.models)
    running = {one.model: (one.device, one.precision) for one in status.model_statuses}
    assert set(running) == set(status.models)
    assert running["blazepose_landmark"] == ("CPU (openvino)", "f32")


@pytest.mark.parametrize(
    ("first", "code", "reason"),
    [
        (opening("theora-of-everything"), grpc.StatusCode.INVALID_ARGUMENT, "CODEC_UNKNOWN"),
        (opening("h264", version=7), grpc.StatusCode.FAILED_PRECONDITION, "PROTOCOL_VERSION"),
        (
            vision_pb2.WatchRequest(access_unit=vision_pb2.AccessUnit(data=b"x")),
            grpc.StatusCode.INVALID_ARGUMENT,
            "STREAM_NOT_OPENED",
        ),
    ],
)
async def test_a_watch_that_opens_wrongly_is_refused_with_a_reason(vision, first, code, reason):
    call = vision.Watch()
    await call.write(first)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert (caught.value.code(), reason_of(caught.value)) == (code, reason)


async def test_a_format_that_changes_to_an_unknown_codec_is_refused_with_its_reason(vision):
    call = vision.Watch()
    await call.write(opening("h264"))
    await call.read()
    await call.write(vision_pb2.WatchRequest(format=vision_pb2.VideoFormat(codec="theora-of-everything")))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert (caught.value.code(), reason_of(caught.value)) == (grpc.StatusCode.INVALID_ARGUMENT, "CODEC_UNKNOWN")


async def test_garbage_between_frames_is_counted_and_ends_nothing(vision):
    call = vision.Watch()
    await call.write(opening("h264"))
    assert (await call.read()).credit.messages > 0
    for sequence in range(1, 5):
        unit = vision_pb2.AccessUnit(
            sequence=sequence, presentation_ns=sequence, capture_time_ns=sequence, key_frame=True, data=os.urandom(400)
        )
        await call.write(vision_pb2.WatchRequest(access_unit=unit))
    async with asyncio.timeout(10):
        while (response := await call.read()).progress.frames_corrupt < 4:
            assert response is not grpc.aio.EOF
    call.cancel()


async def test_a_preview_of_a_camera_that_nobody_watches_is_not_found(vision):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(vision.StreamPreview(vision_pb2.StreamPreviewRequest(gym_id="gym", camera_id="nowhere"))))
    assert (caught.value.code(), reason_of(caught.value)) == (grpc.StatusCode.NOT_FOUND, "CAMERA_NOT_WATCHED")
