from __future__ import annotations

import asyncio
import io
import itertools
import socket
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from mesh import names, times
from mesh.bus import Bus
from mesh.errors import from_rpc_error
from mesh.settings import MeshSettings
from spotter.common.v1 import exercise_pb2, safety_pb2, stream_pb2
from spotter.events.v1 import events_pb2
from spotter.ingest.v1 import ingest_pb2 as pb
from tests.svc_ingest.peer import WatchPeer
from tests.svc_ingest.processes import IngestProcess, free_port
from tests.svc_ingest.videos import jpeg, open_video, write_video

LIVE, FAILED, ENDED = pb.Camera.STATE_LIVE, pb.Camera.STATE_FAILED, pb.Camera.STATE_ENDED
EVERY = stream_pb2.DELIVERY_EVERY


async def attach(stub: Any, gym: str, uri: object, request_id: str = "", **fields: Any) -> pb.Camera:
    request = pb.CreateCameraRequest(gym_id=gym, camera=pb.Camera(uri=str(uri), **fields), request_id=request_id)
    camera: pb.Camera = (await stub.CreateCamera(request)).camera
    return camera


async def look(stub: Any, gym: str, camera_id: str) -> pb.Camera:
    camera: pb.Camera = (await stub.GetCamera(pb.GetCameraRequest(gym_id=gym, camera_id=camera_id))).camera
    return camera


async def until(
    stub: Any, gym: str, camera_id: str, holds: Callable[[pb.Camera], bool], limit_s: float = 15.0
) -> pb.Camera:
    started = time.monotonic()
    while not holds(camera := await look(stub, gym, camera_id)):
        assert time.monotonic() - started < limit_s, camera
        await asyncio.sleep(0.05)
    return camera


