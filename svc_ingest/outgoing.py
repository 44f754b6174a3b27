"""What waits to be sent to vision, under its credit: the newest (live), or every access unit (evaluation)."""

from __future__ import annotations

from typing import Protocol

from svc_ingest.packets import AccessUnit

LIVE_UNITS = 600
LIVE_BYTES = 24 * 2**20
SEEN_AGAIN_NS = 1_500_000_000
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

    @property
    def analysed_until_ns(self) -> int:
        """Capture time up to which a new stream needn't be looked at; 0 where that isn't known."""

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
    """Live: sends with the credit there is. What waits when the next key frame comes without credit is dropped.

    The units since the last key frame are held, so that a new stream is up to date at once instead of at the next key
    frame. Where much of them was seen on an earlier stream, it does wait for that: time must not run backwards for
    those who follow people.
    """

    def __init__(self, limit_units: int = LIVE_UNITS, limit_bytes: int = LIVE_BYTES) -> None:
        self.dropped = 0
        self._limit_units = limit_units
        self._limit_bytes = limit_bytes
        self._credit = 0
        self._open = False
        self._units: list[AccessUnit] = []
        self._cursor = 0
        self._key: int | None = None
        self._in_step = False
        self._bytes = 0
        self._sent_sequence = 0
        self._sent_ns: int | None = None

    @property
    def full(self) -> bool:
        """Never: what can't be sent is dropped."""
        return False

    @property
    def drained(self) -> bool:
        """True while nothing waits to be sent."""
        return self._cursor == len(self._units)

    @property
    def acknowledged_ns(self) -> int | None:
        """Place of the newest unit that was sent; a live file goes on from there."""
        return self._sent_ns

    @property
    def analysed_until_ns(self) -> int:
        """Not known: what was skipped and what was lost look the same."""
        return 0

    def open(self) -> None:
        """A new stream begins at the last key frame."""
        self._open, self._credit = True, 0
        key = self._units[self._key] if self._key is not None else None
        if key is not None and key.presentation_ns + SEEN_AGAIN_NS < (self._sent_ns or 0):
            self._key = None
        self._in_step = self._key is not None
        self._forget(self._key if self._key is not None else len(self._units))
        self._cursor = 0

    def close(self) -> None:
        """The stream is gone."""
        self._open = False

    def grant(self, messages: int) -> None:
        """Vision takes `messages` more."""
        self._credit += messages

    def offer(self, unit: AccessUnit) -> bool:
        """Takes a unit that its decoder can use; False where vision is too busy for it now, or where it was dropped."""
        stuck = not self._open or self._credit <= 0
        if unit.key_frame:
            self._forget(len(self._units) if stuck else self._cursor)
            self._key, self._in_step = len(self._units), True
        elif not self._in_step:
            self.dropped += 1
            return False
        self._units.append(unit)
        self._bytes += len(unit.data)
        if len(self._units) > self._limit_units or self._bytes > self._limit_bytes:
            self._overflow()
        return not stuck

    def next(self) -> AccessUnit | None:
        """The oldest unit that wasn't sent on this stream; None where there is none or no credit."""
        if self._credit <= 0 or self.drained:
            return None
        self._credit -= 1
        unit = self._units[self._cursor]
        self._cursor += 1
        self._sent_sequence = max(self._sent_sequence, unit.sequence)
        self._sent_ns = max(self._sent_ns or 0, unit.presentation_ns)
        return unit

    def acknowledge(self, sequence: int) -> None:
        """Changes nothing: what was lost stays lost."""

    def _overflow(self) -> None:
        """Too much since the key frame: forgets it. Where units wait unsent, the next key frame must be awaited."""
        self._in_step = self._cursor >= len(self._units) - 1
        self._forget(self._cursor if self._in_step else len(self._units))
        self._key = None

    def _forget(self, count: int) -> None:
        gone = self._units[:count]
        self.dropped += sum(unit.sequence > self._sent_sequence for unit in gone)
        self._bytes -= sum(len(unit.data) for unit in gone)
        del self._units[:count]
        self._cursor = max(0, self._cursor - count)
        self._key = None if self._key is None or self._key < count else self._key - count


class EveryOutgoing:
    """Every frame: keeps what isn't known to be analysed, and sends it again to a vision that starts anew.

    It begins again at a key frame, so some units arrive twice; vision is told up to where it has looked at them.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._units: list[AccessUnit] = []
        self._cursor = 0
        self._credit = 0
        self._acknowledged_ns: int | None = None
        self._analysed_until_ns = 0

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

    @property
    def analysed_until_ns(self) -> int:
        """Capture time of the newest picture that vision has analysed."""
        return self._analysed_until_ns

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
        for unit in self._units[: self._cursor]:
            if unit.sequence == sequence:
                self._analysed_until_ns = max(self._analysed_until_ns, unit.capture_time_ns)
        for index, unit in enumerate(self._units[: self._cursor]):
            if unit.sequence <= sequence:
                self._acknowledged_ns = max(self._acknowledged_ns or 0, unit.presentation_ns)
            if unit.key_frame and unit.sequence <= sequence - REORDERED_UNITS:
                start = index
        del self._units[:start]
        self._cursor -= start
