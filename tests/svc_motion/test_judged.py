"""What a set that turns out to be another exercise says of the repetitions it has already counted."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from svc_motion.events import (
    ExerciseRelabelled,
    RepetitionCounted,
    SetOpened,
)
from svc_motion.judged import KEPT_REPETITIONS, JudgedRepetitions
from svc_motion.library import load_library
from svc_motion.messages import Moment, to_message
from svc_motion.sets import OpenSet
from tests.svc_motion.form import movements
from tests.svc_motion.form.bodies import trace
from tests.svc_motion.keypoint_clips import observations, shared_folder
from tests.svc_motion.trial_keypoints import run

LIBRARY = load_library()
MOMENT_IDS = ("gym", "0d7f9d4e-6a0b-4f0e-9b57-3f0f3a1c2b4d", "front")


def test_repetitions_are_judged_anew_as_what_they_are() -> None:
    judged = JudgedRepetitions()
    shallow = trace(partial(movements.squat, depth=0.5), 90)
    before = judged.judge(LIBRARY["deadlift"], 1, shallow)
    assert "shallow_squat" not in {finding.name for finding in before.faults}
    [anew] = judged.judged_as(LIBRARY["squat"], 1)
    assert [finding.name for finding in anew.faults] == ["shallow_squat"]
    assert anew.tempo is not None
    assert anew.score < 100


def test_what_nobody_remembers_is_withdrawn_and_not_called_clean() -> None:
    judged = JudgedRepetitions()
    one, forgotten = trace(movements.squat, 90), 3
    for index in range(1, KEPT_REPETITIONS + forgotten + 1):
        judged.judge(LIBRARY["deadlift"], index, one)
    anew = judged.judged_as(LIBRARY["squat"], KEPT_REPETITIONS + forgotten)
    assert [repetition.index for repetition in anew] == list(range(1, KEPT_REPETITIONS + forgotten + 1))
    assert [repetition.tempo is None for repetition in anew] == [True] * forgotten + [False] * KEPT_REPETITIONS
    assert set(anew[0].not_judged) == {fault.name for fault in LIBRARY["squat"].faults}
    assert anew[0].faults == ()


def test_a_relabelled_set_sums_up_what_is_said_now() -> None:
    judged = JudgedRepetitions()
    for index in (1, 2):
        judged.judge(LIBRARY["deadlift"], index, trace(partial(movements.squat, depth=0.5), 90))
    kept = OpenSet(1_000, 1, "deadlift", 1_000, 2, 2, score_sum=180, faults=Counter({"rounded_back": 2}))
    event = kept.relabel("squat", 1.0, judged.judged_as(LIBRARY["squat"], 2))
    assert kept.faults == Counter({"shallow_squat": 2})
    assert kept.score_sum == sum(repetition.score for repetition in event.repetitions)
    assert kept.full_repetitions == sum(not repetition.partial for repetition in event.repetitions)
    assert kept.last_fault is not None and kept.last_fault.name == "shallow_squat"


def test_clients_are_told_what_replaces_what_they_heard() -> None:
    judged = JudgedRepetitions()
    judged.judge(LIBRARY["deadlift"], 2, trace(partial(movements.squat, depth=0.5), 90))
    event = ExerciseRelabelled(1_000, 2_000, "deadlift", "squat", judged.judged_as(LIBRARY["squat"], 2))
    message = to_message(event, Moment(*MOMENT_IDS, 2_000, 2_000), "squat")  # type: ignore[arg-type]
    assert message is not None
    forgotten, known = message[1].set_relabelled.repetitions
    assert (forgotten.number, list(forgotten.faults)) == (1, [])
    assert "shallow_squat" in forgotten.not_judged
    assert [fault.name for fault in known.faults] == ["shallow_squat"]
    assert known.score < forgotten.score


@pytest.mark.skipif(
    not (shared_folder() / "keypoints").is_dir(), reason="the shared keypoints are not here (SPOTTER_SHARED)"
)
def test_rows_that_were_unknown_while_they_were_counted_are_judged_as_rows() -> None:
    events = run(LIBRARY, observations("dumbbell_row_front_fault_then_good")).events
    [opened] = [event for event in events if isinstance(event, SetOpened)]
    [relabelled] = [event for event in events if isinstance(event, ExerciseRelabelled)]
    assert (opened.exercise, relabelled.new) == ("unknown", "row")
    assert all(not event.faults for event in events if isinstance(event, RepetitionCounted))
    flagged = [bool(repetition.faults) for repetition in relabelled.repetitions]
    assert flagged == [True, True, False, False]
