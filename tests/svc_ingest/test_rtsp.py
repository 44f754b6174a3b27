"""A camera that really speaks RTSP (GStreamer's server). Skipped where Debian's packages for it are absent."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mesh import times
from mesh.bus import Bus
from mesh.settings import MeshSettings
from spotter.ingest.v1 import ingest_pb2 as pb
from tests.svc_ingest.peer import WatchPeer
from tests.svc_ingest.processes import IngestProcess, free_port
from tests.svc_ingest.rtsp_camera import MISSING, RtspCamera, available
from tests.svc_ingest.soak_reconnects import soak, wrong_changes
from tests.svc_ingest.test_service import attach, clip_frames, look, until


@pytest.fixture(scope="module")
def rtsp_available() -> None:
    if not available():
        pytest.skip(MISSING)


@pytest.fixture
async def camera(rtsp_available: None) -> AsyncIterator[RtspCamera]:
    server = RtspCamera(free_port())
    await server.start()
    yield server
    await server.kill()


async def test_a_network_camera_is_live_on_the_wall_clock_and_gives_clips(
    stub: Any, gym: str, peer: WatchPeer, camera: RtspCamera
) -> None:
    await attach(stub, gym, f"rtsp://user:geheim@127.0.0.1:{camera.port}/cam", camera_id="net")
    live = await until(stub, gym, "net", lambda now: now.frames_read > 45)
    assert (live.state, live.codec, live.width_px) == (pb.Camera.STATE_LIVE, "h264", 320)
    assert abs(time.time() - times.from_timestamp(live.last_frame_time) / 1e9) < 1.0
    (seen,) = peer.of("net")
    assert seen.corrupt == 0 and seen.decoded > 30
    request = pb.CreateClipRequest(
        gym_id=gym, camera_id="net", center_time=live.last_frame_time, duration=times.to_duration(2), reason="x"
    )
    clip = (await stub.CreateClip(request)).clip
    assert await clip_frames(stub, gym, clip.clip_id) >= 25


async def test_a_network_camera_that_goes_away_comes_back_by_itself(
    stub: Any, gym: str, peer: WatchPeer, camera: RtspCamera
) -> None:
    await attach(stub, gym, f"rtsp://127.0.0.1:{camera.port}/cam", camera_id="net")
    await until(stub, gym, "net", lambda now: now.frames_analysed > 10)
    await camera.kill()
    gone = await until(stub, gym, "net", lambda now: now.state != pb.Camera.STATE_LIVE)
    assert gone.state_detail
    await camera.start()
    before = (await look(stub, gym, "net")).frames_analysed
    back = await until(stub, gym, "net", lambda now: now.frames_analysed > before + 10)
    assert back.state == pb.Camera.STATE_LIVE and not back.state_detail
    assert len(peer.of("net")) == 1 and peer.of("net")[0].corrupt == 0


async def test_a_wrong_path_says_so(stub: Any, gym: str, camera: RtspCamera) -> None:
    await attach(stub, gym, f"rtsp://127.0.0.1:{camera.port}/nothing", camera_id="net")
    failed = await until(stub, gym, "net", lambda now: now.state == pb.Camera.STATE_FAILED)
    assert "no such stream" in failed.state_detail


async def test_state_and_memory_stay_right_through_reconnects(
    rtsp_available: None, ingest: IngestProcess, peer: WatchPeer, nats_url: str, gym: str
) -> None:
    async with Bus(MeshSettings(nats_url=nats_url), "soak") as bus:
        soaked = await soak(ingest, bus, times=12, marks=(4, 12), gym=gym)
    assert wrong_changes(soaked.changes, 12) == []
    early, late = soaked.samples
    assert late.memory_mib < early.memory_mib + 8
    assert late.threads <= early.threads + 1 and late.files <= early.files + 2
