"""EdgeService: checks who asks, asks the service that knows, passes the answer on."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from mesh import times
from mesh.errors import InvalidArgument, ResourceExhausted
from mesh.ids import require_uuid
from mesh.server import Drain
from mesh.tokens import Claims, Verifier
from spotter.coach.v1 import coach_pb2
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc
from spotter.identity.v1 import identity_pb2
from spotter.ingest.v1 import ingest_pb2
from spotter.motion.v1 import motion_pb2
from spotter.vision.v1 import vision_pb2
from svc_edge_api import access, snapshot
from svc_edge_api.claims import MemberTokens, claim_url, qr_svg
from svc_edge_api.fanout import Interest
from svc_edge_api.live import LiveEvents
from svc_edge_api.settings import EdgeSettings
from svc_edge_api.upstreams import Upstreams

Context = grpc.aio.ServicerContext[Any, Any]
_ROLES = {
    access.STAFF: edge_pb2.ROLE_STAFF,
    access.KIOSK: edge_pb2.ROLE_KIOSK,
    access.MEMBER: edge_pb2.ROLE_MEMBER,
}


class EdgeService(edge_pb2_grpc.EdgeServiceServicer):
    """The public API."""

    def __init__(
        self,
        settings: EdgeSettings,
        verifier: Verifier,
        member_tokens: MemberTokens,
        upstreams: Upstreams,
        live: LiveEvents,
        drain: Drain,
    ) -> None:
        self._settings = settings
        self._verifier = verifier
        self._member_tokens = member_tokens
        self._upstreams = upstreams
        self._live = live
        self._drain = drain

    async def GetMe(self, request: edge_pb2.GetMeRequest, context: Context) -> edge_pb2.GetMeResponse:
        claims = self._authorize("GetMe", context)
        return edge_pb2.GetMeResponse(
            gym_id=claims.gym_id,
            role=_ROLES[claims.role],
            person_id=claims.person_id or "",
            expire_time=Timestamp(seconds=claims.expire_s),
        )

    async def StreamPerson(
        self, request: edge_pb2.StreamPersonRequest, context: Context
    ) -> AsyncGenerator[edge_pb2.StreamPersonResponse, None]:
        claims = self._authorize("StreamPerson", context)
        person_id = access.require_person(claims, request.person_id)

        async def take_snapshot() -> edge_pb2.Snapshot:
            return await snapshot.of_person(self._upstreams, claims.gym_id, person_id, times.now_ns())

        interest = Interest(claims.gym_id, person_id)
        await _say_open(context)
        async with aclosing(self._live.stream(interest, request.resume_token, take_snapshot)) as updates:
            async for update in updates:
                yield edge_pb2.StreamPersonResponse(update=update)

    async def StreamGym(
        self, request: edge_pb2.StreamGymRequest, context: Context
    ) -> AsyncGenerator[edge_pb2.StreamGymResponse, None]:
        claims = self._authorize("StreamGym", context)

        async def take_snapshot() -> edge_pb2.Snapshot:
            taken = await snapshot.of_gym(self._upstreams, claims.gym_id, times.now_ns())
            _hide_addresses(claims, taken.cameras)
            return taken

        interest = Interest(claims.gym_id, alerts=claims.role == access.STAFF)
        await _say_open(context)
        async with aclosing(self._live.stream(interest, request.resume_token, take_snapshot)) as updates:
            async for update in updates:
                yield edge_pb2.StreamGymResponse(update=_without_addresses(claims, update))

    async def StreamPreview(
        self, request: edge_pb2.StreamPreviewRequest, context: Context
    ) -> AsyncGenerator[edge_pb2.StreamPreviewResponse, None]:
        claims = self._authorize("StreamPreview", context)
        asked = vision_pb2.StreamPreviewRequest(
            gym_id=claims.gym_id,
            camera_id=request.camera_id,
            max_rate_hz=request.max_rate_hz,
            max_width_px=request.max_width_px,
        )
        pictures = self._upstreams.stream("vision", self._upstreams.vision.StreamPreview, asked, self._drain)
        async with aclosing(pictures):
            async for picture in pictures:
                yield edge_pb2.StreamPreviewResponse(preview=picture)

    async def ListPeople(self, request: edge_pb2.ListPeopleRequest, context: Context) -> edge_pb2.ListPeopleResponse:
        claims = self._authorize("ListPeople", context)
        asked = identity_pb2.ListPeopleRequest(
            gym_id=claims.gym_id,
            present_only=request.present_only,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        answer = await self._upstreams.call("identity", self._upstreams.identity.ListPeople, asked)
        return edge_pb2.ListPeopleResponse(people=answer.people, next_page_token=answer.next_page_token)

    async def GetSession(self, request: edge_pb2.GetSessionRequest, context: Context) -> edge_pb2.GetSessionResponse:
        claims = self._authorize("GetSession", context)
        person_id = access.require_person(claims, request.person_id)
        asked = motion_pb2.GetSessionRequest(
            gym_id=claims.gym_id,
            person_id=person_id,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        answer = await self._upstreams.call("motion", self._upstreams.motion.GetSession, asked)
        return edge_pb2.GetSessionResponse(session=answer.session, next_page_token=answer.next_page_token)

    async def ListSets(self, request: edge_pb2.ListSetsRequest, context: Context) -> edge_pb2.ListSetsResponse:
        claims = self._authorize("ListSets", context)
        asked = motion_pb2.ListSetsRequest(
            gym_id=claims.gym_id,
            person_id=access.person_of(claims, request.person_id) or "",
            camera_id=request.camera_id,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        answer = await self._upstreams.call("motion", self._upstreams.motion.ListSets, asked)
        return edge_pb2.ListSetsResponse(sets=answer.sets, next_page_token=answer.next_page_token)

    async def GetSet(self, request: edge_pb2.GetSetRequest, context: Context) -> edge_pb2.GetSetResponse:
        claims = self._authorize("GetSet", context)
        asked = motion_pb2.GetSetRequest(gym_id=claims.gym_id, set_id=request.set_id)
        answer = await self._upstreams.call("motion", self._upstreams.motion.GetSet, asked)
        access.check_owner(claims, answer.set.person_id, "set")
        return edge_pb2.GetSetResponse(set=answer.set)

    async def ListGuidance(
        self, request: edge_pb2.ListGuidanceRequest, context: Context
    ) -> edge_pb2.ListGuidanceResponse:
        claims = self._authorize("ListGuidance", context)
        asked = coach_pb2.ListGuidanceRequest(
            gym_id=claims.gym_id,
            person_id=access.require_person(claims, request.person_id),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        answer = await self._upstreams.call("coach", self._upstreams.coach.ListGuidance, asked)
        return edge_pb2.ListGuidanceResponse(guidance=answer.guidance, next_page_token=answer.next_page_token)

    async def ListExercises(
        self, request: edge_pb2.ListExercisesRequest, context: Context
    ) -> edge_pb2.ListExercisesResponse:
        self._authorize("ListExercises", context)
        asked = motion_pb2.ListExercisesRequest(page_size=request.page_size, page_token=request.page_token)
        answer = await self._upstreams.call("motion", self._upstreams.motion.ListExercises, asked)
        return edge_pb2.ListExercisesResponse(exercises=answer.exercises, next_page_token=answer.next_page_token)

    async def ListClips(self, request: edge_pb2.ListClipsRequest, context: Context) -> edge_pb2.ListClipsResponse:
        claims = self._authorize("ListClips", context)
        asked = ingest_pb2.ListClipsRequest(
            gym_id=claims.gym_id,
            person_id=access.person_of(claims, request.person_id) or "",
            page_size=request.page_size,
            page_token=request.page_token,
        )
        answer = await self._upstreams.call("ingest", self._upstreams.ingest.ListClips, asked)
        return edge_pb2.ListClipsResponse(clips=answer.clips, next_page_token=answer.next_page_token)

    async def ReadClip(
        self, request: edge_pb2.ReadClipRequest, context: Context
    ) -> AsyncGenerator[edge_pb2.ReadClipResponse, None]:
        claims = self._authorize("ReadClip", context)
        known = await self._upstreams.call(
            "ingest",
            self._upstreams.ingest.GetClip,
            ingest_pb2.GetClipRequest(gym_id=claims.gym_id, clip_id=request.clip_id),
        )
        access.check_owner(claims, known.clip.person_id, "clip")
        asked = ingest_pb2.ReadClipRequest(gym_id=claims.gym_id, clip_id=request.clip_id)
        pieces = self._upstreams.stream("ingest", self._upstreams.ingest.ReadClip, asked, self._drain)
        async with aclosing(pieces):
            async for piece in pieces:
                yield edge_pb2.ReadClipResponse(data=piece.data)

    async def CreateCamera(
        self, request: edge_pb2.CreateCameraRequest, context: Context
    ) -> edge_pb2.CreateCameraResponse:
        claims = self._authorize("CreateCamera", context)
        asked = ingest_pb2.CreateCameraRequest(
            gym_id=claims.gym_id, camera=request.camera, request_id=request.request_id
        )
        asked.camera.gym_id = claims.gym_id
        answer = await self._upstreams.call("ingest", self._upstreams.ingest.CreateCamera, asked)
        return edge_pb2.CreateCameraResponse(camera=answer.camera)

    async def GetCamera(self, request: edge_pb2.GetCameraRequest, context: Context) -> edge_pb2.GetCameraResponse:
        claims = self._authorize("GetCamera", context)
        asked = ingest_pb2.GetCameraRequest(gym_id=claims.gym_id, camera_id=request.camera_id)
        answer = await self._upstreams.call("ingest", self._upstreams.ingest.GetCamera, asked)
        return edge_pb2.GetCameraResponse(camera=answer.camera)

    async def ListCameras(self, request: edge_pb2.ListCamerasRequest, context: Context) -> edge_pb2.ListCamerasResponse:
        claims = self._authorize("ListCameras", context)
        asked = ingest_pb2.ListCamerasRequest(
            gym_id=claims.gym_id, page_size=request.page_size, page_token=request.page_token
        )
        answer = await self._upstreams.call("ingest", self._upstreams.ingest.ListCameras, asked)
        _hide_addresses(claims, answer.cameras)
        return edge_pb2.ListCamerasResponse(cameras=answer.cameras, next_page_token=answer.next_page_token)

    async def DeleteCamera(
        self, request: edge_pb2.DeleteCameraRequest, context: Context
    ) -> edge_pb2.DeleteCameraResponse:
        claims = self._authorize("DeleteCamera", context)
        asked = ingest_pb2.DeleteCameraRequest(gym_id=claims.gym_id, camera_id=request.camera_id)
        await self._upstreams.call("ingest", self._upstreams.ingest.DeleteCamera, asked)
        return edge_pb2.DeleteCameraResponse()

    async def PushFrame(self, request: edge_pb2.PushFrameRequest, context: Context) -> edge_pb2.PushFrameResponse:
        claims = self._authorize("PushFrame", context)
        _check_picture(request.jpeg, self._settings.max_frame_bytes)
        asked = ingest_pb2.PushFrameRequest(gym_id=claims.gym_id, camera_id=request.camera_id, jpeg=request.jpeg)
        if request.HasField("capture_time"):
            asked.capture_time.CopyFrom(request.capture_time)
        answer = await self._upstreams.call("ingest", self._upstreams.ingest.PushFrame, asked)
        return edge_pb2.PushFrameResponse(accepted=answer.accepted)

    async def CreateClaimCode(
        self, request: edge_pb2.CreateClaimCodeRequest, context: Context
    ) -> edge_pb2.CreateClaimCodeResponse:
        claims = self._authorize("CreateClaimCode", context)
        asked = identity_pb2.CreateClaimCodeRequest(gym_id=claims.gym_id, person_id=request.person_id)
        if request.HasField("lifetime"):
            asked.lifetime.CopyFrom(request.lifetime)
        answer = await self._upstreams.call("identity", self._upstreams.identity.CreateClaimCode, asked)
        url = claim_url(self._settings.public_url, answer.code)
        return edge_pb2.CreateClaimCodeResponse(
            code=answer.code, url=url, qr_svg=qr_svg(url), expire_time=answer.expire_time
        )

    async def RedeemClaimCode(
        self, request: edge_pb2.RedeemClaimCodeRequest, context: Context
    ) -> edge_pb2.RedeemClaimCodeResponse:
        if not request.code:
            raise InvalidArgument("code", "code must be the one that the kiosk shows.")
        gym_id = self._settings.gym_id
        asked = identity_pb2.RedeemClaimCodeRequest(
            gym_id=gym_id, code=request.code, device_id=require_uuid(request.device_id, "device_id")
        )
        answer = await self._upstreams.call("identity", self._upstreams.identity.RedeemClaimCode, asked)
        token, expire_s = self._member_tokens.mint(gym_id, answer.person.person_id)
        return edge_pb2.RedeemClaimCodeResponse(
            token=token, person=answer.person, expire_time=Timestamp(seconds=expire_s)
        )

    def _authorize(self, method: str, context: Context) -> Claims:
        return access.authorize(self._verifier, method, context.invocation_metadata() or ())


async def _say_open(context: Context) -> None:
    """Sends the headers now, so that a client knows that its stream stands although nothing happens."""
    await context.send_initial_metadata(())


def _hide_addresses(claims: Claims, cameras: Any) -> None:
    """Addresses of cameras, and sentences that name them, are for staff."""
    if claims.role != access.STAFF:
        for camera in cameras:
            camera.ClearField("uri")
            camera.ClearField("state_detail")


def _without_addresses(claims: Claims, update: edge_pb2.LiveUpdate) -> edge_pb2.LiveUpdate:
    """The update as this role may see it. Events are shared by all streams, so what is changed is copied."""
    if claims.role == access.STAFF or not update.event.HasField("camera_state_changed"):
        return update
    own = edge_pb2.LiveUpdate()
    own.CopyFrom(update)
    own.event.camera_state_changed.ClearField("detail")
    return own


def _check_picture(jpeg: bytes, limit_bytes: int) -> None:
    if not jpeg:
        raise InvalidArgument("jpeg", "jpeg is empty; send one JPEG picture.", reason="FRAME_EMPTY")
    if len(jpeg) > limit_bytes:
        raise ResourceExhausted(
            "FRAME_TOO_LARGE",
            f"The picture has {len(jpeg):,} bytes; send at most {limit_bytes:,}.",
            limit_bytes=limit_bytes,
        )
