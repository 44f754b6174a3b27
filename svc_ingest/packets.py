"""Coded video as it travels through ingest: formats and access units. Nothing here is ever decoded."""

from __future__ import annotations

from dataclasses import dataclass

JPEG_CODEC = "mjpeg"


@dataclass(frozen=True)
class VideoFormat:
    """What a source's packets are."""

    codec: str
    """FFmpeg's name of the codec."""
    extradata: bytes
    """Codec configuration; empty where it travels in the packets."""
    width_px: int
    """Coded size; 0 where unknown."""
    height_px: int
    """Coded size; 0 where unknown."""
    rotation_deg: int
    """Clockwise turn that makes the picture upright: 0, 90, 180 or 270."""
    frame_rate_hz: float
    """Rate that the source announces; 0 where unknown."""
    header: bytes = b""
    """The same as the head of a NUT file, which a muxer takes as its template; empty for bare pictures."""

    @property
    def upright_size_px(self) -> tuple[int, int]:
        """Width and height of the picture as a person would see it."""
        if self.rotation_deg % 180:
            return self.height_px, self.width_px
        return self.width_px, self.height_px


@dataclass(frozen=True)
class AccessUnit:
    """One coded picture."""

    sequence: int
    """Number in the camera's stream, from 1."""
    capture_time_ns: int
    """When it was captured, ns since the epoch."""
    receive_time_ns: int
    """When ingest had it, wall clock, ns since the epoch."""
    presentation_ns: int
    """When it is shown, ns since the source's first picture; orders pictures that are coded out of order."""
    decode_ns: int
    """When it is decoded, on the same scale; never runs backwards."""
    duration_ns: int
    """How long it is shown; 0 where unknown."""
    key_frame: bool
    """True where decoding can start here."""
    data: bytes
    """The coded bytes."""
    format: VideoFormat
    """How to read them."""
