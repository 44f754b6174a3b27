"""The services behind the edge: one channel each, calls with a deadline, errors that say which service is gone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from mesh.channels import ServiceChannel
from mesh.errors import Unavailable, from_rpc_error
from mesh.server import Drain
from mesh.streams import until_drained
from spotter.coach.v1 import coach_pb2, coach_pb2_grpc
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc, record_pb2, record_pb2_grpc, safety_pb2, safety_pb2_grpc
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc
from svc_edge_api.settings import EdgeSettings

A = TypeVar("A", bound=Message)


@dataclass(frozen=True)
class Upstreams:
    """Stubs of the five services."""

    ingest: ingest_pb2_grpc.IngestServiceStub
    identity: identity_pb2_grpc.IdentityServiceStub
    motion: motion_pb2_grpc.MotionServiceStub
    safety: safety_pb2_grpc.SafetyServiceStub
    record: record_pb2_grpc.RecordServiceStub
    coach: coach_pb2_grpc.CoachServiceStub
    vision: vision_pb2_grpc.VisionServiceStub
    timeout_s: float
    """Longest a unary call may take."""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: EdgeSettings) -> AsyncIterator[Upstreams]:
        """Channels that live as long as the block; none of the services needs to be there yet."""
        descriptors = {
            "ingest": [ingest_pb2.DESCRIPTOR.services_by_name["IngestService"]],
            "identity": [identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]],
            "motion": [
                motion_pb2.DESCRIPTOR.services_by_name["MotionService"],
                safety_pb2.DESCRIPTOR.services_by_name["SafetyService"],
                record_pb2.DESCRIPTOR.services_by_name["RecordService"],
            ],
            "coach": [coach_pb2.DESCRIPTOR.services_by_name["CoachService"]],
            "vision": [vision_pb2.DESCRIPTOR.services_by_name["VisionService"]],
        }
        async with AsyncExitStack() as stack:
            channels = {
                name: (await stack.enter_async_context(ServiceChannel(name, settings, *of_service))).channel
                for name, of_service in descriptors.items()
            }
            yield cls(
                ingest_pb2_grpc.IngestServiceStub(channels["ingest"]),
                identity_pb2_grpc.IdentityServiceStub(channels["identity"]),
                motion_pb2_grpc.MotionServiceStub(channels["motion"]),
                safety_pb2_grpc.SafetyServiceStub(channels["motion"]),
                record_pb2_grpc.RecordServiceStub(channels["motion"]),
                coach_pb2_grpc.CoachServiceStub(channels["coach"]),
                vision_pb2_grpc.VisionServiceStub(channels["vision"]),
                settings.upstream_timeout_s,
            )

    async def call(self, service: str, method: Callable[..., Awaitable[A]], request: Message) -> A:
        """The answer of a unary call. Raises the SpotterError that the service told, or Unavailable that names it."""
        try:
            return await method(request, timeout=self.timeout_s)
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error, service) from None

    async def stream(
        self, service: str, method: grpc.aio.UnaryStreamMultiCallable[Any, A], request: Message, drain: Drain
    ) -> AsyncGenerator[A, None]:
        """The answers of a server stream, until it ends, the caller goes, or the process is to end (Unavailable)."""
        call = method(request)
        try:
            async for answer in until_drained(aiter(call), drain):
                yield answer
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error, service) from None
        finally:
            call.cancel()
        if drain.started:
            raise Unavailable("DRAINING", "This server is restarting; try again in a few seconds.")
