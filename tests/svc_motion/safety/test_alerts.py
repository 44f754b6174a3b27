"""Alerts as their callers see them: real gRPC, real PostgreSQL, real NATS, kills."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mesh import tensors, times
from mesh.bus import Bus
from mesh.ids import new_id
from mesh.launcher.layout import free_ports
from mesh.settings import MeshSettings
from spotter.common.v1 import safety_pb2 as common_pb2
from spotter.common.v1 import tensor_pb2
from spotter.events.v1 import events_pb2
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc, safety_pb2, safety_pb2_grpc
from svc_motion.observation import Observation
from tests.svc_motion.safety.acting import View, film
from tests.svc_motion.safety.falls import KINDS, LENGTH_S
from tests.svc_motion.test_service import follow, motion_service

REPEAT_S = 1.0
FALL = film(KINDS["left"], LENGTH_S, View(fps=10))


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_ALERT_REPEAT_S", str(REPEAT_S))


def frame_of(person_id: str, index: int, seen: Observation) -> motion_pb2.FollowRequest:
    keypoints = seen.keypoints.astype(np.float32)[None]
    frame = motion_pb2.PeopleFrame(
        camera_id="front",
        sequence=index + 1,
        capture_time_ns=seen.capture_time_ns,
        receive_time_ns=seen.capture_time_ns,
        width_px=seen.frame_width_px,
        height_px=seen.frame_height_px,
        person_ids=[person_id],
        keypoints=tensor_pb2.Keypoints(schema=tensor_pb2.KEYPOINT_SCHEMA_COCO_17, image=tensors.to_tensor(keypoints)),
    )
    return motion_pb2.FollowRequest(frame=frame)


def frames_of(person_id: str) -> list[motion_pb2.FollowRequest]:
    return [frame_of(person_id, index, seen) for index, seen in enumerate(FALL)]


@asynccontextmanager
async def stubs(
    port: int,
) -> AsyncIterator[tuple[motion_pb2_grpc.MotionServiceStub, safety_pb2_grpc.SafetyServiceStub]]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield motion_pb2_grpc.MotionServiceStub(channel), safety_pb2_grpc.SafetyServiceStub(channel)


async def told(nats_url: str, gym_id: str, quiet_s: float) -> list[events_pb2.Event]:
    """The alerts' events so far, and those that follow until nothing comes for a while."""
    found: list[events_pb2.Event] = []
    async with Bus(MeshSettings(nats_url=nats_url), "test") as bus:
        events = aiter(bus.replay(f"spotter.{gym_id}.motion.>", 0))
        while True:
            try:
                stored = await asyncio.wait_for(anext(events), quiet_s)
            except TimeoutError:
                return found
            kind = stored.event.WhichOneof("body") or ""
            if kind.startswith("safety_alert"):
                found.append(stored.event)
            if kind == "safety_alert_repeated" and len(found) > 20:
                return found


async def wait_for(
    nats_url: str, gym_id: str, kind: str, count: int = 1, limit_s: float = 10
) -> list[events_pb2.Event]:
    """The first so many events of a kind."""
    found = []
    async with Bus(MeshSettings(nats_url=nats_url), "test") as bus, asyncio.timeout(limit_s):
        async for stored in bus.replay(f"spotter.{gym_id}.motion.{kind}.>", 0):
            found.append(stored.event)
            if len(found) >= count:
                break
    return found


async def test_a_fall_is_stored_told_repeated_and_silent_once_acknowledged(
    nats_url: str, postgres_url: str, port: int
) -> None:
    gym_id, person_id = f"gym-{new_id()[:8]}", new_id()
    async with motion_service(nats_url, postgres_url, port), stubs(port) as (motion, safety):
        await follow(motion, gym_id, frames_of(person_id), end=True)
        (alert,) = (await safety.ListAlerts(safety_pb2.ListAlertsRequest(gym_id=gym_id, open_only=True))).alerts
        assert (alert.kind, alert.person_id, alert.camera_id) == (common_pb2.ALERT_KIND_FALL, person_id, "front")
        assert 0 < alert.place_x_ratio < 1
        assert 0 < alert.place_y_ratio < 1
        (raised,) = await wait_for(nats_url, gym_id, "safety_alert_raised")
        assert raised.safety_alert_raised.alert_id == alert.alert_id
        assert raised.safety_alert_raised.clip_id == alert.clip_id
        (repeated,) = await wait_for(nats_url, gym_id, "safety_alert_repeated")
        assert repeated.safety_alert_repeated.told_count == 2
        request = safety_pb2.AcknowledgeAlertRequest(
            gym_id=gym_id, alert_id=alert.alert_id, acknowledged_by="staff", note="helped up"
        )
        first = (await safety.AcknowledgeAlert(request)).alert
        again = (await safety.AcknowledgeAlert(request)).alert
        assert first.acknowledged_by == "staff"
        assert first.note == "helped up"
        assert again.acknowledge_time == first.acknowledge_time
        (acknowledged,) = await wait_for(nats_url, gym_id, "safety_alert_acknowledged")
        assert acknowledged.safety_alert_acknowledged.alert_id == alert.alert_id
        before = len(await told(nats_url, gym_id, 0.3))
        await asyncio.sleep(2 * REPEAT_S + 1)
        assert len(await told(nats_url, gym_id, 0.3)) == before
        assert not (await safety.ListAlerts(safety_pb2.ListAlertsRequest(gym_id=gym_id, open_only=True))).alerts
        assert len((await safety.ListAlerts(safety_pb2.ListAlertsRequest(gym_id=gym_id))).alerts) == 1


