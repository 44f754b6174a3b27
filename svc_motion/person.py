"""Everything one person does during a visit: from observations to motion events.

Time is capture time only: the same observations give the same events, at any speed and on any machine.
"""

from collections import deque
from itertools import pairwise
from typing import Self

import numpy as np

from svc_motion.counter import (
    SETTLED_SPEED,
    Movement,
    RepetitionCounter,
    Stroke,
    movement,
    moving_s,
)
from svc_motion.events import ExerciseRelabelled, LiveState, MotionEvent, MotionState, PersonId, Phase, SetRecord
from svc_motion.form import Judgement, RepetitionTrace, body_metrics, find_faults, judge_repetition
from svc_motion.holds import HoldTracker
from svc_motion.library import NO_EXERCISE, Exercise, Library
from svc_motion.observation import LIMBS, BodyFrame, FloatArray, Observation, body_frame, stacked
from svc_motion.posture import view_of
from svc_motion.recognition import Belief, Recogniser
from svc_motion.sets import NS_PER_S, OpenSet, to_ns
from svc_motion.signals import SignalBank
from svc_motion.window import HISTORY_S, SignalWindow

REST_S = 8.0
"""Without a repetition for this long, a set is over."""
PAUSED_REST_S = 20.0
"""The same while the person stays at the far end of a stroke, hanging from a bar for instance."""
ABSENT_S = 12.0
"""The same while the person is not seen: somebody may be hidden for up to 10 s and go on."""
NOT_VISIBLE_S = 0.7
MIN_LIMB_JOINTS = 6
"""With fewer of the twelve body joints in sight nothing can be counted."""
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
NOT_EXERCISE = 0.6
"""Strokes during which `none` is believed this much are not counted."""
ESTABLISHED_BELIEF = 0.6
FOREIGN_BELIEF = 0.1
"""In a set believed as above, a stroke whose last second is believed less than this is something else."""
RELABEL_MARGIN = 0.1
CHANGE_BELIEF = 0.8
CHANGE_S = 5.0
MIN_WINDOWS_TO_RELABEL = 8
SETTLED_REPETITIONS = 4
"""From so many on, what the person does is judged less often."""
HOLD_BELIEF = 0.5
CUT_SHARE = 0.35
"""Joints that jump this share of the body's width + height within 0.2 s belong to another shot or person."""
FAULT_SHOWN_S = 4.0
RESTING_PERIODS = 1.5
"""One second and this many repetitions' time without one is called resting."""
STALE_S = 2.5
"""What was no repetition while it was fresh does not become one when the window forgets what was before it."""


