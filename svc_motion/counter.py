"""The causal repetition counter: told nothing about a person's range, tempo or which joint leads.

A repetition is a return stroke: a fall of the movement signal and the rise after it. The movement signal is the first
principal component of the chosen signals over the last seconds, so it adapts to the view, to the better seen side and
to the person's own range; strokes are found by a zigzag whose threshold is a share of that range.
"""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from svc_motion.observation import FloatArray
from svc_motion.window import HISTORY_S, SignalWindow

WINDOW_S = 6.0
PERIODS_IN_WINDOW = 2.5
MIN_COVERAGE = 0.5
"""A signal must have been seen in this share of the window to take part."""
MIN_RANGE_DEG = 30.0
"""Movement smaller than this is no stroke. Raising it misses small exercises, lowering it counts swaying."""
PROMINENCE = 0.4
"""A turn counts when it leaves this share of the range behind it."""
FIRE_SHARE = 0.75
"""A return counts once it regained this share of the fall: early enough to be said aloud, late enough to be real."""
HALF_SHARE = 0.5
"""A return that stopped, or a stream that ended, counts from this share on."""
SETTLED_SPEED = 0.35
"""Slower than this share of the stroke per second means the movement has come to rest."""
STILL_SPEED_SHARE = 0.1
"""Slower than this share of a stroke's mean speed is a pause."""
MIN_EVENT_SPACING_S = 0.35
PERIOD_LIMITS_S = (0.6, 5.0)
REFRACTORY_PERIODS = 0.5
IDLE_S = 8.0
MIN_STROKE_S = 0.45
"""No fall and return of a body is quicker; a pose model that changes its mind is."""
MIN_RISE_S = 0.2
MIN_LONE_RISE_S = 0.3
"""The same for a return whose fall was not seen."""
LEFT_SHARE = 0.1
"""A fall begins where this share of it is done; what is less is swaying."""
HALF_SEEN_SHARE = 0.7
"""A return whose fall was not seen must be this share of the usual ones: getting into place is not a repetition."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One fall and return of the movement signal."""

    start_s: float
    """The turn before the fall, or the first sight of it; standing still lies between the turn and the fall."""
    fall_s: float
    """Where the body really left it: when the repetition began, for people."""
    bottom_s: float
    top_s: float
    """Where the return ended, or how far it has come."""
    rise: float
    """Size of the return in signal units (about degrees)."""
    drop: float | None
    """Size of the fall; None when it was not seen."""
    complete: bool
    """The movement has already turned again after the return."""


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

    @property
    def meter(self) -> float:
        """How deep in the stroke the person is now: 0 at the start position, 1 at the other end."""
        return min(max((self.high - float(self.values[-1])) / max(self.range, MIN_RANGE_DEG), 0.0), 1.0)

    @property
    def range(self) -> float:
        """Spread between the percentiles."""
        return self.high - self.low

    @property
    def speed_per_s(self) -> float:
        """Slope of the last three samples; positive on the return."""
        span = float(self.times_s[-1] - self.times_s[-3])
        return float(self.values[-1] - self.values[-3]) / max(span, 1e-3)


def movement(window: SignalWindow, signals: tuple[int, ...], start_s: float) -> Movement | None:
    """First principal component of the signals since start_s, rising on the return; None when too little was seen."""
    times, values, weights = window.since(start_s)
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
    ordered = np.sort(filled, axis=0)
    last = len(times) - 1
    spread = ordered[round(0.95 * last)] - ordered[round(0.05 * last)]
    trust = weights[:, columns[usable]].sum(axis=0) / np.maximum(1, seen.sum(axis=0))
    quality = coverage[usable] * (0.3 + 0.7 * np.minimum(1, trust))
    projected = _principal((filled - filled.mean(axis=0)) * quality, spread, quality)
    low, high = _percentiles(projected, 0.03, 0.97)
    return Movement(times.copy(), projected, low, high, float(coverage.max()))


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


def turning_points(values: FloatArray, threshold: float) -> list[tuple[int, int]]:
    """Zigzag: (index, kind) of the turns that leave at least the threshold behind; kind 1 is a top, -1 a bottom."""
    turns: list[tuple[int, int]] = []
    low = high = direction = 0
    series = values.tolist()
    for i, value in enumerate(series):
        if value > series[high]:
            high = i
        if value < series[low]:
            low = i
        if direction >= 0 and series[high] - value >= threshold:
            if direction == 0 and low < high and series[high] - series[low] >= threshold:
                turns.append((low, -1))
            turns.append((high, 1))
            direction, low, high = -1, i, i
        elif direction <= 0 and value - series[low] >= threshold:
            if direction == 0 and high < low and series[high] - series[low] >= threshold:
                turns.append((high, 1))
            turns.append((low, -1))
            direction, low, high = 1, i, i
    return turns


