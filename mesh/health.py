"""Health that tells the truth: NOT_SERVING while something is gone that a service can't work without."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog
from grpc_health.v1 import health as grpc_health
from grpc_health.v1 import health_pb2
from prometheus_client import Gauge

from mesh import names

_log = structlog.get_logger()
_UP = Gauge(names.METRIC_DEPENDENCY_UP, "1 while the dependency answers.", ["dependency"])
CHECK_INTERVAL_S = 1.0
CHECK_TIMEOUT_S = 2.0


class Dependency(Protocol):
    """Something a service can't work without."""

    @property
    def name(self) -> str:
        """For logs and metrics."""

    async def check(self) -> None:
        """Returns where it answers, raises where it doesn't."""


class HealthMonitor:
    """Asks every dependency once a second and tells gRPC health, overall ("") and for each service name."""

    def __init__(self, service_names: Sequence[str], dependencies: Sequence[Dependency]) -> None:
        self.servicer = grpc_health.aio.HealthServicer()
        self._names = ["", *service_names]
        self._dependencies = list(dependencies)
        self._missing: set[str] | None = None

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(CHECK_INTERVAL_S)

    async def refresh(self) -> None:
        """Asks all dependencies now and publishes what they say."""
        missing = {
            dependency.name
            for dependency, up in zip(
                self._dependencies, await asyncio.gather(*map(_answers, self._dependencies)), strict=True
            )
            if not up
        }
        for dependency in self._dependencies:
            _UP.labels(dependency.name).set(dependency.name not in missing)
        if missing != self._missing:
            status = health_pb2.HealthCheckResponse.NOT_SERVING if missing else health_pb2.HealthCheckResponse.SERVING
            for name in self._names:
                await self.servicer.set(name, status)
            _log.info("health", serving=not missing, missing=sorted(missing))
            self._missing = missing

    async def drain(self) -> None:
        """Says NOT_SERVING from now on, so that nobody sends anything new."""
        await self.servicer.enter_graceful_shutdown()


async def _answers(dependency: Dependency) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await dependency.check()
    except Exception as error:
        _log.debug("dependency_gone", dependency=dependency.name, error=type(error).__name__)
        return False
    return True
