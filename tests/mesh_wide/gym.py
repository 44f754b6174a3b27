"""A whole running mesh for tests that cross services, and what such tests ask of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import TupleRow

from mesh import tokens
from mesh.channels import open_channel
from mesh.launcher.layout import PROJECT_DIR, LauncherSettings
from mesh.launcher.mesh import Mesh
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc
from spotter.ingest.v1 import ingest_pb2

GYM_ID = "gym"
T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """What the launcher said about one part."""

    time_s: float
    part: str
    what: str


@dataclass
class RunningGym:
    """A mesh on a thread with an event loop of its own; `run` runs a test's coroutine there."""

    mesh: Mesh
    loop: asyncio.AbstractEventLoop
    lines: list[Line]
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def target(self) -> str:
        """host:port of Envoy for gRPC."""
        return f"127.0.0.1:{self.mesh.ports.public}"

    @property
    def home(self) -> Path:
        """The mesh's folder."""
        return self.mesh.layout.home

    @property
    def staff_token(self) -> str:
        return self.mesh.secrets.staff_token

    @property
    def kiosk_token(self) -> str:
        return self.mesh.secrets.kiosk_token

    def mint(self, role: str, *, lifetime_s: float = 600, person_id: str = "") -> str:
        """A token of this mesh, by its own key."""
        key = self.mesh.secrets.signing_key_file.read_bytes()
        return tokens.mint(key, gym_id=GYM_ID, role=role, lifetime_s=lifetime_s, person_id=person_id)[0]

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 120) -> T:
        """The result of a coroutine; it is cancelled after `timeout_s`."""

        async def limited() -> T:
            async with asyncio.timeout(timeout_s):
                return await work

        return asyncio.run_coroutine_threadsafe(limited(), self.loop).result()

    @asynccontextmanager
    async def edge(self, token: str | None = None) -> AsyncIterator[Caller]:
        """The public API through Envoy, with a token (staff's where none is given, none where it is empty)."""
        async with open_channel(self.target, edge_pb2.DESCRIPTOR.services_by_name["EdgeService"]) as channel:
            yield Caller(edge_pb2_grpc.EdgeServiceStub(channel), self.staff_token if token is None else token)

    def log_sizes(self) -> dict[Path, int]:
        """Length of every log file, to ask later what was written since."""
        return {path: path.stat().st_size for path in self.home.glob("logs/*.log*")}

    def logged_since(self, sizes: dict[Path, int]) -> dict[str, str]:
        """What each part wrote since `log_sizes`."""
        written = {}
        for path in sorted(self.home.glob("logs/*.log*")):
            with path.open("rb") as file:
                file.seek(sizes.get(path, 0))
                written[path.name] = file.read().decode(errors="replace")
        return written

    def rows(self, query: str, *arguments: object) -> list[TupleRow]:
        """Rows of the mesh's database."""
        with psycopg.connect(self.mesh.database_url.replace("+psycopg", "")) as connection:
            return connection.execute(query.encode(), arguments).fetchall()


@dataclass(frozen=True)
class Caller:
    """Calls with one token."""

    stub: Any
    token: str

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    async def call(self, method: str, request: Any, timeout_s: float = 15) -> Any:
        """The answer of a unary call."""
        return await getattr(self.stub, method)(request, metadata=self.metadata, timeout=timeout_s)

    async def first(self, method: str, request: Any, timeout_s: float = 15) -> Any:
        """The first message of a server stream."""
        call = getattr(self.stub, method)(request, metadata=self.metadata, timeout=timeout_s)
        try:
            async for answer in call:
                return answer
        finally:
            call.cancel()
        raise AssertionError(f"{method} ended without a message")

    async def attach(self, uri: str | Path, camera_id: str = "", *, once: bool = False) -> str:
        """Attaches a camera that is looked at live; its id."""
        camera = ingest_pb2.Camera(camera_id=camera_id, uri=str(uri), once=once)
        answer = await self.call("CreateCamera", edge_pb2.CreateCameraRequest(camera=camera))
        return str(answer.camera.camera_id)

    async def camera(self, camera_id: str) -> ingest_pb2.Camera:
        answer = await self.call("GetCamera", edge_pb2.GetCameraRequest(camera_id=camera_id))
        return answer.camera  # type: ignore[no-any-return]

    async def detach(self, camera_id: str) -> None:
        await self.call("DeleteCamera", edge_pb2.DeleteCameraRequest(camera_id=camera_id))

    async def until_state(self, camera_id: str, *names: str, timeout_s: float = 30) -> ingest_pb2.Camera:
        """The camera once it is in one of these states (names without STATE_)."""
        wanted = {ingest_pb2.Camera.State.Value(f"STATE_{name}") for name in names}
        camera = ingest_pb2.Camera()
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    camera = await self.camera(camera_id)
                    if camera.state in wanted:
                        return camera
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"{camera_id} isn't {names} after {timeout_s} s:\n{camera}") from None


async def until(condition: Callable[[], Awaitable[bool]], timeout_s: float, interval_s: float = 0.2) -> None:
    """Returns as soon as the condition holds. Raises TimeoutError where it never does."""
    async with asyncio.timeout(timeout_s):
        while True:
            if await condition():
                return
            await asyncio.sleep(interval_s)


@contextmanager
def running_gym() -> Iterator[RunningGym]:
    """Starts a mesh of its own on free ports, and ends it with everything it wrote."""
    # Not pytest's own folder: PostgreSQL runs as another user where we are root, and pytest closes it for others.
    home = Path(tempfile.mkdtemp(prefix="spotter-mesh-"))
    unpacked = PROJECT_DIR / ".spotter" / "bin"
    if unpacked.is_dir():
        shutil.copytree(unpacked, home / "bin")
    started = threading.Event()
    found: list[RunningGym | BaseException] = []
    thread = threading.Thread(target=lambda: asyncio.run(_serve(home, found, started)), name="mesh")
    thread.start()
    started.wait()
    gym = found[0]
    if isinstance(gym, BaseException):
        thread.join()
        raise gym
    try:
        yield gym
    finally:
        gym.loop.call_soon_threadsafe(gym.stop.set)
        thread.join()
        _keep_logs(home)
        shutil.rmtree(home, ignore_errors=True)


async def _serve(home: Path, found: list[RunningGym | BaseException], started: threading.Event) -> None:
    lines: list[Line] = []
    try:
        settings = LauncherSettings(home=home, gym_id=GYM_ID, ports="free")
        say = lambda part, what: lines.append(Line(time.monotonic(), part, what))  # noqa: E731
        async with Mesh(settings, say=say) as mesh:
            gym = RunningGym(mesh, asyncio.get_running_loop(), lines)
            found.append(gym)
            started.set()
            await gym.stop.wait()
    except BaseException as error:
        found.append(error)
        started.set()


def _keep_logs(home: Path) -> None:
    """SPOTTER_TEST_LOGS=folder keeps the logs of a mesh for whoever looks for a mistake."""
    folder = os.environ.get("SPOTTER_TEST_LOGS")
    if folder:
        shutil.copytree(home / "logs", folder, dirs_exist_ok=True)
