"""The same server for every service: health, reflection, limits, errors, spans, metrics, and a graceful end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
import uvloop
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from opentelemetry.instrumentation.grpc import aio_server_interceptor, filters

from mesh import logs, telemetry
from mesh.errors import StartupError
from mesh.health import Dependency, HealthMonitor
from mesh.interceptors import CallInterceptor
from mesh.settings import MeshSettings

_log = structlog.get_logger()
# A span for the life of a stream says little and breaks when a stream is cancelled: there every message carries its own
# traceparent.
_STREAMS = ("Watch", "Resolve", "Follow", "Converse", "Stream", "Read", "Export")
_TRACED = filters.negate(filters.any_of(filters.health_check(), *(filters.method_prefix(name) for name in _STREAMS)))
# Messages up to this size are read, so that one that is too large for us gets an answer that says so.
HARD_LIMIT_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Servicer:
    """One gRPC service of a process."""

    full_name: str
    """Name in the contract, for instance spotter.ingest.v1.IngestService."""
    add: Callable[[grpc.aio.Server], None]
    """Registers the implementation at the server."""


class Drain:
    """Says when a process is to end. Long-lived streams wait for it beside their own work, finish, and return."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def started(self) -> bool:
        """True once the process is to end."""
        return self._event.is_set()

    def start(self) -> None:
        """From now on everything finishes."""
        self._event.set()

    async def wait(self) -> None:
        """Returns when the process is to end."""
        await self._event.wait()


async def serve(
    name: str,
    settings: MeshSettings,
    servicers: Sequence[Servicer],
    *,
    dependencies: Sequence[Dependency] = (),
    drain: Drain | None = None,
    on_drain: Sequence[Callable[[], Awaitable[None]]] = (),
) -> None:
    """Serves until SIGTERM or SIGINT, then drains: NOT_SERVING, streams finish, `on_drain` in order, stop.

    Raises StartupError where the address can't be listened on.
    """
    drain = drain or Drain()
    monitor = HealthMonitor([servicer.full_name for servicer in servicers], dependencies)
    server = _build(name, settings, servicers, monitor)
    address = settings.listen_address or settings.address_of(name)
    try:
        port = server.add_insecure_port(address)
    except RuntimeError:
        port = 0
    if port == 0:
        raise StartupError(
            f"SPOTTER_{name.upper()}_ADDRESS={address}: can't listen there; free the port or choose another one."
        )
    await monitor.refresh()
    # What is there now stays: without this, every full collection walks 100 000 objects of libraries and models, 0.1 s
    # during which nobody is counted or answered.
    gc.collect()
    gc.freeze()
    await server.start()
    _log.info("serving", address=address)
    _on_signals(drain)
    async with _running(monitor.run()):
        await drain.wait()
    _log.info("draining")
    await monitor.drain()
    await server.stop(settings.shutdown_grace_s / 2)
    for action in on_drain:
        await _finish(action, settings.shutdown_grace_s / 2)
    _log.info("stopped")


def run(service: str, settings: MeshSettings, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a service's main coroutine on uvloop; a StartupError becomes one sentence and exit code 2."""
    logs.configure(service, settings)
    telemetry.configure(service, settings)
    try:
        uvloop.run(main())
    except StartupError as error:
        sys.exit(f"spotter {service}: {error}")


def _build(name: str, settings: MeshSettings, servicers: Sequence[Servicer], monitor: HealthMonitor) -> grpc.aio.Server:
    server = grpc.aio.server(
        interceptors=[
            aio_server_interceptor(filter_=_TRACED),
            CallInterceptor(name, settings),
        ],
        options=[
            ("grpc.max_receive_message_length", HARD_LIMIT_BYTES),
            ("grpc.max_send_message_length", HARD_LIMIT_BYTES),
            ("grpc.so_reuseport", 0),
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
            ("grpc.keepalive_permit_without_calls", 1),
        ],
    )
    for servicer in servicers:
        servicer.add(server)
    health_pb2_grpc.add_HealthServicer_to_server(monitor.servicer, server)
    if settings.reflection:
        names = [*(servicer.full_name for servicer in servicers), health.SERVICE_NAME, reflection.SERVICE_NAME]
        reflection.enable_server_reflection(names, server)
    return server


def _on_signals(drain: Drain) -> None:
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, drain.start)


@contextlib.asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> Any:
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _finish(action: Callable[[], Awaitable[None]], limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await action()
    except Exception as error:
        _log.error("drain_incomplete", action=getattr(action, "__qualname__", str(action)), exc_info=error)
