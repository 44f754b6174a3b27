"""svc_motion as its callers see it: real gRPC, real PostgreSQL, real NATS."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mesh import tensors
from mesh.bus import Bus
from mesh.ids import new_id
from mesh.launcher.layout import free_ports
from mesh.settings import MeshSettings
from spotter.common.v1 import stream_pb2, tensor_pb2
from spotter.events.v1 import events_pb2
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc

START_NS = 1_700_000_000_000_000_000


@asynccontextmanager
async def motion_service(nats_url: str, postgres_url: str, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service as its own process, ready to be called."""
    environment = os.environ | {
        "SPOTTER_NATS_URL": nats_url,
        "SPOTTER_DATABASE_URL": postgres_url,
        "SPOTTER_MOTION_ADDRESS": f"127.0.0.1:{port}",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "svc_motion", env=environment)
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await asyncio.wait_for(channel.channel_ready(), 60)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


@pytest.fixture
def port() -> int:
    return free_ports().services["motion"]


@pytest.fixture
def squats(shared_dir: Path) -> tuple[np.ndarray, np.ndarray, int]:
    """Times (s), BlazePose keypoints and true repetitions of a clip with eight squats."""
    name = "squat_air_3q_darebee"
    manifest = json.loads((shared_dir / "MANIFEST.json").read_text())
    truth = next(entry for entry in manifest["files"] if entry["file"] == f"videos/{name}.mp4")
    with np.load(shared_dir / "keypoints" / "mp" / f"{name}.npz") as data:
        return data["t"], np.nan_to_num(data["kp"]).astype(np.float32), truth["reps"]


def frame_of(person_id: str, index: int, time_s: float, keypoints: np.ndarray) -> motion_pb2.FollowRequest:
    time_ns = START_NS + int(time_s * 1e9)
    frame = motion_pb2.PeopleFrame(
        camera_id="front",
        sequence=index + 1,
        capture_time_ns=time_ns,
        receive_time_ns=time_ns,
        width_px=640,
        height_px=360,
        person_ids=[person_id],
        keypoints=tensor_pb2.Keypoints(
            schema=tensor_pb2.KEYPOINT_SCHEMA_BLAZEPOSE_33, image=tensors.to_tensor(keypoints[None])
        ),
    )
    return motion_pb2.FollowRequest(frame=frame)


def opening(gym_id: str, version: int = 1) -> motion_pb2.FollowRequest:
    return motion_pb2.FollowRequest(
        open=stream_pb2.StreamOpen(protocol_version=version, gym_id=gym_id, stream_id=new_id())
    )


async def follow(
    stub: motion_pb2_grpc.MotionServiceStub, gym_id: str, requests: list[motion_pb2.FollowRequest], end: bool
) -> None:
    """Sends frames as credit allows; with `end`, closes the camera and waits until it is flushed."""
    call = stub.Follow()
    await call.write(opening(gym_id))
    credit = (await call.read()).credit.messages
    for request in requests:
        while credit == 0:
            credit += (await call.read()).credit.messages
        await call.write(request)
        credit -= 1
    if end:
        ended = motion_pb2.CameraEnded(camera_id="front", capture_time_ns=requests[-1].frame.capture_time_ns)
        await call.write(motion_pb2.FollowRequest(camera_ended=ended))
        while (await call.read()).WhichOneof("message") != "camera_flushed":
            pass
    else:
        # Everything that was sent is handled once a full window of credit has come back or nothing more comes.
        await asyncio.sleep(1.5)
    call.cancel()


async def events_of(nats_url: str, gym_id: str, count: int) -> list[events_pb2.Event]:
    found = []
    async with Bus(MeshSettings(nats_url=nats_url), "test") as bus:
        async with asyncio.timeout(10):
            async for stored in bus.replay(f"spotter.{gym_id}.motion.>", 0):
                found.append(stored.event)
                if len(found) >= count:
                    break
    return found


