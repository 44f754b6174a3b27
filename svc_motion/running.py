"""Sets while they run: what counts in them, what they turn out to be, and when they are over."""

from __future__ import annotations

from svc_motion.counter import SETTLED_SPEED, WINDOW_S, RepetitionCounter, Stroke
from svc_motion.events import ExerciseRelabelled, MotionEvent, MotionState, Phase
from svc_motion.form import judge_hold
from svc_motion.history import History
from svc_motion.holds import LOST_S, Position
from svc_motion.judged import JudgedRepetitions
from svc_motion.library import NO_EXERCISE, UNKNOWN_EXERCISE, Exercise, Library, Severity
from svc_motion.movement import Movement
from svc_motion.observation import stacked
from svc_motion.opening import (
    FOREIGN_BELIEF,
    LAST_CHANCE_BELIEF,
    RHYTHM_BELIEF,
    Opening,
    is_exercise,
    too_quick,
)
from svc_motion.sets import OpenSet
from svc_motion.unknown import leading_movement
from svc_motion.variants import variant_of

REST_S = 8.0
"""Without a repetition for this long, a set is over."""
PAUSED_REST_S = 20.0
"""The same while the person stays at the far end of a stroke, hanging from a bar for instance."""
STILL_HELD_BELIEF = 0.2
"""Less belief than opens a hold keeps it running: its position tells the rest."""
KEPT_SHARE = 0.6
"""A hold goes on while its position is seen in this share of the newest frames."""
ESTABLISHED_BELIEF = 0.6
"""In a set believed as much, a stroke that looks like something else is not counted."""
RELABEL_MARGIN = 0.1
CHANGE_BELIEF = 0.8
CHANGE_S = 5.0
MIN_WINDOWS_TO_RELABEL = 8
VARIANT_REPETITIONS = 3
"""From so many on, posture is asked which variant it is."""
SETTLED_REPETITIONS = 4
"""From so many on, what the person does is judged less often."""
RESTING_PERIODS = 1.5
"""One second and this many repetitions' time without one is called resting."""
STALE_S = 2.5
"""What was no repetition while it was fresh does not become one when the window forgets what was before it."""
TURNED_STALE_S = 0.5
"""The same where sides that took turns no longer do, or now do: what was counted is seen anew, as other strokes."""


OTHER_VIEW = 3.0
"""A hold that is still believed, but seen this many tolerances away, is seen by another camera or after a dissolve."""


