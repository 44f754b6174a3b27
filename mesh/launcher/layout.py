"""Where a mesh on one machine keeps its things, and which ports its parts listen on."""

from __future__ import annotations

import contextlib
import random
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from mesh.launcher.errors import PortTaken
from mesh.settings import SERVICES

PROJECT_DIR = Path(__file__).resolve().parents[2]
LOOPBACK = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections, so that a restarted part finds its port free.
FREE_PORT_RANGE = (20000, 32000)


class LauncherSettings(BaseSettings):
    """Read from the environment, prefix SPOTTER_."""

    model_config = SettingsConfigDict(env_prefix="SPOTTER_", extra="ignore")

    home: Path = Field(default=Path(".spotter"), description="Folder for state, logs and secrets of this machine.")
    gym_id: str = Field(default="gym", pattern="^[a-z0-9-]{1,40}$", description="Gym that this mesh serves.")
    ports: Literal["fixed", "free"] = Field(default="fixed", description="Known ports, or any that are free.")
    public_host: str = Field(
        default="", description="Name or address by which phones reach this machine; empty: found."
    )
    public_bind: str = Field(default="0.0.0.0", description="Address that the public port listens on.")
    public_port: int = Field(default=8080, ge=1, le=65535, description="Port of the web app and the public API.")
    cors_origins: tuple[str, ...] = Field(
        default=("http://localhost:5173", "http://127.0.0.1:5173"),
        description="Other origins whose pages may call the API; the web app's development server by default.",
    )
    web_dir: Path = Field(default=PROJECT_DIR / "svc_edge_api" / "web" / "dist", description="The built web app.")
    model_repository: Path = Field(
        default=PROJECT_DIR / "triton_models" / "repository", description="Models in Triton's layout."
    )
    object_store: str = Field(default="", description="URL of the object store for clips; empty: a folder in home.")
    triton: bool = Field(
        default=False, description="Run the models in a Triton server, which is installed once, instead of in vision."
    )
    services: tuple[str, ...] = Field(default=SERVICES, description="Services to run here.")
    log_level: str = Field(default="info", description="debug, info, warning or error.")
    shutdown_grace_s: float = Field(default=10.0, gt=0, description="Time a part has to drain, s.")


@dataclass(frozen=True)
class TritonPorts:
    """Where a Triton server listens."""

    http: int
    grpc: int
    metrics: int


@dataclass(frozen=True)
class Ports:
    """One TCP port for each thing that listens."""

    public: int
    postgres: int
    nats: int
    web: int
    envoy_admin: int
    services: dict[str, int]
    metrics: dict[str, int]
    triton: TritonPorts | None = None
    """None where no Triton server is run."""

    def by_name(self) -> dict[str, int]:
        """Every port with a name for people."""
        named = {
            "public": self.public,
            "postgres": self.postgres,
            "nats": self.nats,
            "web": self.web,
            "envoy admin": self.envoy_admin,
        }
        if self.triton is not None:
            named |= {f"triton {name}": port for name, port in asdict(self.triton).items()}
        named |= self.services
        return named | {f"{service} metrics": port for service, port in self.metrics.items()}


@dataclass(frozen=True)
class Layout:
    """Folders of one home."""

    home: Path

    @property
    def data(self) -> Path:
        """What must survive: the database, the event store, clips."""
        return self.home / "data"

    @property
    def run(self) -> Path:
        """What holds while it runs: configurations, mesh.json, the lock."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """One log a part."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Keys, passwords and tokens; nobody else may read them."""
        return self.home / "secrets"

    @property
    def bin(self) -> Path:
        """Programs unpacked for this machine."""
        return self.home / "bin"

    @property
    def triton(self) -> Path:
        """Environments of the Triton server."""
        return self.home / "triton"

    @property
    def mesh_file(self) -> Path:
        """What runs where, once everything is up."""
        return self.run / "mesh.json"

    def create(self) -> None:
        """Makes the folders that aren't there."""
        for folder in (self.data, self.run, self.logs, self.bin):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, exist_ok=True)


def fixed_ports(public: int, triton: bool = False) -> Ports:
    """The ports that documentation and dashboards name. Raises PortTaken for the first that isn't free."""
    ports = Ports(
        public=public,
        postgres=7432,
        nats=7422,
        web=7480,
        envoy_admin=7490,
        services={service: 7401 + index for index, service in enumerate(SERVICES)},
        metrics={service: 7501 + index for index, service in enumerate(SERVICES)},
        triton=TritonPorts(http=7460, grpc=7461, metrics=7462) if triton else None,
    )
    for name, port in ports.by_name().items():
        if not is_free(port):
            raise PortTaken(
                f"Port {port} ({name}) is taken{_owner(port)}. Stop that program, or let Spotter take free ports with "
                "SPOTTER_PORTS=free"
                + (", or another public one with SPOTTER_PUBLIC_PORT." if name == "public" else ".")
            )
    return ports


def free_ports(triton: bool = False) -> Ports:
    """Ports that nobody listens on just now."""
    taken: set[int] = set()

    def take() -> int:
        while True:
            port = random.randint(*FREE_PORT_RANGE)
            if port not in taken and is_free(port):
                taken.add(port)
                return port

    return Ports(
        public=take(),
        postgres=take(),
        nats=take(),
        web=take(),
        envoy_admin=take(),
        services={service: take() for service in SERVICES},
        metrics={service: take() for service in SERVICES},
        triton=TritonPorts(take(), take(), take()) if triton else None,
    )


def is_free(port: int) -> bool:
    """Whether one can listen on a port on every address of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def own_address() -> str:
    """The address of this machine in its network, or the loopback where it has none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # TEST-NET-1 of RFC 5737; connecting a datagram socket only picks a route.
        return str(probe.getsockname()[0])
    return LOOPBACK


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else ""
    except psutil.Error:
        pass
    return ""
