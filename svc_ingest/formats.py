"""The format of an open stream; a camera changes it in mid-stream when somebody chooses another resolution."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from svc_ingest import media
from svc_ingest.jpeg import picture_size_px
from svc_ingest.packets import JPEG_CODEC, VideoFormat
from svc_ingest.sources import Source

_START_CODE = re.compile(b"\x00\x00\x01")
# NAL unit types: Rec. ITU-T H.264, table 7-1, and H.265, table 7-1.
_PARAMETER_SETS = {"h264": {7, 8}, "hevc": {32, 33, 34}}
_PICTURES = {"h264": set(range(1, 6)), "hevc": set(range(32))}


def parameter_sets(codec: str, data: bytes) -> bytes:
    """The parameter sets before a key frame's picture, with start codes; empty where packets carry none."""
    if codec not in _PARAMETER_SETS or not data.startswith((b"\x00\x00\x01", b"\x00\x00\x00\x01")):
        return b""
    found = []
    for kind, unit in _units(codec, data):
        if kind in _PICTURES[codec]:
            break
        if kind in _PARAMETER_SETS[codec]:
            found.append(b"\x00\x00\x00\x01" + unit)
    return b"".join(found)


def _units(codec: str, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each NAL unit; a picture's bytes are left out, since only its type matters."""
    starts = _START_CODE.finditer(data)
    start = next(starts, None)
    while start is not None and start.end() < len(data):
        first = data[start.end()]
        kind = first & 0x1F if codec == "h264" else first >> 1 & 0x3F
        if kind in _PICTURES[codec]:
            yield kind, b""
            return
        following = next(starts, None)
        yield kind, data[start.end() : following.start() if following else len(data)].rstrip(b"\x00")
        start = following


class StreamFormat:
    """Follows the format of one open stream. Looks into packets, decodes one where the parameter sets have changed."""

    def __init__(self, stream: Any, packet: Any, source: Source, before: VideoFormat | None) -> None:
        """`packet` is the stream's first one, `before` the format when the source was open last."""
        self._stream = stream
        found = media.describe(stream, packet, source)
        # The object of before where it is the same, so that nobody thinks it changed.
        self.current = before if before is not None and before == found else found
        self._sets = parameter_sets(found.codec, bytes(packet)) if packet.is_keyframe else b""

    def follow(self, packet: Any) -> bool:
        """True where from this packet on `current` is another format."""
        if not packet.is_keyframe:
            return False
        data = bytes(packet)
        if self.current.codec == JPEG_CODEC:
            return self._to(picture_size_px(data), b"", packet)
        sets = parameter_sets(self.current.codec, data)
        if not sets or sets == self._sets:
            return False
        first, self._sets = not self._sets, sets
        return not first and self._to(media.coded_size_px(self.current.codec, data), sets, packet)

    def _to(self, size_px: tuple[int, int] | None, sets: bytes, packet: Any) -> bool:
        if size_px is None or size_px == (self.current.width_px, self.current.height_px):
            return False
        width_px, height_px = size_px
        header = media.header_of(self._stream, packet, size_px, sets)
        self.current = replace(self.current, extradata=sets, width_px=width_px, height_px=height_px, header=header)
        return True
