"""The six services as parts."""

from __future__ import annotations

import os
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from mesh.launcher.layout import LOOPBACK, PROJECT_DIR, LauncherSettings, Layout, Ports
from mesh.launcher.process import Part
from mesh.launcher.secrets import Secrets
from mesh.settings import SERVICES

MODULES = {service: "svc_edge_api" if service == "edge" else f"svc_{service}" for service in SERVICES}
# Given to the one service that needs it, whatever else is in our environment.
PRIVATE_VARIABLES = {"ANTHROPIC_API_KEY": "coach", "SPOTTER_TOKEN_KEY_FILE": "edge"}


def part(service: str, environment: dict[str, str], address: str) -> Part:
    """One service as a process of this Python."""
    return Part(
        name=service,
        command=(sys.executable, "-m", MODULES[service]),
        environment=environment,
        working_dir=PROJECT_DIR,
        probe=lambda: _probe(address),
    )


def environment(
    service: str, settings: LauncherSettings, layout: Layout, ports: Ports, secrets: Secrets, urls: dict[str, str]
) -> dict[str, str]:
    """Everything a service is told. `urls` has nats, database and public."""
    values = {name: value for name, value in os.environ.items() if PRIVATE_VARIABLES.get(name, service) == service}
    values |= {f"SPOTTER_{name.upper()}_ADDRESS": f"{LOOPBACK}:{port}" for name, port in ports.services.items()}
    values |= {
        "PYTHONUNBUFFERED": "1",
        # The matrices here are small: a thread pool in every process only makes cores wait for each other.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "SPOTTER_HOME": str(layout.home),
        "SPOTTER_GYM_ID": settings.gym_id,
        "SPOTTER_METRICS_ADDRESS": f"{LOOPBACK}:{ports.metrics[service]}",
        "SPOTTER_NATS_URL": urls["nats"],
        "SPOTTER_DATABASE_URL": urls["database"],
        "SPOTTER_OBJECT_STORE": settings.object_store or (layout.data / "objects").as_uri(),
        "SPOTTER_TOKEN_JWKS_FILE": str(secrets.jwks_file),
        "SPOTTER_WEB_ADDRESS": f"{LOOPBACK}:{ports.web}",
        "SPOTTER_WEB_DIR": str(settings.web_dir.absolute()),
        "SPOTTER_PUBLIC_URL": urls["public"],
        "SPOTTER_MODEL_REPOSITORY": str(settings.model_repository.absolute()),
        "SPOTTER_LOG_LEVEL": settings.log_level,
        "SPOTTER_SHUTDOWN_GRACE_S": str(settings.shutdown_grace_s),
    }
    if service == "edge":
        values["SPOTTER_TOKEN_KEY_FILE"] = str(secrets.signing_key_file)
    if service == "vision" and ports.triton is not None:
        values |= {"SPOTTER_EXECUTOR": "triton", "SPOTTER_TRITON_ADDRESS": f"{LOOPBACK}:{ports.triton.grpc}"}
    if service == "motion" and ports.triton is not None:
        # Whether it asks the server is its own choice: SPOTTER_EXERCISE_EXECUTOR.
        values |= {"SPOTTER_TRITON_ADDRESS": f"{LOOPBACK}:{ports.triton.grpc}"}
    return values


async def _probe(address: str) -> None:
    options = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 200)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=1.5)
        if answer.status != health_pb2.HealthCheckResponse.SERVING:
            raise ConnectionError("not serving")
