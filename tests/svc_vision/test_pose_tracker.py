"""People in real clips are found at once and followed."""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from svc_vision.appearance import DIMENSIONS, describe
from svc_vision.blazepose.pose_tracker import PoseTracker
from svc_vision.executors.local import LocalExecutor
from svc_vision.people import Keypoint, People
from svc_vision.picture import Picture
from svc_vision.tracking.bytetrack import ByteTrack

Frames = Iterator[NDArray[np.uint8]]


def frames(path: Path, limit: int, step: int = 2) -> Frames:
    with av.open(str(path), "r") as source:
        for index, frame in enumerate(source.decode(video=0)):
            if index >= limit * step:
                return
            if index % step == 0:
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def follow(executor: LocalExecutor, pictures: Frames) -> list[People]:
    tracker = PoseTracker(executor)
    return [tracker.update(Picture.of(picture)) for picture in pictures]


@pytest.mark.parametrize(
    ("clip", "count"),
    [
        ("reid_manD_015.mp4", 1),
        ("squat_side_correct_navyaman.mp4", 1),
        ("plank_side_then_front.mp4", 1),
        ("jumping_jack_two_women.mp4", 2),
        ("reid_womanB_coachC_011.mp4", 2),
        ("reid_womanB_coachC_012.mp4", 2),
    ],
)
def test_everybody_is_found_in_the_first_frame_and_kept(
    executor: LocalExecutor, shared: Path, clip: str, count: int
) -> None:
    people = follow(executor, frames(shared / "videos" / clip, 20))
    assert [len(one) for one in people] == [count] * len(people)
    assert len({int(region) for one in people for region in one.regions}) == count


def test_keypoints_agree_with_the_reference_pipeline(executor: LocalExecutor, shared: Path) -> None:
    reference = np.load(shared / "keypoints" / "mp" / "squat_barbell_front3q_musclewiki.npz")["kp"][:30]
    people = follow(executor, frames(shared / "videos" / "squat_barbell_front3q_musclewiki.mp4", 30))
    joints = slice(Keypoint.LEFT_SHOULDER, Keypoint.LEFT_WRIST), slice(Keypoint.LEFT_HIP, Keypoint.LEFT_HEEL)
    chosen = np.r_[joints]
    ours = np.stack([one.keypoints[0] for one in people])[:, chosen, :2]
    theirs = reference[:, chosen, :2]
    trunk = np.linalg.norm(reference[:, 11, :2] - reference[:, 23, :2], axis=1)
    error = np.linalg.norm(ours - theirs, axis=2).mean(axis=1) / trunk
    assert np.median(error) < 0.03


def test_people_are_found_again_right_after_a_cut(executor: LocalExecutor, shared: Path) -> None:
    first = list(frames(shared / "videos" / "reid_manA_017.mp4", 8))
    second = list(frames(shared / "videos" / "reid_womanB_coachC_012.mp4", 8))
    people = follow(executor, iter([*first, *second]))
    assert [len(one) for one in people] == [1] * 8 + [2] * 8


def test_somebody_who_comes_into_an_empty_room_is_found_within_a_third_of_a_second(
    executor: LocalExecutor, shared: Path
) -> None:
    with_person = list(frames(shared / "videos" / "reid_manD_015.mp4", 6))
    without = np.full_like(with_person[0], 110)
    # The person fades in, so that no cut gives the moment away.
    fading = [np.asarray(cv2.addWeighted(with_person[0], a, without, 1 - a, 0), np.uint8) for a in (0.1, 0.2, 0.3, 0.4)]
    people = follow(executor, iter([without] * 12 + fading + with_person))
    assert not any(len(one) for one in people[:12])
    assert [len(one) for one in people[-2:]] == [1, 1]


def test_nobody_is_seen_in_an_empty_picture(executor: LocalExecutor) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (20, 36, 3), dtype=np.uint8)
    noise = np.asarray(cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_CUBIC), np.uint8)
    for picture in (np.zeros((360, 640, 3), np.uint8), noise):
        people = follow(executor, iter([picture] * 6))
        assert all(len(one) == 0 for one in people)


def test_keypoints_outside_the_picture_are_not_seen(executor: LocalExecutor, shared: Path) -> None:
    picture = next(frames(shared / "videos" / "reid_manD_015.mp4", 1))[:430]
    people = PoseTracker(executor).update(Picture.of(picture))
    assert len(people) == 1
    x, y, visibility = people.keypoints[0].T
    outside = (x < 0) | (y < 0) | (x >= picture.shape[1]) | (y >= picture.shape[0])
    assert outside[Keypoint.LEFT_ANKLE] and outside[Keypoint.RIGHT_ANKLE]
    assert (visibility[outside] == 0).all() and visibility[Keypoint.LEFT_SHOULDER] > 0.9


def test_a_change_of_picture_size_starts_anew(executor: LocalExecutor, shared: Path) -> None:
    tracker = PoseTracker(executor)
    pictures = list(frames(shared / "videos" / "reid_manD_015.mp4", 4))
    before = tracker.update(Picture.of(pictures[0])).regions.tolist()
    after = tracker.update(Picture.of(pictures[1][::2, ::2])).regions.tolist()
    assert len(before) == len(after) == 1 and before != after


def test_two_people_keep_their_track_ids(executor: LocalExecutor, shared: Path) -> None:
    tracks = ByteTrack()
    seen = set()
    for index, people in enumerate(follow(executor, frames(shared / "videos" / "jumping_jack_two_women.mp4", 40))):
        ids = tracks.update(people.boxes, people.scores, index / 15, people.regions)
        seen.add(tuple(sorted(zip(ids.tolist(), (people.boxes[:, 0] > 500).tolist(), strict=True))))
    assert len(seen) == 1


def test_clothes_tell_two_people_apart_in_another_view(executor: LocalExecutor, shared: Path) -> None:
    def wardrobe(clip: str) -> list[NDArray[np.float32]]:
        picture = next(frames(shared / "videos" / clip, 1))
        people = PoseTracker(executor).update(Picture.of(picture))
        left_to_right = np.argsort(people.boxes[:, 0])
        found = [describe(picture, people.boxes[i], people.keypoints[i]) for i in left_to_right]
        return [vector for vector in found if vector is not None]

    woman, coach = wardrobe("reid_womanB_coachC_011.mp4")
    other_coach, other_woman = wardrobe("reid_womanB_coachC_012.mp4")
    assert woman.shape == (DIMENSIONS,) and np.linalg.norm(woman) == pytest.approx(1, abs=1e-5)
    assert min(woman @ other_woman, coach @ other_coach) > 0.75 > 0.6 > max(woman @ other_coach, coach @ other_woman)


def test_a_smeared_or_tiny_person_gets_no_appearance(executor: LocalExecutor, shared: Path) -> None:
    picture = next(frames(shared / "videos" / "reid_manD_015.mp4", 1))
    people = PoseTracker(executor).update(Picture.of(picture))
    assert (
        describe(np.asarray(cv2.GaussianBlur(picture, (0, 0), 25), np.uint8), people.boxes[0], people.keypoints[0])
        is None
    )
    assert describe(picture, people.boxes[0] * 0.05, people.keypoints[0]) is None
