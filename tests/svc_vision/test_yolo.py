"""People found by YOLO11 pose: from its raw answer, and in real pictures and clips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from svc_vision.decode import Decoder
from svc_vision.executors.local import LocalExecutor
from svc_vision.people import COCO17_FROM_BLAZEPOSE33, Keypoint, KeypointSchema, People
from svc_vision.picture import Picture
from svc_vision.tracking.bytetrack import ByteTrack, ByteTrackConfig
from svc_vision.yolo.config import YoloConfig
from svc_vision.yolo.letterbox import GREY, Letterbox
from svc_vision.yolo.suppression import greedy, overlap
from svc_vision.yolo.yolo_finder import YoloFinder, people_of

SURE = 0.4


def image(shared: Path, name: str) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(shared / "images" / name))
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def sure(people: People) -> People:
    return people.rows(np.flatnonzero(people.scores >= SURE))


def answer(*people: tuple[float, float, float, float, float]) -> NDArray[np.float32]:
    """What the model says about people given as cx, cy, w, h, score; all their joints lie around the centre."""
    predictions = np.zeros((56, max(len(people), 1)), np.float32)
    for column, (cx, cy, width, height, score) in enumerate(people):
        predictions[:5, column] = cx, cy, width, height, score
        steps = np.linspace(-0.4, 0.4, 17)
        predictions[5::3, column], predictions[6::3, column] = cx + steps * width, cy + steps * height
        predictions[7::3, column] = 0.9
    return predictions


def boxes_of(predictions: NDArray[np.float32], width: int = 640, height: int = 384) -> list[list[float]]:
    letterbox = Letterbox.of(width, height, 640)
    return [
        [round(v) for v in b] for b in people_of(predictions, letterbox, width, height, YoloConfig()).boxes.tolist()
    ]


@pytest.mark.parametrize(("name", "count"), [("bus.jpg", 4), ("zidane.jpg", 2), ("t1.jpg", 6)])
def test_everybody_in_a_picture_is_found_once(yolo: LocalExecutor, shared: Path, name: str, count: int) -> None:
    pixels = image(shared, name)
    people = sure(YoloFinder(yolo).update(Picture.of(pixels)))
    assert len(people) == count and people.schema is KeypointSchema.COCO_17
    assert (np.diff(people.scores) <= 0).all() and (people.regions == -1).all()
    assert (people.boxes[:, 2:] <= [pixels.shape[1], pixels.shape[0]]).all() and (people.boxes >= 0).all()
    others = sorted(set(Keypoint) - set(COCO17_FROM_BLAZEPOSE33))
    assert not people.keypoints[:, others].any() and not people.world.any()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_camera_sees_the_same_people(yolo: LocalExecutor, shared: Path, rotation: int) -> None:
    upright = image(shared, "bus.jpg")
    turns = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
    jpeg = cv2.imencode(".jpg", cv2.rotate(upright, turns[rotation]), [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()
    frame = Decoder("mjpeg", rotation_deg=rotation).decode(jpeg, 0, True)[0]
    expected, found = (sure(YoloFinder(yolo).update(p)) for p in (Picture.of(upright), Picture(frame)))
    assert len(found) == len(expected) == 4
    order = [int(np.abs(found.boxes - box).sum(axis=1).argmin()) for box in expected.boxes]
    assert sorted(order) == [0, 1, 2, 3]
    np.testing.assert_allclose(found.boxes[order], expected.boxes, atol=12)
    seen = (expected.coco17()[:, :, 2] > 0.8) & (found.coco17()[order][:, :, 2] > 0.8)
    gaps = np.linalg.norm(found.coco17()[order][:, :, :2] - expected.coco17()[:, :, :2], axis=2)[seen]
    assert np.median(gaps) < 3


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (3, 200), (64, 36), (33, 47)])
def test_a_tiny_picture_is_looked_at_without_complaint(yolo: LocalExecutor, size: tuple[int, int]) -> None:
    people = YoloFinder(yolo).update(Picture.of(np.full((size[1], size[0], 3), 90, np.uint8)))
    assert len(sure(people)) == 0


def test_a_small_picture_shows_the_same_person(yolo: LocalExecutor, shared: Path) -> None:
    small = np.asarray(cv2.resize(image(shared, "yifei.jpg"), (135, 180), interpolation=cv2.INTER_AREA), np.uint8)
    people = sure(YoloFinder(yolo).update(Picture.of(small)))
    assert len(people) == 1 and (people.coco17()[0, :, 2] > 0.5).sum() >= 9


def test_pictures_of_other_proportions_may_follow_each_other(yolo: LocalExecutor, shared: Path) -> None:
    finder = YoloFinder(yolo)
    counts = [len(sure(finder.update(Picture.of(image(shared, name))))) for name in ("bus.jpg", "zidane.jpg") * 2]
    assert counts == [4, 2, 4, 2]


def frames(path: Path, limit: int, step: int) -> Iterator[Picture]:
    with av.open(str(path), "r") as source:
        for index, frame in enumerate(source.decode(video=0)):
            if index >= limit * step:
                return
            if index % step == 0:
                yield Picture.of(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))


@pytest.mark.parametrize(
    ("clip", "count"), [("reid_manD_015.mp4", 1), ("jumping_jack_two_women.mp4", 2), ("reid_womanB_coachC_012.mp4", 2)]
)
def test_people_of_a_clip_keep_their_tracks(yolo: LocalExecutor, shared: Path, clip: str, count: int) -> None:
    finder = YoloFinder(yolo)
    tracks = ByteTrack(ByteTrackConfig(high_score=finder.sure_score, new_track_score=finder.sure_score))
    seen = []
    for index, picture in enumerate(frames(shared / "videos" / clip, 12, 3)):
        people = finder.update(picture)
        ids = tracks.update(people.boxes, people.scores, index / 8, people.regions)
        seen.append(sorted(ids[ids > 0].tolist()))
    assert seen == [list(range(1, count + 1))] * len(seen)


def test_joints_agree_with_the_reference(yolo: LocalExecutor, shared: Path) -> None:
    reference = np.load(shared / "keypoints" / "yolo11n_main" / "squat_barbell_front3q_musclewiki.npz")
    finder = YoloFinder(yolo)
    found = [finder.update(p) for p in frames(shared / "videos" / "squat_barbell_front3q_musclewiki.mp4", 8, 6)]
    ours = np.stack([people.coco17()[0] for people in found])
    theirs, confidence = reference["keypoints"][:24:3], reference["conf"][:24:3]
    seen = (confidence > 0.8) & (ours[:, :, 2] > 0.8)
    assert seen.sum() > 60
    trunk = np.linalg.norm(theirs[:, 5] - theirs[:, 11], axis=1).mean()
    assert np.median(np.linalg.norm(ours[:, :, :2] - theirs, axis=2)[seen]) < 0.03 * trunk


def test_an_empty_room_is_empty(yolo: LocalExecutor) -> None:
    for value in (0, 128, 255):
        assert len(sure(YoloFinder(yolo).update(Picture.of(np.full((360, 640, 3), value, np.uint8))))) == 0


@given(st.integers(1, 4000), st.integers(1, 4000), st.sampled_from([320, 640, 960]))
def test_any_picture_fits_its_rectangle_without_distortion(width: int, height: int, side: int) -> None:
    box = Letterbox.of(width, height, side)
    for outer, inner in ((box.width_px, box.inner_width_px), (box.height_px, box.inner_height_px)):
        assert outer % 32 == 0 and 0 <= outer - inner < 32 and outer <= side
    if min(box.inner_width_px, box.inner_height_px) > 32:
        assert box.inner_width_px / box.inner_height_px == pytest.approx(width / height, rel=0.05)
    x, y = np.array([box.left_px, box.left_px + box.inner_width_px], np.float32), np.zeros(2, np.float32)
    y += [box.top_px, box.top_px + box.inner_height_px]
    box.to_picture(x, y, width, height)
    np.testing.assert_allclose([x, y], [[0, width], [0, height]], atol=1e-2)


def test_the_picture_lies_in_the_middle_of_grey_bars() -> None:
    pixels = np.full((360, 640, 3), 10, np.uint8)
    laid = Letterbox.of(640, 360, 640).image(Picture.of(pixels))
    assert laid.shape == (384, 640, 3)
    assert (laid[:12] == GREY).all() and (laid[12:372] == 10).all() and (laid[372:] == GREY).all()


def test_boxes_of_one_person_become_the_surest() -> None:
    predictions = answer(
        (100, 200, 60, 150, 0.6), (102, 201, 61, 150, 0.9), (104, 199, 60, 152, 0.3), (400, 200, 60, 150, 0.5)
    )
    assert boxes_of(predictions) == [[72, 126, 132, 276], [370, 125, 430, 275]]


def test_half_a_person_with_the_same_joints_is_no_second_person() -> None:
    predictions = answer((100, 200, 60, 150, 0.9), (100, 165, 60, 80, 0.6))
    predictions[5:, 1] = predictions[5:, 0]
    assert len(boxes_of(predictions)) == 1
    apart = answer((100, 200, 60, 150, 0.9), (100, 165, 60, 80, 0.6))
    apart[5::3, 1] += 30
    assert len(boxes_of(apart)) == 2


def test_at_most_fifty_people_the_surest_come() -> None:
    crowd = [(30 + 60 * (i % 10), 20 + 40 * (i // 10), 20, 30, 0.2 + 0.008 * i) for i in range(90)]
    found = people_of(answer(*crowd), Letterbox.of(640, 384, 640), 640, 384, YoloConfig())
    assert len(found) == 50
    assert found.scores.tolist() == pytest.approx(sorted((score for *_, score in crowd), reverse=True)[:50])


def test_hardly_seen_people_come_with_their_low_score_and_noise_does_not() -> None:
    found = people_of(
        answer((100, 100, 40, 90, 0.15), (300, 100, 40, 90, 0.05)), Letterbox.of(640, 384, 640), 640, 384, YoloConfig()
    )
    assert found.scores.tolist() == pytest.approx([0.15])


def test_joints_outside_the_picture_are_not_seen_and_boxes_end_at_its_edge() -> None:
    found = people_of(answer((5, 100, 100, 150, 0.9)), Letterbox.of(640, 384, 640), 640, 384, YoloConfig())
    x, _, confidence = found.coco17()[0].T
    assert found.boxes[0, 0] == 0 and (x < 0).any()
    assert (confidence[x < 0] == 0).all() and (confidence[x >= 0] > 0.8).all()


def one_by_one(boxes: NDArray[np.float32], limit: float) -> list[int]:
    """Greedy suppression as it is written in books."""
    kept: list[int] = []
    same = overlap(boxes)
    for index in range(len(boxes)):
        if all(same[index, other] <= limit for other in kept):
            kept.append(index)
    return kept


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 120), st.floats(0.1, 0.9))
def test_suppression_on_whole_arrays_is_the_greedy_one(seed: int, count: int, limit: float) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 60, (count, 2))
    boxes = np.concatenate([low, low + rng.uniform(1, 60, (count, 2))], axis=1).astype(np.float32)
    assert np.flatnonzero(greedy(overlap(boxes) > limit)).tolist() == one_by_one(boxes, limit)
