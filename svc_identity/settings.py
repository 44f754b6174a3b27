"""Settings of svc_identity."""

from __future__ import annotations

from pydantic import Field

from mesh.settings import MeshSettings


class IdentitySettings(MeshSettings):
    """Read from the environment, prefix SPOTTER_."""

    resolve_credit: int = Field(default=64, ge=1, le=1024, description="Batches that vision may have under way.")
    lost_after_s: float = Field(default=10.0, gt=0, description="Capture time unseen after which a person has left, s.")
    silence_s: float = Field(default=30.0, gt=0, description="Wall time without data after which a camera is empty, s.")
    save_interval_s: float = Field(default=1.0, gt=0, description="Time between two saves of who was last seen, s.")
