from __future__ import annotations

import pytest

from spotter_cli.evaluation.report import as_json, as_markdown
from spotter_cli.evaluation.scoring import (
    Found,
    Scored,
    choose,
    counting,
    label_accuracy,
    phantom_reps,
    reps_outside_spans,
    score,
    with_many_reps,
)
from tests.spotter_cli.evaluation.done import clip, one_set

FAMILIES = {"squat": "squat", "row": "row", "plank": "plank"}


def test_a_clip_is_about_the_person_with_the_most_repetitions() -> None:
    sets = [one_set("p1", "squat", 3), one_set("p2", "row", 2), one_set("p2", "squat", 3), one_set("p1", "row", 1)]
    found = choose(sets)
    assert (found.exercise, found.reps, found.person_id) == ("squat", 5, "p2")


def test_where_nothing_is_counted_it_is_about_the_longest_hold() -> None:
    found = choose([one_set("p1", "plank", 0, 5), one_set("p2", "plank", 0, 30, hold_s=28.0)])
    assert (found.exercise, found.reps, found.person_id, found.held_s) == ("plank", 0, "p2", 28.0)


def test_where_nobody_exercised_nothing_is_found() -> None:
    assert choose([]) == Found("none", 0)


@pytest.mark.parametrize(("found", "error"), [(7, 0), (9, 0), (6, -1), (11, 2)])
def test_the_error_is_to_the_nearest_count_that_is_right(found: int, error: int) -> None:
    assert score(clip("squat", 9, (7, 8, 9)), Found("squat", found), FAMILIES).error == error


@pytest.mark.parametrize("kind", ["squat", "goblet_squat", "barbell_squat"])
def test_every_kind_of_squat_is_a_squat(kind: str) -> None:
    scored = score(clip(kind, 3), Found("squat", 3), FAMILIES)
    assert scored.true_family == scored.found_family == "squat"


def scored() -> list[Scored]:
    return [
        score(clip("squat", 4), Found("squat", 4), FAMILIES),
        score(clip("dumbbell_row", 10), Found("row", 9), FAMILIES),
        score(clip("squat", 5), Found("row", 8), FAMILIES, "a problem"),
        score(clip("squat", 1), Found("none", 0), FAMILIES),
        score(clip("none", 0), choose([one_set("p", "squat", 2)]), FAMILIES),
    ]


def test_totals_are_those_of_the_literature() -> None:
    many = counting(with_many_reps(scored()))
    assert (many.clips, many.obo, many.exact) == (3, 2 / 3, 1 / 3)
    assert many.mae == pytest.approx((0 + 0.1 + 0.6) / 3)
    everything = counting(scored())
    assert (everything.clips, everything.obo, everything.exact) == (5, 3 / 5, 1 / 5)
    assert everything.mae == pytest.approx((0 + 0.1 + 0.6 + 1) / 4), "a clip without repetitions has no relative error"
    assert label_accuracy(scored()) == 2 / 4
    assert phantom_reps(scored()) == 2


def test_no_clips_have_no_measures() -> None:
    assert counting([]).obo is None and label_accuracy([]) is None
    assert as_markdown([])


def test_the_report_says_truth_found_and_error_of_each_clip() -> None:
    report = as_json(scored())
    assert report["clips"][1] == {
        "file": "videos/dumbbell_row.mp4",
        "truth": {"exercise": "dumbbell_row", "reps": 10},
        "found": {"exercise": "row", "reps": 9},
        "error": -1,
        "outside_span": 0,
    }
    assert report["clips"][2]["problem"] == "a problem"
    assert set(report["totals"]) >= {"clips", "obo", "mae", "exact", "label_accuracy"}
    assert "| dumbbell_row | dumbbell_row | 10 | row | 9 | -1 |" in as_markdown(scored())


def test_repetitions_count_as_outside_when_their_end_is() -> None:
    truth = clip("squat", 2, span_s=(2.0, 4.0))
    found = choose([one_set("p1", "squat", 6), one_set("p2", "row", 1)])
    assert score(truth, found, FAMILIES).outside == 4, "p1: 0-1, 4-5 and 5-6; p2: 0-1"
    assert reps_outside_spans([score(truth, found, FAMILIES)]) == 4


@pytest.mark.parametrize(("held_s", "right"), [(9.0, True), (11.0, True), (8.9, False), (0.0, False)])
def test_a_hold_is_right_within_a_tenth(held_s: float, right: bool) -> None:
    truth = score(clip("plank", 0, hold_s=(2.0, 12.0)), choose([one_set("p", "plank", 0, hold_s=held_s)]), FAMILIES)
    assert truth.hold_right is right
    assert truth.wrong is not right
