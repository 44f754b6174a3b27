"""Settings of svc_ingest."""

from __future__ import annotations

from pydantic import Field

from mesh.settings import MeshSettings


class IngestSettings(MeshSettings):
    """Read from the environment, prefix SPOTTER_."""

    object_store: str = Field(
        default="", description="URL of the store for clips (file, s3, gs, az); empty means $SPOTTER_HOME/data/objects."
    )
    allowed_schemes: str = Field(
        default="file,rtsp,rtsps,device,phone", description="Kinds of sources that may be opened, with commas."
    )
    open_timeout_s: float = Field(default=10.0, gt=0, description="Longest a camera may take to answer, s.")
    read_timeout_s: float = Field(default=5.0, gt=0, description="Silence after which a camera is opened again, s.")
    stall_after_s: float = Field(default=20.0, gt=0, description="Time without a frame that counts as stalled, s.")
    reopen_min_s: float = Field(default=1.0, gt=0, description="First wait before a camera is opened again, s.")
    reopen_max_s: float = Field(default=30.0, gt=0, description="Longest wait before a camera is opened again, s.")
    finish_timeout_s: float = Field(
        default=60.0, gt=0, description="Longest silence of vision after a file's end before it is given up, s."
    )
    ring_s: float = Field(default=15.0, gt=0, description="How much of each camera is kept for clips, s.")
    ring_bytes: int = Field(default=48 * 2**20, gt=0, description="Most bytes kept of one camera.")
    clip_s: float = Field(default=6.0, ge=1, le=15, description="Length of a clip where nobody says otherwise, s.")
    clip_encoders: str = Field(
        default="libx264,libvpx-vp9",
        description="Encoders for clips of sources that no browser plays; the first that this machine has is taken.",
    )
    max_cameras: int = Field(default=64, gt=0, description="Most cameras of one gym.")

    @property
    def schemes(self) -> frozenset[str]:
        """Kinds of sources that may be opened."""
        return frozenset(part.strip().lower() for part in self.allowed_schemes.split(",") if part.strip())

    @property
    def object_store_url(self) -> str:
        """URL of the store for clips."""
        return self.object_store or (self.home.absolute() / "data" / "objects").as_uri()
