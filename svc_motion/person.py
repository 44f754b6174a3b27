"""Everything one person does during a visit: from observations to motion events.

Time is capture time only: the same observations give the same events, at any speed and on any machine.
"""

from typing import Self

from svc_motion.counter import RepetitionCounter
from svc_motion.events import LiveState, MotionEvent, MotionState, PersonId, Phase, SetRecord
from svc_motion.history import History, Taken
from svc_motion.library import UNKNOWN_EXERCISE, Library
from svc_motion.observation import BodyFrame, Observation, body_frame
from svc_motion.opening import Opening, SetFinder
from svc_motion.running import CountedSet, HeldSet, RunningSet
from svc_motion.sets import NS_PER_S, OpenSet, to_ns
from svc_motion.slips import SlipFilter

ABSENT_S = 12.0
"""A set is over when its person was not seen for this long: somebody may be hidden for up to 10 s and go on."""
NOT_VISIBLE_S = 0.7
MIN_LIMB_JOINTS = 6
"""With fewer of the twelve body joints in sight nothing can be counted."""
FAULT_SHOWN_S = 4.0


class PersonMotion:
    """Counts and judges what one person does."""

    def __init__(self, library: Library, person_id: PersonId, sets_before: int = 0) -> None:
        self.person_id = person_id
        self._library = library
        self._history = History(library)
        self._finder = SetFinder(library, self._history)
        self._slips = SlipFilter()
        self._running: RunningSet | None = None
        self._sets = sets_before
        self._newest_s = float("-inf")

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
            person._finder.begin_after(counted_until_ns / NS_PER_S)
        if open_set is not None and (open_set.exercise in library or open_set.exercise == UNKNOWN_EXERCISE):
            kept = OpenSet.from_record(open_set)
            person._sets = kept.set_index
            held = kept.exercise in library and not library[kept.exercise].counted
            counter = None if held else RepetitionCounter(counted_until_s=kept.last_activity_s)
            person._running = person._set_of(kept, Opening(kept.exercise, kept.start_s, counter))
        return person

    @property
    def open_set(self) -> SetRecord | None:
        """What to store so that `resume` can go on; None while no set is open."""
        return self._running.kept.record if self._running else None

    def update(self, observation: Observation) -> list[MotionEvent]:
        """Take one observation. Observations that are not newer than the last one are ignored."""
        frame = body_frame(observation)
        if frame.time_s <= self._newest_s:
            return []
        self._newest_s = frame.time_s
        if frame.limbs_seen < MIN_LIMB_JOINTS:
            self._history.last_s = frame.time_s
            return self._close_if_gone()
        if observation.after_cut:
            self._slips.forget()
        return [event for believed in self._slips.take(frame) for event in self._see(believed)]

    def _see(self, frame: BodyFrame) -> list[MotionEvent]:
        history = self._history
        history.last_s = max(history.last_s, frame.time_s)
        events = self._cut() if history.is_cut(frame) else []
        taken = history.add(frame, settled=self._running is not None and self._running.settled)
        if taken is Taken.SKIPPED:
            return events
        return events + self._advance(taken is Taken.JUDGED, at_end=False)

    def cut(self) -> list[MotionEvent]:
        """What comes now is seen by another camera: count what is pending, and join no movement across."""
        self._slips.forget()
        return self._cut()

    def _cut(self) -> list[MotionEvent]:
        if self._history.empty:
            return []
        events = self._advance(judged=True, at_end=True)
        self._history.forget()
        return events

    def flush(self, time_ns: int) -> list[MotionEvent]:
        """The camera ended or the person left at this time: count what is pending, close what is open."""
        events: list[MotionEvent] = []
        if not self._history.empty:
            self._history.recogniser.judge()
            events = self._advance(judged=True, at_end=True)
        self._newest_s = self._history.last_s = max(self._newest_s, time_ns * 1e-9)
        return events + self._close()

    @property
    def live(self) -> LiveState:
        """What a screen shows now."""
        state = self._state()
        if self._running is None:
            return LiveState(state, None, 0, 0.0, Phase.NONE, 0.0, None, rest_s=self._rest_s(state))
        kept = self._running.kept
        recent = self._history.last_s - kept.last_activity_s <= FAULT_SHOWN_S
        visible = state is not MotionState.NOT_VISIBLE
        return LiveState(
            state,
            kept.exercise,
            kept.repetitions,
            self._running.meter if visible else 0.0,
            self._running.phase if visible else Phase.NONE,
            kept.hold_s,
            kept.last_fault if recent else None,
            kept.start_ns,
            self._rest_s(state),
        )

    def _rest_s(self, state: MotionState) -> float:
        """Seconds since the last repetition or held second, where the person rests."""
        if state not in (MotionState.IDLE, MotionState.RESTING):
            return 0.0
        ended_s = self._running.kept.last_activity_s if self._running else self._finder.set_before_s
        return 0.0 if ended_s is None else max(self._history.last_s - ended_s, 0.0)

    def _state(self) -> MotionState:
        history = self._history
        if history.last_s - history.seen_s > NOT_VISIBLE_S or history.seen_s == float("-inf"):
            return MotionState.NOT_VISIBLE
        return self._running.state if self._running else MotionState.IDLE

    def _advance(self, judged: bool, at_end: bool) -> list[MotionEvent]:
        if self._running is None:
            opening = self._finder.look(at_end) if judged else None
            return self._start(opening) if opening else []
        events = self._running.advance(judged, at_end)
        return events + self._close() if self._running.over else events

    def _start(self, opening: Opening) -> list[MotionEvent]:
        self._sets += 1
        start_ns = to_ns(opening.start_s)
        before_s = self._finder.set_before_s
        rest_s = None if before_s is None else round(max(opening.start_s - before_s, 0.0), 3)
        kept = OpenSet(start_ns, self._sets, opening.exercise, start_ns, rest_before_s=rest_s)
        self._running = self._set_of(kept, opening)
        return self._running.begin(opening)

    def _set_of(self, kept: OpenSet, opening: Opening) -> RunningSet:
        if opening.counter is None:
            return HeldSet(self._library, self._history, kept, opening.position)
        return CountedSet(self._library, self._history, kept, opening.counter, opening.movement_of)

    def _close_if_gone(self) -> list[MotionEvent]:
        """Close a set whose person can't be seen any more."""
        if self._running is None:
            return []
        now_s = self._history.last_s
        if now_s - self._history.seen_s > NOT_VISIBLE_S:
            return self._close() if now_s - self._running.kept.last_activity_s > ABSENT_S else []
        return self._close() if self._running.rested else []

    def _close(self) -> list[MotionEvent]:
        if self._running is None:
            return []
        events = [*self._running.end(), self._running.kept.closed()]
        self._finder.begin_after(self._running.kept.last_activity_s)
        if isinstance(self._running, HeldSet):
            self._finder.remember_hold(self._running.kept.exercise, self._running.position)
        self._running = None
        return events
