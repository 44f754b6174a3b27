"""The whole mesh on one machine: PostgreSQL, NATS, the services, Envoy."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import NoReturn, TextIO

from mesh.launcher import envoy, layout, nats, postgres, secrets, services, triton, triton_install
from mesh.launcher.envoy_config import EdgeProxy
from mesh.launcher.errors import AlreadyRunning, PartFailed
from mesh.launcher.layout import LOOPBACK, LauncherSettings, Layout, Ports
from mesh.launcher.process import Part, Say, Supervised


def quiet(part: str, what: str) -> None:
    """Says nothing."""


class Mesh:
    """Runs everything between `async with Mesh(settings) as mesh:` and its end.

    Entering returns once every part is ready; it raises LauncherError (AlreadyRunning, PortTaken, MissingTool,
    PartFailed) where that can't be. A part that dies is started again, 5 times in 60 s at most; then `wait` raises.
    """

    def __init__(self, settings: LauncherSettings | None = None, say: Say = quiet) -> None:
        self.settings = settings or LauncherSettings()
        self.layout = Layout(self.settings.home.absolute())
        self._say = say
        self._parts: dict[str, Supervised] = {}
        self._lock: TextIO | None = None
        self._keeping_private: asyncio.Task[None] | None = None
        self._failure: asyncio.Future[PartFailed]

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts, in the order of their start."""
        return tuple(self._parts)

    def pid(self, part: str) -> int:
        """Process id that a part has now."""
        return self._parts[part].pid

    def restarts(self, part: str) -> int:
        """How often a part was started again."""
        return self._parts[part].restarts

    async def wait_ready(self, part: str) -> None:
        """Returns as soon as a part is ready; at once where it is."""
        await self._parts[part].wait_ready()

    async def wait(self) -> NoReturn:
        """Waits for ever; raises PartFailed when a part has died too often."""
        raise await asyncio.shield(self._failure)

    async def __aenter__(self) -> Mesh:
        self.layout.create()
        self._lock = _lock(self.layout)
        self._failure = asyncio.get_running_loop().create_future()
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self) -> None:
        began_s = time.monotonic()
        free, with_triton = self.settings.ports == "free", self.settings.triton
        self.ports: Ports = (
            layout.free_ports(with_triton) if free else layout.fixed_ports(self.settings.public_port, with_triton)
        )
        self.secrets = secrets.load_or_create(self.layout, self.settings.gym_id)
        host = self.settings.public_host or (LOOPBACK if free else layout.own_address())
        self.public_url = f"http://{host}:{self.ports.public}"
        self.local_url = f"http://{LOOPBACK}:{self.ports.public}"
        self.nats_url = nats.url(self.ports.nats, self.secrets.nats_token)
        self.database_url = postgres.url(self.ports.postgres, self.secrets.postgres_password)
        program = await asyncio.to_thread(nats.find_or_fetch, self.layout, lambda line: self._say("nats", line))
        await self._start_together(
            postgres.part(self.layout.data / "postgres", self.ports.postgres, self.secrets.postgres_password),
            nats.part(self.layout, program, self.ports.nats, self.secrets.nats_token),
            *await self._triton(),
        )
        if self.ports.triton is not None:
            told = await triton.compare(self.settings.model_repository.absolute(), self.ports.triton.grpc)
            self._say("triton", told)
        await self._start_together(*self._services(), envoy.part(self._proxy(), self.layout.run / "envoy.json"))
        self._write_mesh_file()
        self._say("mesh", f"everything is up after {time.monotonic() - began_s:.1f} s")

    async def _start_together(self, *parts: Part) -> None:
        """Starts parts at the same time; the first that fails ends the start of all."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    log_file = self.layout.logs / f"{part.name}.log"
                    supervised = Supervised(part, log_file, self._say, self._fail, self.settings.shutdown_grace_s)
                    self._parts[part.name] = supervised
                    group.create_task(supervised.start())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _triton(self) -> list[Part]:
        if self.ports.triton is None:
            return []
        environment = await asyncio.to_thread(
            triton_install.find_or_install, self.layout, lambda line: self._say("triton", line)
        )
        repository = self.settings.model_repository.absolute()
        self._keeping_private = asyncio.create_task(triton.keep_private(self.layout), name="keep private")
        return [triton.part(self.layout, environment, repository, self.ports.triton)]

    def _services(self) -> list[Part]:
        urls = {"nats": self.nats_url, "database": self.database_url, "public": self.public_url}
        parts = []
        for service in self.settings.services:
            environment = services.environment(service, self.settings, self.layout, self.ports, self.secrets, urls)
            parts.append(services.part(service, environment, self.address(service)))
        return parts

    def _proxy(self) -> EdgeProxy:
        return EdgeProxy(
            bind=LOOPBACK if self.settings.ports == "free" else self.settings.public_bind,
            port=self.ports.public,
            admin_port=self.ports.envoy_admin,
            edge_address=self.address("edge"),
            web_address=f"{LOOPBACK}:{self.ports.web}",
            jwks_file=self.secrets.jwks_file,
            cors_origins=self.settings.cors_origins,
        )

    def address(self, service: str) -> str:
        """host:port of a service's gRPC."""
        return f"{LOOPBACK}:{self.ports.services[service]}"

    def _write_mesh_file(self) -> None:
        secrets.write_private(
            self.layout.mesh_file,
            json.dumps(
                {
                    "gym_id": self.settings.gym_id,
                    "public_url": self.public_url,
                    "local_url": self.local_url,
                    "edge_grpc_target": f"{LOOPBACK}:{self.ports.public}",
                    "addresses": {service: self.address(service) for service in self.settings.services},
                    "triton": None if self.ports.triton is None else asdict(self.ports.triton),
                    "nats_url": self.nats_url,
                    "database_url": self.database_url,
                    "pids": {"launcher": os.getpid()} | {name: part.pid for name, part in self._parts.items()},
                },
                indent=1,
            ),
        )

    def _fail(self, failure: PartFailed) -> None:
        self._say(failure.part, str(failure))
        if not self._failure.done():
            self._failure.set_result(failure)

    async def _stop(self) -> None:
        """Services first, while what they flush into still runs; then the door, the models, and the stores."""
        self.layout.mesh_file.unlink(missing_ok=True)
        names = [set(self.settings.services), {"envoy"}, {"triton"}, {"nats", "postgres"}]
        for group in names:
            await asyncio.gather(*(part.stop() for name, part in self._parts.items() if name in group))
        if self._keeping_private is not None:
            self._keeping_private.cancel()
            await asyncio.gather(self._keeping_private, return_exceptions=True)
            triton.clear(self.layout)
        if self._lock is not None:
            self._lock.close()


def _lock(where: Layout) -> TextIO:
    """Holds the home for as long as the file is open. Raises AlreadyRunning where another process holds it."""
    path = where.run / "mesh.lock"
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunning(
            f"A mesh already runs in {where.home} (pid {holder}{_address(where.mesh_file)}). Use that one, stop it "
            f"with `kill {holder}`, or start another with its own folder: SPOTTER_HOME=… SPOTTER_PORTS=free spotter up"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _address(mesh_file: Path) -> str:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return f", {json.loads(mesh_file.read_text())['public_url']}"
    return ""
