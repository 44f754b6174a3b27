"""Poses have the joint angles that the exercises and faults promise."""

from __future__ import annotations

import numpy as np
import pytest

from spotter_cli.scene import Exercise, Fault
from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.measure import angle_deg, joint
from spotter_cli.scene.motions import pose_at
from spotter_cli.scene.skeleton import Dimensions, solve

KNEE = ("left_hip", "left_knee", "left_ankle")
ELBOW = ("right_shoulder", "right_elbow", "right_wrist")
ARM_TO_TRUNK = ("left_hip", "left_shoulder", "left_elbow")
BODY_LINE = ("mid_shoulder", "mid_hip", "mid_ankle")


def joints(exercise: Exercise, effort: float, fault: Fault | None = None, height_m: float = 1.75) -> Floats:
    body = Dimensions(height_m)
    return solve(body, pose_at(exercise, body, effort, fault)).joints


@pytest.mark.parametrize("height_m", [1.6, 1.75, 1.9])
@pytest.mark.parametrize(
    ("exercise", "fault", "triple", "at_start_deg", "at_turn_deg"),
    [
        (Exercise.SQUAT, None, KNEE, 176, 63),
        (Exercise.SQUAT, Fault.KNEES_CAVING_IN, KNEE, 176, 63),
        (Exercise.SQUAT, Fault.SHALLOW_SQUAT, KNEE, 176, 121),
        (Exercise.BICEP_CURL, None, ELBOW, 172, 41),
        (Exercise.BICEP_CURL, Fault.HALF_CURL, ELBOW, 172, 122),
        (Exercise.LATERAL_RAISE, None, ARM_TO_TRUNK, 18, 97),
        (Exercise.PUSH_UP, None, ELBOW, 153, 69),
        (Exercise.PUSH_UP, None, BODY_LINE, 178, 178),
        (Exercise.PUSH_UP, Fault.HIPS_SAGGING, BODY_LINE, 178, 148),
    ],
)
def test_a_repetition_moves_the_joint_through_its_range(
    exercise: Exercise,
    fault: Fault | None,
    triple: tuple[str, str, str],
    at_start_deg: float,
    at_turn_deg: float,
    height_m: float,
) -> None:
    assert angle_deg(joints(exercise, 0.0, fault, height_m), *triple) == pytest.approx(at_start_deg, abs=5)
    assert angle_deg(joints(exercise, 1.0, fault, height_m), *triple) == pytest.approx(at_turn_deg, abs=5)


def test_caving_knees_come_closer_than_the_ankles_and_good_ones_do_not() -> None:
    def knee_to_ankle(pose: Floats) -> float:
        widths = [np.linalg.norm(joint(pose, f"left_{p}") - joint(pose, f"right_{p}")) for p in ("knee", "ankle")]
        return float(widths[0] / widths[1])

    assert knee_to_ankle(joints(Exercise.SQUAT, 1.0)) > 1.1
    assert 0.3 < knee_to_ankle(joints(Exercise.SQUAT, 1.0, Fault.KNEES_CAVING_IN)) < 0.7
    standing = (knee_to_ankle(joints(Exercise.SQUAT, 0.0, fault)) for fault in (None, Fault.KNEES_CAVING_IN))
    assert next(standing) == pytest.approx(next(standing))


@pytest.mark.parametrize("exercise", list(Exercise))
@pytest.mark.parametrize("effort", [0.0, 0.5, 1.0])
def test_segments_keep_their_lengths(exercise: Exercise, effort: float) -> None:
    body, pose = Dimensions(), joints(exercise, effort)
    for side in ("left", "right"):
        for first, last, length in (
            ("hip", "knee", body.thigh),
            ("knee", "ankle", body.shank),
            ("shoulder", "elbow", body.upper_arm),
            ("elbow", "wrist", body.forearm),
        ):
            found = np.linalg.norm(joint(pose, f"{side}_{first}") - joint(pose, f"{side}_{last}"))
            assert found == pytest.approx(length, abs=1e-6)


@pytest.mark.parametrize("exercise", [Exercise.SQUAT, Exercise.BICEP_CURL, Exercise.LATERAL_RAISE])
def test_feet_stay_where_they_stand(exercise: Exercise) -> None:
    ankles = [joint(joints(exercise, effort), "left_ankle") for effort in (0.0, 0.5, 1.0)]
    assert np.ptp(ankles, axis=0).max() < 0.01


@pytest.mark.parametrize("exercise", list(Exercise))
def test_nobody_sinks_into_the_floor(exercise: Exercise) -> None:
    assert min(joints(exercise, effort)[:, 2].min() for effort in np.linspace(0, 1, 6)) > 0.0


def test_an_exercise_refuses_a_fault_it_cannot_show() -> None:
    with pytest.raises(ValueError, match="cannot show"):
        pose_at(Exercise.LATERAL_RAISE, Dimensions(), 0.5, Fault.HIPS_SAGGING)
