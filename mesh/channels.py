"""Channels to other services: keepalive, retries for calls that may be repeated, spans."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import TracebackType

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from opentelemetry.instrumentation.grpc import aio_client_interceptors

from mesh.server import HARD_LIMIT_BYTES
from mesh.settings import MeshSettings

_RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
IDEMPOTENT_PREFIXES = ("Get", "List")


def service_config(descriptors: Sequence[ServiceDescriptor]) -> str:
    """gRPC service config that repeats the Get and List calls of these services while the server is away."""
    methods = [
        {"service": descriptor.full_name, "method": method.name}
        for descriptor in descriptors
        for method in descriptor.methods
        if method.name.startswith(IDEMPOTENT_PREFIXES) and not method.server_streaming
    ]
    return json.dumps({"methodConfig": [{"name": methods, "retryPolicy": _RETRY, "waitForReady": False}]})


def open_channel(target: str, *descriptors: ServiceDescriptor) -> grpc.aio.Channel:
    """A channel to host:port. It reconnects by itself within 1 s of the server's return."""
    return grpc.aio.insecure_channel(
        target,
        options=[
            ("grpc.service_config", service_config(descriptors)),
            ("grpc.enable_retries", 1),
            ("grpc.keepalive_time_ms", 10_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 1_000),
            ("grpc.max_receive_message_length", HARD_LIMIT_BYTES),
            ("grpc.max_send_message_length", HARD_LIMIT_BYTES),
            ("grpc.use_local_subchannel_pool", 1),
        ],
        interceptors=aio_client_interceptors(),
    )


class ServiceChannel:
    """A channel to one service of the mesh that is also a dependency for health. Use as `async with`."""

    def __init__(self, service: str, settings: MeshSettings, *descriptors: ServiceDescriptor) -> None:
        self.service = service
        self.channel = open_channel(settings.address_of(service), *descriptors)

    @property
    def name(self) -> str:
        """Name for health."""
        return self.service

    async def check(self) -> None:
        """Returns once the channel is connected; raises ConnectionError while the service can't be reached."""
        state = self.channel.get_state(try_to_connect=True)
        while state in (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING):
            await self.channel.wait_for_state_change(state)
            state = self.channel.get_state(try_to_connect=True)
        if state is not grpc.ChannelConnectivity.READY:
            raise ConnectionError(f"{self.service} can't be reached")

    async def __aenter__(self) -> ServiceChannel:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.channel.close()