class CountedSet:
    """A running set of repetitions."""

    def __init__(
        self,
        library: Library,
        history: History,
        kept: OpenSet,
        counter: RepetitionCounter,
        movement_of: Exercise | None = None,
    ) -> None:
        """`movement_of`: what leads in a set of an unknown exercise, where that is known."""
        self.kept = kept
        self.over = False
        """True once it turned out that the set has ended."""
        self._library = library
        self._history = history
        self._counter = counter
        self._judged = JudgedRepetitions()
        self._move: Movement | None = None
        self._unknown = movement_of
        self._variant_sought = False

    @property
    def settled(self) -> bool:
        """No doubt is left about what is done."""
        return self.kept.repetitions >= SETTLED_REPETITIONS

    @property
    def meter(self) -> float:
        """How deep in the stroke the person is, 0..1."""
        return self._move.meter if self._move else 0.0

    @property
    def state(self) -> MotionState:
        """What the person is doing now, if they are seen."""
        if self._move is None:
            return MotionState.NOT_VISIBLE
        idle_s = self._history.last_s - self.kept.last_activity_s
        return MotionState.RESTING if idle_s > RESTING_PERIODS * self._counter.period_s + 1 else MotionState.EXERCISING

    @property
    def phase(self) -> Phase:
        """Which part of a repetition is under way."""
        if self._move is None:
            return Phase.NONE
        speed = self._move.speed_per_s
        if abs(speed) < SETTLED_SPEED * self._move.range:
            return Phase.PAUSE
        returning_is_concentric = self._exercise.primary_movement.return_is == "concentric"
        return Phase.CONCENTRIC if (speed > 0) == returning_is_concentric else Phase.ECCENTRIC

    @property
    def _exercise(self) -> Exercise:
        if self.kept.exercise != UNKNOWN_EXERCISE:
            return self._library[self.kept.exercise]
        if self._unknown is None:
            self._unknown = leading_movement(self._history, self._history.last_s - WINDOW_S)
        return self._unknown

    @property
    def _base(self) -> str:
        """What recognition calls the exercise: a variant is told from it by posture alone."""
        return self._exercise.variant_of or self.kept.exercise

    def begin(self, opening: Opening) -> list[MotionEvent]:
        """Count what opened the set."""
        assert opening.move is not None
        self._move = opening.move
        return [self.kept.opened(), *self._count(opening.move, list(opening.strokes))]

    def end(self) -> list[MotionEvent]:
        """What the set turns out to be when it closes."""
        events: list[MotionEvent] = []
        if self.kept.exercise == UNKNOWN_EXERCISE:
            belief = self._history.recogniser.belief(self.kept.start_s)
            likely = belief.of(belief.best) > belief.of(UNKNOWN_EXERCISE) + belief.of(NO_EXERCISE)
            if likely and belief.of(belief.best) >= LAST_CHANCE_BELIEF and self._library[belief.best].counted:
                events.append(self._relabelled(belief.best))
        return events + self._find_variant()

    def advance(self, judged: bool, at_end: bool) -> list[MotionEvent]:
        """Count what the newest frame completed. `judged`: there is a new judgement of what is done."""
        running, now_s = self.kept, self._history.last_s
        events: list[MotionEvent] = self._relabel() if judged else []
        since_s = max(now_s - self._counter.window_s, running.start_s - 1.0)
        before = self._move
        self._move = move = self._history.movement(self._exercise, since_s)
        if move is not None:
            turned = before is not None and before.by_turns != move.by_turns
            found = self._counter.count(move, at_end)
            relabelled = any(isinstance(event, ExerciseRelabelled) for event in events)
            oldest_s = running.start_s if relabelled else now_s - (TURNED_STALE_S if turned else STALE_S)
            new = [
                s
                for s in found
                if s.top_s >= oldest_s and is_exercise(self._history, self._exercise, s) and self._fits(move, s)
            ]
            events += self._count(move, new)
        if self.kept.repetitions >= VARIANT_REPETITIONS and not self._variant_sought:
            self._variant_sought = True
            events += self._find_variant()
        self.over = (judged and self._is_another_exercise()) or self.rested
        return events

    def _find_variant(self) -> list[MotionEvent]:
        """Tell the variant where posture shows it: told once, a set keeps it."""
        if self.kept.exercise == UNKNOWN_EXERCISE or self._exercise.variant_of is not None:
            return []
        frames = self._history.frames_since(self.kept.start_s)
        if not frames:
            return []
        variant = variant_of(self._library, self._exercise, stacked([frame.points for frame in frames]))
        return [self._relabelled(variant.name)] if variant else []

    def _relabel(self) -> list[MotionEvent]:
        belief = self._history.recogniser.belief(self.kept.start_s)
        best = belief.best
        if belief.windows < MIN_WINDOWS_TO_RELABEL or best == self._base or not self._library[best].counted:
            return []
        if belief.of(best) < belief.of(self._base) + RELABEL_MARGIN:
            return []
        if self.kept.exercise == UNKNOWN_EXERCISE and belief.of(best) < RHYTHM_BELIEF:
            return []
        return [self._relabelled(best)]

    def _relabelled(self, exercise: str) -> ExerciseRelabelled:
        judged = self._judged.judged_as(self._library[exercise], self.kept.repetitions)
        return self.kept.relabel(exercise, self._history.last_s, judged)

    def _fits(self, move: Movement, stroke: Stroke) -> bool:
        """Whether a stroke is slow enough, and looks like the exercise of a set that is well established."""
        if too_quick(self._exercise, move, stroke):
            return False
        running, recogniser = self.kept, self._history.recogniser
        before = recogniser.belief_between(running.start_s, stroke.start_s)
        now = recogniser.belief(stroke.top_s - 1.0)
        established = running.repetitions >= 3 and before.of(self._base) >= ESTABLISHED_BELIEF
        return not established or not now.windows or now.of(self._base) >= FOREIGN_BELIEF

    def _is_another_exercise(self) -> bool:
        """The last seconds clearly show another exercise than the set so far did."""
        running, now_s = self.kept, self._history.last_s
        if running.exercise == UNKNOWN_EXERCISE or running.repetitions < 3 or now_s - running.start_s < 2 * CHANGE_S:
            return False
        before = self._history.recogniser.belief(running.start_s)
        now = self._history.recogniser.belief(now_s - CHANGE_S)
        best = now.best
        return best != self._base and now.of(best) >= CHANGE_BELIEF and before.of(self._base) >= 0.5

    def _count(self, move: Movement, new: list[Stroke]) -> list[MotionEvent]:
        events: list[MotionEvent] = []
        for stroke in new:
            trace = self._history.trace(move, stroke)
            judgement = self._judged.judge(self._exercise, self.kept.repetitions + 1, trace)
            events += self.kept.add_repetition(stroke, judgement)
        return events

    @property
    def rested(self) -> bool:
        """Nothing was counted for so long that the set is over."""
        idle_s = self._history.last_s - self.kept.last_activity_s
        return idle_s > (PAUSED_REST_S if self.meter > 0.5 else REST_S)


