"""The mesh under measurement: its own processes, on free ports, in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from mesh.launcher import LauncherSettings, Mesh
from spotter_cli.access import running_mesh
from spotter_cli.live_client import LiveClient
from spotter_cli.summary import Json
from spotter_cli.watching import Options, Watching

MEBIBYTE = 2**20


@dataclass(frozen=True)
class MeshRun:
    """What one film took in the mesh."""

    summary: Json
    wall_s: float
    cpu_s: dict[str, float]
    """CPU time by part."""
    memory_mb: dict[str, float]
    """Memory by part at the end, without what processes share (MiB, unique set size)."""

    @property
    def frames(self) -> int:
        """Frames analysed."""
        return int(sum(source["analysed"] for source in self.summary["sources"]))

    @property
    def dropped(self) -> int:
        """Frames skipped."""
        return int(sum(source["dropped"] for source in self.summary["sources"]))

    @property
    def cpu_ms_per_frame(self) -> float:
        """CPU time of all parts together for one analysed frame, ms."""
        return sum(self.cpu_s.values()) * 1000 / max(1, self.frames)


@asynccontextmanager
async def own_mesh(settings: dict[str, str]) -> AsyncIterator[tuple[Mesh, LiveClient]]:
    """A mesh in a folder of its own, which goes with it; `settings` are environment variables of its services."""
    with home_for_bench() as home, environment(settings):
        async with mesh_for_bench(home) as found:
            yield found


@contextmanager
def home_for_bench() -> Iterator[Path]:
    """A mesh's folder that goes with the block; what was unpacked for this machine is taken along."""
    home = Path(tempfile.mkdtemp(prefix="spotter-bench-"))
    unpacked = LauncherSettings().home.absolute() / "bin"
    if unpacked.is_dir():
        shutil.copytree(unpacked, home / "bin")
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def environment(settings: dict[str, str]) -> Iterator[None]:
    """Services are told their settings through ours."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@asynccontextmanager
async def mesh_for_bench(home: Path) -> AsyncIterator[tuple[Mesh, LiveClient]]:
    """A mesh of its own and a client of it."""
    async with Mesh(LauncherSettings(home=home, ports="free")) as mesh:
        access = running_mesh(mesh.layout)
        if access is None:
            raise RuntimeError("the mesh has started but doesn't say where it is")
        async with LiveClient.connected(access) as client:
            yield mesh, client


async def run_mesh(mesh: Mesh, client: LiveClient, video: Path, every_frame: bool) -> MeshRun:
    """Sends a film through the mesh, at the speed of capture or as quickly as it can."""
    watching = Watching(client, Options(once=True, every_frame=every_frame))
    before, began_s = cpu_by_part(mesh), time.perf_counter()
    await watching.run([str(video)])
    wall_s = time.perf_counter() - began_s
    after = cpu_by_part(mesh)
    memory = await asyncio.to_thread(memory_by_part, mesh)
    summary = await watching.finish()
    return MeshRun(summary, wall_s, {part: after[part] - before[part] for part in after}, memory)


def cpu_by_part(mesh: Mesh) -> dict[str, float]:
    """CPU time so far of each part and its children, s."""
    return {part: sum(map(_cpu_s, _tree(mesh.pid(part)))) for part in mesh.parts}


def memory_by_part(mesh: Mesh) -> dict[str, float]:
    """Memory of each part and its children that nobody else uses, MiB."""
    return {part: sum(map(_memory_mb, _tree(mesh.pid(part)))) for part in mesh.parts}


def _tree(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _memory_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss) / MEBIBYTE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0
