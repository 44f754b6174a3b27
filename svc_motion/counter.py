"""The causal repetition counter: told nothing about a person's range, tempo or which joint leads.

A repetition is a return stroke: a fall of the movement signal (`movement.py`) and the rise after it. Strokes are found
by a zigzag whose threshold is a share of the range that the person's own movement has.
"""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from svc_motion.movement import Movement
from svc_motion.observation import FloatArray
from svc_motion.window import HISTORY_S

WINDOW_S = 6.0
PERIODS_IN_WINDOW = 2.5
PROMINENCE = 0.4
"""A turn counts when it leaves this share of the range behind it."""
FIRE_SHARE = 0.75
"""A return counts from this share of the fall on, once it is nearly over: less may be a pause on the way."""
OVER_SHARE = 0.95
"""A return that will have regained this share of the fall by now is over. Raising it tells slow repetitions later."""
FILTER_DELAY_S = 0.14
"""How far the filters of the window are behind the body: about a frame for the median and their time constant."""
SLOWED_SHARE = 0.35
"""So is one that slowed to this share of its highest speed: a stroke like a cosine has 0.03 of its range left there."""
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
MIN_LONE_RISE_S = 0.5
"""The same for a return whose fall was not seen."""
LEFT_SHARE = 0.1
"""A fall begins where this share of it is done, a return ends where this share is left; what is less is swaying."""
MIN_BACK_S = 0.3
"""No return ends sooner after its bottom: a counter that goes on from its end doesn't take the same bottom again."""
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
    """Where the return ended, or how far it has come; standing still afterwards, swaying included."""
    back_s: float
    """Where it was nearly there: when the repetition ended, for people."""
    rise: float
    """Size of the return in signal units (about degrees)."""
    drop: float | None
    """Size of the fall; None when it was not seen."""
    complete: bool
    """The movement has already turned again after the return."""


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
    if float(values.max() - values.min()) < move.min_range:
        return []
    threshold = max(move.min_range, PROMINENCE * move.range)
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
        back_s = _back_s(move, bottom, top)
        found.append(Stroke(begin_s, fall_s, float(times[bottom]), float(times[top]), back_s, rise, drop, complete))
    return found


def _leaves(values: FloatArray, turn: int, bottom: int) -> int:
    """The last sample between a turn and the bottom after it that is still near the turn."""
    limit = values[turn] - LEFT_SHARE * (values[turn] - values[bottom])
    return turn + int(np.flatnonzero(values[turn : bottom + 1] >= limit)[-1])


def _rises_s(stroke: Stroke, move: Movement) -> float:
    """When a return began: who stands at its bottom for long before the first one has no slow repetitions."""
    rising = (move.times_s >= stroke.bottom_s) & (move.times_s <= stroke.top_s)
    values = move.values[rising]
    return float(move.times_s[rising][np.flatnonzero(values <= values[0] + LEFT_SHARE * stroke.rise)[-1]])


def _back_s(move: Movement, bottom: int, top: int) -> float:
    """When a return from one sample to another was near its end for the first time."""
    values, times = move.values, move.times_s
    limit = values[top] - LEFT_SHARE * (values[top] - values[bottom])
    near_s = float(times[bottom + int(np.argmax(values[bottom : top + 1] >= limit))])
    return min(float(times[top]), max(near_s, float(times[bottom]) + MIN_BACK_S))


def _lone_rise(move: Movement, threshold: float) -> list[Stroke]:
    """A stream that starts in the middle of a repetition shows one return and no turn yet."""
    bottom = int(np.argmin(move.values))
    top = bottom + int(np.argmax(move.values[bottom:]))
    rise = float(move.values[top] - move.values[bottom])
    if rise < threshold:
        return []
    begin_s = float(move.times_s[bottom])
    back_s = _back_s(move, bottom, top)
    return [Stroke(begin_s, begin_s, begin_s, float(move.times_s[top]), back_s, rise, None, False)]


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
    whole = min(stroke.drop, move.range)
    if stroke.rise >= FIRE_SHARE * whole and (at_end or _is_nearly_over(stroke, move, whole)):
        return True
    return stroke.rise >= HALF_SHARE * stroke.drop and (settled or at_end)


def _is_nearly_over(stroke: Stroke, move: Movement, whole: float) -> bool:
    """Whether the running return, seen with the filters' delay, is about to end: its event isn't to come early."""
    if stroke.rise + FILTER_DELAY_S * move.speed_per_s >= OVER_SHARE * whole:
        return True
    speeds = move.speeds_since(stroke.bottom_s)
    return len(speeds) > 0 and float(speeds[-1]) <= SLOWED_SHARE * float(speeds.max())


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
        whole = [stroke for stroke in found if stroke.drop is not None]
        usual = [*self._rises, *(stroke.rise for stroke in whole if is_finished(stroke, move, at_end))]
        for stroke in found:
            if stroke.drop is None and usual and stroke.rise < HALF_SEEN_SHARE * median(usual):
                continue
            if self._is_new(stroke, move) and is_finished(stroke, move, at_end):
                self._rises.append(stroke.rise)
                self._bottoms_s.append(stroke.bottom_s if stroke.drop is not None else _rises_s(stroke, move))
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
