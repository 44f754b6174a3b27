"""Just enough of GIF89a to tell a packet with a picture from the file's tail.

FFmpeg's demuxer hands the tail (extensions and the trailer) on as a packet of its own; a decoder that is fed it stops,
although a looped file goes on.
"""

from __future__ import annotations

_HEADERS = (b"GIF87a", b"GIF89a")
_EXTENSION = 0x21
_IMAGE = 0x2C
_HEADER_BYTES = 13


def has_picture(data: bytes) -> bool:
    """True where an image follows in this packet."""
    place = 0
    if data[:6] in _HEADERS and len(data) >= _HEADER_BYTES:
        place = _HEADER_BYTES + _table_bytes(data[10])
    while place < len(data) and data[place] == _EXTENSION:
        place = _after_blocks(data, place + 2)
    return place < len(data) and data[place] == _IMAGE


def _table_bytes(flags: int) -> int:
    """Size of the global colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, place: int) -> int:
    """Where the sub-blocks that begin at `place` are over."""
    while place < len(data) and data[place]:
        place += data[place] + 1
    return place + 1
