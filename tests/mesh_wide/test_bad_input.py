"""Bad input gets a code, a reason and a sentence that says what to do; the other cameras go on, no log has a trace."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mesh import tokens
from spotter.edge.v1 import edge_pb2
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from spotter_cli.scene import SampleGym
from tests.mesh_wide.gym import Caller, RunningGym, until

STEADY = "steady"
NOBODY = str(uuid.uuid4())


@pytest.fixture(scope="module")
def steady_camera(gym: RunningGym, sample: SampleGym) -> Iterator[str]:
    """Another camera of the gym, which is fine."""

    async def attach() -> None:
        async with gym.edge() as staff:
            await staff.attach(sample.video, STEADY)
            await staff.until_state(STEADY, "LIVE")

    async def detach() -> None:
        async with gym.edge() as staff:
            await staff.detach(STEADY)

    gym.run(attach())
    yield STEADY
    gym.run(detach())


@pytest.fixture(autouse=True)
def others_go_on(gym: RunningGym, steady_camera: str) -> Iterator[None]:
    """Around every test: the other camera's frames are analysed, and nobody logs a traceback."""
    logs, before = gym.log_sizes(), gym.run(_analysed(gym, 0))
    yield
    gym.run(_analysed(gym, before))
    written = gym.logged_since(logs)
    assert [name for name, text in written.items() if "Traceback" in text] == []
    assert [line for text in written.values() for line in text.splitlines() if '"level": "error"' in line] == []


async def _analysed(gym: RunningGym, more_than: int) -> int:
    """The other camera's analysed frames, once there are more than these and it is live."""
    async with gym.edge() as staff:

        async def rose() -> bool:
            return (await staff.until_state(STEADY, "LIVE")).frames_analysed > more_than

        await until(rose, timeout_s=20)
        return int((await staff.camera(STEADY)).frames_analysed)


def _outcome(gym: RunningGym, uri: str | Path, *states: str) -> ingest_pb2.Camera:
    """The camera of a bad source once it is in one of these states; detached again."""

    async def attach() -> ingest_pb2.Camera:
        async with gym.edge() as staff:
            camera_id = await staff.attach(uri, once=True)
            camera = await staff.until_state(camera_id, *states, timeout_s=60)
            await staff.detach(camera_id)
            return camera

    camera = gym.run(attach())
    print(f"{ingest_pb2.Camera.State.Name(camera.state)}: {camera.state_detail}")
    return camera


def test_a_text_file_named_mp4_fails_with_a_sentence(gym: RunningGym, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("Squats on Monday, curls on Tuesday.\n" * 100)
    camera = _outcome(gym, path, "FAILED")
    assert camera.state_detail == f"{path} isn't a video, or it is incomplete; check that it plays elsewhere."


def test_a_video_cut_before_its_index_fails_with_a_sentence(gym: RunningGym, sample: SampleGym, tmp_path: Path) -> None:
    with_index_last = tmp_path / "index_last.mp4"
    _copy(sample.video, with_index_last, index_first=False)
    path = _cut(with_index_last, tmp_path / "cut.mp4")
    assert "isn't a video, or it is incomplete" in _outcome(gym, path, "FAILED").state_detail


def test_a_video_cut_after_its_index_is_analysed_as_far_as_it_goes(
    gym: RunningGym, sample: SampleGym, tmp_path: Path
) -> None:
    with_index_first = tmp_path / "index_first.mp4"
    _copy(sample.video, with_index_first, index_first=True, seconds=10)
    path = _cut(with_index_first, tmp_path / "cut.mp4")
    camera = _outcome(gym, path, "ENDED")
    assert "is incomplete: " in camera.state_detail
    assert "what was read has been analysed" in camera.state_detail
    assert camera.frames_analysed > 0


def test_a_camera_that_answers_nothing_fails_with_a_sentence_and_is_tried_again(gym: RunningGym) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        uri = f"rtsp://user:secret@127.0.0.1:{unused.getsockname()[1]}/stream"
        camera = _outcome(gym, uri, "FAILED")
    assert camera.state_detail.startswith("Nothing listens at rtsp://127.0.0.1:")
    assert "check the port, and that the camera is on" in camera.state_detail
    assert "secret" not in str(camera)


def test_a_video_without_people_ends_well_and_nobody_is_seen(gym: RunningGym, tmp_path: Path) -> None:
    path = tmp_path / "empty_room.mp4"
    _plain_video(path)
    camera = _outcome(gym, path, "ENDED")
    people = _answer(gym, "ListPeople", edge_pb2.ListPeopleRequest(page_size=200)).people
    assert camera.state_detail == ""
    assert camera.frames_analysed > 0
    assert [person for person in people if camera.camera_id in person.camera_ids] == []


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/a.mp4",
        "concat:/etc/passwd",
        "ftp://127.0.0.1/a",
        "tcp://127.0.0.1:1",
        "subfile:,,:a",
        "data:,",
    ],
)
def test_a_scheme_that_is_not_allowed_is_refused(gym: RunningGym, uri: str) -> None:
    request = edge_pb2.CreateCameraRequest(camera=ingest_pb2.Camera(uri=uri))
    told = _refused(gym, "CreateCamera", request, grpc.StatusCode.INVALID_ARGUMENT, "SCHEME_NOT_ALLOWED")
    assert "use one of: device, file, phone, rtsp, rtsps" in told


