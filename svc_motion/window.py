"""The last seconds of one person's signals, filtered causally."""

import numpy as np

from svc_motion.observation import FloatArray
from svc_motion.signals import SIGNAL_COUNT, SignalFrame

SMOOTHING_S = 0.08
"""Time constant of the exponential filter behind the median of three. Raising it delays and shrinks fast movement."""
GAP_S = 1.5
"""After this long unseen a signal, or the whole window, starts afresh: nothing is counted across such a gap."""
MIN_SPACING_S = 0.03
"""Frames that come closer than this are skipped: cost and result do not depend on a camera faster than 33 fps."""
HISTORY_S = 16.0


class SignalWindow:
    """Filters signals causally and keeps the last seconds of them."""

    def __init__(self) -> None:
        self._capacity = int(HISTORY_S / MIN_SPACING_S) + 8
        self._times = np.zeros(2 * self._capacity)
        self._values = np.full((2 * self._capacity, SIGNAL_COUNT), np.nan)
        self._weights = np.zeros((2 * self._capacity, SIGNAL_COUNT))
        self._end = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything: the camera cut, or somebody else is seen now."""
        self._end = 0
        self._recent = np.full((3, SIGNAL_COUNT), np.nan)
        self._state = np.full(SIGNAL_COUNT, np.nan)
        self._last_seen = np.full(SIGNAL_COUNT, -np.inf)

    def push(self, frame: SignalFrame) -> bool:
        """Add a frame; False when it came too soon after the last one and was skipped."""
        if self._end and frame.time_s - self._times[self._end - 1] < MIN_SPACING_S:
            return False
        if self._end and frame.time_s - self._times[self._end - 1] > GAP_S:
            self.clear()
        if self._end == len(self._times):
            keep = self._capacity
            for array in (self._times, self._values, self._weights):
                array[:keep] = array[self._end - keep : self._end].copy()
            self._end = keep
        self._times[self._end] = frame.time_s
        self._values[self._end] = self._filtered(frame)
        self._weights[self._end] = frame.confidence
        self._end += 1
        return True

    def _filtered(self, frame: SignalFrame) -> FloatArray:
        seen = np.isfinite(frame.values)
        elapsed = np.where(np.isfinite(self._last_seen), frame.time_s - self._last_seen, 0.07)
        stale = seen & (elapsed > GAP_S)
        if stale.any():
            self._recent[:, stale] = np.nan
            self._state[stale] = np.nan
        older, old, newest = self._recent
        self._recent = np.where(seen, (old, newest, frame.values), (older, old, newest))
        middle = _median_of_recent(self._recent)
        gain = 1 - np.exp(-elapsed / SMOOTHING_S)
        fresh = np.isnan(self._state)
        moved = np.where(fresh, middle, self._state + gain * (middle - self._state))
        self._state = np.where(seen, moved, self._state)
        self._last_seen = np.where(seen, frame.time_s, self._last_seen)
        return np.where(seen, self._state, np.nan)

    def since(self, start_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Times (n,), values (n, 27) and weights (n, 27) from start_s on, within the history."""
        if not self._end:
            return self._times[:0], self._values[:0], self._weights[:0]
        start_s = max(start_s, float(self._times[self._end - 1]) - HISTORY_S)
        begin = int(np.searchsorted(self._times[: self._end], start_s))
        return self._times[begin : self._end], self._values[begin : self._end], self._weights[begin : self._end]


def _median_of_recent(recent: FloatArray) -> FloatArray:
    """Median of the last up to three values, column by column; with two values, their mean."""
    first, second, third = recent
    if not np.isnan(recent).any():
        middle = np.maximum(np.minimum(first, second), np.minimum(np.maximum(first, second), third))
        return np.asarray(middle, dtype=np.float64)
    low, high = np.fmin(np.fmin(recent[0], recent[1]), recent[2]), np.fmax(np.fmax(recent[0], recent[1]), recent[2])
    total = np.nansum(recent, axis=0)
    count = np.isfinite(recent).sum(axis=0)
    return np.asarray(np.where(count == 3, total - low - high, total / np.maximum(count, 1)), dtype=np.float64)
