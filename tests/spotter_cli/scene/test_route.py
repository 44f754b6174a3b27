"""A plan has its person in the right place at the right time."""

from __future__ import annotations

import numpy as np
import pytest

from spotter_cli.scene import Exercise, SceneSpec, Stand, Train, Visitor, Walk
from spotter_cli.scene.acting import actor_of
from spotter_cli.scene.measure import angle_deg


def test_a_walk_takes_as_long_as_its_way_and_ends_where_it_should() -> None:
    visitor = Visitor("blue", (0.0, 0.0), (Walk((2.4, 0.0)), Stand(1.0), Walk((2.4, 1.2))))
    assert [round(segment.end_s, 2) for segment in visitor.segments] == [2.0, 3.0, 4.0]
    assert visitor.place(1.0).position_m == pytest.approx((1.2, 0.0))
    assert visitor.place(2.5).pace == 0
    assert visitor.place(9.0).position_m == pytest.approx((2.4, 1.2))
    assert visitor.place(9.0).walked_m == pytest.approx(3.6)
    assert visitor.place(9.0).step is None


@pytest.mark.parametrize(
    ("to_m", "yaw_deg"), [((0.0, -1.0), 0.0), ((1.0, 0.0), 90.0), ((-1.0, 0.0), -90.0), ((0.0, 1.0), 180.0)]
)
def test_people_look_where_they_walk(to_m: tuple[float, float], yaw_deg: float) -> None:
    assert Visitor("blue", (0.0, 0.0), (Walk(to_m),)).place(0.4).yaw_deg == pytest.approx(yaw_deg)


def test_people_turn_the_short_way_round_and_not_in_one_frame() -> None:
    visitor = Visitor("blue", (0.0, 0.0), (Walk((0.0, 1.2)), Walk((0.1, 0.0))))
    yaws = [visitor.place(time_s).yaw_deg for time_s in np.arange(0, 2, 1 / 15)]
    assert np.abs(np.diff(yaws)).max() < 60
    assert abs(yaws[-1] - yaws[0]) < 190


def test_a_person_moves_smoothly() -> None:
    visitor = Visitor("blue", (0.0, 0.0), (Stand(0.5), Walk((2.0, 0.0)), Walk((0.0, 0.5)), Stand(1.0)))
    places = np.array([visitor.place(time_s).position_m for time_s in np.arange(0, 5, 1 / 15)])
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() <= 1.2 / 15 + 1e-9


def test_training_does_the_repetitions_that_fit() -> None:
    visitor = Visitor("blue", (0.0, 0.0), (Train(Exercise.SQUAT, 7.0),), seed=1)
    actor = actor_of(visitor)
    truth = actor.truth((0, 0, 1, 1))
    assert (truth.exercise, truth.reps) == ("squat", 2)
    assert truth.rep_end_s[-1] < 7.0
    knees = [angle_deg(actor.joints(t), "left_hip", "left_knee", "left_ankle") for t in np.arange(0, 8, 1 / 15)]
    bent = np.array(knees) < 120
    assert np.count_nonzero(bent[:-1] & ~bent[1:]) == 2


def test_a_scene_lasts_until_the_last_plan_ends() -> None:
    visitor = Visitor("blue", (0.0, 0.0), (Walk((1.2, 0.0)), Stand(2.0)))
    assert SceneSpec((visitor,), tail_s=1.0).frame_count == 60


def test_who_does_nothing_stands_where_they_are() -> None:
    place = Visitor("rose", (1.0, 0.5), ()).place(3.0)
    assert (place.position_m, place.yaw_deg, place.pace) == ((1.0, 0.5), 0.0, 0.0)


def test_push_ups_are_no_part_of_a_plan() -> None:
    with pytest.raises(ValueError, match="push-ups"):
        Train(Exercise.PUSH_UP, 5.0)
