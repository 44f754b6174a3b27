"""From a source's own timestamps to when a picture was captured, and when a file's picture is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

NS_PER_S = 1_000_000_000
DEFAULT_FRAME_NS = NS_PER_S // 25
MAX_LAG_NS = NS_PER_S
MAX_JUMP_NS = 2 * NS_PER_S
DRIFT_SHARE = 0.001


@dataclass(frozen=True)
class Stamps:
    """Times of one packet on the camera's own, unbroken scale."""

    presentation_ns: int
    decode_ns: int
    duration_ns: int


class StampRepair:
    """Makes one unbroken scale of a source's timestamps: fills gaps, never decodes backwards, goes on over loops.

    `first_pts_ns` is the source's timestamp of its first picture, `start_ns` where on the camera's scale that is.
    """

    def __init__(self, first_pts_ns: int | None, start_ns: int, frame_ns: int) -> None:
        self._first_pts_ns = first_pts_ns
        self._frame_ns = frame_ns or DEFAULT_FRAME_NS
        self._offset_ns = start_ns
        self._last_decode_ns: int | None = None
        self.end_ns = start_ns
        """Where the next picture would begin."""

    def stamp(self, pts_ns: int | None, dts_ns: int | None, duration_ns: int | None) -> Stamps:
        """Times of the next packet in decoding order; None stands for what the source doesn't say."""
        duration = duration_ns or self._frame_ns
        if pts_ns is None and dts_ns is None:
            presentation = decode = self.end_ns
        else:
            known_pts = pts_ns if pts_ns is not None else dts_ns
            known_dts = dts_ns if dts_ns is not None else pts_ns
            assert known_pts is not None and known_dts is not None
            if self._first_pts_ns is None:
                self._first_pts_ns = known_pts
            shift = self._offset_ns - self._first_pts_ns
            presentation, decode = known_pts + shift, known_dts + shift
        if self._last_decode_ns is not None:
            decode = max(decode, self._last_decode_ns + 1)
        self._last_decode_ns = decode
        self.end_ns = max(self.end_ns, presentation + duration)
        return Stamps(presentation, decode, duration)

    def restart(self) -> None:
        """The source begins anew, as a looped file does."""
        self._offset_ns = self.end_ns


class Timeline(Protocol):
    """Says when pictures were captured."""

    def due_ns(self, stamps: Stamps, now_ns: int) -> int:
        """Wall clock before which the packet isn't to be handed on."""

    def capture_ns(self, stamps: Stamps, now_ns: int) -> int:
        """Capture time of a packet that is handed on now."""


class FastTimeline:
    """A file as fast as it can be analysed: picture p of the file was captured at `origin_ns` + p."""

    def __init__(self, origin_ns: int) -> None:
        self._origin_ns = origin_ns

    def due_ns(self, stamps: Stamps, now_ns: int) -> int:
        """At once."""
        return now_ns

    def capture_ns(self, stamps: Stamps, now_ns: int) -> int:
        """Where the picture is in the file, counted from the origin."""
        return self._origin_ns + stamps.presentation_ns


class PacedTimeline:
    """A file at the speed of capture. After a pause longer than 1 s (a sleeping machine) it goes on from there."""

    def __init__(self, origin_ns: int) -> None:
        self._origin_ns = origin_ns

    def due_ns(self, stamps: Stamps, now_ns: int) -> int:
        """When a camera would have sent it."""
        due = self._origin_ns + stamps.decode_ns
        if now_ns - due > MAX_LAG_NS:
            self._origin_ns += now_ns - due
            due = now_ns
        return due

    def capture_ns(self, stamps: Stamps, now_ns: int) -> int:
        """When the picture is due to be shown."""
        return self._origin_ns + stamps.presentation_ns


class ArrivalTimeline:
    """A live camera: arrival by the wall clock, freed of the network's jitter by the camera's own timestamps.

    The smallest difference between arrival and timestamp seen lately is taken as the camera's delay; it may grow by
    0.1 % of the time, which is more than clocks drift apart. A jump of more than 2 s starts anew.
    """

    def __init__(self) -> None:
        self._delay_ns: int | None = None
        self._last_now_ns = 0

    def due_ns(self, stamps: Stamps, now_ns: int) -> int:
        """At once."""
        return now_ns

    def capture_ns(self, stamps: Stamps, now_ns: int) -> int:
        """The camera's timestamp moved onto the wall clock; never later than now."""
        seen_ns = now_ns - stamps.presentation_ns
        if self._delay_ns is None or abs(seen_ns - self._delay_ns) > MAX_JUMP_NS:
            self._delay_ns = seen_ns
        else:
            grown_ns = self._delay_ns + round((now_ns - self._last_now_ns) * DRIFT_SHARE)
            self._delay_ns = min(seen_ns, grown_ns)
        self._last_now_ns = now_ns
        return min(now_ns, stamps.presentation_ns + self._delay_ns)
