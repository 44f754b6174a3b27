"""What is stored of a set, and what it was known as, through events that open, rename and close it."""

from __future__ import annotations

from svc_motion.events import ExerciseRelabelled, RepetitionCounted, RepetitionTempo, SetClosed, SetOpened
from svc_motion.recorder import set_changes, with_exercise

START_NS, END_NS = 1_000_000_000, 9_000_000_000
REPETITION = RepetitionCounted(START_NS, 1, START_NS, END_NS, 90.0, RepetitionTempo(1, 1, 0), 80, (), (), False)
WHOLE_SET = [
    SetOpened(START_NS, 1, "lunge"),
    REPETITION,
    ExerciseRelabelled(START_NS, END_NS, "lunge", "squat"),
    REPETITION,
    SetClosed(START_NS, END_NS, "squat", 2, 1, 0.0, 80, {"shallow_squat": 1}),
]


def test_a_repetition_carries_the_exercise_that_its_set_was_known_as_then() -> None:
    known = [exercise for event, exercise in with_exercise(None, WHOLE_SET) if isinstance(event, RepetitionCounted)]
    assert known == ["lunge", "squat"]


def test_a_set_that_opens_and_closes_at_once_is_stored_closed_and_complete() -> None:
    [change] = set_changes(None, WHOLE_SET, None)
    record = change.record
    assert (change.open, change.score) == (False, 80)
    assert (record.exercise, record.repetitions, record.full_repetitions) == ("squat", 2, 1)
    assert (record.last_activity_ns, record.faults) == (END_NS, {"shallow_squat": 1})
