from __future__ import annotations

from dataclasses import replace

from spotter_cli.evaluation.reasons import matched, reason_of
from spotter_cli.evaluation.scoring import DoneSet, choose, score
from tests.spotter_cli.evaluation.done import clip, one_set

FAMILIES = {"squat": "squat", "row": "row", "plank": "plank"}


def squats(*repetitions: tuple[float, float]) -> DoneSet:
    return replace(one_set("p", "squat", 0), repetitions=repetitions)


def test_a_noted_turning_point_belongs_to_the_repetition_around_it() -> None:
    truth = clip("squat", 3, marks_s=(1.0, 3.0, 5.0))
    scored = score(truth, choose([squats((0.5, 1.8), (4.6, 5.5), (7.0, 8.0))]), FAMILIES)
    assert matched(scored) == ([3.0], [(7.0, 8.0)])


def test_the_reason_names_the_repetition_that_was_missed() -> None:
    truth = clip("squat", 3, marks_s=(1.0, 3.0, 5.0))
    reason = reason_of(score(truth, choose([squats((0.5, 1.8), (4.6, 5.5))]), FAMILIES))
    assert reason.sentences == ("Not counted: the repetitions at 3.0 s.",)
    assert reason.moments_s == (3.0,)


def test_the_reason_names_what_was_counted_before_the_span() -> None:
    truth = clip("squat", 1, span_s=(3.0, 5.0), marks_s=(4.0,))
    reason = reason_of(score(truth, choose([squats((0.5, 1.5), (3.2, 4.8))]), FAMILIES))
    assert reason.sentences == ("Counted outside the span: 0.5–1.5 s.",)


def test_another_exercise_is_told_with_its_sets() -> None:
    reason = reason_of(score(clip("squat", 2), choose([one_set("p", "row", 2)]), FAMILIES))
    assert reason.sentences == ("Taken for row: 2 of row at 0.0–10.0 s.",)


def test_where_nothing_was_found_the_reason_says_how_much_was_seen() -> None:
    truth = score(clip("squat", 2), choose([]), FAMILIES)
    assert "80 % of the time" in reason_of(truth, 0.8).sentences[0]
    assert "nobody's joints were seen" in reason_of(truth, 0.0).sentences[0]


def test_a_hold_of_the_wrong_length_is_told_in_seconds() -> None:
    truth = clip("plank", 0, hold_s=(1.0, 11.0))
    reason = reason_of(score(truth, choose([one_set("p", "plank", 0, hold_s=7.0)]), FAMILIES))
    assert reason.sentences == ("Held 7.0 s, in truth 10.0 s.",)
