"""BlazePose's feet and depth on YOLO's people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from svc_vision.executors.local import LocalExecutor
from svc_vision.people import COCO17_FROM_BLAZEPOSE33, Keypoint, KeypointSchema, People
from svc_vision.picture import Picture
from svc_vision.wire import keypoints_message
from svc_vision.yolo import feet, yolo_finder
from svc_vision.yolo.feet import FeetConfig, FeetFinder
from svc_vision.yolo.yolo_finder import YoloFinder

FEET = [Keypoint.LEFT_HEEL, Keypoint.RIGHT_HEEL, Keypoint.LEFT_FOOT_INDEX, Keypoint.RIGHT_FOOT_INDEX]
JOINTS = list(COCO17_FROM_BLAZEPOSE33)


@pytest.fixture(scope="module")
def both(model_repository: Path) -> Iterator[LocalExecutor]:
    local = LocalExecutor(model_repository, [yolo_finder.MODEL, *feet.MODELS], "f32")
    yield local
    local.close()


def picture(clip: Path, index: int = 0) -> Picture:
    with av.open(str(clip), "r") as source:
        frames = source.decode(video=0)
        for _ in range(index):
            next(frames)
        return Picture.of(np.asarray(next(frames).to_ndarray(format="bgr24"), np.uint8))


def found(executor: LocalExecutor, look: Picture, config: FeetConfig) -> tuple[People, People]:
    finder = YoloFinder(executor)
    return finder.update(look), FeetFinder(executor, finder, config).update(look)


@pytest.mark.parametrize(
    "clip", ["squat_barbell_front3q_musclewiki.mp4", "reid_manD_015.mp4", "pushup_side_correct_short.mp4"]
)
def test_large_people_get_feet_at_their_ankles_and_keep_their_joints(
    both: LocalExecutor, shared: Path, clip: str
) -> None:
    plain, whole = found(both, picture(shared / "videos" / clip), FeetConfig(min_height_px=60.0))
    assert whole.schema is KeypointSchema.BLAZEPOSE_33 and len(whole) == len(plain) >= 1
    np.testing.assert_array_equal(whole.keypoints[:, JOINTS], plain.keypoints[:, JOINTS])
    person = whole.keypoints[0]
    trunk = np.linalg.norm(person[11:13, :2].mean(axis=0) - person[23:25, :2].mean(axis=0))
    for heel, ankle in ((Keypoint.LEFT_HEEL, Keypoint.LEFT_ANKLE), (Keypoint.RIGHT_HEEL, Keypoint.RIGHT_ANKLE)):
        assert np.linalg.norm(person[heel, :2] - person[ankle, :2]) < 0.5 * trunk
    assert np.ptp(whole.world[0, :, 1]) > 0.3
    message = keypoints_message(whole)
    assert list(message.image.shape) == [len(whole), 33, 3] == list(message.world.shape)


def test_small_people_keep_what_yolo_says(both: LocalExecutor, shared: Path) -> None:
    plain, whole = found(both, picture(shared / "videos" / "reid_manD_015.mp4"), FeetConfig(min_height_px=5000.0))
    assert not whole.keypoints[:, FEET].any() and not whole.world.any()
    np.testing.assert_array_equal(whole.keypoints, plain.keypoints)


def test_only_the_largest_get_feet_where_there_are_many(both: LocalExecutor, shared: Path) -> None:
    look = picture(shared / "videos" / "track_five_persons_greenscreen.mp4")
    _, whole = found(both, look, FeetConfig(min_height_px=60.0, max_people=2))
    with_depth = whole.world.any(axis=(1, 2))
    heights = whole.boxes[:, 3] - whole.boxes[:, 1]
    assert 1 <= with_depth.sum() <= 2 and heights[with_depth].min() >= np.sort(heights)[-2]


def test_without_feet_the_wire_carries_seventeen_joints_and_no_depth(both: LocalExecutor, shared: Path) -> None:
    plain, _ = found(both, picture(shared / "videos" / "reid_manD_015.mp4"), FeetConfig())
    message = keypoints_message(plain, scale=0.5)
    assert list(message.image.shape) == [len(plain), 17, 3] and not message.HasField("world")
    pixels = np.frombuffer(message.image.data, "<f4").reshape(-1, 17, 3)
    np.testing.assert_allclose(pixels[:, :, :2], plain.coco17()[:, :, :2] / 2, rtol=1e-6)
    np.testing.assert_array_equal(pixels[:, :, 2], plain.coco17()[:, :, 2])