class HeldSet:
    """A running hold: counts the seconds in which its position is kept in good form."""

    settled = False
    meter = 0.0
    state = MotionState.HOLDING
    phase = Phase.NONE
    rested = False

    def __init__(self, library: Library, history: History, kept: OpenSet, position: Position | None) -> None:
        """`position`: None after a crash; then it is found again."""
        self.kept = kept
        self.over = False
        """True once it turned out that the hold has ended."""
        self.position = position
        self._library = library
        self._history = history
        self._cuts = history.cuts

    def begin(self, opening: Opening) -> list[MotionEvent]:
        """Tell the seconds that opened the hold."""
        now_s = self._history.last_s
        return [self.kept.opened(), *self.kept.hold_until(now_s, now_s - self.kept.start_s, ())]

    def end(self) -> list[MotionEvent]:
        """A hold stays what it is."""
        return []

    def advance(self, judged: bool, at_end: bool) -> list[MotionEvent]:
        """Extend the hold while its posture is seen."""
        if not judged:
            return []
        now_s, before_s = self._history.last_s, self.kept.last_activity_s
        held = self._library[self.kept.exercise]
        believed = self._history.recogniser.belief(now_s - 1.0).of(held.name) >= STILL_HELD_BELIEF
        if not believed or not self._position_kept(max(before_s, now_s - 1.0)):
            self.over = now_s - before_s > LOST_S
            return []
        findings = judge_hold(held, self._history.frames_since(now_s - 1.0))
        good = all(finding.severity is not Severity.DANGEROUS for finding in findings)
        return self.kept.hold_until(now_s, now_s - before_s if good else 0.0, findings)

    def _position_kept(self, since_s: float) -> bool:
        """Whether the body is still where it was held, or, after a cut, where it is held from now on."""
        times_s, values = self._history.positions(since_s)
        if not len(times_s):
            return False
        if self.position is None or self._cuts != self._history.cuts:
            self.position, self._cuts = Position.of(values), self._history.cuts
            return self.position is not None
        kept = self.position.kept(values)
        if kept.mean() < KEPT_SHARE:
            newest = Position.of(values[len(values) // 2 :])
            if newest is None or self.position.kept(newest.values[None], OTHER_VIEW)[0]:
                return False
            self.position = newest  # not moved but seen from elsewhere: no body gets there within a second
            return True
        self.position.follow(values[kept], float(times_s[-1] - times_s[0]))
        return True


RunningSet = CountedSet | HeldSet
