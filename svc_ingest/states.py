"""A camera's state: what may follow what, when it counts as stalled, and how long to wait before opening it again."""

from __future__ import annotations

import enum
from dataclasses import dataclass

NS_PER_S = 1_000_000_000


class State(enum.Enum):
    """What is going on with a camera; the values are the names in the contract."""

    CONNECTING = "STATE_CONNECTING"
    LIVE = "STATE_LIVE"
    STALLED = "STATE_STALLED"
    FAILED = "STATE_FAILED"
    ENDED = "STATE_ENDED"


@dataclass(frozen=True)
class Transition:
    """A change of state that others are told."""

    previous: State
    state: State
    detail: str
    time_ns: int
    """Wall clock."""


class CameraStates:
    """State machine of one camera. Every method returns the change it made, or None.

    ENDED is final; FAILED and STALLED end with the next frame or the next attempt.
    """

    def __init__(self, stall_after_s: float, state: State = State.CONNECTING, detail: str = "") -> None:
        self.state = state
        self.detail = detail
        self._stall_after_ns = round(stall_after_s * NS_PER_S)
        self._last_frame_ns: int | None = None

    def opening(self, detail: str, now_ns: int) -> Transition | None:
        """The source is being opened. A failed camera stays failed until it answers, so that it doesn't flicker."""
        if self.state is State.FAILED:
            return None
        return self._to(State.CONNECTING, detail, now_ns)

    def frame(self, now_ns: int) -> Transition | None:
        """A frame arrived."""
        self._last_frame_ns = now_ns
        return self._to(State.LIVE, "", now_ns)

    def tick(self, now_ns: int) -> Transition | None:
        """Time passes: a live camera without frames stalls."""
        if self.state is not State.LIVE or self._last_frame_ns is None:
            return None
        if now_ns - self._last_frame_ns < self._stall_after_ns:
            return None
        seconds = self._stall_after_ns // NS_PER_S
        return self._to(
            State.STALLED, f"No frame for {seconds} s; check that the camera is on and sends pictures.", now_ns
        )

    def failed(self, detail: str, now_ns: int) -> Transition | None:
        """The source can't be opened or read."""
        return self._to(State.FAILED, detail, now_ns)

    def ended(self, detail: str, now_ns: int) -> Transition | None:
        """The file was read to its end and analysed."""
        return self._to(State.ENDED, detail, now_ns)

    def _to(self, state: State, detail: str, now_ns: int) -> Transition | None:
        if self.state is State.ENDED or (state is self.state and detail == self.detail):
            return None
        transition = Transition(self.state, state, detail, now_ns)
        self.state, self.detail = state, detail
        return transition


class Backoff:
    """Waits that double from the shortest to the longest, and start anew after a success."""

    def __init__(self, min_s: float, max_s: float) -> None:
        self._min_s = min_s
        self._max_s = max(min_s, max_s)
        self._next_s = min_s

    def next_s(self) -> float:
        """Seconds to wait before the next attempt."""
        wait_s = self._next_s
        self._next_s = min(self._next_s * 2, self._max_s)
        return wait_s

    def reset(self) -> None:
        """It worked: the next wait is the shortest again."""
        self._next_s = self._min_s
