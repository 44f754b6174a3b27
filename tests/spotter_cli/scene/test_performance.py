"""Bodies that are told as joint angles keep their bones, rest on the floor, and fall no faster than things do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spotter_cli.scene import postures
from spotter_cli.scene.acting import actor_of
from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.looks import LOOKS
from spotter_cli.scene.measure import angle_deg, joint
from spotter_cli.scene.moves import cycle, mirrored, repeated, steps, still
from spotter_cli.scene.performance import Move, Performance, Performer
from spotter_cli.scene.posture import LegAngles, Posture, grounded, posture
from spotter_cli.scene.skeleton import Dimensions, solve

POSTURES = {name: value for name, value in vars(postures).items() if isinstance(value, Posture)}
BONES = (
    ("hip", "knee", "thigh"),
    ("knee", "ankle", "shank"),
    ("shoulder", "elbow", "upper_arm"),
    ("elbow", "wrist", "forearm"),
)


def joints_of(body: Dimensions, wanted: Posture) -> Floats:
    return solve(body, grounded(body, wanted).pose).joints


def assert_bones(body: Dimensions, joints: Floats) -> None:
    for side in ("left", "right"):
        for first, last, bone in BONES:
            found = np.linalg.norm(joint(joints, f"{side}_{first}") - joint(joints, f"{side}_{last}"))
            assert found == pytest.approx(getattr(body, bone), abs=2e-3), (side, bone)


@pytest.mark.parametrize("name", POSTURES)
@pytest.mark.parametrize("height_m", [1.6, 1.9])
def test_a_posture_keeps_the_bones_and_lies_on_the_floor(name: str, height_m: float) -> None:
    body = Dimensions(height_m)
    joints = joints_of(body, POSTURES[name])
    assert_bones(body, joints)
    assert joints[:, 2].min() > 0.0
    # The lowest joint that is known is an ankle or a wrist: on tiptoe it is most of a foot's length above the floor.
    lowest_m = joints[:, 2].min() - POSTURES[name].lift_m
    assert lowest_m < 0.2 * body.scale, "something rests on the floor, or close to it; or would, but for a jump"


def test_people_lie_flat_stand_upright_and_hold_planks_straight() -> None:
    body = Dimensions()
    for name in ("SUPINE", "PRONE", "ON_LEFT_SIDE", "ON_RIGHT_SIDE"):
        assert np.ptp(joints_of(body, POSTURES[name])[:, 2]) < 0.45, name
    standing = joints_of(body, postures.STANDING)
    assert np.ptp(standing[:, 2]) > 1.5
    plank = joints_of(body, postures.PLANK)
    assert angle_deg(plank, "mid_shoulder", "mid_hip", "mid_ankle") > 170
    assert joint(plank, "left_wrist")[2] < 0.1


def test_a_posture_survives_being_made_of_its_values() -> None:
    wanted = postures.TYING_A_SHOE
    assert Posture.of(wanted.values()) == wanted
    assert mirrored(mirrored(wanted)) == wanted


def test_raising_the_heels_raises_the_body() -> None:
    body = Dimensions()
    flat, raised = (joints_of(body, posture(LegAngles(foot=foot))) for foot in (0.0, 35.0))
    assert joint(raised, "nose")[2] - joint(flat, "nose")[2] > 0.06


def performer(*moves: Move, start: Posture = postures.STANDING) -> Performer:
    return Performer("blue", (0.4, -0.2), 30.0, start, moves)


def test_what_is_anchored_stays_where_it_is() -> None:
    squats, _ = repeated(cycle(postures.SQUATTING, postures.STANDING, 2.0), 2)
    actor = actor_of(performer(*squats))
    ankles = np.array([joint(actor.joints(t), "mid_ankle")[:2] for t in np.arange(0, 4, 0.1)])
    assert np.ptp(ankles, axis=0).max() < 0.03


def test_walking_goes_ahead_and_feet_that_stand_do_not_slide() -> None:
    actor = actor_of(performer(*steps(6)))
    start, end = (joint(actor.joints(t), "mid_hip")[:2] for t in (0.0, 6 * 0.52))
    way = end - start
    assert 2.5 < np.linalg.norm(way) < 4.5
    assert np.degrees(np.arctan2(way[0], -way[1])) == pytest.approx(30, abs=3)
    moved = []
    for t in np.arange(0.6, 3.0, 1 / 30):
        before, after = actor.joints(t), actor.joints(t + 1 / 30)
        feet = [np.linalg.norm(joint(after, f"{s}_ankle") - joint(before, f"{s}_ankle")) for s in ("left", "right")]
        moved.append(min(feet))
    assert np.median(moved) < 0.02


def test_movements_are_smooth_and_somebody_who_lies_still_only_breathes() -> None:
    fall = performer(still(postures.STANDING, 0.5), Move(postures.SUPINE, 0.9, "dropping"), still(postures.SUPINE, 2.0))
    actor = actor_of(fall)
    poses = np.array([actor.joints(t) for t in np.arange(0, 3.4, 1 / 30)])
    speeds = np.linalg.norm(np.diff(poses, axis=0), axis=2) * 30
    assert speeds.max() < 8.0
    assert 0 < speeds[-30:].max() < 0.05


def test_moves_know_their_times_and_repetitions_their_ends() -> None:
    moves, ends_s = repeated(cycle(postures.SQUATTING, postures.STANDING, 2.0), 3, seed=2)
    person = performer(still(postures.STANDING, 1.0), *moves)
    assert person.starts_s("rep") == pytest.approx([1.0, 1.0 + ends_s[0], 1.0 + ends_s[1]])
    assert person.end_s == pytest.approx(1.0 + ends_s[-1])
    assert 5.0 < ends_s[-1] < 7.0


def test_the_same_moves_give_the_same_body_at_each_time() -> None:
    person = replace(performer(*steps(2)), start=postures.STANDING)
    first, second = (Performance(person, LOOKS["blue"].dimensions) for _ in range(2))
    first.at(0.2)
    assert np.array_equal(first.at(0.7)[0].pose.hip_centre, second.at(0.7)[0].pose.hip_centre)
    assert first.at(0.7)[1] == second.at(0.7)[1]