async def test_counted_repetitions_are_stored_and_told_once(nats_url, postgres_url, port, squats):
    times_s, keypoints, truth = squats
    gym_id, person_id = f"gym-{new_id()[:8]}", new_id()
    requests = [frame_of(person_id, i, t, keypoints[i]) for i, t in enumerate(times_s)]
    async with (
        motion_service(nats_url, postgres_url, port),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = motion_pb2_grpc.MotionServiceStub(channel)
        await follow(stub, gym_id, requests, end=True)
        listed = await stub.ListSets(motion_pb2.ListSetsRequest(gym_id=gym_id))
        one = await stub.GetSet(motion_pb2.GetSetRequest(gym_id=gym_id, set_id=listed.sets[0].set_id))
        session = await stub.GetSession(motion_pb2.GetSessionRequest(gym_id=gym_id, person_id=person_id))
    assert [(s.exercise, s.repetition_count, s.open) for s in listed.sets] == [("squat", truth, False)]
    assert [repetition.number for repetition in one.set.repetitions] == list(range(1, truth + 1))
    assert all(repetition.view != motion_pb2.CAMERA_VIEW_UNSPECIFIED for repetition in one.set.repetitions)
    assert any(repetition.HasField("stability") for repetition in one.set.repetitions)
    assert all("knees_caving_in" in repetition.not_judged for repetition in one.set.repetitions)
    assert session.session.repetition_count == truth
    events = await events_of(nats_url, gym_id, truth + 2)
    counted = [event.repetition_counted.number for event in events if event.HasField("repetition_counted")]
    assert counted == list(range(1, truth + 1))
    assert len({event.meta.event_id for event in events}) == len(events)


async def test_counting_goes_on_in_the_same_set_after_a_kill(nats_url, postgres_url, port, squats):
    times_s, keypoints, truth = squats
    gym_id, person_id = f"gym-{new_id()[:8]}", new_id()
    requests = [frame_of(person_id, i, t, keypoints[i]) for i, t in enumerate(times_s)]
    half = len(requests) // 2
    async with motion_service(nats_url, postgres_url, port) as process:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await follow(motion_pb2_grpc.MotionServiceStub(channel), gym_id, requests[:half], end=False)
        process.kill()
        await process.wait()
    async with (
        motion_service(nats_url, postgres_url, port),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = motion_pb2_grpc.MotionServiceStub(channel)
        # Vision sends again what it doesn't know to be handled.
        await follow(stub, gym_id, requests[half - 60 :], end=True)
        listed = await stub.ListSets(motion_pb2.ListSetsRequest(gym_id=gym_id))
    assert [(s.exercise, s.repetition_count) for s in listed.sets] == [("squat", truth)]
    events = await events_of(nats_url, gym_id, truth + 2)
    counted = [event.repetition_counted.number for event in events if event.HasField("repetition_counted")]
    assert counted == list(range(1, truth + 1))


async def test_what_a_closed_set_was_counted_from_opens_no_second_one_after_a_kill(
    nats_url, postgres_url, port, squats
):
    times_s, keypoints, truth = squats
    gym_id, person_id = f"gym-{new_id()[:8]}", new_id()
    requests = [frame_of(person_id, i, t, keypoints[i]) for i, t in enumerate(times_s)]
    for sent in (requests, requests[-96:]):
        async with (
            motion_service(nats_url, postgres_url, port) as process,
            grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            stub = motion_pb2_grpc.MotionServiceStub(channel)
            await follow(stub, gym_id, sent, end=True)
            listed = await stub.ListSets(motion_pb2.ListSetsRequest(gym_id=gym_id))
            process.kill()
            await process.wait()
    assert [(s.exercise, s.repetition_count) for s in listed.sets] == [("squat", truth)]


@pytest.mark.parametrize(
    ("first", "code", "reason"),
    [
        (opening("gym", version=99), grpc.StatusCode.FAILED_PRECONDITION, "PROTOCOL_VERSION"),
        (
            frame_of(new_id(), 0, 0.0, np.zeros((33, 3), np.float32)),
            grpc.StatusCode.INVALID_ARGUMENT,
            "STREAM_NOT_OPENED",
        ),
        (opening("No Gym!"), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
    ],
)
async def test_a_stream_that_opens_wrongly_is_refused_with_a_reason(nats_url, postgres_url, port, first, code, reason):
    async with (
        motion_service(nats_url, postgres_url, port),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        call = motion_pb2_grpc.MotionServiceStub(channel).Follow()
        await call.write(first)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert caught.value.code() is code
    info = error_details_pb2.ErrorInfo()
    assert rpc_status.from_call(caught.value).details[0].Unpack(info)
    assert (info.reason, info.domain) == (reason, "motion.spotter")
