"""The movement signal: the first principal component of an exercise's signals over the last seconds.

So it adapts to the view, to the better seen side and to the person's own range. Where left and right take turns, one
principal component would call both arms' strokes one; then each side has its own, and the lower of both counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import FloatArray
from svc_motion.signals import KIND_COUNT
from svc_motion.window import SignalWindow

MIN_COVERAGE = 0.5
"""A signal must have been seen in this share of the window to take part."""
MIN_RANGE_DEG = 30.0
"""Movement smaller than this is no stroke, where an exercise says nothing else. Raising it misses small exercises,
lowering it counts swaying."""
SPEED_S = 0.13
"""Speed is told over so long: two samples of a fast camera differ by little but noise."""
ALTERNATING_CORRELATION = -0.1
"""Sides that move as much as each other and correlate less than this take turns."""
ALTERNATING_SHARE = 0.4
"""The side that moves less must move this share of the other's range."""


@dataclass(frozen=True, slots=True)
class Movement:
    """The movement signal over the analysed window."""

    times_s: FloatArray
    values: FloatArray
    """The projection, rises on the return."""
    low: float
    """3rd percentile of the values."""
    high: float
    """97th percentile of the values."""
    coverage: float
    """Share of the window in which the signals were seen, the best one."""
    min_range: float = MIN_RANGE_DEG
    """Less movement than this is no stroke."""
    by_turns: bool = False
    """Left and right took turns."""

    @property
    def meter(self) -> float:
        """How deep in the stroke the person is now: 0 at the start position, 1 at the other end."""
        return min(max((self.high - float(self.values[-1])) / max(self.range, self.min_range), 0.0), 1.0)

    @property
    def range(self) -> float:
        """Spread between the percentiles."""
        return self.high - self.low

    @property
    def speed_per_s(self) -> float:
        """Slope of the newest samples; positive on the return."""
        return float(self.speeds_since(float(self.times_s[-1]))[-1])

    def speeds_since(self, start_s: float) -> FloatArray:
        """(n,) slopes that end at each sample since a time, over SPEED_S and three samples at least."""
        ends = np.arange(max(2, int(np.searchsorted(self.times_s, start_s))), len(self.times_s))
        earlier = np.searchsorted(self.times_s, self.times_s[ends] - SPEED_S + 1e-6, side="right") - 1
        begins = np.clip(earlier, 0, ends - 2)
        spans = np.maximum(self.times_s[ends] - self.times_s[begins], 1e-3)
        return np.asarray((self.values[ends] - self.values[begins]) / spans, dtype=np.float64)


def movement(
    window: SignalWindow,
    signals: tuple[int, ...],
    start_s: float,
    min_range: float = MIN_RANGE_DEG,
    paired: bool = False,
) -> Movement | None:
    """The movement of the signals since start_s, rising on the return; None when too little was seen.

    `paired`: where the sides take turns, a stroke of each is one repetition together.
    """
    return movement_in(*window.since(start_s), signals, min_range, paired)


def movement_in(
    times: FloatArray,
    values: FloatArray,
    weights: FloatArray,
    signals: tuple[int, ...],
    min_range: float = MIN_RANGE_DEG,
    paired: bool = False,
) -> Movement | None:
    """The same in times (n,), values and weights (n, SIGNAL_COUNT) of signals, wherever they come from."""
    if len(times) < 4:
        return None
    columns = np.array(signals)
    chosen = values[:, columns]
    seen = np.isfinite(chosen)
    coverage = seen.sum(axis=0) / len(times)
    usable = np.flatnonzero((coverage >= MIN_COVERAGE) & seen[-5:].any(axis=0))
    if not len(usable):
        return None
    seen = seen[:, usable]
    filled = _bridged(times, chosen[:, usable], seen)
    trust = weights[:, columns[usable]].sum(axis=0) / np.maximum(1, seen.sum(axis=0))
    parts = _Parts(filled, coverage[usable] * (0.3 + 0.7 * np.minimum(1, trust)))
    sides = columns[usable] // KIND_COUNT
    turns = _taking_turns(parts, sides, min_range, paired)
    projected = parts.principal() if turns is None else turns
    low, high = _percentiles(projected, 0.03, 0.97)
    return Movement(times.copy(), projected, low, high, float(coverage.max()), min_range, turns is not None)


class _Parts:
    """Signals (n, c) that move together, and how well each was seen."""

    def __init__(self, filled: FloatArray, quality: FloatArray) -> None:
        self._filled = filled
        self._quality = quality
        self.weighted = (filled - filled.mean(axis=0)) * quality

    def of(self, chosen: NDArray[np.bool_]) -> "_Parts":
        """Some of the signals."""
        return _Parts(self._filled[:, chosen], self._quality[chosen])

    def principal(self) -> FloatArray:
        """(n,) projection on the first principal axis, signed towards the return, as large as one signal."""
        ordered = np.sort(self._filled, axis=0)
        last = len(ordered) - 1
        spread = ordered[round(0.95 * last)] - ordered[round(0.05 * last)]
        return _principal(self.weighted, spread, self._quality)


def _taking_turns(parts: _Parts, sides: NDArray[np.intp], min_range: float, paired: bool) -> FloatArray | None:
    """(n,) the movement of two sides that take turns; None where they don't."""
    chosen = [sides == side for side in (0, 1)]
    if not (chosen[0].any() and chosen[1].any()):
        return None
    sums = [parts.weighted[:, of_side].sum(axis=1) for of_side in chosen]
    sizes = np.sqrt([float(values @ values) for values in sums])
    if not float(sums[0] @ sums[1]) < ALTERNATING_CORRELATION * float(sizes.prod()):
        return None
    left, right = (parts.of(of_side).principal() for of_side in chosen)
    ranges = [high - low for low, high in (_percentiles(values, 0.03, 0.97) for values in (left, right))]
    if min(ranges) < max(min_range, ALTERNATING_SHARE * max(ranges)):
        return None
    if paired:
        return left - right
    return np.minimum(left - _percentiles(left, 0.95)[0], right - _percentiles(right, 0.95)[0])


def _percentiles(values: FloatArray, *shares: float) -> tuple[float, ...]:
    """Percentiles by linear interpolation; np.percentile takes twenty times as long for so few values."""
    ordered = np.sort(values)
    last = len(ordered) - 1
    places = [(int(share * last), share * last % 1) for share in shares]
    return tuple(
        float(ordered[low] + (ordered[min(low + 1, last)] - ordered[low]) * between) for low, between in places
    )


def _bridged(
    times: FloatArray, values: FloatArray, seen: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
) -> FloatArray:
    """Fill short holes linearly, so that one lost joint does not drop the frame."""
    filled = values.copy()
    for column in np.flatnonzero(~seen.all(axis=0)):
        known = seen[:, column]
        filled[:, column] = np.interp(times, times[known], values[known, column])
    return filled


def _principal(weighted: FloatArray, spread: FloatArray, quality: FloatArray) -> FloatArray:
    """Project on the first principal axis, signed towards the return and scaled to the size of one signal."""
    _, vectors = np.linalg.eigh(weighted.T @ weighted)
    axis = vectors[:, -1]
    if float((axis * spread * quality).sum()) < 0:
        axis = -axis
    taking_part = 1 / float((axis**4).sum())
    scale = np.sqrt(max(1.0, taking_part)) * max(0.3, float((quality * axis * axis).sum()))
    return np.asarray(weighted @ axis / scale, dtype=np.float64)