def strokes(move: Movement) -> list[Stroke]:
    """All falls with their returns in the window, the running one last."""
    values, times = move.values, move.times_s
    if float(values.max() - values.min()) < MIN_RANGE_DEG:
        return []
    threshold = max(MIN_RANGE_DEG, PROMINENCE * move.range)
    turns = turning_points(values, threshold)
    if not turns:
        return _lone_rise(move, threshold)
    found: list[Stroke] = []
    for place, (bottom, kind) in enumerate(turns):
        if kind > 0:
            continue
        complete = place + 1 < len(turns)
        top = turns[place + 1][0] if complete else bottom + int(np.argmax(values[bottom:]))
        start = turns[place - 1][0] if place else None
        drop = None if start is None else float(values[start] - values[bottom])
        begin_s = float(times[bottom if start is None else start])
        rise = float(values[top] - values[bottom])
        fall_s = begin_s if start is None else float(times[_leaves(values, start, bottom)])
        found.append(Stroke(begin_s, fall_s, float(times[bottom]), float(times[top]), rise, drop, complete))
    return found


def _leaves(values: FloatArray, turn: int, bottom: int) -> int:
    """The last sample between a turn and the bottom after it that is still near the turn."""
    limit = values[turn] - LEFT_SHARE * (values[turn] - values[bottom])
    return turn + int(np.flatnonzero(values[turn : bottom + 1] >= limit)[-1])


def _lone_rise(move: Movement, threshold: float) -> list[Stroke]:
    """A stream that starts in the middle of a repetition shows one return and no turn yet."""
    bottom = int(np.argmin(move.values))
    top = bottom + int(np.argmax(move.values[bottom:]))
    rise = float(move.values[top] - move.values[bottom])
    if rise < threshold:
        return []
    begin_s = float(move.times_s[bottom])
    return [Stroke(begin_s, begin_s, begin_s, float(move.times_s[top]), rise, None, False)]


def is_finished(stroke: Stroke, move: Movement, at_end: bool) -> bool:
    """Whether the return has gone far enough to count now."""
    rise_s, whole_s = stroke.top_s - stroke.bottom_s, stroke.top_s - stroke.start_s
    if rise_s < (MIN_LONE_RISE_S if stroke.drop is None else MIN_RISE_S):
        return False
    if stroke.drop is not None and whole_s < MIN_STROKE_S:
        return False
    if stroke.complete:
        return True
    settled = abs(move.speed_per_s) < SETTLED_SPEED * stroke.rise
    if stroke.drop is None:
        below_top = float(move.values[move.times_s >= stroke.top_s][0] - move.values[-1])
        return at_end or settled or below_top > 0.25 * stroke.rise
    if stroke.rise >= FIRE_SHARE * min(stroke.drop, move.range):
        return True
    return stroke.rise >= HALF_SHARE * stroke.drop and (settled or at_end)


def moving_s(stroke: Stroke, move: Movement) -> float:
    """How long the body really moved in a stroke: its pauses left out."""
    inside = (move.times_s >= stroke.start_s) & (move.times_s <= stroke.top_s)
    steps, change = np.diff(move.times_s[inside]), np.abs(np.diff(move.values[inside]))
    if not len(steps):
        return 0.0
    speed = change / np.maximum(steps, 1e-6)
    return float(steps[speed >= STILL_SPEED_SHARE * float(change.sum() / steps.sum())].sum())


class RepetitionCounter:
    """Decides which strokes are new repetitions; remembers only when the last ones were."""

    def __init__(self, counted_until_s: float | None = None) -> None:
        """`counted_until_s`: movement before this time belongs to no repetition that is still to be counted."""
        self._bottoms_s: deque[float] = deque(maxlen=6)
        self._rises: deque[float] = deque(maxlen=5)
        self._last_event_s = counted_until_s

    @property
    def period_s(self) -> float:
        """Median time between the last bottoms, 1 s before there are two."""
        gaps = [gap for gap in (late - early for early, late in pairwise(self._bottoms_s)) if gap < IDLE_S]
        return min(max(median(gaps), PERIOD_LIMITS_S[0]), PERIOD_LIMITS_S[1]) if gaps else 1.0

    @property
    def window_s(self) -> float:
        """How far back the movement is analysed: longer for slow repetitions."""
        if len(self._bottoms_s) < 2:
            return WINDOW_S
        return max(WINDOW_S, min(PERIODS_IN_WINDOW * self.period_s, HISTORY_S))

    def count(self, move: Movement, at_end: bool = False) -> list[Stroke]:
        """New repetitions in the window, oldest first. Each is reported once."""
        new: list[Stroke] = []
        found = strokes(move)
        usual = [*self._rises, *(stroke.rise for stroke in found if stroke.drop is not None and stroke.complete)]
        for stroke in found:
            if stroke.drop is None and usual and stroke.rise < HALF_SEEN_SHARE * median(usual):
                continue
            if self._is_new(stroke, move) and is_finished(stroke, move, at_end):
                self._rises.append(stroke.rise)
                self._bottoms_s.append(stroke.bottom_s)
                self._last_event_s = min(float(move.times_s[-1]), stroke.top_s)
                new.append(stroke)
        return new

    def _is_new(self, stroke: Stroke, move: Movement) -> bool:
        if self._bottoms_s and stroke.bottom_s < self._bottoms_s[-1] + REFRACTORY_PERIODS * self.period_s:
            return False
        if self._last_event_s is None:
            return True
        event_s = min(float(move.times_s[-1]), stroke.top_s)
        return stroke.bottom_s >= self._last_event_s - 0.25 and event_s - self._last_event_s >= MIN_EVENT_SPACING_S
