"""Calls of the public API, over the wire."""

from __future__ import annotations

import uuid

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from spotter.edge.v1 import edge_pb2, edge_pb2_grpc
from spotter.ingest.v1 import ingest_pb2
from tests.svc_edge_api.peers import CLIP, CODE, OTHER, PERSON, Edge, Peers

pytestmark = pytest.mark.asyncio(loop_scope="module")
Stub = edge_pb2_grpc.EdgeServiceStub
Code = grpc.StatusCode


def info_of(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    status = rpc_status.from_call(error)
    assert status is not None
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return info


async def test_the_token_decides_who_is_asking(edge: Edge, stub: Stub) -> None:
    me = await stub.GetMe(edge_pb2.GetMeRequest(), metadata=edge.bearer("member", PERSON))
    assert (me.gym_id, me.role, me.person_id) == (edge.gym, edge_pb2.ROLE_MEMBER, PERSON)
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await stub.GetMe(edge_pb2.GetMeRequest())
    assert (missing.value.code(), info_of(missing.value).reason) == (Code.UNAUTHENTICATED, "TOKEN_MISSING")
    with pytest.raises(grpc.aio.AioRpcError) as expired:
        await stub.GetMe(edge_pb2.GetMeRequest(), metadata=edge.bearer(lifetime_s=-60))
    assert info_of(expired.value).reason == "TOKEN_EXPIRED"
    with pytest.raises(grpc.aio.AioRpcError) as denied:
        await stub.ListPeople(edge_pb2.ListPeopleRequest(), metadata=edge.bearer("member", PERSON))
    assert (denied.value.code(), info_of(denied.value).domain) == (Code.PERMISSION_DENIED, "edge.spotter")


async def test_a_member_sees_their_own_and_nothing_else(edge: Edge, stub: Stub) -> None:
    mine = edge.bearer("member", PERSON)
    session = await stub.GetSession(edge_pb2.GetSessionRequest(), metadata=mine)
    assert session.session.person_id == PERSON
    asked = edge_pb2.GetSessionRequest(page_size=7, page_token=session.next_page_token)
    assert (await stub.GetSession(asked, metadata=mine)).next_page_token == "after 7 of the first page"
    sets = await stub.ListSets(edge_pb2.ListSetsRequest(), metadata=mine)
    assert {found.person_id for found in sets.sets} == {PERSON}
    with pytest.raises(grpc.aio.AioRpcError) as denied:
        await stub.GetSession(edge_pb2.GetSessionRequest(person_id=OTHER), metadata=mine)
    assert denied.value.code() is Code.PERMISSION_DENIED
    with pytest.raises(grpc.aio.AioRpcError) as hidden:
        await stub.GetSet(edge_pb2.GetSetRequest(set_id=str(uuid.uuid4())), metadata=mine)
    assert hidden.value.code() is Code.NOT_FOUND


async def test_a_camera_is_made_in_the_gym_of_the_token(edge: Edge, stub: Stub) -> None:
    camera = ingest_pb2.Camera(camera_id="cam", gym_id="somebody-elses")
    made = await stub.CreateCamera(edge_pb2.CreateCameraRequest(camera=camera), metadata=edge.bearer())
    assert made.camera.gym_id == edge.gym


async def test_only_staff_see_where_cameras_are(edge: Edge, stub: Stub) -> None:
    for role, uri in (("staff", "rtsp://10.0.0.9/1"), ("kiosk", "")):
        cameras = await stub.ListCameras(edge_pb2.ListCamerasRequest(), metadata=edge.bearer(role))
        assert [camera.uri for camera in cameras.cameras] == [uri]


@pytest.mark.parametrize(
    ("size", "code", "reason"),
    [
        (0, Code.INVALID_ARGUMENT, "FRAME_EMPTY"),
        (2**20 + 1, Code.RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE"),
        (20 * 2**20, Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"),
    ],
)
async def test_a_frame_of_the_wrong_size_is_told_the_limit(
    edge: Edge, stub: Stub, size: int, code: grpc.StatusCode, reason: str
) -> None:
    request = edge_pb2.PushFrameRequest(camera_id="cam", jpeg=bytes(size))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.PushFrame(request, metadata=edge.bearer())
    assert (refused.value.code(), info_of(refused.value).reason) == (code, reason)
    if size:
        assert info_of(refused.value).metadata["limit_bytes"] in (str(2**20), str(2**21))


async def test_a_frame_of_a_mebibyte_is_taken(edge: Edge, stub: Stub) -> None:
    request = edge_pb2.PushFrameRequest(camera_id="cam", jpeg=bytes(2**20))
    assert (await stub.PushFrame(request, metadata=edge.bearer("member", PERSON))).accepted


async def test_a_claimed_code_becomes_a_token_that_sees_one_person(edge: Edge, stub: Stub) -> None:
    made = await stub.CreateClaimCode(edge_pb2.CreateClaimCodeRequest(person_id=PERSON), metadata=edge.bearer("kiosk"))
    assert made.url == f"http://gym.test:8080/#claim={CODE}"
    assert made.qr_svg.startswith("<svg") and made.qr_svg.endswith("</svg>")
    redeem = edge_pb2.RedeemClaimCodeRequest(code=made.code, device_id=str(uuid.uuid4()))
    token = (await stub.RedeemClaimCode(redeem)).token
    me = await stub.GetMe(edge_pb2.GetMeRequest(), metadata=(("authorization", f"Bearer {token}"),))
    assert (me.role, me.person_id, me.gym_id) == (edge_pb2.ROLE_MEMBER, PERSON, edge.gym)


async def test_a_code_that_does_not_hold_is_told_so(edge: Edge, stub: Stub) -> None:
    for request, code in (
        (edge_pb2.RedeemClaimCodeRequest(code="WRONG", device_id=str(uuid.uuid4())), Code.NOT_FOUND),
        (edge_pb2.RedeemClaimCodeRequest(code=CODE, device_id="phone"), Code.INVALID_ARGUMENT),
        (edge_pb2.RedeemClaimCodeRequest(device_id=str(uuid.uuid4())), Code.INVALID_ARGUMENT),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.RedeemClaimCode(request)
        assert refused.value.code() is code


async def test_a_clip_comes_whole_to_whom_it_is_about_and_to_nobody_else(edge: Edge, stub: Stub) -> None:
    request = edge_pb2.ReadClipRequest(clip_id=str(uuid.uuid4()))
    pieces = [piece.data async for piece in stub.ReadClip(request, metadata=edge.bearer("member", PERSON))]
    assert b"".join(pieces) == CLIP and max(map(len, pieces)) <= 65536
    with pytest.raises(grpc.aio.AioRpcError) as hidden:
        await anext(aiter(stub.ReadClip(request, metadata=edge.bearer("member", OTHER))))
    assert hidden.value.code() is Code.NOT_FOUND


async def test_a_preview_ends_at_vision_when_nobody_looks_any_more(edge: Edge, stub: Stub, peers: Peers) -> None:
    request = edge_pb2.StreamPreviewRequest(camera_id="cam", max_width_px=320)
    pictures = stub.StreamPreview(request, metadata=edge.bearer())
    first = await anext(aiter(pictures))
    assert (first.preview.jpeg, first.preview.width_px) == (b"cam", 320)
    pictures.cancel()
    await peers.vision.ended.wait()


async def test_calls_that_need_a_service_that_is_gone_say_so_and_others_go_on(own_edge: Edge, own_peers: Peers) -> None:
    await own_peers.servers["motion"].stop(0)
    async with own_edge.connect() as channel:
        stub = own_edge.stub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as gone:
            await stub.ListSets(edge_pb2.ListSetsRequest(), metadata=own_edge.bearer())
        assert gone.value.code() is Code.UNAVAILABLE and "motion" in str(gone.value.details())
        assert (await stub.ListPeople(edge_pb2.ListPeopleRequest(), metadata=own_edge.bearer())).people
        health = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert health.status == health_pb2.HealthCheckResponse.SERVING
