import dataclasses

import numpy as np
import pytest

from svc_motion.library import Library, Trait, View, load_library
from svc_motion.network import SAMPLES
from svc_motion.observation import body_frame
from svc_motion.posture import summarise, view_of
from svc_motion.recognition import Recogniser, combined, fit, sampled
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import Pose, phases, seen


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def points(pose: Pose, turn_deg: float, repetitions: int = 1) -> np.ndarray:
    frames = seen(pose, phases(repetitions, lead_s=0.2, tail_s=0.2), turn_deg=turn_deg, noise=0.01)
    return np.stack([body_frame(frame).points for frame in frames])


@pytest.mark.parametrize(
    ("turn_deg", "view"),
    [
        (0, View.FRONT),
        (180, View.BACK),
        (90, View.SIDE),
        (-90, View.SIDE),
        (50, View.THREE_QUARTER),
        (-50, View.THREE_QUARTER),
    ],
)
def test_the_view_is_told_from_the_shoulders(turn_deg: float, view: View) -> None:
    assert view_of(points(skeletons.standing, turn_deg)) is view


def test_nothing_seen_has_no_view() -> None:
    assert view_of(np.full((10, 17, 2), np.nan)) is View.UNKNOWN


def test_posture_is_told_in_trunk_lengths_whatever_the_picture_size() -> None:
    near = points(skeletons.squat, 90)
    far = summarise(near * 0.3 + 40)
    for name in ("knee_min_deg", "hip_travel", "wrist_height_max", "leg_shortening"):
        assert far.feature(name) == pytest.approx(summarise(near).feature(name), rel=1e-6)


@pytest.mark.parametrize(
    ("pose", "turn_deg", "name", "other"),
    [
        (skeletons.squat, 90, "squat", "bicep_curl"),
        (skeletons.curl, 45, "bicep_curl", "squat"),
        (skeletons.push_up, 90, "push_up", "squat"),
        (skeletons.lateral_raise, 0, "lateral_raise", "push_up"),
    ],
)
def test_a_signature_fits_its_own_movement_best(
    library: Library, pose: Pose, turn_deg: float, name: str, other: str
) -> None:
    posture = summarise(points(pose, turn_deg))
    assert fit(library[name], posture) > 0.5 > 5 * fit(library[other], posture)


def test_what_cannot_be_seen_is_held_neither_for_nor_against(library: Library) -> None:
    unseen = summarise(np.full((10, 17, 2), np.nan))
    assert len({round(fit(exercise, unseen), 6) for exercise in library.recognised}) == 1


def test_an_exercise_that_the_network_never_learned_is_recognised_by_its_signature(library: Library) -> None:
    posture = summarise(points(skeletons.curl, 45))
    trait = Trait(feature="elbow_range_deg", low=60, tolerance=10)
    new = library["bicep_curl"].model_copy(update={"name": "zottman_curl", "recognition": (trait,)})
    shares = dict.fromkeys((*library.names, "none"), 0.02) | {"none": 0.6}
    with_new = combined((library["squat"], new), shares, posture)
    assert with_new[1] > 0.3 > with_new[0]


@pytest.mark.parametrize("fps", [5.0, 15.0, 30.0, 60.0])
def test_a_window_holds_two_seconds_at_any_frame_rate(fps: float) -> None:
    frames = [body_frame(frame) for frame in seen(skeletons.squat, phases(2, fps=fps), fps=fps, noise=0)]
    recent = [frame for frame in frames if frame.time_s >= frames[-1].time_s - 3]
    window, confidence = sampled(recent)
    assert window.shape == (SAMPLES, 17, 2)
    np.testing.assert_allclose(window[-1], recent[-1].points, atol=0.1)
    assert (confidence > 0.9).all()


def test_a_short_window_is_played_forth_and_back() -> None:
    frames = [body_frame(frame) for frame in seen(skeletons.squat, np.linspace(0, 1, 10), noise=0)]
    window, _ = sampled(frames)
    np.testing.assert_allclose(window[9], frames[-1].points, atol=0.1)
    np.testing.assert_allclose(window[18], window[0], atol=0.1)


def test_belief_is_open_before_anything_was_judged(library: Library) -> None:
    belief = Recogniser(library).belief(0)
    assert belief.windows == 0
    assert len(set(belief.probabilities)) == 1


def test_too_few_joints_are_not_judged(library: Library) -> None:
    recogniser = Recogniser(library)
    for frame in seen(skeletons.squat, phases(2)):
        body = body_frame(frame)
        hidden = np.where(np.arange(17) < 8, body.confidence, 0.0)
        recogniser.push(dataclasses.replace(body, confidence=hidden))
    assert recogniser.belief(0).windows == 0
