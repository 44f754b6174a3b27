"""A client of the public API, through Envoy like every other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import grpc

from mesh import times
from mesh.channels import open_channel
from mesh.ids import slug
from spotter.common.v1 import stream_pb2
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc
from spotter.identity.v1 import identity_pb2
from spotter.ingest.v1 import ingest_pb2
from spotter.motion.v1 import motion_pb2
from spotter.vision.v1 import vision_pb2
from spotter_cli.access import Access

CALL_TIMEOUT_S = 10.0
LARGEST_PAGE = 200
SMALLEST_PREVIEW_PX = 160
RECONNECT_S = 0.3
_FINAL = frozenset(
    {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INVALID_ARGUMENT}
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


@dataclass(frozen=True)
class Received:
    """An update and when it was here."""

    update: edge_pb2.LiveUpdate
    time_ns: int
    """Wall clock."""


class LiveClient:
    """Calls of one staff member. Every call raises grpc.aio.AioRpcError, whose details are a sentence for people."""

    def __init__(self, channel: grpc.aio.Channel, token: str) -> None:
        self._edge: edge_pb2_grpc.EdgeServiceStub = edge_pb2_grpc.EdgeServiceStub(channel)
        self._metadata = (("authorization", f"Bearer {token}"),)

    @classmethod
    @asynccontextmanager
    async def connected(cls, access: Access) -> AsyncIterator[LiveClient]:
        """A client for the length of the block."""
        async with open_channel(access.grpc_target, edge_pb2.DESCRIPTOR.services_by_name["EdgeService"]) as channel:
            yield cls(channel, access.token)

    async def attach(self, camera: ingest_pb2.Camera) -> ingest_pb2.Camera:
        """Attaches a camera; as stored."""
        request = edge_pb2.CreateCameraRequest(camera=camera, request_id=str(uuid4()))
        answer = await self._edge.CreateCamera(request, metadata=self._metadata, timeout=CALL_TIMEOUT_S)
        return answer.camera

    async def camera(self, camera_id: str) -> ingest_pb2.Camera:
        """A camera as it is now."""
        request = edge_pb2.GetCameraRequest(camera_id=camera_id)
        return (await self._edge.GetCamera(request, metadata=self._metadata, timeout=CALL_TIMEOUT_S)).camera

    async def detach(self, camera_id: str) -> None:
        """Detaches a camera."""
        request = edge_pb2.DeleteCameraRequest(camera_id=camera_id)
        await self._edge.DeleteCamera(request, metadata=self._metadata, timeout=CALL_TIMEOUT_S)

    async def sets_of(self, camera_id: str) -> list[motion_pb2.Set]:
        """All sets that a camera has seen, oldest first, without repetitions."""
        found: list[motion_pb2.Set] = []
        request = edge_pb2.ListSetsRequest(camera_id=camera_id, page_size=LARGEST_PAGE)
        while True:
            answer = await self._edge.ListSets(request, metadata=self._metadata, timeout=CALL_TIMEOUT_S)
            found.extend(answer.sets)
            request.page_token = answer.next_page_token
            if not request.page_token:
                return found[::-1]

    async def set_with_repetitions(self, set_id: str) -> motion_pb2.Set:
        """A set with its repetitions."""
        request = edge_pb2.GetSetRequest(set_id=set_id)
        return (await self._edge.GetSet(request, metadata=self._metadata, timeout=CALL_TIMEOUT_S)).set

    async def people(self) -> list[identity_pb2.Person]:
        """Who is present; the 200 seen last."""
        request = edge_pb2.ListPeopleRequest(present_only=True, page_size=LARGEST_PAGE)
        answer = await self._edge.ListPeople(request, metadata=self._metadata, timeout=CALL_TIMEOUT_S)
        return list(answer.people)

    async def previews(self, camera_id: str) -> AsyncIterator[vision_pb2.StreamPreviewResponse]:
        """Pictures of a camera with the people in them, five a second, until it is over."""
        request = edge_pb2.StreamPreviewRequest(camera_id=camera_id, max_width_px=SMALLEST_PREVIEW_PX)
        stream = self._edge.StreamPreview(request, metadata=self._metadata)
        try:
            async for response in stream:
                yield response.preview
        finally:
            stream.cancel()

    async def exercises(self) -> list[motion_pb2.Exercise]:
        """The exercises that can be recognised."""
        request = edge_pb2.ListExercisesRequest(page_size=LARGEST_PAGE)
        answer = await self._edge.ListExercises(request, metadata=self._metadata, timeout=CALL_TIMEOUT_S)
        return list(answer.exercises)

    async def updates(self) -> AsyncIterator[Received]:
        """What happens in the gym, for ever. A broken stream is taken up again where it broke."""
        resume_token = ""
        while True:
            stream = self._edge.StreamGym(edge_pb2.StreamGymRequest(resume_token=resume_token), metadata=self._metadata)
            try:
                async for response in stream:
                    received = Received(response.update, times.now_ns())
                    resume_token = response.update.resume_token or resume_token
                    yield received
            except grpc.aio.AioRpcError as error:
                if error.code() in _FINAL:
                    raise
            finally:
                stream.cancel()
            await asyncio.sleep(RECONNECT_S)


def new_camera(source: str, *, every_frame: bool, once: bool) -> ingest_pb2.Camera:
    """A camera for what a person typed. Its id is new every time, so that what an earlier one saw stays apart."""
    uri, name = source_address(source)
    return ingest_pb2.Camera(
        camera_id=f"{slug(name, 'camera')[:50].strip('-')}-{uuid4().hex[:6]}",
        display_name=name[:120],
        uri=uri,
        delivery=stream_pb2.DELIVERY_EVERY if every_frame else stream_pb2.DELIVERY_NEWEST,
        once=once,
    )


def without_password(source: str) -> str:
    """What a person typed, fit to be shown: an address without its user and password."""
    return re.sub(r"^([a-z0-9+.-]+://)[^/]*@", r"\1", source, flags=re.IGNORECASE)


def source_address(source: str) -> tuple[str, str]:
    """What a person typed as the address of a camera, and what to call it: files get absolute paths."""
    if _SCHEME.match(source):
        return source, re.sub(r"^[a-z0-9+.-]+:(//)?([^/@]*@)?", "", source, flags=re.IGNORECASE) or source
    path = Path(source).expanduser().absolute()
    return str(path), path.stem
