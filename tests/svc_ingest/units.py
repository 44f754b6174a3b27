"""Access units for tests of what handles them without looking inside."""

from __future__ import annotations

from svc_ingest.packets import AccessUnit, VideoFormat

FORMAT = VideoFormat("h264", b"", 160, 120, 0, 25.0)
OTHER_FORMAT = VideoFormat("h264", b"x", 320, 240, 0, 25.0)
FRAME_NS = 40_000_000


def unit(sequence: int, key_frame: bool = False, size: int = 10, found: VideoFormat = FORMAT) -> AccessUnit:
    at_ns = sequence * FRAME_NS
    return AccessUnit(sequence, at_ns, at_ns, at_ns, at_ns, FRAME_NS, key_frame, b"x" * size, found)
