"""Settings of the edge, beside those every process shares."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from mesh.settings import MeshSettings


class EdgeSettings(MeshSettings):
    """Read from the environment, prefix SPOTTER_."""

    token_key_file: Path = Field(
        default=Path(".spotter/secrets/signing_key.pem"), description="PEM of the ES256 key that signs members' tokens."
    )
    member_token_lifetime_s: float = Field(default=12 * 3600.0, gt=0, description="How long a member's token holds, s.")
    public_url: str = Field(default="http://127.0.0.1:8080", description="What phones open, without a final slash.")
    web_address: str = Field(default="127.0.0.1:7416", description="host:port of the web app; empty means none.")
    web_dir: Path = Field(default=Path(__file__).parent / "web" / "dist", description="Folder with the built web app.")
    max_request_bytes: int = Field(default=2 * 2**20, gt=0, description="Largest request message, bytes.")
    max_frame_bytes: int = Field(default=2**20, gt=0, description="Largest picture of a phone's camera, bytes.")
    upstream_timeout_s: float = Field(default=5.0, gt=0, description="Longest a call to another service may take, s.")
    heartbeat_interval_s: float = Field(
        default=10.0, gt=0, description="A silent live stream says this often it lives, s."
    )
    stream_buffer_events: int = Field(
        default=2000, gt=0, description="Durable events that wait for one slow client before its stream is ended."
    )
