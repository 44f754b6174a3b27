"""Settings of svc_vision."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mesh.settings import MeshSettings


class VisionSettings(MeshSettings):
    """Read from the environment, prefix SPOTTER_."""

    model_repository: Path = Field(
        default=Path(__file__).resolve().parent.parent / "triton_models" / "repository",
        description="Folder in Triton's layout.",
    )
    watch_credit: int = Field(default=32, ge=1, le=1024, description="Access units a camera may have under way.")
    workers: int = Field(default=0, ge=0, description="Cameras looked at at the same time; 0 means one a core.")
    schedule: Literal["on", "off"] = Field(
        default="on",
        description="Whether cameras in which nothing moves are looked at less; off looks at every newest frame.",
    )
    busy_rate_hz: float = Field(default=15.0, ge=2, le=60, description="Looks a second while somebody moves.")
    idle_rate_hz: float = Field(default=2.0, ge=1, le=60, description="Looks a second while nothing moves.")
