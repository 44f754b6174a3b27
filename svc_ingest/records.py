"""What is kept of cameras and clips."""

from __future__ import annotations

from dataclasses import dataclass

from svc_ingest.states import State


@dataclass(frozen=True)
class CameraRecord:
    """One camera as it is stored. The uri may hold credentials: it goes to the database and nowhere else."""

    gym_id: str
    camera_id: str
    display_name: str
    uri: str
    every: bool
    """Every frame is analysed, instead of the newest."""
    once: bool
    """A file ends at its end."""
    request_id: str | None
    create_time_ns: int
    state: State = State.CONNECTING
    state_detail: str = ""
    codec: str = ""
    width_px: int = 0
    height_px: int = 0
    frame_rate_hz: float = 0.0
    frames_read: int = 0
    frames_analysed: int = 0
    frames_dropped: int = 0
    frames_corrupt: int = 0
    frames_idle: int = 0
    """Passed over on purpose, because nothing moved."""
    first_frame_ns: int | None = None
    last_frame_ns: int | None = None
    origin_ns: int | None = None
    """Capture time of a file's first picture."""
    position_ns: int = 0
    """How far into a file everything is analysed."""
    next_sequence: int = 1
    """Number of the next access unit."""


@dataclass(frozen=True)
class ClipRecord:
    """One clip as it is stored."""

    clip_id: str
    gym_id: str
    camera_id: str
    person_id: str
    set_id: str
    reason: str
    start_time_ns: int
    """Capture time of its first frame."""
    duration_ns: int
    size_bytes: int
    object_key: str
    """Where the file is in the object store."""
    create_time_ns: int
