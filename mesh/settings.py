"""Settings that every process of the mesh shares; a service's own class inherits from this one."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mesh.errors import StartupError

SERVICES = ("ingest", "vision", "identity", "motion", "coach", "edge")
S = TypeVar("S", bound=BaseSettings)


class MeshSettings(BaseSettings):
    """Read from the environment, prefix SPOTTER_."""

    model_config = SettingsConfigDict(env_prefix="SPOTTER_", extra="ignore")

    home: Path = Field(default=Path(".spotter"), description="Folder for state, logs and secrets of one machine.")
    gym_id: str = Field(default="gym", description="Gym that this mesh serves, [a-z0-9-].")
    ingest_address: str = Field(default="127.0.0.1:7401", description="host:port of svc_ingest.")
    vision_address: str = Field(default="127.0.0.1:7402", description="host:port of svc_vision.")
    identity_address: str = Field(default="127.0.0.1:7403", description="host:port of svc_identity.")
    motion_address: str = Field(default="127.0.0.1:7404", description="host:port of svc_motion.")
    coach_address: str = Field(default="127.0.0.1:7405", description="host:port of svc_coach.")
    edge_address: str = Field(default="127.0.0.1:7406", description="host:port of svc_edge_api.")
    listen_address: str = Field(default="", description="Where to listen; empty means the service's own address.")
    metrics_address: str = Field(default="", description="host:port for Prometheus; empty means none.")
    nats_url: str = Field(default="nats://127.0.0.1:4222", description="NATS server with JetStream.")
    database_url: str = Field(
        default="postgresql+psycopg://127.0.0.1:5432/spotter", description="PostgreSQL, as SQLAlchemy writes it."
    )
    token_jwks_file: Path = Field(default=Path(".spotter/run/jwks.json"), description="Public keys of tokens.")
    reflection: bool = Field(default=True, description="Serve gRPC reflection, for grpcurl.")
    log_format: str = Field(default="json", pattern="^(json|console)$", description="json or console.")
    log_level: str = Field(default="info", description="debug, info, warning or error.")
    shutdown_grace_s: float = Field(default=10.0, gt=0, description="Time to drain after SIGTERM, s.")
    default_deadline_s: float = Field(default=10.0, gt=0, description="Longest a unary call may take, s.")
    max_request_bytes: int = Field(default=16 * 2**20, gt=0, description="Largest request message, bytes.")
    event_retention_s: float = Field(default=7 * 86400.0, gt=0, description="How long JetStream keeps events, s.")

    def address_of(self, service: str) -> str:
        """host:port of a service by its short name (one of SERVICES)."""
        return str(getattr(self, f"{service}_address"))


def load(settings: type[S]) -> S:
    """The settings from the environment. Raises StartupError that names each wrong variable and what was found."""
    try:
        return settings()
    except ValidationError as error:
        lines = [
            f"SPOTTER_{'_'.join(map(str, problem['loc'])).upper()}={problem.get('input')!r}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise StartupError("These settings can't be used:\n  " + "\n  ".join(lines)) from None