@pytest.mark.parametrize("uri", ["", "file:", "rtsp://", "a\0b"])
def test_an_address_that_says_nothing_is_refused(gym: RunningGym, uri: str) -> None:
    request = edge_pb2.CreateCameraRequest(camera=ingest_pb2.Camera(uri=uri))
    _refused(gym, "CreateCamera", request, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("jpeg", "code", "reason", "sentence"),
    [
        (b"", grpc.StatusCode.INVALID_ARGUMENT, "FRAME_EMPTY", "send one JPEG picture"),
        (b"no picture", grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "send one whole picture a call"),
        (bytes(3 * 2**19), grpc.StatusCode.RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE", "send at most 1,048,576"),
        (bytes(20 * 10**6), grpc.StatusCode.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE", "send at most 4 MiB"),
    ],
    ids=["0 bytes", "not a picture", "1.5 MB", "20 MB"],
)
def test_a_bad_phone_frame_is_refused(
    gym: RunningGym, jpeg: bytes, code: grpc.StatusCode, reason: str, sentence: str
) -> None:
    async def push() -> grpc.aio.AioRpcError:
        async with gym.edge() as staff:
            camera_id = await staff.attach("phone:")
            request = edge_pb2.PushFrameRequest(camera_id=camera_id, jpeg=jpeg)
            error = await _error(staff, "PushFrame", request)
            await staff.detach(camera_id)
            return error

    assert sentence in _checked(gym.run(push()), code, reason)


def test_a_message_of_20_mb_to_a_service_is_refused(gym: RunningGym) -> None:
    async def push() -> grpc.aio.AioRpcError:
        async with grpc.aio.insecure_channel(gym.mesh.address("ingest")) as channel:
            caller = Caller(ingest_pb2_grpc.IngestServiceStub(channel), "")
            return await _error(caller, "PushFrame", ingest_pb2.PushFrameRequest(jpeg=bytes(20 * 10**6)))

    told = _checked(gym.run(push()), grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
    assert "send at most 16,777,216" in told


@pytest.mark.parametrize("kind", ["expired", "missing", "garbage", "of another gym's key"])
def test_a_token_that_does_not_hold_is_refused(gym: RunningGym, kind: str) -> None:
    stranger = tokens.mint(tokens.create_key(), gym_id="gym", role="staff", lifetime_s=600)[0]
    token = {
        "expired": gym.mint("staff", lifetime_s=-60),
        "missing": "",
        "garbage": "a.b.c",
        "of another gym's key": stranger,
    }[kind]
    request = edge_pb2.GetMeRequest()
    told = _refused(gym, "GetMe", request, grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID", token)
    assert "scan the code on the kiosk again, or ask staff for a new link" in told


@pytest.mark.parametrize(
    ("role", "method", "request_message"),
    [
        ("kiosk", "CreateCamera", edge_pb2.CreateCameraRequest(camera=ingest_pb2.Camera(uri="phone:"))),
        ("kiosk", "ListSets", edge_pb2.ListSetsRequest()),
        ("member", "ListPeople", edge_pb2.ListPeopleRequest()),
        ("member", "DeleteCamera", edge_pb2.DeleteCameraRequest(camera_id=STEADY)),
    ],
)
def test_a_role_that_may_not_is_refused(gym: RunningGym, role: str, method: str, request_message: Any) -> None:
    token = gym.mint(role, person_id=NOBODY if role == "member" else "")
    told = _refused(gym, method, request_message, grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_ALLOWED", token)
    assert told.startswith(f"A {role} token doesn't allow {method}; use a ")


def test_a_kiosk_and_a_member_get_no_pictures(gym: RunningGym) -> None:
    async def watch(token: str) -> grpc.aio.AioRpcError:
        async with gym.edge(token) as caller:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await caller.first("StreamPreview", edge_pb2.StreamPreviewRequest(camera_id=STEADY))
            return raised.value

    for token in (gym.kiosk_token, gym.mint("member", person_id=NOBODY)):
        _checked(gym.run(watch(token)), grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_ALLOWED")


def test_a_member_sees_nobody_else(gym: RunningGym) -> None:
    token = gym.mint("member", person_id=NOBODY)
    request = edge_pb2.GetSessionRequest(person_id=str(uuid.uuid4()))
    _refused(gym, "GetSession", request, grpc.StatusCode.PERMISSION_DENIED, "NOT_YOUR_PERSON", token)


@pytest.mark.parametrize(
    ("method", "request_message", "reason"),
    [
        ("GetCamera", edge_pb2.GetCameraRequest(camera_id="nowhere"), "CAMERA_NOT_FOUND"),
        ("DeleteCamera", edge_pb2.DeleteCameraRequest(camera_id="nowhere"), "CAMERA_NOT_FOUND"),
        ("PushFrame", edge_pb2.PushFrameRequest(camera_id="nowhere", jpeg=b"x"), "CAMERA_NOT_FOUND"),
        ("GetSession", edge_pb2.GetSessionRequest(person_id=NOBODY), "PERSON_NOT_FOUND"),
        ("CreateClaimCode", edge_pb2.CreateClaimCodeRequest(person_id=NOBODY), "PERSON_NOT_FOUND"),
        ("GetSet", edge_pb2.GetSetRequest(set_id=NOBODY), "SET_NOT_FOUND"),
        ("ReadClip", edge_pb2.ReadClipRequest(clip_id=NOBODY), "CLIP_NOT_FOUND"),
        ("StreamPreview", edge_pb2.StreamPreviewRequest(camera_id="nowhere"), "CAMERA_NOT_WATCHED"),
        ("StreamPerson", edge_pb2.StreamPersonRequest(person_id=NOBODY), "PERSON_NOT_FOUND"),
        ("RedeemClaimCode", edge_pb2.RedeemClaimCodeRequest(code="wrong", device_id=NOBODY), "CLAIM_CODE_INVALID"),
    ],
)
def test_an_id_that_nobody_has_is_not_found(gym: RunningGym, method: str, request_message: Any, reason: str) -> None:
    _refused(gym, method, request_message, grpc.StatusCode.NOT_FOUND, reason)


@pytest.mark.parametrize(
    ("method", "request_message"),
    [
        ("GetSet", edge_pb2.GetSetRequest(set_id="seven")),
        ("GetSession", edge_pb2.GetSessionRequest()),
        ("ReadClip", edge_pb2.ReadClipRequest(clip_id="../../etc/passwd")),
        ("GetCamera", edge_pb2.GetCameraRequest(camera_id="Not A Slug")),
        ("ListSets", edge_pb2.ListSetsRequest(page_size=-1)),
        ("ListSets", edge_pb2.ListSetsRequest(page_token="made up")),
        ("StreamGym", edge_pb2.StreamGymRequest(resume_token="made up")),
    ],
)
def test_a_field_that_cannot_be_used_is_named(gym: RunningGym, method: str, request_message: Any) -> None:
    _refused(gym, method, request_message, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


def _answer(gym: RunningGym, method: str, request: Any) -> Any:
    async def ask() -> Any:
        async with gym.edge() as staff:
            return await staff.call(method, request)

    return gym.run(ask())


def _refused(
    gym: RunningGym, method: str, request: Any, code: grpc.StatusCode, reason: str, token: str | None = None
) -> str:
    """The sentence of a call that must fail like this."""

    async def ask() -> grpc.aio.AioRpcError:
        async with gym.edge(token) as caller:
            return await _error(caller, method, request)

    return _checked(gym.run(ask()), code, reason)


async def _error(caller: Caller, method: str, request: Any) -> grpc.aio.AioRpcError:
    streams = method.startswith("Stream") or method == "ReadClip"
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await (caller.first if streams else caller.call)(method, request)
    return raised.value


def _checked(error: grpc.aio.AioRpcError, code: grpc.StatusCode, reason: str) -> str:
    """The sentence of an error with this code and reason."""
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    if status is not None:
        status.details[0].Unpack(info)
    sentence = error.details() or ""
    print(f"{error.code().name} {info.reason}: {sentence}")
    assert (error.code(), info.reason) == (code, reason)
    assert sentence.endswith(".") and len(sentence) > 20, sentence
    return sentence


def _cut(video: Path, cut: Path, share: float = 0.6) -> Path:
    data = video.read_bytes()
    cut.write_bytes(data[: int(len(data) * share)])
    return cut


def _copy(video: Path, copy: Path, *, index_first: bool, seconds: float = 30) -> None:
    """The same pictures in a file with its index (moov) at the front or at the end."""
    options = {"movflags": "faststart"} if index_first else {}
    with av.open(str(video)) as source, av.open(str(copy), "w", options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None and float((packet.pts or 0) * packet.time_base) < seconds:
                packet.stream = stream
                target.mux(packet)


def _plain_video(path: Path) -> None:
    """Two seconds of a wall with some noise."""
    noise = np.random.default_rng(1)
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for _ in range(30):
            picture = (150 + noise.normal(0, 3, (360, 640, 3))).astype(np.uint8)
            target.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        target.mux(stream.encode(None))
