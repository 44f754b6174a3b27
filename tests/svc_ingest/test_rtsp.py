"""A camera that really speaks RTSP (GStreamer's server). Skipped where Debian's packages for it are absent."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mesh import times
from spotter.ingest.v1 import ingest_pb2 as pb
from tests.svc_ingest.peer import WatchPeer
from tests.svc_ingest.processes import free_port
from tests.svc_ingest.test_service import attach, clip_frames, look, until

SYSTEM_PYTHON = "/usr/bin/python3"
PROBE = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; Gst.init();"
)
PROBE += "assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('rtph264pay')"


@dataclass
class RtspCamera:
    """The server as a process."""

    port: int
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        script = str(Path(__file__).with_name("rtsp_server.py"))
        self.process = await asyncio.create_subprocess_exec(
            SYSTEM_PYTHON, script, str(self.port), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        assert await asyncio.wait_for(self.process.stdout.readline(), 20) == b"ready\n"

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.communicate()


@pytest.fixture(scope="module")
def rtsp_available() -> None:
    if not shutil.which(SYSTEM_PYTHON) or subprocess.run([SYSTEM_PYTHON, "-c", PROBE], capture_output=True).returncode:
        pytest.skip("no GStreamer RTSP server: apt-get install gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-ugly")


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
