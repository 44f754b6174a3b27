"""svc_identity as a process of its own on a free port, with real PostgreSQL and NATS."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from mesh.channels import open_channel
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from tests.svc_identity.processes import IdentityProcess, free_port


@pytest.fixture
async def identity(nats_url: str, postgres_url: str) -> AsyncIterator[IdentityProcess]:
    service = IdentityProcess(nats_url, postgres_url, f"127.0.0.1:{free_port()}")
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def stub(identity: IdentityProcess) -> AsyncIterator[identity_pb2_grpc.IdentityServiceStub]:
    async with open_channel(identity.address, identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]) as channel:
        yield identity_pb2_grpc.IdentityServiceStub(channel)


@pytest.fixture
def gym() -> str:
    return f"gym-{uuid.uuid4().hex[:8]}"
