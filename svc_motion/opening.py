"""Finds the beginning of a set: movement and belief must agree that there is one."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from svc_motion.counter import WINDOW_S, RepetitionCounter, Stroke, moving_s, strokes
from svc_motion.history import History
from svc_motion.holds import SAME_POSITION, START_S, HoldTracker, Position
from svc_motion.library import NO_EXERCISE, UNKNOWN_EXERCISE, Exercise, Library
from svc_motion.movement import Movement
from svc_motion.recognition import Belief
from svc_motion.unknown import dominant_cycle
from svc_motion.window import HISTORY_S

BELIEF_S = 4.0
ONE_REPETITION_BELIEF = 0.85
"""Belief at which a single repetition opens a set."""
RHYTHM_BELIEF = 0.6
"""Belief at which two similar repetitions open a set."""
MIN_WINDOWS_TO_OPEN = 5
"""About a second of judgements, after the first window, before a set may open while more can come."""
RHYTHM_SHARE = 0.6
"""Two strokes are similar when the smaller is at least this share of the larger."""
LAST_CHANCE_BELIEF = 0.3
"""Belief that is enough when the stream ends and no more evidence can come."""
LAST_CHANCE_SMALL_BELIEF = 0.4
LARGE_RANGES = 2.0
"""The same where no stroke was LARGE_RANGES times the smallest that an exercise can have: who talks gestures."""
NOT_EXERCISE = 0.6
"""Strokes during which `none` is believed this much are not counted."""
TRAVEL_TRUNKS = 1.0
"""A body that is carried further through the picture during a stroke, in trunk lengths, is walking. On the shared
videos the largest of a repetition is 0.3, of a lunge 0.5."""
FOREIGN_BELIEF = 0.1
"""A stroke whose last second is believed less than this to be the set's exercise is something else."""
HOLD_BELIEF = 0.5
STEADY_S = 1.0
"""The position of a hold is that of so long."""
EARLIER_S = 1.5
"""A hold may have begun so long before the first window in which it was believed."""
AFTER_HOLD_S = 15.0
"""For so long after a hold the next one must be in the same position."""
UNKNOWN_BELIEF_S = 6.0
UNKNOWN_NONE = 0.3
"""Where `none`, or a held exercise, is believed this much, nothing unknown is counted."""


@dataclass(frozen=True)
class Opening:
    """The beginning of a set. A held one has no counter."""

    exercise: str
    start_s: float
    counter: RepetitionCounter | None = None
    move: Movement | None = None
    strokes: tuple[Stroke, ...] = ()
    position: Position | None = None
    """Of a hold."""
    movement_of: Exercise | None = None
    """Of an unknown exercise: the part of the body that leads."""


@dataclass(frozen=True)
class _Moves:
    """The movement of an exercise over some seconds, and its strokes."""

    counter: RepetitionCounter
    move: Movement
    strokes: list[Stroke]


