"""The drawn sets are whole, and what is counted of them becomes a table."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from spotter_cli.scene_evaluation.__main__ import Found, count, table, true_joints
from spotter_cli.scene_evaluation.exercises import HOLD_S, REPETITIONS, SETS, ExerciseFilm, exercise_films

FILMS = exercise_films()


def test_every_exercise_is_drawn_in_two_views_with_its_repetitions() -> None:
    assert Counter(film.exercise for film in FILMS) == dict.fromkeys(SETS, 2)
    for film in FILMS:
        person = film.scene.people[0]
        assert (film.repetitions, film.hold_s) in ((REPETITIONS, 0.0), (0, HOLD_S))
        assert len(person.rep_end_s) == film.repetitions  # type: ignore[union-attr]


@pytest.mark.parametrize("film", FILMS[1::2], ids=lambda film: film.exercise)
def test_a_set_moves_and_stays_in_the_picture(film: ExerciseFilm) -> None:
    seen = true_joints(film.scene)
    assert len(seen.times_s) == film.scene.frame_count
    inside = (seen.true_joints >= -20) & (seen.true_joints <= seen.size_px + 20)
    assert inside.mean() > 0.99
    if film.repetitions:
        moved = np.ptp(seen.true_joints, axis=0).max()
        assert moved > 5, "some joint goes somewhere"


def test_a_drawn_squat_is_counted() -> None:
    film = next(film for film in FILMS if film.name == "goblet_squat_25")
    found = count(true_joints(film.scene))
    assert sum(one.repetitions for one in found) in range(REPETITIONS - 1, REPETITIONS + 2)


def test_the_table_says_what_each_set_was_taken_for() -> None:
    found = [Found("sit_up", 6, 0.0), Found("plank", 0, 12.4)]
    lines = table(FILMS[:2], [found, []])
    assert lines[2] == "| hip_thrust | 80 | 7 | sit_up 6, plank 12 s |"
    assert lines[3] == "| hip_thrust | 25 | 7 | nothing |"