async def refused(call: Awaitable[Any]) -> Any:
    """The error that a call ends with, as a client sees it."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return from_rpc_error(caught.value, "ingest")


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    async with Bus(MeshSettings(nats_url=nats_url), "test") as connected:
        yield connected


async def events_of(bus: Bus, subject: str, count: int) -> list[events_pb2.Event]:
    found: list[events_pb2.Event] = []
    async with asyncio.timeout(15):
        async for stored in bus.replay(subject, 0):
            found.append(stored.event)
            if len(found) == count:
                break
    return found


async def test_every_frame_of_a_file_arrives_once_and_the_camera_ends(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path, bus: Bus
) -> None:
    path = write_video(tmp_path / "Squat one.mp4", 150)
    camera = await attach(stub, gym, path, once=True, delivery=EVERY)
    assert camera.camera_id == "squat-one"
    ended = await until(stub, gym, "squat-one", lambda now: now.state == ENDED)
    assert (ended.frames_read, ended.frames_analysed, ended.frames_dropped) == (150, 150, 0)
    assert (ended.codec, ended.width_px, ended.height_px, ended.frame_rate_hz) == ("h264", 160, 120, 25.0)
    (seen,) = peer.of("squat-one")
    assert seen.ended and [unit.sequence for unit in seen.units] == list(range(1, 151))
    shown = sorted(seen.capture_times_ns)
    assert {b - a for a, b in itertools.pairwise(shown)} == {40_000_000}
    changes = await events_of(bus, names.event_subject(gym, "ingest", "camera_state_changed", "squat-one"), 2)
    assert [change.camera_state_changed.state for change in changes] == ["STATE_LIVE", "STATE_ENDED"]
    assert changes[0].camera_state_changed.previous_state == "STATE_CONNECTING"


async def test_a_live_file_is_paced_and_goes_on_after_its_end_without_a_gap(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path
) -> None:
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 25), camera_id="loop")
    camera = await until(stub, gym, "loop", lambda now: now.frames_read >= 60)
    lag_s = time.time() - times.from_timestamp(camera.last_frame_time) / 1e9
    assert camera.state == LIVE and abs(lag_s) < 0.5
    (seen,) = peer.of("loop")
    shown = sorted(seen.capture_times_ns)
    # The newest pictures are coded out of order, so those between them are still to come.
    assert max(b - a for a, b in itertools.pairwise(shown[:-4])) < 60_000_000
    assert seen.corrupt == 0 and camera.frames_dropped == 0
    assert all(unit.receive_time_ns >= unit.capture_time_ns for unit in seen.units)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.mp4", None, "There is no file"),
        ("text.mp4", b"hello " * 3000, "isn't a video"),
        ("empty.mp4", b"", "isn't a video"),
    ],
)
async def test_what_is_no_video_fails_with_a_sentence_and_others_go_on(
    stub: Any, gym: str, tmp_path: Path, ingest: IngestProcess, name: str, content: bytes | None, sentence: str
) -> None:
    await attach(stub, gym, write_video(tmp_path / "good.mp4", 25), camera_id="good")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    await attach(stub, gym, tmp_path / name, camera_id="bad", once=True)
    failed = await until(stub, gym, "bad", lambda now: now.state == FAILED)
    assert sentence in failed.state_detail and str(tmp_path / name) in failed.state_detail
    before = (await look(stub, gym, "good")).frames_read
    await until(stub, gym, "good", lambda now: now.frames_read > before + 10)
    assert b"Traceback" not in ingest.output and b"exception" not in ingest.output


async def test_a_truncated_video_is_analysed_as_far_as_it_goes(
    stub: Any, gym: str, tmp_path: Path, ingest: IngestProcess
) -> None:
    whole = write_video(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    await attach(stub, gym, tmp_path / "half.mp4", once=True, delivery=EVERY)
    ended = await until(stub, gym, "half", lambda now: now.state == ENDED)
    assert 10 < ended.frames_analysed < 90 and "incomplete" in ended.state_detail


async def test_a_camera_that_does_not_answer_fails_is_tried_again_and_never_shows_its_password(
    stub: Any, gym: str, ingest: IngestProcess, bus: Bus
) -> None:
    uri = f"rtsp://admin:geheim@127.0.0.1:{free_port()}/cam"
    created = await attach(stub, gym, uri, camera_id="dead")
    assert created.uri == uri.replace("admin:geheim@", "")
    failed = await until(stub, gym, "dead", lambda now: now.state == FAILED)
    assert "Nothing listens" in failed.state_detail
    listed = await stub.ListCameras(pb.ListCamerasRequest(gym_id=gym))
    subject = names.event_subject(gym, "ingest", "camera_state_changed", "dead")
    told = await events_of(bus, subject, 1)
    assert "geheim" not in f"{created}{failed}{listed}{told}" and b"geheim" not in ingest.output


async def test_a_codec_that_vision_does_not_know_fails_with_its_sentence(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path
) -> None:
    peer.refused.add("h264")
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 200), camera_id="cam", once=True, delivery=EVERY)
    failed = await until(stub, gym, "cam", lambda now: now.state == FAILED)
    assert "this codec can't be decoded" in failed.state_detail
    await asyncio.sleep(1.0)
    assert len(peer.of("cam")) == 1 and (await look(stub, gym, "cam")).state == FAILED


async def test_an_address_that_answers_nothing_fails_in_time(stub: Any, gym: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        await attach(stub, gym, f"rtsp://127.0.0.1:{silent.getsockname()[1]}/cam", camera_id="silent")
        failed = await until(stub, gym, "silent", lambda now: now.state == FAILED)
    assert "doesn't answer within 2 s" in failed.state_detail


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"uri": "http://example.org/a.mp4"}, "camera.uri"),
        ({"uri": ""}, "camera.uri"),
        ({"uri": "phone:", "camera_id": "Not An Id"}, "camera.camera_id"),
        ({"uri": "phone:", "display_name": "x" * 121}, "camera.display_name"),
    ],
)
async def test_a_camera_that_can_not_be_is_refused(stub: Any, gym: str, fields: dict[str, Any], field: str) -> None:
    error = await refused(stub.CreateCamera(pb.CreateCameraRequest(gym_id=gym, camera=pb.Camera(**fields))))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT and error.metadata["field"] == field


async def test_cameras_are_created_once_a_request_and_have_ids_of_their_own(stub: Any, gym: str) -> None:
    request_id = str(uuid.uuid4())
    first = await attach(stub, gym, "phone:", request_id)
    again = await attach(stub, gym, "phone:", request_id)
    second = await attach(stub, gym, "phone:")
    assert (first.camera_id, again.camera_id, second.camera_id) == ("phone", "phone", "phone-2")
    taken = await refused(attach(stub, gym, "phone:", camera_id="phone"))
    assert taken.code is grpc.StatusCode.ALREADY_EXISTS
    page = await stub.ListCameras(pb.ListCamerasRequest(gym_id=gym, page_size=1))
    rest = await stub.ListCameras(pb.ListCamerasRequest(gym_id=gym, page_size=1, page_token=page.next_page_token))
    assert [page.cameras[0].camera_id, rest.cameras[0].camera_id] == ["phone", "phone-2"]
    assert not rest.next_page_token


async def test_a_camera_is_renamed_moved_and_deleted(stub: Any, gym: str, peer: WatchPeer, tmp_path: Path) -> None:
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 25), camera_id="cam")
    await until(stub, gym, "cam", lambda now: now.frames_analysed > 5)
    moved = pb.UpdateCameraRequest(
        camera=pb.Camera(gym_id=gym, camera_id="cam", display_name="Rack", uri=str(write_video(tmp_path / "b.mp4", 30)))
    )
    moved.update_mask.paths.extend(["display_name", "uri"])
    assert (await stub.UpdateCamera(moved)).camera.display_name == "Rack"
    camera = await until(stub, gym, "cam", lambda now: now.uri.endswith("b.mp4") and now.state == LIVE)
    assert camera.display_name == "Rack"
    await stub.DeleteCamera(pb.DeleteCameraRequest(gym_id=gym, camera_id="cam"))
    assert (await refused(look(stub, gym, "cam"))).code is grpc.StatusCode.NOT_FOUND
    assert all(seen.ended for seen in peer.of("cam"))
    moved.update_mask.paths.append("state")
    assert (await refused(stub.UpdateCamera(moved))).reason == "INVALID_FIELD"


async def push(stub: Any, gym: str, camera_id: str, data: bytes) -> bool:
    response = await stub.PushFrame(pb.PushFrameRequest(gym_id=gym, camera_id=camera_id, jpeg=data))
    return bool(response.accepted)


async def test_a_phone_s_frames_reach_vision_and_stop_being_live(stub: Any, gym: str, peer: WatchPeer) -> None:
    await attach(stub, gym, "phone:", camera_id="phone")
    accepted = 0
    for index in range(20):
        accepted += await push(stub, gym, "phone", jpeg(index))
        await asyncio.sleep(0.05)
    camera = await look(stub, gym, "phone")
    assert (camera.state, camera.codec, camera.width_px) == (LIVE, "mjpeg", 160)
    assert accepted >= 10 and sum(seen.decoded for seen in peer.of("phone")) >= accepted
    stalled = await until(stub, gym, "phone", lambda now: now.state == pb.Camera.STATE_STALLED)
    assert "No frame for 2 s" in stalled.state_detail
    await push(stub, gym, "phone", jpeg())
    assert (await look(stub, gym, "phone")).state == LIVE


@pytest.mark.parametrize(
    ("camera_id", "data", "code"),
    [
        ("phone", b"", grpc.StatusCode.INVALID_ARGUMENT),
        ("phone", b"not a picture", grpc.StatusCode.INVALID_ARGUMENT),
        ("phone", b"\xff\xd8" + b"x" * 2**20, grpc.StatusCode.INVALID_ARGUMENT),
        ("phone", b"x" * (20 * 2**20), grpc.StatusCode.RESOURCE_EXHAUSTED),
        ("nobody", b"x", grpc.StatusCode.NOT_FOUND),
        ("file", b"x", grpc.StatusCode.FAILED_PRECONDITION),
    ],
)
async def test_a_frame_that_can_not_be_taken_is_refused(
    stub: Any, gym: str, camera_id: str, data: bytes, code: grpc.StatusCode
) -> None:
    await attach(stub, gym, "phone:", camera_id="phone")
    await attach(stub, gym, "/nowhere.mp4", camera_id="file")
    error = await refused(push(stub, gym, camera_id, data))
    assert error.code is code and error.message


async def test_a_busy_vision_gets_nothing_without_credit_and_the_phone_is_told(
    stub: Any, gym: str, peer: WatchPeer
) -> None:
    peer.window, peer.grants = 3, False
    await attach(stub, gym, "phone:", camera_id="phone")
    taken = []
    for index in range(12):
        taken.append(await push(stub, gym, "phone", jpeg(index)))
        await asyncio.sleep(0.05)
    assert not any(taken[-5:])
    assert sum(len(seen.units) for seen in peer.of("phone")) == 3
    camera = await until(stub, gym, "phone", lambda now: now.frames_dropped >= 8)
    assert camera.state == LIVE


async def clip_frames(stub: Any, gym: str, clip_id: str) -> int:
    request = pb.ReadClipRequest(gym_id=gym, clip_id=clip_id)
    pieces = [piece.data async for piece in stub.ReadClip(request)]
    assert all(0 < len(piece) <= 64 * 1024 for piece in pieces)
    with open_video(io.BytesIO(b"".join(pieces))) as container:
        return len(list(container.decode(video=0)))


async def test_a_clip_waits_for_its_end_is_kept_and_announced_once(
    stub: Any, gym: str, tmp_path: Path, bus: Bus
) -> None:
    await attach(stub, gym, write_video(tmp_path / "a.mp4"), camera_id="cam")
    camera = await until(stub, gym, "cam", lambda now: now.frames_read > 40)
    request = pb.CreateClipRequest(
        gym_id=gym,
        camera_id="cam",
        center_time=camera.last_frame_time,
        duration=times.to_duration(2.0),
        person_id="p1",
        reason="by_hand",
        request_id=str(uuid.uuid4()),
    )
    first, again = await asyncio.gather(stub.CreateClip(request), stub.CreateClip(request))
    assert first.clip == again.clip == (await stub.CreateClip(request)).clip
    assert 2.0 <= times.to_seconds(first.clip.duration) <= 3.2
    assert await clip_frames(stub, gym, first.clip.clip_id) >= 50
    got = await stub.GetClip(pb.GetClipRequest(gym_id=gym, clip_id=first.clip.clip_id))
    listed = await stub.ListClips(pb.ListClipsRequest(gym_id=gym, person_id="p1"))
    assert list(listed.clips) == [got.clip] == [first.clip]
    assert not (await stub.ListClips(pb.ListClipsRequest(gym_id=gym, person_id="p2"))).clips
    (ready,) = await events_of(bus, names.event_subject(gym, "ingest", "clip_ready", "p1"), 1)
    assert ready.clip_ready.clip_id == first.clip.clip_id
    old = pb.CreateClipRequest(gym_id=gym, camera_id="cam", reason="x", center_time=times.to_timestamp(10**9))
    assert (await refused(stub.CreateClip(old))).reason == "CLIP_NOT_KEPT"


async def test_clips_are_listed_newest_first_page_by_page(stub: Any, gym: str, tmp_path: Path) -> None:
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 60), camera_id="cam", once=True, delivery=EVERY)
    camera = await until(stub, gym, "cam", lambda now: now.state == ENDED)
    made = []
    for _ in range(3):
        request = pb.CreateClipRequest(gym_id=gym, camera_id="cam", center_time=camera.last_frame_time, reason="x")
        made.append((await stub.CreateClip(request)).clip.clip_id)
    found, token = list[str](), ""
    while True:
        page = await stub.ListClips(pb.ListClipsRequest(gym_id=gym, page_size=2, page_token=token))
        found += [clip.clip_id for clip in page.clips]
        if not (token := page.next_page_token):
            break
    assert found == made[::-1]


def fault_event(gym: str, camera_id: str, set_id: str, capture_ns: int) -> events_pb2.Event:
    now = times.to_timestamp(capture_ns)
    return events_pb2.Event(
        meta=events_pb2.EventMeta(event_id=str(uuid.uuid4()), gym_id=gym, capture_time=now, receive_time=now),
        fault_detected=events_pb2.FaultDetected(
            set_id=set_id,
            person_id="p1",
            camera_id=camera_id,
            exercise="squat",
            fault=exercise_pb2.Fault(name="shallow_squat"),
        ),
    )


async def test_a_fault_and_a_closed_set_make_one_clip_each(stub: Any, gym: str, tmp_path: Path, bus: Bus) -> None:
    await attach(stub, gym, write_video(tmp_path / "a.mp4"), camera_id="cam")
    camera = await until(stub, gym, "cam", lambda now: now.frames_read > 40)
    set_id, at_ns = str(uuid.uuid4()), times.from_timestamp(camera.last_frame_time)
    for shift_ns in (0, 500_000_000):
        fault = fault_event(gym, "cam", set_id, at_ns + shift_ns)
        await bus.publish(names.event_subject(gym, "motion", "fault_detected", "p1"), fault)
    closed = events_pb2.Event(
        meta=events_pb2.EventMeta(event_id=str(uuid.uuid4()), gym_id=gym, capture_time=times.to_timestamp(at_ns)),
        set_closed=events_pb2.SetClosed(set_id=set_id, person_id="p1", camera_id="cam", exercise="squat"),
    )
    await bus.publish(names.event_subject(gym, "motion", "set_closed", "p1"), closed)
    ready = await events_of(bus, names.event_subject(gym, "ingest", "clip_ready", "p1"), 2)
    assert {event.clip_ready.reason for event in ready} == {"shallow_squat", "set"}
    assert all(event.meta.cause_event_id for event in ready)
    await asyncio.sleep(0.5)
    assert len((await stub.ListClips(pb.ListClipsRequest(gym_id=gym))).clips) == 2


async def test_an_alert_has_a_clip_cut_of_what_came_before_and_after(
    stub: Any, gym: str, tmp_path: Path, bus: Bus
) -> None:
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 250), camera_id="cam")
    camera = await until(stub, gym, "cam", lambda now: now.frames_read > 100)
    begin_ns, clip_id = times.from_timestamp(camera.last_frame_time), str(uuid.uuid4())
    alert = events_pb2.Event(
        meta=events_pb2.EventMeta(
            event_id=str(uuid.uuid4()), gym_id=gym, capture_time=times.to_timestamp(begin_ns + 1_500_000_000)
        ),
        safety_alert_raised=events_pb2.SafetyAlert(
            alert_id=str(uuid.uuid4()),
            kind=safety_pb2.ALERT_KIND_FALL,
            person_id="p1",
            camera_id="cam",
            begin_time=times.to_timestamp(begin_ns),
            clip_id=clip_id,
        ),
    )
    await bus.publish(names.event_subject(gym, "motion", "safety_alert_raised", "p1"), alert)
    (ready,) = await events_of(bus, names.event_subject(gym, "ingest", "clip_ready", "p1"), 1)
    assert (ready.clip_ready.clip_id, ready.clip_ready.reason) == (clip_id, "fall")
    clip = (await stub.GetClip(pb.GetClipRequest(gym_id=gym, clip_id=clip_id))).clip
    start_ns = times.from_timestamp(clip.start_time)
    assert start_ns <= begin_ns - 2_500_000_000
    assert start_ns + clip.duration.ToNanoseconds() >= begin_ns + 4_000_000_000


async def test_a_killed_vision_is_fed_again_within_two_seconds(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path
) -> None:
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 250), camera_id="cam")
    await until(stub, gym, "cam", lambda now: now.frames_analysed > 20)
    await peer.stop()
    await asyncio.sleep(1.0)
    assert (await look(stub, gym, "cam")).state == LIVE
    back = WatchPeer()
    await back.start(peer.port)
    started = time.monotonic()
    while not back.streams or back.streams[0].decoded < 20:
        assert time.monotonic() - started < 2.0
        await asyncio.sleep(0.02)
    assert back.streams[0].corrupt == 0
    await back.stop()


async def test_every_frame_is_seen_although_vision_dies_in_between(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path
) -> None:
    peer.delay_s = 0.01
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 300), once=True, delivery=EVERY, camera_id="cam")
    await until(stub, gym, "cam", lambda now: now.frames_analysed > 100)
    await peer.stop()
    back = WatchPeer()
    await back.start(peer.port)
    ended = await until(stub, gym, "cam", lambda now: now.state == ENDED)
    sequences = {unit.sequence for seen in [*peer.streams, *back.streams] for unit in seen.units}
    assert sequences == set(range(1, 301)) and ended.frames_dropped == 0
    assert back.streams[0].corrupt == 0 and back.streams[0].ended
    await back.stop()


async def test_a_killed_ingest_takes_its_cameras_up_where_they_were(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path, ingest: IngestProcess
) -> None:
    peer.delay_s = 0.01
    done = await attach(stub, gym, write_video(tmp_path / "done.mp4", 20), once=True, delivery=EVERY)
    await until(stub, gym, done.camera_id, lambda now: now.state == ENDED)
    await attach(stub, gym, write_video(tmp_path / "a.mp4", 400), once=True, delivery=EVERY, camera_id="cam")
    await attach(stub, gym, write_video(tmp_path / "b.mp4", 25), camera_id="loop")
    await until(stub, gym, "cam", lambda now: now.frames_analysed > 150)
    await asyncio.sleep(1.1)
    await asyncio.to_thread(ingest.kill)
    await asyncio.to_thread(ingest.start)
    ended = await until(stub, gym, "cam", lambda now: now.state == ENDED)
    before, after = peer.of("cam")
    assert len(after.units) < 300
    first, last = min(before.capture_times_ns), max(after.capture_times_ns)
    assert (last - first) / 40_000_000 == pytest.approx(399, abs=0.01)
    assert {*before.capture_times_ns, *after.capture_times_ns} == {first + n * 40_000_000 for n in range(400)}
    # Counters are stored once a second, and the decoder that died held up to two pictures.
    assert ended.frames_analysed >= 397
    assert (await look(stub, gym, done.camera_id)).state == ENDED and len(peer.of(done.camera_id)) == 1
    await until(stub, gym, "loop", lambda now: now.state == LIVE)
