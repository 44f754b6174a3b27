"""The server every service has: limits, one error mapping, true health, reflection, a graceful end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

from mesh.errors import NotFound
from mesh.launcher.layout import free_ports
from mesh.server import Drain, Servicer, serve
from mesh.settings import MeshSettings
from spotter.coach.v1 import coach_pb2, coach_pb2_grpc

NAME = "spotter.coach.v1.CoachService"


class Answers(coach_pb2_grpc.CoachServiceServicer):
    """Answers by what it is asked."""

    async def ListGuidance(self, request, context):
        match request.person_id:
            case "unknown":
                raise NotFound("PERSON_NOT_FOUND", "There is nobody with this id.", person_id="unknown")
            case "defect":
                raise RuntimeError("secret detail")
            case "slow":
                await asyncio.sleep(5)
        return coach_pb2.ListGuidanceResponse()


class Switch:
    """A dependency that can be turned off."""

    name = "switch"
    up = True

    async def check(self) -> None:
        if not self.up:
            raise ConnectionError


@asynccontextmanager
async def served(switch: Switch | None = None, drain: Drain | None = None) -> AsyncIterator[grpc.aio.Channel]:
    address = f"127.0.0.1:{free_ports().services['coach']}"
    settings = MeshSettings(coach_address=address, default_deadline_s=0.3, max_request_bytes=1000, shutdown_grace_s=1)
    drain = drain or Drain()
    servicer = Servicer(NAME, lambda server: coach_pb2_grpc.add_CoachServiceServicer_to_server(Answers(), server))
    serving = asyncio.create_task(
        serve("coach", settings, [servicer], dependencies=[switch] if switch else [], drain=drain)
    )
    async with grpc.aio.insecure_channel(address) as channel:
        await asyncio.wait_for(channel.channel_ready(), 5)
        yield channel
    drain.start()
    await asyncio.wait_for(serving, 5)


async def call(channel: grpc.aio.Channel, **fields: str) -> tuple[grpc.StatusCode, str, str]:
    """Code, reason and message of the error that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await coach_pb2_grpc.CoachServiceStub(channel).ListGuidance(coach_pb2.ListGuidanceRequest(**fields))
    status = rpc_status.from_call(caught.value)
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == "coach.spotter"
    return caught.value.code(), info.reason, status.message


async def test_errors_reach_the_caller_as_a_status_with_a_reason():
    async with served() as channel:
        assert await call(channel, person_id="unknown") == (
            grpc.StatusCode.NOT_FOUND,
            "PERSON_NOT_FOUND",
            "There is nobody with this id.",
        )


async def test_a_defect_is_told_without_its_details():
    async with served() as channel:
        code, reason, message = await call(channel, person_id="defect")
        assert (code, reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
        assert "secret" not in message


async def test_a_call_ends_at_the_services_own_deadline():
    async with served() as channel:
        assert (await call(channel, person_id="slow"))[:2] == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")


async def test_a_message_that_is_too_large_is_told_the_limit():
    async with served() as channel:
        code, reason, message = await call(channel, page_token="x" * 2000)
        assert (code, reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
        assert "1,000" in message


async def test_health_follows_a_dependency_down_and_up():
    switch = Switch()
    async with served(switch) as channel:
        health = health_pb2_grpc.HealthStub(channel)

        async def status() -> int:
            return (await health.Check(health_pb2.HealthCheckRequest(service=NAME))).status

        assert await status() == health_pb2.HealthCheckResponse.SERVING
        for up, wanted in (
            (False, health_pb2.HealthCheckResponse.NOT_SERVING),
            (True, health_pb2.HealthCheckResponse.SERVING),
        ):
            switch.up = up
            async with asyncio.timeout(4):
                while await status() != wanted:  # noqa: ASYNC110 - another process's state has no event
                    await asyncio.sleep(0.1)


async def test_a_draining_server_says_so_before_it_stops():
    drain = Drain()
    async with served(drain=drain) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        drain.start()
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()


async def test_reflection_lists_the_service():
    async with served() as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        stream = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
        answer = await anext(aiter(stream))
        assert NAME in {service.name for service in answer.list_services_response.service}
