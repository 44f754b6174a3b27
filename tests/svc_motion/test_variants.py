"""Variants are told where posture shows them, and never where it doesn't."""

from collections.abc import Callable

import numpy as np
import pytest

from svc_motion.library import Library, load_library
from svc_motion.observation import FloatArray, body_frame, stacked
from svc_motion.variants import find_variant, variant_of
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import ANKLE_HEIGHT, SHANK, THIGH, Array, Pose, phases, seen

Place = Callable[[float], Array]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def with_hands(pose: Pose, elbow: Place, wrist: Place) -> Pose:
    """A pose with elbows and wrists at places relative to each shoulder, m; +1 and -1 for left and right."""

    def posed(phase: float) -> Array:
        joints = pose(phase)
        for place, out in skeletons.SIDES:
            joints[7 + place] = joints[5 + place] + elbow(out)
            joints[9 + place] = joints[5 + place] + wrist(out)
        return joints

    return posed


def hinge(lowest_knee_deg: float) -> Pose:
    """A hip hinge whose knees bend to an angle at the bottom; the arms hang."""

    def posed(phase: float) -> Array:
        bend = np.radians(180 - lowest_knee_deg) * phase
        reach = np.sqrt(THIGH**2 + SHANK**2 + 2 * THIGH * SHANK * np.cos(bend)) * 0.995
        joints = skeletons._body(np.array([0, 0.12 * phase, ANKLE_HEIGHT + reach]), 70 * phase)
        ankles = [np.array([out * 0.12, 0, ANKLE_HEIGHT]) for _, out in skeletons.SIDES]
        skeletons._legs(joints, ankles, [np.array([0.0, -1, 0])] * 2)
        skeletons._arms(joints, lambda out: np.array([out * 0.1, 0, -1]), lambda out: np.array([out * 0.05, 0, -1]))
        return joints

    return posed


def split(phase: float) -> Array:
    """A split squat: one foot ahead, one behind, both in place."""
    top = ANKLE_HEIGHT + (THIGH + SHANK) * 0.93
    joints = skeletons._body(np.array([0, 0, top - 0.32 * phase]), 8)
    ankles = [np.array([0.09, -0.42, ANKLE_HEIGHT]), np.array([-0.09, 0.42, ANKLE_HEIGHT + 0.08])]
    skeletons._legs(joints, ankles, [np.array([0.0, -1, 0]), np.array([0.0, -0.6, -1])])
    skeletons._arms(joints, lambda out: np.array([out * 0.1, 0, -1]), lambda out: np.array([out * 0.05, 0, -1]))
    return joints


GOBLET = with_hands(
    skeletons.squat, lambda out: np.array([0, -0.08, -0.27]), lambda out: np.array([-out * 0.12, -0.18, -0.12])
)
BARBELL = with_hands(
    skeletons.squat, lambda out: np.array([out * 0.15, 0.1, -0.2]), lambda out: np.array([out * 0.17, 0.06, 0.02])
)


def points(pose: Pose, turn_deg: float) -> FloatArray:
    frames = seen(pose, phases(3, lead_s=0.3, tail_s=0.3), turn_deg=turn_deg, noise=0.01)
    return stacked([body_frame(frame).points for frame in frames])


@pytest.mark.parametrize(
    ("base", "pose", "turn_deg", "variant"),
    [
        ("squat", BARBELL, 0, "barbell_squat"),
        ("squat", BARBELL, 180, "barbell_squat"),
        ("deadlift", hinge(155), 90, "romanian_deadlift"),
        ("lunge", split, 90, "split_squat"),
    ],
)
def test_a_variant_is_told_by_posture(library: Library, base: str, pose: Pose, turn_deg: float, variant: str) -> None:
    found = find_variant(library, library[base], points(pose, turn_deg))
    assert found is not None
    assert found.exercise.name == variant
    assert 0.6 <= found.confidence <= 1


@pytest.mark.parametrize(
    ("base", "pose", "turn_deg"),
    [
        ("squat", GOBLET, 0),
        ("squat", GOBLET, 45),
        ("squat", skeletons.squat, 0),
        ("squat", skeletons.squat, 45),
        ("squat", GOBLET, 90),
        ("squat", BARBELL, 90),
        ("deadlift", hinge(100), 90),
        ("bicep_curl", skeletons.curl, 45),
        ("push_up", skeletons.push_up, 90),
    ],
    ids=[
        "hands at the chest",
        "these turned",
        "air squat",
        "turned",
        "hands from the side",
        "bar from the side",
        "knees bend",
        "hammer curl",
        "none exists",
    ],
)
def test_what_posture_does_not_show_is_not_claimed(library: Library, base: str, pose: Pose, turn_deg: float) -> None:
    assert variant_of(library, library[base], points(pose, turn_deg)) is None


def test_hidden_hands_and_a_short_look_tell_no_variant(library: Library) -> None:
    shown = points(BARBELL, 0)
    hidden = shown.copy()
    hidden[:, 9:11] = np.nan
    assert variant_of(library, library["squat"], shown[:10]) is None
    assert variant_of(library, library["squat"], hidden) is None
