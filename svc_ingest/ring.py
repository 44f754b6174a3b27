"""The last seconds of one camera as packets, from which clips are cut."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from svc_ingest.packets import AccessUnit

NS_PER_S = 1_000_000_000


@dataclass(frozen=True)
class RingLimits:
    """How much of a camera is kept."""

    duration_s: float = 15.0
    """At least this long, back to a key frame."""
    size_bytes: int = 48 * 2**20
    """Never more than this, even if a clip then lacks its beginning."""


class PacketRing:
    """Packets in decoding order. Forgets whole groups of pictures, since one without its key frame can't be decoded."""

    def __init__(self, limits: RingLimits) -> None:
        self._limits = limits
        self._duration_ns = round(limits.duration_s * NS_PER_S)
        self._groups: deque[list[AccessUnit]] = deque()
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Bytes held."""
        return self._size_bytes

    @property
    def newest_ns(self) -> int | None:
        """Capture time of the newest picture; None while empty."""
        return max(unit.capture_time_ns for unit in self._groups[-1]) if self._groups else None

    @property
    def oldest_ns(self) -> int | None:
        """Capture time of the oldest picture; None while empty."""
        return self._groups[0][0].capture_time_ns if self._groups else None

    def add(self, unit: AccessUnit) -> None:
        """Keeps one more packet. Packets before the first key frame, and after a change of format, aren't kept."""
        if unit.key_frame:
            self._groups.append([])
        elif not self._groups or self._groups[-1][-1].format is not unit.format:
            return
        self._groups[-1].append(unit)
        self._size_bytes += len(unit.data)
        self._forget(unit.capture_time_ns)

    def cut(self, start_ns: int, end_ns: int) -> list[AccessUnit]:
        """Packets of one format from the last key frame at or before `start_ns` (else the first after it) to `end_ns`.

        Capture times; empty where nothing of that span is kept.
        """
        first = 0
        for index, group in enumerate(self._groups):
            if group[0].capture_time_ns <= start_ns:
                first = index
        units = [unit for group in list(self._groups)[first:] for unit in group]
        if not units or units[0].capture_time_ns > end_ns or max(unit.capture_time_ns for unit in units) < start_ns:
            return []
        last = max((index for index, unit in enumerate(units) if unit.capture_time_ns <= end_ns), default=0)
        chosen = units[: last + 1]
        # A clip has one format: the one at its end, which is where the event is.
        while chosen[0].format is not chosen[-1].format:
            del chosen[0]
        return chosen

    def clear(self) -> None:
        """Forgets everything."""
        self._groups.clear()
        self._size_bytes = 0

    def _forget(self, newest_ns: int) -> None:
        while len(self._groups) > 1 and self._groups[1][0].capture_time_ns <= newest_ns - self._duration_ns:
            self._drop_first()
        while self._size_bytes > self._limits.size_bytes and self._groups:
            self._drop_first()

    def _drop_first(self) -> None:
        self._size_bytes -= sum(len(unit.data) for unit in self._groups.popleft())
