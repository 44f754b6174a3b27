"""svc_ingest as a process of its own, with real PostgreSQL and NATS and a server that stands where vision would."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mesh.channels import open_channel
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from tests.svc_ingest.peer import WatchPeer
from tests.svc_ingest.processes import IngestProcess


@pytest.fixture
async def peer() -> AsyncIterator[WatchPeer]:
    server = WatchPeer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """A database of the test's own: a service takes up every camera that it finds."""
    name = f"ingest_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgres_url.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
async def ingest(nats_url: str, database_url: str, peer: WatchPeer, tmp_path: Path) -> AsyncIterator[IngestProcess]:
    service = IngestProcess(nats_url, database_url, f"127.0.0.1:{peer.port}", tmp_path / "home")
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def stub(ingest: IngestProcess) -> AsyncIterator[Any]:
    async with open_channel(ingest.address, ingest_pb2.DESCRIPTOR.services_by_name["IngestService"]) as channel:
        yield ingest_pb2_grpc.IngestServiceStub(channel)


@pytest.fixture
def gym() -> str:
    return f"gym-{uuid.uuid4().hex[:8]}"
