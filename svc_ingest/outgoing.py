"""What waits to be sent to vision, under its credit: the newest (live), or every access unit (evaluation)."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from svc_ingest.packets import AccessUnit

LIVE_BYTES = 16 * 2**20
EVERY_WINDOW = 64
REORDERED_UNITS = 32


class Outgoing(Protocol):
    """Access units of one camera on their way. Lives longer than one stream to vision."""

    dropped: int
    """Access units that were never sent because there was no credit or no stream."""

    @property
    def full(self) -> bool:
        """True while nothing more should be offered."""

    @property
    def drained(self) -> bool:
        """True while nothing waits to be sent."""

    @property
    def acknowledged_ns(self) -> int | None:
        """Place in the source up to which nothing has to be read again; None before the first."""

    def open(self) -> None:
        """A new stream begins, without credit."""

    def close(self) -> None:
        """The stream is gone."""

    def grant(self, messages: int) -> None:
        """Vision takes `messages` more."""

    def offer(self, unit: AccessUnit) -> bool:
        """Takes a unit to send; False where it was dropped."""

    def next(self) -> AccessUnit | None:
        """The unit to send now; None where there is none or no credit."""

    def acknowledge(self, sequence: int) -> None:
        """Vision has analysed everything up to `sequence`."""


class NewestOutgoing:
    """Live: a unit is sent with the credit there is, or dropped with all that need it, up to the next key frame."""

    def __init__(self) -> None:
        self.dropped = 0
        self._credit = 0
        self._open = False
        self._needs_key = True
        self._waiting: deque[AccessUnit] = deque()
        self._waiting_bytes = 0
        self._sent_ns: int | None = None

    @property
    def full(self) -> bool:
        """Never: what can't be sent is dropped."""
        return False

    @property
    def drained(self) -> bool:
        """True while nothing waits to be sent."""
        return not self._waiting

    @property
    def acknowledged_ns(self) -> int | None:
        """Place of the newest unit that was sent; a live file goes on from there."""
        return self._sent_ns

    def open(self) -> None:
        """A new stream begins: its decoder needs a key frame first."""
        self._open, self._needs_key, self._credit = True, True, 0

    def close(self) -> None:
        """The stream is gone, and with it what waited."""
        self._open = False
        self.dropped += len(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0

    def grant(self, messages: int) -> None:
        """Vision takes `messages` more."""
        self._credit += messages

    def offer(self, unit: AccessUnit) -> bool:
        """Takes a unit where there is credit for it and its decoder can use it."""
        possible = self._open and self._credit > 0 and self._waiting_bytes < LIVE_BYTES
        if not possible or (self._needs_key and not unit.key_frame):
            self.dropped += 1
            self._needs_key = True
            return False
        self._needs_key = False
        self._credit -= 1
        self._waiting.append(unit)
        self._waiting_bytes += len(unit.data)
        return True

    def next(self) -> AccessUnit | None:
        """The oldest unit that waits; its credit was taken when it was offered."""
        if not self._waiting:
            return None
        unit = self._waiting.popleft()
        self._waiting_bytes -= len(unit.data)
        self._sent_ns = unit.presentation_ns
        return unit

    def acknowledge(self, sequence: int) -> None:
        """Changes nothing: what was lost stays lost."""


class EveryOutgoing:
    """Every frame: keeps what isn't known to be analysed, and sends it again to a vision that starts anew.

    It begins again at a key frame, so some units arrive twice; receivers drop capture times they have had.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._units: list[AccessUnit] = []
        self._cursor = 0
        self._credit = 0
        self._acknowledged_ns: int | None = None

    @property
    def full(self) -> bool:
        """True while enough waits; the source is read on when vision has taken some."""
        return len(self._units) - self._cursor >= EVERY_WINDOW

    @property
    def drained(self) -> bool:
        """True while nothing waits to be sent."""
        return self._cursor == len(self._units)

    @property
    def acknowledged_ns(self) -> int | None:
        """Place of the newest unit that vision has analysed."""
        return self._acknowledged_ns

    def open(self) -> None:
        """A new stream begins: everything that isn't known to be analysed is sent again."""
        self._credit = 0
        self._cursor = 0

    def close(self) -> None:
        """The stream is gone; nothing is lost."""
        self._credit = 0

    def grant(self, messages: int) -> None:
        """Vision takes `messages` more."""
        self._credit += messages

    def offer(self, unit: AccessUnit) -> bool:
        """Takes every unit."""
        self._units.append(unit)
        return True

    def next(self) -> AccessUnit | None:
        """The oldest unit that wasn't sent on this stream."""
        if self._credit <= 0 or self.drained:
            return None
        self._credit -= 1
        self._cursor += 1
        return self._units[self._cursor - 1]

    def acknowledge(self, sequence: int) -> None:
        """Forgets the groups of pictures before the one that holds `sequence`.

        Pictures are coded out of order, so a few units before it may not be analysed yet.
        """
        start = 0
        for index, unit in enumerate(self._units[: self._cursor]):
            if unit.sequence <= sequence:
                self._acknowledged_ns = max(self._acknowledged_ns or 0, unit.presentation_ns)
            if unit.key_frame and unit.sequence <= sequence - REORDERED_UNITS:
                start = index
        del self._units[:start]
        self._cursor -= start
