"""A walk looks like one: feet that stand don't slide, limbs keep their lengths, the cycle closes."""

from __future__ import annotations

import numpy as np
import pytest

from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.measure import joint
from spotter_cli.scene.skeleton import Dimensions, solve
from spotter_cli.scene.walking import stride_m, walking_pose


def joints(phase: float, pace: float = 1.0, height_m: float = 1.75) -> Floats:
    body = Dimensions(height_m)
    return solve(body, walking_pose(body, phase, pace)).joints


@pytest.mark.parametrize("height_m", [1.6, 1.9])
def test_a_foot_that_stands_stays_where_it_is(height_m: float) -> None:
    stride = stride_m(Dimensions(height_m))
    places = []
    for phase in np.linspace(0.08, 0.35, 8):
        ankle = joint(joints(float(phase), height_m=height_m), "left_ankle")
        places.append(ankle - np.array([0.0, phase * stride, 0.0]))  # the person goes towards -y
    assert np.ptp(places, axis=0).max() < 0.02


@pytest.mark.parametrize("phase", np.linspace(0, 0.95, 12))
def test_limbs_keep_their_lengths_and_nobody_sinks_into_the_floor(phase: float) -> None:
    body, pose = Dimensions(), joints(phase)
    assert pose[:, 2].min() > 0.02
    for side in ("left", "right"):
        for first, last, length in (("hip", "knee", body.thigh), ("knee", "ankle", body.shank)):
            found = np.linalg.norm(joint(pose, f"{side}_{first}") - joint(pose, f"{side}_{last}"))
            assert found == pytest.approx(length, abs=1e-6)


def test_the_cycle_closes_and_the_second_half_mirrors_the_first() -> None:
    assert joints(0.999) == pytest.approx(joints(0.0), abs=0.03)
    left, right = joint(joints(0.2), "left_ankle"), joint(joints(0.7), "right_ankle")
    assert left * [-1, 1, 1] == pytest.approx(right, abs=1e-6)


def test_arms_swing_against_the_legs() -> None:
    strike = joints(0.0)
    ahead = {name: -joint(strike, name)[1] for name in ("left_ankle", "right_ankle", "left_wrist", "right_wrist")}
    assert ahead["left_ankle"] > 0.2 > -0.2 > ahead["right_ankle"]
    assert ahead["left_wrist"] < ahead["right_wrist"]


def test_somebody_who_stands_does_not_move() -> None:
    assert joints(0.1, pace=0.0) == pytest.approx(joints(0.6, pace=0.0), abs=1e-9)
