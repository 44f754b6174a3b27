"""Just enough of JPEG (ITU-T T.81, annex B) to know that a phone's frame is one, and its size."""

from __future__ import annotations

_START = b"\xff\xd8"
# Start-of-frame markers; C4, C8 and CC in between are tables and extensions.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN = 0xDA


def picture_size_px(data: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG picture; None for anything that isn't one."""
    if data[:2] != _START:
        return None
    place = 2
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in _ALONE:
            place += 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == _SCAN or length < 2:
            return None
        if marker in _FRAME_MARKERS:
            return _size(data[place + 4 : place + 2 + length])
        place += 2 + length
    return None


def _size(frame: bytes) -> tuple[int, int] | None:
    if len(frame) < 6:
        return None
    height_px, width_px = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    return (width_px, height_px) if width_px and height_px else None
