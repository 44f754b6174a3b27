"""The drawn falls are falls, and the drawn training isn't one."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from spotter_cli.fall_evaluation.falls import LYING_S, FallFilm, FallKind, fall_films
from spotter_cli.fall_evaluation.training import TrainingFilm, training_films
from spotter_cli.scene.acting import Actor, actor_of
from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.measure import joint
from spotter_cli.scene.render import fingerprint

FALLS = fall_films()
EIGHT = FALLS[:8]
"""The first of each kind."""


def heights(film: FallFilm, part: str, times_s: Floats) -> Floats:
    return np.array([joint(actor_of_film(film).joints(t), part)[2] for t in times_s])


@cache
def actor_of_film(film: FallFilm | TrainingFilm) -> Actor:
    return actor_of(film.scene.people[0])


def test_there_are_forty_falls_of_eight_kinds_and_ten_minutes_of_training() -> None:
    assert Counter(film.kind for film in FALLS) == dict.fromkeys(FallKind, 5)
    assert len({film.name for film in FALLS}) == 40
    assert len({repr(film.scene) for film in FALLS}) == 40
    training = training_films()
    assert sum(film.duration_s for film in training) >= 600
    assert len({film.name for film in training}) == len(training)


def test_films_are_the_same_each_time() -> None:
    assert [fingerprint(film.scene) for film in fall_films()] == [fingerprint(film.scene) for film in FALLS]


@pytest.mark.parametrize("film", FALLS, ids=lambda film: film.name)
def test_a_fall_takes_its_time_and_ends_lying_still(film: FallFilm) -> None:
    assert 2.4 <= film.start_s <= 4.5
    assert 0.4 <= film.end_s - film.start_s <= 1.2001
    before, after = (heights(film, "mid_shoulder", np.array([t])) for t in (film.start_s, film.end_s))
    assert before[0] - after[0] > 0.5
    lying = np.linspace(film.end_s + 0.4, film.end_s + LYING_S - 0.2, 6)
    actor = actor_of_film(film)
    poses = np.array([actor.joints(t) for t in lying])
    assert poses[:, :, 2].max() < 0.8, "a bent knee is the highest there is"
    assert np.ptp(poses, axis=0).max() < 0.08


@pytest.mark.parametrize("film", EIGHT, ids=lambda film: film.name)
def test_nobody_is_pulled_down_harder_than_gravity_does(film: FallFilm) -> None:
    times_s = np.arange(film.start_s - 0.2, film.end_s - 0.1, 1 / 30)
    for part in ("mid_hip", "mid_shoulder"):
        smooth = np.convolve(heights(film, part, times_s), np.ones(3) / 3, "valid")
        acceleration = np.diff(smooth, 2) * 900
        assert acceleration.min() > -25.0, part


@pytest.mark.parametrize("film", [*EIGHT, *training_films()], ids=lambda film: film.name)
def test_bodies_stay_above_the_floor_and_in_the_room(film: FallFilm | TrainingFilm) -> None:
    actor = actor_of_film(film)
    for t in np.linspace(0, film.scene.frame_count / film.scene.fps, 12):
        joints = actor.joints(float(t))
        assert joints[:, 2].min() > -0.01
        assert np.abs(joints[:, 0]).max() < 4.0
        assert -4.4 < joints[:, 1].min() < joints[:, 1].max() < 3.2
