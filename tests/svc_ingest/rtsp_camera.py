"""A real RTSP camera as a process of its own (GStreamer's server, under the system's Python)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PYTHON = "/usr/bin/python3"
PROBE = (
    "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0');"
    "from gi.repository import Gst, GstRtspServer; Gst.init();"
    "assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('rtph264pay')"
)
MISSING = "no GStreamer RTSP server: apt-get install gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-ugly"


def available() -> bool:
    """Whether this machine has GStreamer's RTSP server with what it needs."""
    if not shutil.which(SYSTEM_PYTHON):
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", PROBE], capture_output=True).returncode == 0


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
