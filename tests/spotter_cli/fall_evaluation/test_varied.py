"""The wider check on true joints: films from elsewhere, with other bodies."""

from __future__ import annotations

import pytest

from spotter_cli.fall_evaluation.falls import FallKind, fall_films
from spotter_cli.fall_evaluation.training import training_films
from spotter_cli.fall_evaluation.varied import highest_rate, quiet, recall, table, wilson

SEED = 7


def test_falls_are_told_and_training_is_not_from_other_sides() -> None:
    films = [film for film in fall_films() if film.name in ("left_1", "trip_2", "under_weight_1")]
    told = recall(films, SEED, views=4)
    assert sum(one.falls for one in told.values()) == 12
    assert sum(one.told for one in told.values()) >= 10
    lying = [film for film in training_films() if film.name in ("training_plopping", "training_rolling")]
    training = quiet(lying, SEED, views=6)
    assert training.false == ()
    assert training.hours == pytest.approx(12 * 31 / 3600, rel=0.5)
    lines = table(told, training)
    assert any(line.startswith(f"| {FallKind.TRIP} | 4 |") for line in lines)
    assert recall(films[:1], SEED, views=2) == recall(films[:1], SEED, views=2)


def test_intervals_are_those_of_textbooks() -> None:
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
    assert highest_rate(0, 1.0) == pytest.approx(2.996, abs=1e-3)
    assert highest_rate(2, 2.0) == pytest.approx(6.296 / 2, abs=1e-3)
