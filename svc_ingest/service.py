"""spotter.ingest.v1.IngestService: protobuf to cameras and clips and back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from mesh import pages, times
from mesh.errors import InvalidArgument
from mesh.ids import derived_id, new_id, require_slug, require_uuid
from mesh.interceptors import Context
from spotter.common.v1 import stream_pb2
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from svc_ingest.cameras import Cameras
from svc_ingest.clip_maker import ClipMaker, ClipWish, unknown_clip
from svc_ingest.messages import camera_message, clip_message
from svc_ingest.records import CameraRecord
from svc_ingest.store import Store

MAX_NAME_LENGTH = 120
MAX_JPEG_BYTES = 2**20
MIN_CLIP_S = 1.0
MAX_CLIP_S = 15.0
_REASON = re.compile(r"[a-z0-9_]{1,63}")
_CHANGEABLE = {"display_name", "uri"}


class IngestService(ingest_pb2_grpc.IngestServiceServicer):
    """Answers calls about cameras and clips."""

    def __init__(self, cameras: Cameras, maker: ClipMaker, store: Store, clip_s: float) -> None:
        self._cameras = cameras
        self._maker = maker
        self._store = store
        self._clip_s = clip_s

    async def CreateCamera(
        self, request: ingest_pb2.CreateCameraRequest, context: Context
    ) -> ingest_pb2.CreateCameraResponse:
        camera = request.camera
        record = CameraRecord(
            gym_id=require_slug(request.gym_id, "gym_id"),
            camera_id=require_slug(camera.camera_id, "camera.camera_id") if camera.camera_id else "",
            display_name=_display_name(camera.display_name),
            uri=camera.uri.strip(),
            every=camera.delivery == stream_pb2.DELIVERY_EVERY,
            once=camera.once,
            request_id=require_uuid(request.request_id, "request_id") if request.request_id else None,
            create_time_ns=times.now_ns(),
        )
        return ingest_pb2.CreateCameraResponse(camera=camera_message(await self._cameras.create(record)))

    async def GetCamera(self, request: ingest_pb2.GetCameraRequest, context: Context) -> ingest_pb2.GetCameraResponse:
        gym_id, camera_id = _ids(request.gym_id, request.camera_id)
        return ingest_pb2.GetCameraResponse(camera=camera_message(await self._cameras.get(gym_id, camera_id)))

    async def ListCameras(
        self, request: ingest_pb2.ListCamerasRequest, context: Context
    ) -> ingest_pb2.ListCamerasResponse:
        size = pages.page_size(request.page_size)
        after = pages.decode_token(request.page_token, 1) or [""]
        rows = await self._cameras.list(require_slug(request.gym_id, "gym_id"), str(after[0]), size + 1)
        return ingest_pb2.ListCamerasResponse(
            cameras=[camera_message(row) for row in rows[:size]],
            next_page_token=pages.encode_token(rows[size - 1].camera_id) if len(rows) > size else "",
        )

    async def UpdateCamera(
        self, request: ingest_pb2.UpdateCameraRequest, context: Context
    ) -> ingest_pb2.UpdateCameraResponse:
        gym_id, camera_id = _ids(request.camera.gym_id, request.camera.camera_id)
        paths = set(request.update_mask.paths)
        if not paths or paths - _CHANGEABLE:
            raise InvalidArgument("update_mask", "update_mask must name display_name, uri, or both.")
        record = await self._cameras.update(
            gym_id,
            camera_id,
            _display_name(request.camera.display_name) if "display_name" in paths else None,
            request.camera.uri.strip() if "uri" in paths else None,
        )
        return ingest_pb2.UpdateCameraResponse(camera=camera_message(record))

    async def DeleteCamera(
        self, request: ingest_pb2.DeleteCameraRequest, context: Context
    ) -> ingest_pb2.DeleteCameraResponse:
        await self._cameras.delete(*_ids(request.gym_id, request.camera_id))
        return ingest_pb2.DeleteCameraResponse()

    async def PushFrame(self, request: ingest_pb2.PushFrameRequest, context: Context) -> ingest_pb2.PushFrameResponse:
        gym_id, camera_id = _ids(request.gym_id, request.camera_id)
        size = len(request.jpeg)
        if not 0 < size <= MAX_JPEG_BYTES:
            raise InvalidArgument(
                "jpeg", f"jpeg has {size:,} bytes; send one picture of 1 to {MAX_JPEG_BYTES:,} bytes a call."
            )
        capture_ns = times.from_timestamp(request.capture_time) if request.HasField("capture_time") else None
        accepted = await self._cameras.push(gym_id, camera_id, request.jpeg, capture_ns)
        return ingest_pb2.PushFrameResponse(accepted=accepted)

    async def CreateClip(
        self, request: ingest_pb2.CreateClipRequest, context: Context
    ) -> ingest_pb2.CreateClipResponse:
        gym_id, camera_id = _ids(request.gym_id, request.camera_id)
        if not _REASON.fullmatch(request.reason):
            raise InvalidArgument("reason", "reason must be 1 to 63 characters of a-z, 0-9 and _.")
        if not request.HasField("center_time"):
            raise InvalidArgument("center_time", "center_time must say which moment the clip is about.")
        seconds = times.to_seconds(request.duration) if request.HasField("duration") else self._clip_s
        if not MIN_CLIP_S <= seconds <= MAX_CLIP_S:
            raise InvalidArgument("duration", f"duration must be {MIN_CLIP_S:.0f} s to {MAX_CLIP_S:.0f} s.")
        key = require_uuid(request.request_id, "request_id") if request.request_id else new_id()
        wish = ClipWish(
            derived_id("clip", gym_id, key),
            gym_id,
            camera_id,
            times.from_timestamp(request.center_time),
            round(seconds * times.NS_PER_S),
            request.reason,
            request.person_id,
            request.set_id,
        )
        return ingest_pb2.CreateClipResponse(clip=clip_message(await self._maker.make(wish)))

    async def GetClip(self, request: ingest_pb2.GetClipRequest, context: Context) -> ingest_pb2.GetClipResponse:
        clip_id = require_uuid(request.clip_id, "clip_id")
        clip = await self._store.clip(require_slug(request.gym_id, "gym_id"), clip_id)
        if clip is None:
            raise unknown_clip(clip_id)
        return ingest_pb2.GetClipResponse(clip=clip_message(clip))

    async def ListClips(self, request: ingest_pb2.ListClipsRequest, context: Context) -> ingest_pb2.ListClipsResponse:
        size = pages.page_size(request.page_size)
        token = pages.decode_token(request.page_token, 2)
        after = (_whole(token[0]), require_uuid(str(token[1]), "page_token")) if token else None
        gym_id = require_slug(request.gym_id, "gym_id")
        rows = await self._store.clips(gym_id, request.person_id, after, size + 1)
        last = rows[size - 1] if len(rows) > size else None
        return ingest_pb2.ListClipsResponse(
            clips=[clip_message(row) for row in rows[:size]],
            next_page_token=pages.encode_token(last.create_time_ns, last.clip_id) if last else "",
        )

    async def ReadClip(
        self, request: ingest_pb2.ReadClipRequest, context: Context
    ) -> AsyncIterator[ingest_pb2.ReadClipResponse]:
        gym_id = require_slug(request.gym_id, "gym_id")
        async for piece in self._maker.read(gym_id, require_uuid(request.clip_id, "clip_id")):
            yield ingest_pb2.ReadClipResponse(data=piece)


def _ids(gym_id: str, camera_id: str) -> tuple[str, str]:
    return require_slug(gym_id, "gym_id"), require_slug(camera_id, "camera_id")


def _display_name(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidArgument("camera.display_name", f"display_name must have at most {MAX_NAME_LENGTH} characters.")
    return name


def _whole(value: str | int) -> int:
    if not isinstance(value, int):
        raise InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.")
    return value