class SetFinder:
    """Looks for the beginning of a person's next set."""

    def __init__(self, library: Library, history: History, free_from_s: float = float("-inf")) -> None:
        self._library = library
        self._history = history
        self._holds = HoldTracker()
        self._held_before: tuple[str, Position | None, float, int] | None = None
        self._free_from_s = free_from_s
        """Movement before this time belongs to an earlier set."""

    def begin_after(self, time_s: float) -> None:
        """A set ended at this time."""
        self._free_from_s = time_s
        self._holds.clear()

    @property
    def set_before_s(self) -> float | None:
        """When the set before ended; None before the first."""
        return self._free_from_s if np.isfinite(self._free_from_s) else None

    def remember_hold(self, exercise: str, position: Position | None) -> None:
        """A hold of this exercise ended in this position."""
        self._held_before = exercise, position, self._history.last_s, self._history.cuts

    def look(self, at_end: bool) -> Opening | None:
        """What begins now, if anything. `at_end`: no more evidence can come."""
        found = self._hold() or self._repetitions(at_end, BELIEF_S)
        if found is None and at_end:
            # Who ends with a long pause, hanging from a bar for instance, has shown the exercise before it.
            found = self._repetitions(at_end, HISTORY_S)
        return found or self._unknown()

    def _repetitions(self, at_end: bool, memory_s: float) -> Opening | None:
        belief = self._history.recogniser.belief(max(self._free_from_s, self._history.last_s - memory_s))
        exercise = self._library[belief.best]
        trust = belief.of(exercise.name)
        if not exercise.counted or trust <= belief.of(NO_EXERCISE) or not belief.windows:
            return None
        moves = self._moves(exercise, self._free_from_s, at_end)
        opening = self._opened(exercise, moves, belief, at_end) if moves else None
        recent_s = self._history.last_s - WINDOW_S
        if opening is None and moves and not at_end and moves.move.times_s[0] < recent_s:
            # Lying down, or lifting a bar off the floor, is so large that what follows isn't seen beside it.
            moves = self._moves(exercise, recent_s, at_end)
            opening = self._opened(exercise, moves, belief, at_end) if moves else None
        return opening

    def _moves(self, exercise: Exercise, since_s: float, at_end: bool) -> "_Moves | None":
        """What moved since a time as the exercise does."""
        move = self._history.movement(exercise, since_s)
        if move is None:
            return None
        counter = RepetitionCounter(since_s if np.isfinite(since_s) else None)
        found = counter.count(move, at_end)
        if since_s > self._free_from_s:
            found = [stroke for stroke in found if stroke.drop is not None]  # its beginning was left out
        return _Moves(counter, move, found)

    def _opened(self, exercise: Exercise, moves: "_Moves", belief: Belief, at_end: bool) -> Opening | None:
        """The set that begins with what moved, if it is repetitions enough."""
        move = moves.move
        found = [
            s for s in moves.strokes if is_exercise(self._history, exercise, s) and self._looks_like(exercise, move, s)
        ]
        if 2 * len(found) < len(moves.strokes):
            return None  # most of what moves here is something else
        if not at_end and (belief.windows < MIN_WINDOWS_TO_OPEN or all(stroke.drop is None for stroke in found)):
            return None  # half a repetition is no evidence before a whole one follows
        needed = needed_belief(found, move, at_end)
        if not found or belief.of(exercise.name) < needed:
            return None
        return Opening(exercise.name, found[0].fall_s, moves.counter, move, tuple(found))

    def _hold(self) -> Opening | None:
        now_s = self._history.last_s
        held = held_exercise(self._library, self._history.recogniser.belief(max(self._free_from_s, now_s - 1.0)))
        self._holds.see(held.name if held else None, now_s, 1.0)
        if not self._holds.begun or self._holds.exercise is None:
            return None
        position = Position.of(self._history.positions(now_s - STEADY_S)[1])
        if position is None or not self._is_new_hold(self._holds.exercise, position):
            return None
        start_s = position.since_s(*self._history.positions(max(self._free_from_s, self._holds.since_s - EARLIER_S)))
        if now_s - start_s < START_S:
            return None
        return Opening(self._holds.exercise, start_s, position=position)

    def _is_new_hold(self, exercise: str, position: Position) -> bool:
        """Whether a hold isn't what follows another one: lying on the floor looks like a plank."""
        if self._held_before is None:
            return True
        before, where, until_s, cuts = self._held_before
        if exercise != before or where is None or cuts != self._history.cuts:
            return True
        if self._history.last_s - until_s > AFTER_HOLD_S:
            return True
        return bool(where.kept(position.values[None], SAME_POSITION)[0])

    def _unknown(self) -> Opening | None:
        """A set of something that the library has no name for, after three similar cycles."""
        recogniser, now_s = self._history.recogniser, self._history.last_s
        belief = recogniser.belief(max(self._free_from_s, now_s - UNKNOWN_BELIEF_S))
        if belief.windows < MIN_WINDOWS_TO_OPEN or belief.of(NO_EXERCISE) >= UNKNOWN_NONE:
            return None
        if not self._library[belief.best].counted and belief.of(belief.best) >= UNKNOWN_NONE:
            return None
        found = dominant_cycle(self._history, self._free_from_s)
        if found is None:
            return None
        exercise, move, cycles = found
        begun = strokes(move)[0]  # Who was first seen in the middle of a repetition did that one too.
        first = begun if begun.drop is None and begun.top_s == cycles[0].start_s else cycles[0]
        counter = RepetitionCounter(first.bottom_s - 0.01)
        counted = counter.count(move)
        if len(counted) < len(cycles):
            return None
        return Opening(UNKNOWN_EXERCISE, counted[0].fall_s, counter, move, tuple(counted), movement_of=exercise)

    def _looks_like(self, exercise: Exercise, move: Movement, stroke: Stroke) -> bool:
        if too_quick(exercise, move, stroke):
            return False
        belief = self._history.recogniser.belief_between(stroke.bottom_s, stroke.top_s + 1.0)
        return belief.windows == 0 or belief.of(exercise.name) >= FOREIGN_BELIEF


def held_exercise(library: Library, belief: Belief) -> Exercise | None:
    """The held exercise that is believed, if one is."""
    exercise = library[belief.best]
    return exercise if not exercise.counted and belief.of(exercise.name) >= HOLD_BELIEF else None


def is_exercise(history: History, exercise: Exercise, stroke: Stroke) -> bool:
    """Whether nothing says that the person did no exercise during a stroke, or was on the way somewhere."""
    belief = history.recogniser.belief_between(stroke.bottom_s, max(stroke.top_s, stroke.bottom_s + 1.0))
    if belief.windows and belief.of(NO_EXERCISE) >= NOT_EXERCISE:
        return False
    return exercise.primary_movement.travels or history.travel(stroke.fall_s, stroke.top_s) <= TRAVEL_TRUNKS


def too_quick(exercise: Exercise, move: Movement, stroke: Stroke) -> bool:
    """Whether a stroke took less time than a repetition of the exercise can."""
    return stroke.drop is not None and moving_s(stroke, move) < exercise.tempo.min_repetition_s


def needed_belief(found: list[Stroke], move: Movement, at_end: bool) -> float:
    """How much belief opens a set with these strokes."""
    if at_end:
        large = any(stroke.rise >= LARGE_RANGES * move.min_range for stroke in found)
        return LAST_CHANCE_BELIEF if large else LAST_CHANCE_SMALL_BELIEF
    return RHYTHM_BELIEF if is_rhythm(found) else ONE_REPETITION_BELIEF


def is_rhythm(found: list[Stroke]) -> bool:
    """Two strokes in a row of about the same size."""
    return any(
        min(first.rise, second.rise) >= RHYTHM_SHARE * max(first.rise, second.rise) for first, second in pairwise(found)
    )