async def test_an_alert_outlives_a_kill_is_repeated_and_raised_once(
    nats_url: str, postgres_url: str, port: int
) -> None:
    gym_id, person_id = f"gym-{new_id()[:8]}", new_id()
    frames = frames_of(person_id)
    async with motion_service(nats_url, postgres_url, port) as process:
        async with stubs(port) as (motion, _):
            await follow(motion, gym_id, frames, end=False)
        await wait_for(nats_url, gym_id, "safety_alert_raised")
        process.kill()
        await process.wait()
    async with motion_service(nats_url, postgres_url, port), stubs(port) as (motion, safety):
        told_before = (await safety.ListAlerts(safety_pb2.ListAlertsRequest(gym_id=gym_id))).alerts[0].told_count
        # Vision sends again what it doesn't know to be handled, from some place before the fall.
        await follow(motion, gym_id, frames[17:], end=True)
        await wait_for(nats_url, gym_id, "safety_alert_repeated", told_before)
        (alert,) = (await safety.ListAlerts(safety_pb2.ListAlertsRequest(gym_id=gym_id))).alerts
    assert alert.told_count > told_before
    events = await told(nats_url, gym_id, 0.5)
    assert [event.WhichOneof("body") for event in events].count("safety_alert_raised") == 1
    numbers = [event.safety_alert_repeated.told_count for event in events if event.HasField("safety_alert_repeated")]
    assert numbers == list(range(2, 2 + len(numbers)))


async def test_two_replicas_tell_each_reminder_once(nats_url: str, postgres_url: str, port: int) -> None:
    gym_id = f"gym-{new_id()[:8]}"
    other = free_ports().services["motion"]
    async with (
        motion_service(nats_url, postgres_url, port),
        motion_service(nats_url, postgres_url, other),
        stubs(port) as (motion, safety),
    ):
        await follow(motion, gym_id, frames_of(new_id()), end=True)
        await wait_for(nats_url, gym_id, "safety_alert_repeated", 2)
        (alert,) = (await safety.ListAlerts(safety_pb2.ListAlertsRequest(gym_id=gym_id))).alerts
        elapsed_s = (times.from_timestamp(alert.told_time) - times.from_timestamp(alert.raise_time)) / times.NS_PER_S
    assert alert.told_count <= 1 + elapsed_s / REPEAT_S


@pytest_asyncio.fixture
async def safety(nats_url: str, postgres_url: str, port: int) -> AsyncIterator[safety_pb2_grpc.SafetyServiceStub]:
    async with motion_service(nats_url, postgres_url, port), stubs(port) as (_, stub):
        yield stub


async def test_wrong_requests_are_answered_with_a_reason(safety: Any) -> None:
    cases: list[tuple[Any, Any, str, str]] = [
        (safety.GetAlert, safety_pb2.GetAlertRequest(gym_id="gym", alert_id=new_id()), "NOT_FOUND", "ALERT_NOT_FOUND"),
        (safety.GetAlert, safety_pb2.GetAlertRequest(gym_id="gym", alert_id="7"), "INVALID_ARGUMENT", "INVALID_FIELD"),
        (safety.ListAlerts, safety_pb2.ListAlertsRequest(gym_id="No"), "INVALID_ARGUMENT", "INVALID_FIELD"),
        (
            safety.ListAlerts,
            safety_pb2.ListAlertsRequest(gym_id="gym", page_token="x"),
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
        (
            safety.ListAlerts,
            safety_pb2.ListAlertsRequest(gym_id="gym", page_size=-1),
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
        (
            safety.AcknowledgeAlert,
            safety_pb2.AcknowledgeAlertRequest(gym_id="gym", alert_id=new_id(), acknowledged_by="staff"),
            "NOT_FOUND",
            "ALERT_NOT_FOUND",
        ),
        (
            safety.AcknowledgeAlert,
            safety_pb2.AcknowledgeAlertRequest(gym_id="gym", alert_id=new_id(), acknowledged_by=""),
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
        (
            safety.AcknowledgeAlert,
            safety_pb2.AcknowledgeAlertRequest(
                gym_id="gym", alert_id=new_id(), acknowledged_by="staff", note="x" * 501
            ),
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
    ]
    for method, request, code, reason in cases:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(request)
        info = error_details_pb2.ErrorInfo()
        assert rpc_status.from_call(caught.value).details[0].Unpack(info)
        assert (caught.value.code().name, info.reason, info.domain) == (code, reason, "motion.spotter"), request