class PersonMotion:
    """Counts and judges what one person does."""

    def __init__(self, library: Library, person_id: PersonId, sets_before: int = 0) -> None:
        self.person_id = person_id
        self._library = library
        self._bank = SignalBank()
        self._window = SignalWindow()
        self._recogniser = Recogniser(library)
        self._counter = RepetitionCounter()
        self._holds = HoldTracker()
        self._frames: deque[BodyFrame] = deque()
        self._open: OpenSet | None = None
        self._sets = sets_before
        self._move: Movement | None = None
        self._last_s = float("-inf")
        self._seen_s = float("-inf")
        self._free_from_s = float("-inf")
        """Movement before this time belongs to an earlier set."""

    @classmethod
    def resume(
        cls,
        library: Library,
        person_id: PersonId,
        open_set: SetRecord | None,
        sets_before: int = 0,
        counted_until_ns: int | None = None,
    ) -> Self:
        """Go on after a crash: in the open set with its next repetition, if there is one.

        `sets_before` counts the closed sets of this visit, so that set indices go on too; `counted_until_ns` is the
        end of the last of them: observations from before it, seen again, open no second set.
        """
        person = cls(library, person_id, sets_before)
        if counted_until_ns is not None:
            person._free_from_s = counted_until_ns / NS_PER_S
        if open_set is not None and open_set.exercise in library:
            person._open = OpenSet.from_record(open_set)
            person._sets = open_set.set_index
            person._counter.forget_before(person._open.last_activity_s)
        return person

    @property
    def open_set(self) -> SetRecord | None:
        """What to store so that `resume` can go on; None while no set is open."""
        return self._open.record if self._open else None

    def update(self, observation: Observation) -> list[MotionEvent]:
        """Take one observation. Observations that are not newer than the last one are ignored."""
        frame = body_frame(observation)
        if frame.time_s <= self._last_s:
            return []
        self._last_s = frame.time_s
        if frame.limbs_seen < MIN_LIMB_JOINTS:
            return self._close_if_rested()
        events: list[MotionEvent] = []
        if self._is_cut(frame):
            events = self._advance(judged=True, at_end=True)
            self._forget_movement()
        self._seen_s = frame.time_s
        self._frames.append(frame)
        while frame.time_s - self._frames[0].time_s > HISTORY_S:
            self._frames.popleft()
        if not self._window.push(self._bank.update(frame)):
            return events
        judged = self._recogniser.push(frame, settled=self._settled)
        return events + self._advance(judged, at_end=False)

    def flush(self, time_ns: int) -> list[MotionEvent]:
        """The camera ended or the person left at this time: count what is pending, close what is open."""
        events: list[MotionEvent] = []
        if self._frames:
            self._recogniser.judge()
            events = self._advance(judged=True, at_end=True)
        self._last_s = max(self._last_s, time_ns * 1e-9)
        return events + self._close()

    @property
    def live(self) -> LiveState:
        """What a screen shows now."""
        state = self._state()
        if self._open is None:
            return LiveState(state, None, 0, 0.0, Phase.NONE, 0.0, None)
        running = self._open
        recent = self._last_s - running.last_activity_s <= FAULT_SHOWN_S
        visible = state is not MotionState.NOT_VISIBLE
        return LiveState(
            state,
            running.exercise,
            running.repetitions,
            self._move.meter if self._move and visible else 0.0,
            self._phase() if visible else Phase.NONE,
            running.hold_s,
            running.last_fault if recent else None,
            running.start_ns,
        )

    def _state(self) -> MotionState:
        if self._last_s - self._seen_s > NOT_VISIBLE_S or self._seen_s == float("-inf"):
            return MotionState.NOT_VISIBLE
        if self._open is None:
            return MotionState.IDLE
        if not self._library[self._open.exercise].counted:
            return MotionState.HOLDING
        if self._move is None:
            return MotionState.NOT_VISIBLE
        idle_s = self._last_s - self._open.last_activity_s
        return MotionState.RESTING if idle_s > RESTING_PERIODS * self._counter.period_s + 1 else MotionState.EXERCISING

    def _phase(self) -> Phase:
        if self._open is None or self._move is None or not self._library[self._open.exercise].counted:
            return Phase.NONE
        speed = self._move.speed_per_s
        if abs(speed) < SETTLED_SPEED * self._move.range:
            return Phase.PAUSE
        returning_is_concentric = self._library[self._open.exercise].primary_movement.return_is == "concentric"
        return Phase.CONCENTRIC if (speed > 0) == returning_is_concentric else Phase.ECCENTRIC

    def _is_cut(self, frame: BodyFrame) -> bool:
        if not self._frames:
            return False
        last = self._frames[-1]
        steps = frame.points[LIMBS] - last.points[LIMBS]
        moved = np.sort(np.hypot(steps[:, 0], steps[:, 1]))
        common = len(moved) - int(np.isnan(moved).sum())
        if common < 4:
            return False
        median = (moved[(common - 1) // 2] + moved[common // 2]) / 2
        size = (_extent(frame.points) + _extent(last.points)) / 2
        return bool(median > CUT_SHARE * size * max(1.0, (frame.time_s - last.time_s) / 0.2))

    @property
    def _settled(self) -> bool:
        return self._open is not None and self._open.repetitions >= SETTLED_REPETITIONS

    def _forget_movement(self) -> None:
        self._frames.clear()
        self._window.clear()
        self._recogniser.forget_frames()

    def _advance(self, judged: bool, at_end: bool) -> list[MotionEvent]:
        if self._open is None:
            return self._look_for_set(at_end) if judged else []
        if not self._library[self._open.exercise].counted:
            return self._continue_hold() if judged else []
        return self._continue_set(judged, at_end)

    def _look_for_set(self, at_end: bool) -> list[MotionEvent]:
        """Open a set when movement and belief agree that there is one."""
        held = self._look_for_hold()
        if held:
            return held
        belief = self._recogniser.belief(max(self._free_from_s, self._last_s - BELIEF_S))
        exercise = self._library[belief.best]
        trust = belief.of(exercise.name)
        if not exercise.counted or trust <= belief.of(NO_EXERCISE) or not belief.windows:
            return []
        move = movement(self._window, exercise.primary_movement.signal_indices, self._free_from_s)
        if move is None:
            return []
        counter = RepetitionCounter()
        if np.isfinite(self._free_from_s):
            counter.forget_before(self._free_from_s)
        moves = counter.count(move, at_end)
        found = [s for s in moves if self._is_exercise(s) and self._looks_like(exercise, move, s)]
        if 2 * len(found) < len(moves):
            return []  # most of what moves here is something else
        if not at_end and (belief.windows < MIN_WINDOWS_TO_OPEN or all(stroke.drop is None for stroke in found)):
            return []  # half a repetition is no evidence before a whole one follows
        needed = LAST_CHANCE_BELIEF if at_end else RHYTHM_BELIEF if is_rhythm(found) else ONE_REPETITION_BELIEF
        if not found or trust < needed:
            return []
        self._counter, self._move = counter, move
        running = self._start_set(exercise.name, found[0].fall_s)
        return [running.opened(), *self._count(running, exercise, move, found)]

    def _look_for_hold(self) -> list[MotionEvent]:
        belief = self._recogniser.belief(max(self._free_from_s, self._last_s - 1.0))
        held = self._held(belief)
        self._holds.see(held.name if held else None, self._last_s, 1.0)
        if not self._holds.begun or self._holds.exercise is None:
            return []
        running = self._start_set(self._holds.exercise, max(self._holds.since_s, self._free_from_s))
        return [running.opened(), *running.hold_until(self._last_s, ())]

    def _held(self, belief: Belief) -> Exercise | None:
        exercise = self._library[belief.best]
        return exercise if not exercise.counted and belief.of(exercise.name) >= HOLD_BELIEF else None

    def _start_set(self, exercise: str, start_s: float) -> OpenSet:
        self._sets += 1
        self._open = OpenSet(to_ns(start_s), self._sets, exercise, to_ns(start_s))
        return self._open

    def _is_exercise(self, stroke: Stroke) -> bool:
        belief = self._recogniser.belief_between(stroke.bottom_s, max(stroke.top_s, stroke.bottom_s + 1.0))
        return belief.windows == 0 or belief.of(NO_EXERCISE) < NOT_EXERCISE

    def _looks_like(self, exercise: Exercise, move: Movement, stroke: Stroke) -> bool:
        if _too_quick(exercise, move, stroke):
            return False
        belief = self._recogniser.belief_between(stroke.bottom_s, stroke.top_s + 1.0)
        return belief.windows == 0 or belief.of(exercise.name) >= FOREIGN_BELIEF

    def _fits(self, running: OpenSet, exercise: Exercise, move: Movement, stroke: Stroke) -> bool:
        """Whether a stroke is slow enough, and looks like the exercise of a set that is well established."""
        if stroke.complete and _too_quick(exercise, move, stroke):
            return False
        before = self._recogniser.belief_between(running.start_s, stroke.start_s)
        now = self._recogniser.belief(stroke.top_s - 1.0)
        established = running.repetitions >= 3 and before.of(running.exercise) >= ESTABLISHED_BELIEF
        return not established or not now.windows or now.of(running.exercise) >= FOREIGN_BELIEF

    def _continue_hold(self) -> list[MotionEvent]:
        running = self._open
        assert running is not None
        belief = self._recogniser.belief(self._last_s - 1.0)
        held = self._held(belief)
        if held is not None and held.name == running.exercise:
            points = stacked([frame.points for frame in self._frames if frame.time_s >= self._last_s - 1.0])
            metrics = {name: value for name, value in body_metrics(points).items() if np.isfinite(value)}
            return running.hold_until(self._last_s, find_faults(held.faults, metrics, view_of(points)))
        return self._close() if self._last_s - running.last_activity_s > 2.0 else []

    def _continue_set(self, judged: bool, at_end: bool) -> list[MotionEvent]:
        running = self._open
        assert running is not None
        events: list[MotionEvent] = self._relabel(running) if judged else []
        exercise = self._library[running.exercise]
        since_s = max(self._last_s - self._counter.window_s, running.start_s - 1.0)
        self._move = movement(self._window, exercise.primary_movement.signal_indices, since_s)
        if self._move is not None:
            found = self._counter.count(self._move, at_end)
            oldest_s = (
                running.start_s if any(isinstance(e, ExerciseRelabelled) for e in events) else self._last_s - STALE_S
            )
            move = self._move
            new = [
                stroke
                for stroke in found
                if stroke.top_s >= oldest_s
                and self._is_exercise(stroke)
                and self._fits(running, exercise, move, stroke)
            ]
            events += self._count(running, exercise, self._move, new)
        if judged and self._is_another_exercise(running):
            return events + self._close()
        return events + self._close_if_rested()

    def _relabel(self, running: OpenSet) -> list[MotionEvent]:
        belief = self._recogniser.belief(running.start_s)
        best = belief.best
        if belief.windows < MIN_WINDOWS_TO_RELABEL or best == running.exercise or not self._library[best].counted:
            return []
        if belief.of(best) < belief.of(running.exercise) + RELABEL_MARGIN:
            return []
        return [running.relabel(best, self._last_s)]

    def _is_another_exercise(self, running: OpenSet) -> bool:
        """The last seconds clearly show another exercise than the set so far did."""
        if running.repetitions < 3 or self._last_s - running.start_s < 2 * CHANGE_S:
            return False
        before, now = self._recogniser.belief(running.start_s), self._recogniser.belief(self._last_s - CHANGE_S)
        best = now.best
        return best != running.exercise and now.of(best) >= CHANGE_BELIEF and before.of(running.exercise) >= 0.5

    def _count(self, running: OpenSet, exercise: Exercise, move: Movement, new: list[Stroke]) -> list[MotionEvent]:
        events: list[MotionEvent] = []
        for stroke in new:
            events += running.add_repetition(stroke, self._judge(exercise, move, stroke))
        return events

    def _judge(self, exercise: Exercise, move: Movement, stroke: Stroke) -> Judgement:
        inside = (move.times_s >= stroke.start_s) & (move.times_s <= stroke.top_s)
        _, values, _ = self._window.since(stroke.start_s)
        count = int(inside.sum())
        points = [frame.points for frame in self._frames if stroke.start_s <= frame.time_s <= stroke.top_s]
        trace = RepetitionTrace(move.times_s[inside], move.values[inside], values[:count], stacked(points))
        return judge_repetition(exercise, trace)

    def _close_if_rested(self) -> list[MotionEvent]:
        if self._open is None:
            return []
        idle_s = self._last_s - self._open.last_activity_s
        if self._last_s - self._seen_s > NOT_VISIBLE_S:
            return self._close() if idle_s > ABSENT_S else []
        paused = self._move is not None and self._move.meter > 0.5
        return self._close() if idle_s > (PAUSED_REST_S if paused else REST_S) else []

    def _close(self) -> list[MotionEvent]:
        self._holds.clear()
        if self._open is None:
            return []
        closed = self._open.closed()
        self._free_from_s = self._open.last_activity_s
        self._open, self._move = None, None
        self._counter = RepetitionCounter()
        return [closed]


def _too_quick(exercise: Exercise, move: Movement, stroke: Stroke) -> bool:
    return stroke.drop is not None and moving_s(stroke, move) < exercise.tempo.min_repetition_s


def is_rhythm(found: list[Stroke]) -> bool:
    """Two strokes in a row of about the same size."""
    return any(
        min(first.rise, second.rise) >= RHYTHM_SHARE * max(first.rise, second.rise) for first, second in pairwise(found)
    )


def _extent(points: FloatArray) -> float:
    """Width + height of what was seen of a body, px."""
    return float((np.fmax.reduce(points) - np.fmin.reduce(points)).sum())
