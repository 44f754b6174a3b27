"""svc_identity as a process of its own on a free port, with real PostgreSQL and NATS."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from mesh.channels import open_channel
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from tests.svc_identity.processes import IdentityProcess, free_port


@pytest.fixture(scope="session")
def shared_identity(nats_url: str, postgres_url: str) -> Iterator[IdentityProcess]:
    service = IdentityProcess(nats_url, postgres_url, f"127.0.0.1:{free_port()}")
    service.start()
    yield service
    service.stop()


@pytest.fixture
def own_identity(nats_url: str, postgres_url: str) -> Iterator[IdentityProcess]:
    """One that may be killed."""
    service = IdentityProcess(nats_url, postgres_url, f"127.0.0.1:{free_port()}")
    yield service
    service.stop()


@pytest.fixture
async def stub(shared_identity: IdentityProcess) -> AsyncIterator[identity_pb2_grpc.IdentityServiceStub]:
    async with open_channel(
        shared_identity.address, identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
    ) as channel:
        yield identity_pb2_grpc.IdentityServiceStub(channel)


@pytest.fixture
def gym() -> str:
    return f"gym-{uuid.uuid4().hex[:8]}"
