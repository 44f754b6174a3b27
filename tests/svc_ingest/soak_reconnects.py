"""Breaks a network camera's connection again and again, and says what that costs and whether its state stayed right.

    python -m tests.svc_ingest.soak_reconnects --times 1000

A real RTSP server (GStreamer), a network that resets, closes, garbles and interrupts handshakes, the real svc_ingest.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from mesh import names
from mesh.bus import Bus
from mesh.channels import open_channel
from mesh.launcher.layout import PROJECT_DIR, LauncherSettings
from mesh.launcher.mesh import Mesh
from mesh.settings import MeshSettings
from spotter.events.v1 import events_pb2
from spotter.ingest.v1 import ingest_pb2 as pb
from spotter.ingest.v1 import ingest_pb2_grpc
from tests.svc_ingest.cutting_proxy import Cut, CuttingProxy
from tests.svc_ingest.peer import WatchPeer
from tests.svc_ingest.processes import IngestProcess, free_port
from tests.svc_ingest.rtsp_camera import RtspCamera

GYM = "soak"
CAMERA = "net"
FRAMES_BETWEEN = 3
WARM_UP = 10
BACK_WITHIN_S = 20.0


@dataclass(frozen=True)
class Sample:
    """What the process holds after so many reconnects."""

    reconnects: int
    memory_mib: float
    """Unique set size."""
    files: int
    threads: int


@dataclass(frozen=True)
class Soaked:
    """What a soak found."""

    samples: tuple[Sample, ...]
    changes: tuple[events_pb2.CameraStateChanged, ...]
    """Every change of state that was told, in order."""
    seconds: float


def sample_of(process: psutil.Process, reconnects: int) -> Sample:
    """What a process holds now."""
    memory = process.memory_full_info().uss / 2**20
    return Sample(reconnects, memory, process.num_fds(), process.num_threads())


def wrong_changes(changes: tuple[events_pb2.CameraStateChanged, ...], times: int) -> list[str]:
    """What is not as it should be: live, away with a reason, live again, `times` times."""
    wrong = []
    for earlier, later in itertools.pairwise(changes):
        if later.previous_state != earlier.state:
            wrong.append(f"{later.previous_state} follows {earlier.state}")
    for change in changes:
        if (change.state == "STATE_LIVE") == bool(change.detail) and change.previous_state != "":
            wrong.append(f"{change.state} with detail {change.detail!r}")
    lives = sum(change.state == "STATE_LIVE" for change in changes)
    if lives != times + 1:
        wrong.append(f"live {lives} times instead of {times + 1}")
    return wrong


async def soak(
    ingest: IngestProcess,
    bus: Bus,
    times: int,
    marks: tuple[int, ...],
    tell: Callable[[str], None] = lambda line: None,
    gym: str = GYM,
) -> Soaked:
    """Reconnects `times` times and samples at `marks`. Raises TimeoutError where the camera doesn't come back."""
    camera, began_s = RtspCamera(free_port()), time.monotonic()
    await camera.start()
    proxy = CuttingProxy(camera.port)
    await proxy.start()
    assert ingest.process is not None
    process, samples = psutil.Process(ingest.process.pid), []
    try:
        async with open_channel(ingest.address, pb.DESCRIPTOR.services_by_name["IngestService"]) as channel:
            stub = ingest_pb2_grpc.IngestServiceStub(channel)
            uri = f"rtsp://127.0.0.1:{proxy.port}/cam"
            await stub.CreateCamera(pb.CreateCameraRequest(gym_id=gym, camera=pb.Camera(uri=uri, camera_id=CAMERA)))
            await _live(stub, gym, proxy, 0)
            for number, how in zip(range(1, times + 1), itertools.cycle(Cut), strict=False):
                before = proxy.connections
                proxy.cut(how)
                await _live(stub, gym, proxy, before)
                if number in marks:
                    samples.append(sample_of(process, number))
                    tell(f"{samples[-1]} after {time.monotonic() - began_s:.0f} s")
            await stub.DeleteCamera(pb.DeleteCameraRequest(gym_id=gym, camera_id=CAMERA))
        changes = await _changes(bus, gym)
    finally:
        await proxy.stop()
        await camera.kill()
    return Soaked(tuple(samples), changes, time.monotonic() - began_s)


async def _live(stub: Any, gym: str, proxy: CuttingProxy, connections: int) -> None:
    """Returns when the camera is live on a new connection and frames have come over it."""
    first: int | None = None
    camera = pb.Camera()
    try:
        async with asyncio.timeout(BACK_WITHIN_S):
            while True:
                camera = (await stub.GetCamera(pb.GetCameraRequest(gym_id=gym, camera_id=CAMERA))).camera
                if proxy.connections > connections and camera.state == pb.Camera.STATE_LIVE:
                    first = camera.frames_read if first is None else first
                    if camera.frames_read >= first + FRAMES_BETWEEN and not camera.state_detail:
                        return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise TimeoutError(f"not live again within {BACK_WITHIN_S:.0f} s: {camera}") from None


async def _changes(bus: Bus, gym: str) -> tuple[events_pb2.CameraStateChanged, ...]:
    """All that was told of the camera's state."""
    found = []
    subject = names.event_subject(gym, "ingest", "camera_state_changed", CAMERA)
    stored = bus.replay(subject, 0)
    try:
        while True:
            event = (await asyncio.wait_for(anext(stored), 3)).event
            found.append(event.camera_state_changed)
    except TimeoutError:
        return tuple(found)


async def run(times: int) -> int:
    """Soaks with servers of its own and prints what came out; exit code 0 where all is right."""
    home = Path(tempfile.mkdtemp(prefix="spotter-soak-"))
    shutil.copytree(PROJECT_DIR / ".spotter" / "bin", home / "bin")
    marks = tuple(sorted({WARM_UP, *range(100, times + 1, 100), times}))
    try:
        async with Mesh(LauncherSettings(home=home, ports="free", services=())) as mesh:
            peer = WatchPeer()
            await peer.start()
            ingest = IngestProcess(
                mesh.nats_url, mesh.database_url, peer.port, home / "ingest", settings={"SPOTTER_REOPEN_MIN_S": "0.05"}
            )
            await asyncio.to_thread(ingest.start)
            try:
                async with Bus(MeshSettings(nats_url=mesh.nats_url), "soak") as bus:
                    soaked = await soak(ingest, bus, times, marks, print)
            finally:
                code = await asyncio.to_thread(ingest.stop)
                await peer.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    wrong = wrong_changes(soaked.changes, times)
    print(f"{times} reconnects in {soaked.seconds:.0f} s, {len(soaked.changes)} changes of state, exit code {code}")
    print("\n".join(wrong) or "every state was right")
    return 1 if wrong or code else 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=1000)
    return asyncio.run(run(parser.parse_args().times))


if __name__ == "__main__":
    sys.exit(main())
