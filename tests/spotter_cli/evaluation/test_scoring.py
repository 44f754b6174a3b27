from __future__ import annotations

from pathlib import Path

import pytest

from spotter.motion.v1 import motion_pb2
from spotter_cli.evaluation.manifest import Clip
from spotter_cli.evaluation.report import as_json, as_markdown
from spotter_cli.evaluation.scoring import (
    Found,
    Scored,
    choose,
    counting,
    label_accuracy,
    phantom_reps,
    score,
    with_many_reps,
)

FAMILIES = {"squat": "squat", "row": "row", "plank": "plank"}


def clip(exercise: str, reps: int, accepted: tuple[int, ...] = ()) -> Clip:
    return Clip(f"videos/{exercise}.mp4", Path("x"), exercise, reps, accepted or (reps,))


def one_set(person_id: str, exercise: str, reps: int, seconds: int = 10) -> motion_pb2.Set:
    found = motion_pb2.Set(person_id=person_id, exercise=exercise, repetition_count=reps)
    found.start_time.FromSeconds(100)
    found.end_time.FromSeconds(100 + seconds)
    return found


def test_a_clip_is_about_the_person_with_the_most_repetitions() -> None:
    sets = [one_set("p1", "squat", 3), one_set("p2", "row", 2), one_set("p2", "squat", 3), one_set("p1", "row", 1)]
    assert choose(sets) == Found("squat", 5, "p2")


def test_where_nothing_is_counted_it_is_about_the_longest_hold() -> None:
    assert choose([one_set("p1", "plank", 0, 5), one_set("p2", "plank", 0, 30)]) == Found("plank", 0, "p2")


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
        score(clip("none", 0), Found("squat", 2), FAMILIES),
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
    }
    assert report["clips"][2]["problem"] == "a problem"
    assert set(report["totals"]) >= {"clips", "obo", "mae", "exact", "label_accuracy"}
    assert "| dumbbell_row | dumbbell_row | 10 | row | 9 | -1 |" in as_markdown(scored())
