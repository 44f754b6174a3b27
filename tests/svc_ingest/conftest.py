"""svc_ingest as a process of its own, with real PostgreSQL and NATS and a server that stands where vision would."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest

from mesh.channels import open_channel
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from tests.svc_ingest.peer import WatchPeer
from tests.svc_ingest.processes import IngestProcess, free_port


def own_database(postgres_url: str) -> str:
    """A database of its own: a service takes up every camera that it finds."""
    name = f"ingest_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgres_url.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="module")
def ingest(nats_url: str, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IngestProcess]:
    """One process for the tests of a module; each has a gym of its own."""
    home = tmp_path_factory.mktemp("ingest")
    service = IngestProcess(nats_url, own_database(postgres_url), free_port(), home)
    service.start()
    yield service
    assert service.stop() == 0


@pytest.fixture
async def peer(ingest: IngestProcess) -> AsyncIterator[WatchPeer]:
    server = WatchPeer()
    await server.start(ingest.vision_port)
    yield server
    await server.stop()


@pytest.fixture
def gym() -> str:
    return f"gym-{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def stub(ingest: IngestProcess, peer: WatchPeer, gym: str) -> AsyncIterator[Any]:
    async with open_channel(ingest.address, ingest_pb2.DESCRIPTOR.services_by_name["IngestService"]) as channel:
        client = ingest_pb2_grpc.IngestServiceStub(channel)
        yield client
        for camera in (await client.ListCameras(ingest_pb2.ListCamerasRequest(gym_id=gym))).cameras:
            await client.DeleteCamera(ingest_pb2.DeleteCameraRequest(gym_id=gym, camera_id=camera.camera_id))
