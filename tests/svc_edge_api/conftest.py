"""The edge as a process of its own, with real NATS and gRPC servers behind it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from mesh.bus import Bus
from mesh.settings import MeshSettings
from spotter.edge.v1 import edge_pb2_grpc
from tests.svc_edge_api.peers import Edge, Peers


def new_gym() -> str:
    return f"gym-{uuid.uuid4().hex[:8]}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def peers() -> AsyncIterator[Peers]:
    servers = Peers()
    await servers.start()
    yield servers
    await servers.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def edge(nats_url: str, peers: Peers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    """One for all tests of a module, because a start takes seconds; tests that end it have their `own_edge`."""
    process = Edge(tmp_path_factory.mktemp("edge"), nats_url, peers.addresses, new_gym())
    await process.start()
    yield process
    await process.end()


@pytest_asyncio.fixture(loop_scope="module")
async def stub(edge: Edge) -> AsyncIterator[edge_pb2_grpc.EdgeServiceStub]:
    async with edge.connect() as channel:
        yield edge.stub(channel)


@pytest_asyncio.fixture(loop_scope="module")
async def own_peers() -> AsyncIterator[Peers]:
    servers = Peers()
    await servers.start()
    yield servers
    await servers.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def own_edge(nats_url: str, own_peers: Peers, tmp_path: Path) -> AsyncIterator[Edge]:
    process = Edge(tmp_path, nats_url, own_peers.addresses, new_gym())
    await process.start()
    yield process
    await process.end()


@pytest_asyncio.fixture(loop_scope="module")
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    async with Bus(MeshSettings(nats_url=nats_url), "test") as connected:
        yield connected
