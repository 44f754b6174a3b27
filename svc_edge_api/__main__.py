"""Starts the edge: `python -m svc_edge_api`."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from mesh import server
from mesh.bus import Bus
from mesh.errors import StartupError
from mesh.settings import load
from mesh.tokens import Verifier
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc, record_pb2, record_pb2_grpc, safety_pb2, safety_pb2_grpc
from svc_edge_api import web
from svc_edge_api.claims import MemberTokens
from svc_edge_api.live import LiveEvents
from svc_edge_api.record_service import EdgeRecordService
from svc_edge_api.safety_service import EdgeSafetyService
from svc_edge_api.service import EdgeService
from svc_edge_api.settings import EdgeSettings
from svc_edge_api.upstreams import Upstreams

SERVICE = "edge"
SERVICE_NAME = edge_pb2.DESCRIPTOR.services_by_name["EdgeService"].full_name
RECORD_NAME = record_pb2.DESCRIPTOR.services_by_name["EdgeRecordService"].full_name
SAFETY_NAME = safety_pb2.DESCRIPTOR.services_by_name["EdgeSafetyService"].full_name


async def main(settings: EdgeSettings) -> None:
    """Serves the API and the web app until the process is to end."""
    verifier = _verifier(settings.token_jwks_file)
    member_tokens = MemberTokens(_signing_key(settings.token_key_file), settings.member_token_lifetime_s)
    drain = server.Drain()
    async with contextlib.AsyncExitStack() as stack:
        bus = await stack.enter_async_context(Bus(settings, SERVICE))
        upstreams = await stack.enter_async_context(Upstreams.open(settings))
        live = await stack.enter_async_context(
            LiveEvents.running(bus, settings.stream_buffer_events, settings.heartbeat_interval_s)
        )
        if settings.web_address:
            await stack.enter_async_context(web.serving(settings.web_address, settings.web_dir))
        closing = asyncio.create_task(_close_on_drain(drain, live))
        stack.callback(closing.cancel)
        service = EdgeService(settings, verifier, member_tokens, upstreams, live, drain)
        safety = EdgeSafetyService(verifier, upstreams)
        record = EdgeRecordService(verifier, upstreams, drain)
        await server.serve(
            SERVICE,
            settings,
            [
                server.Servicer(SERVICE_NAME, lambda at: edge_pb2_grpc.add_EdgeServiceServicer_to_server(service, at)),
                server.Servicer(
                    SAFETY_NAME, lambda at: safety_pb2_grpc.add_EdgeSafetyServiceServicer_to_server(safety, at)
                ),
                server.Servicer(
                    RECORD_NAME, lambda at: record_pb2_grpc.add_EdgeRecordServiceServicer_to_server(record, at)
                ),
            ],
            dependencies=[bus],
            drain=drain,
        )


async def _close_on_drain(drain: server.Drain, live: LiveEvents) -> None:
    await drain.wait()
    live.close()


def _verifier(path: Path) -> Verifier:
    try:
        return Verifier.from_file(path)
    except (OSError, ValueError) as error:
        raise StartupError(
            f"SPOTTER_TOKEN_JWKS_FILE={path}: can't be used ({type(error).__name__}); `spotter up` writes it."
        ) from None


def _signing_key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StartupError(
            f"SPOTTER_TOKEN_KEY_FILE={path}: can't be read ({error.strerror}); `spotter up` writes it."
        ) from None


if __name__ == "__main__":
    edge_settings = load(EdgeSettings)
    server.run(SERVICE, edge_settings, lambda: main(edge_settings))
