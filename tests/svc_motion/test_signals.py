import numpy as np
import pytest

from svc_motion.filling import JointMemory
from svc_motion.observation import BLAZEPOSE_TO_COCO, BodyFrame, KeypointSchema, Observation, body_frame
from svc_motion.signals import SIGNAL_NAMES, SignalBank, joint_angle_deg
from tests.svc_motion.skeletons import curl, lateral_raise, phases, seen, squat


def observation(keypoints: np.ndarray, schema: KeypointSchema) -> Observation:
    return Observation(0, keypoints, schema, 100, 200)


def value(pose_frames: list[Observation], name: str) -> np.ndarray:
    bank, place = SignalBank(), SIGNAL_NAMES.index(name)
    return np.array([bank.update(body_frame(frame)).values[place] for frame in pose_frames])


@pytest.mark.parametrize("degrees", [0, 30, 90, 150, 180])
def test_the_angle_at_a_joint(degrees: float) -> None:
    turned = np.radians(degrees)
    end = np.array([np.cos(turned), np.sin(turned)])
    assert joint_angle_deg(np.array([1.0, 0]), np.zeros(2), end) == pytest.approx(degrees, abs=1e-6)


def test_blazepose_joints_come_in_coco_order() -> None:
    keypoints = np.stack([np.arange(33.0), np.arange(33.0), np.full(33, 0.9)], axis=1)
    frame = body_frame(observation(keypoints, KeypointSchema.BLAZEPOSE_33))
    assert frame.points[:, 0].tolist() == list(BLAZEPOSE_TO_COCO)


def test_unsure_missing_and_out_of_frame_joints_are_not_seen() -> None:
    keypoints = np.full((17, 3), 50.0)
    keypoints[:, 2] = 0.9
    keypoints[0, 2], keypoints[1, 0], keypoints[2, 0] = 0.1, np.nan, 130.0
    frame = body_frame(observation(keypoints, KeypointSchema.COCO_17))
    assert frame.seen.tolist() == [False] * 3 + [True] * 14
    assert np.isnan(frame.points[:3]).all()


@pytest.mark.parametrize(
    ("shape", "schema"), [((17, 3), KeypointSchema.BLAZEPOSE_33), ((17, 2), KeypointSchema.COCO_17)]
)
def test_an_array_that_does_not_fit_its_schema_is_refused(shape: tuple[int, int], schema: KeypointSchema) -> None:
    with pytest.raises(ValueError, match="need shape"):
        observation(np.zeros(shape), schema)


@pytest.mark.parametrize(
    ("pose", "turn_deg", "name"),
    [
        (squat, 90, "knee_angle_left"),
        (squat, 0, "leg_extension_left"),
        (curl, 90, "elbow_angle_left"),
        (curl, 0, "arm_extension_left"),
        (lateral_raise, 0, "arm_lowering_left"),
        (lateral_raise, 0, "wrist_lowering_left"),
    ],
)
def test_every_signal_falls_in_the_stroke_and_rises_on_the_return(pose, turn_deg: float, name: str) -> None:  # type: ignore[no-untyped-def]
    moving = value(seen(pose, phases(1, lead_s=1, tail_s=1), turn_deg=turn_deg, noise=0), name)
    lowest = int(np.argmin(moving))
    assert moving[0] - moving[lowest] > 30
    assert moving[-1] - moving[lowest] > 30


def test_the_knee_angle_from_the_side_is_the_true_one() -> None:
    deepest = value(seen(squat, np.array([0.0] * 5 + [1.0] * 5), turn_deg=90, noise=0), "knee_angle_left")
    assert deepest[-1] == pytest.approx(63, abs=6)


def test_an_unseen_joint_gives_no_signal_instead_of_a_guess() -> None:
    [frame] = seen(squat, np.array([0.5]), noise=0)
    keypoints = np.array(frame.keypoints)
    keypoints[13, 2] = 0.1
    signals = SignalBank().update(body_frame(Observation(0, keypoints, frame.schema, 1280, 720)))
    names = {SIGNAL_NAMES[place] for place in np.flatnonzero(np.isnan(signals.values))}
    assert {"knee_angle_left", "knee_angle_mean", "hip_angle_left"} <= names
    assert "knee_angle_right" not in names


@pytest.mark.parametrize(
    "wrist",
    [
        pytest.param(lambda n: ((0.0, 60.0), 0.9) if n % 2 else ((40.0, -60.0), 0.9), id="now here, now there"),
        pytest.param(lambda n: ((0.0, 60.0), 0.9) if n % 2 else ((0.0, 60.0), 0.1), id="seen in every other frame"),
    ],
)
def test_an_arm_whose_wrist_is_guessed_is_not_seen(wrist):
    bank, joints = SignalBank(), JointMemory()
    elbow = SIGNAL_NAMES.index("elbow_angle_left")
    confidences = []
    for n in range(60):
        points, confidence = np.full((17, 2), np.nan), np.zeros(17)
        (x, y), seen = wrist(n)
        for joint, place, sure in ((5, (0, 0), 0.9), (7, (0, 60), 0.9), (9, (x, 60 + y), seen), (11, (0, 120), 0.9)):
            confidence[joint] = sure if sure >= 0.3 else 0.0
            points[joint] = place if confidence[joint] else np.nan
        confidences.append(bank.update(joints.fill(BodyFrame(n / 25, points, confidence))).confidence[elbow])
    assert max(confidences[:5]) > 0
    assert max(confidences[40:]) == 0
