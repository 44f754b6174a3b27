"""Odd films through the real service: each picture arrives at its own time and in its own format."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest

from mesh import times
from spotter.common.v1 import stream_pb2
from spotter.ingest.v1 import ingest_pb2 as pb
from svc_ingest.formats import parameter_sets
from tests.svc_ingest import odd_videos
from tests.svc_ingest.peer import WatchPeer
from tests.svc_ingest.test_service import attach, until
from tests.svc_ingest.videos import open_video

ENDED = pb.Camera.STATE_ENDED
EVERY = stream_pb2.DELIVERY_EVERY


async def test_pictures_of_a_variable_rate_keep_their_times(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path
) -> None:
    await attach(stub, gym, odd_videos.variable_rate(tmp_path / "phone.mp4"), once=True, delivery=EVERY)
    ended = await until(stub, gym, "phone", lambda now: now.state == ENDED)
    shown_ms = [(time_ns - times.from_timestamp(ended.first_frame_time)) / 1e6 for time_ns in _times(peer, "phone")]
    assert shown_ms == pytest.approx(odd_videos.phone_ms(45), abs=1.0)


async def test_h265_arrives_whole(stub: Any, gym: str, peer: WatchPeer, tmp_path: Path) -> None:
    await attach(stub, gym, odd_videos.steady(tmp_path / "a.mp4", codec="libx265"), once=True, delivery=EVERY)
    ended = await until(stub, gym, "a", lambda now: now.state == ENDED)
    (seen,) = peer.of("a")
    assert (ended.codec, seen.decoded, seen.corrupt) == ("hevc", 45, 0)


async def test_a_change_of_resolution_is_told_and_recorded(
    stub: Any, gym: str, peer: WatchPeer, tmp_path: Path
) -> None:
    path = odd_videos.resolution_change(tmp_path / "a.ts", tmp_path)
    await attach(stub, gym, path, once=True, delivery=EVERY)
    ended = await until(stub, gym, "a", lambda now: now.state == ENDED)
    (seen,) = peer.of("a")
    assert (ended.width_px, ended.height_px) == (480, 640)
    assert [(told.width_px, told.height_px) for told in seen.formats] == [(480, 640)]
    assert seen.formats[0].extradata and (seen.decoded, seen.corrupt) == (90, 0)
    times_ns = _times(peer, "a")
    assert max(later - earlier for earlier, later in itertools.pairwise(times_ns)) < 80_000_000


async def test_a_clip_over_a_change_of_resolution_has_the_format_at_its_end(
    stub: Any, gym: str, tmp_path: Path
) -> None:
    path = odd_videos.resolution_change(tmp_path / "a.ts", tmp_path)
    await attach(stub, gym, path, once=True, delivery=EVERY)
    ended = await until(stub, gym, "a", lambda now: now.state == ENDED)
    request = pb.CreateClipRequest(
        gym_id=gym, camera_id="a", center_time=ended.last_frame_time, duration=times.to_duration(8), reason="x"
    )
    clip = (await stub.CreateClip(request)).clip
    chunks = [part.data async for part in stub.ReadClip(pb.ReadClipRequest(gym_id=gym, clip_id=clip.clip_id))]
    with open_video(io.BytesIO(b"".join(chunks))) as container:
        frames = list(container.decode(container.streams.video[0]))
    assert {(frame.width, frame.height) for frame in frames} == {(480, 640)} and len(frames) >= 40


def _times(peer: WatchPeer, camera_id: str) -> list[int]:
    (seen,) = peer.of(camera_id)
    return sorted(seen.capture_times_ns)


@pytest.mark.parametrize(
    ("codec", "data", "found"),
    [
        ("h264", b"\0\0\0\1\x67ab\0\0\0\1\x68c\0\0\1\x65picture\0\0\1\x67no", b"\0\0\0\1\x67ab\0\0\0\1\x68c"),
        (
            "hevc",
            b"\0\0\1\x40\1v\0\0\1\x42\1s\0\0\1\x44\1p\0\0\1\x26\1i",
            b"\0\0\0\1\x40\1v\0\0\0\1\x42\1s\0\0\0\1\x44\1p",
        ),
        ("h264", b"\0\0\0\5\x67abcd", b""),
        ("h264", b"\0\0\1", b""),
        ("vp9", b"\0\0\1\x67ab", b""),
        ("h264", b"", b""),
    ],
)
def test_parameter_sets_are_found_before_the_picture(codec: str, data: bytes, found: bytes) -> None:
    assert parameter_sets(codec, data) == found
