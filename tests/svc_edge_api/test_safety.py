"""Alerts through the edge: for staff, and for nobody else."""

from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest

from mesh import names
from mesh.bus import Bus, StoredEvent
from mesh.channels import open_channel
from mesh.settings import MeshSettings
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc, safety_pb2, safety_pb2_grpc
from spotter.events.v1 import events_pb2
from svc_edge_api.fanout import Fanout, Interest
from tests.svc_edge_api.peers import ALERT, OTHER, PERSON, Edge

pytestmark = pytest.mark.asyncio(loop_scope="module")


def raised(gym: str, person_id: str) -> events_pb2.Event:
    return events_pb2.Event(
        meta=events_pb2.EventMeta(event_id=str(uuid.uuid4()), gym_id=gym),
        safety_alert_raised=events_pb2.SafetyAlert(alert_id=ALERT, person_id=person_id),
    )


async def test_staff_list_read_and_acknowledge_alerts_and_their_role_is_written_down(edge: Edge) -> None:
    async with open_channel(edge.address) as channel:
        stub, staff = safety_pb2_grpc.EdgeSafetyServiceStub(channel), edge.bearer("staff")
        listed = await stub.ListAlerts(safety_pb2.ListAlertsRequest(open_only=True), metadata=staff)
        assert [(alert.alert_id, alert.gym_id) for alert in listed.alerts] == [(ALERT, edge.gym)]
        got = await stub.GetAlert(safety_pb2.GetAlertRequest(alert_id=ALERT), metadata=staff)
        assert got.alert.gym_id == edge.gym
        request = safety_pb2.AcknowledgeAlertRequest(alert_id=ALERT, note="on my way")
        done = await stub.AcknowledgeAlert(request, metadata=staff)
        assert (done.alert.acknowledged_by, done.alert.note) == ("staff", "on my way")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetAlert(safety_pb2.GetAlertRequest(alert_id=OTHER), metadata=staff)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("role", ["kiosk", "member"])
async def test_nobody_else_may_see_or_acknowledge_alerts(edge: Edge, role: str) -> None:
    async with open_channel(edge.address) as channel:
        stub = safety_pb2_grpc.EdgeSafetyServiceStub(channel)
        token = edge.bearer(role, PERSON if role == "member" else "")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ListAlerts(safety_pb2.ListAlertsRequest(), metadata=token)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.AcknowledgeAlert(safety_pb2.AcknowledgeAlertRequest(alert_id=ALERT), metadata=token)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_live_stream_tells_staff_of_an_alert(edge: Edge, stub: edge_pb2_grpc.EdgeServiceStub) -> None:
    call = stub.StreamGym(edge_pb2.StreamGymRequest(), metadata=edge.bearer("staff"))
    first: Any = await call.read()
    assert first.update.HasField("snapshot")
    async with Bus(MeshSettings(nats_url=edge.nats_url), "test") as bus:
        await bus.publish(
            names.event_subject(edge.gym, "motion", "safety_alert_raised", OTHER), raised(edge.gym, OTHER)
        )
    told: Any = await call.read()
    while not told.update.HasField("event"):
        told = await call.read()
    assert told.update.event.safety_alert_raised.alert_id == ALERT
    call.cancel()


async def test_kiosks_and_members_are_not_told_of_alerts() -> None:
    fanout = Fanout(0, 10)
    with (
        fanout.client(Interest("gym", alerts=True)) as staff,
        fanout.client(Interest("gym")) as kiosk,
        fanout.client(Interest("gym", PERSON)) as member,
    ):
        fanout.deliver(StoredEvent(1, raised("gym", PERSON)))
        assert (await staff.next(0.01)).event is not None
        assert (await kiosk.next(0.01)).event is None
        assert (await member.next(0.01)).event is None
