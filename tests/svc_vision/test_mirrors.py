"""Reflections: bodies in three dimensions before a mirror, projected by a pinhole camera, with noisy joints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from svc_vision.people import Keypoint
from svc_vision.tracking.mirrors import Mirrors

SIZE = (1280, 720)
FOCAL_PX = 1000.0
CAMERA = np.array([0.0, 0.0, 1.6])
FPS = 15.0
NOISE_PX = 2.0
Body = NDArray[np.float64]


def body(x: float, y: float, facing_deg: float, bend: float, lift: float) -> Body:
    """(12, 3) m: left joints, then right; `bend` squats 0..1, `lift` raises the left arm 0..1."""
    hip, knee = 0.95 - 0.4 * bend, 0.5 - 0.05 * bend
    up = {"shoulder": hip + 0.5, "hip": hip, "knee": knee, "ankle": 0.08}
    rows = []
    for side in (1, -1):
        angle = np.pi * (0.1 + 0.7 * (lift if side > 0 else 0.15))
        elbow = np.array([side * (0.2 + 0.28 * np.sin(angle)), 0.05, up["shoulder"] - 0.28 * np.cos(angle)])
        wrist = elbow + np.array([side * 0.25 * np.sin(angle), 0.1, -0.25 * np.cos(angle)])
        forward = 0.3 * bend
        rows += [[side * 0.2, 0.05, up["shoulder"]], elbow, wrist]
        rows += [
            [side * 0.12, -0.1 * bend, up["hip"]],
            [side * 0.14, forward, up["knee"]],
            [side * 0.14, 0, up["ankle"]],
        ]
    turn = np.deg2rad(facing_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    # Facing 0 looks towards the camera, which looks along +y.
    return np.array(rows) * [1, -1, 1] @ rotation.T + [x, y, 0]


def mirrored(points: Body, normal: Sequence[float], offset: float) -> Body:
    """Behind the plane normal·p = offset, with left and right as a pose model sees them."""
    n = np.array(normal) / np.linalg.norm(normal)
    behind = points - 2 * (points @ n - offset)[:, None] * n
    return behind[[*range(6, 12), *range(6)]]


def project(points: Body, rng: np.random.Generator) -> NDArray[np.float32]:
    """(12, 3) px and visibility."""
    relative = points - CAMERA
    px = np.stack([relative[:, 0], -relative[:, 2]], 1) * FOCAL_PX / relative[:, 1:2] + np.array(SIZE) / 2
    return np.concatenate([px + rng.normal(0, NOISE_PX, px.shape), np.ones((12, 1))], 1).astype(np.float32)


def reflections(
    film: Callable[[float], Sequence[Body]], seconds: float = 8.0, alike: float | None = 0.9
) -> tuple[set[int], int]:
    """Ids that were ever taken for reflections, and in how many frames."""
    joints = [Keypoint.LEFT_SHOULDER, Keypoint.LEFT_ELBOW, Keypoint.LEFT_WRIST]
    joints += [Keypoint.LEFT_HIP, Keypoint.LEFT_KNEE, Keypoint.LEFT_ANKLE]
    rows = [*joints, *(joint + 1 for joint in joints)]
    mirrors, rng = Mirrors(), np.random.default_rng(3)
    found: set[int] = set()
    frames = 0
    for index in range(round(seconds * FPS)):
        bodies = film(index / FPS)
        keypoints = np.zeros((len(bodies), 33, 3), np.float32)
        for row, points in enumerate(bodies):
            keypoints[row, rows] = project(points, rng)
        seen = keypoints[:, rows, :2]
        boxes = np.concatenate([seen.min(axis=1), seen.max(axis=1)], axis=1)
        numbers = list(range(1, len(bodies) + 1))
        now = mirrors.update(numbers, boxes, keypoints, SIZE, index / FPS, lambda a, b: alike)
        found |= now
        frames += bool(now)
    return found, frames


def squat(t: float, lag_s: float = 0.0) -> float:
    return 0.5 - 0.5 * float(np.cos(2 * np.pi * (t - lag_s) / 2.5))


LEFT_WALL, BACK_WALL = ((-1.0, 0.0, 0.0), 2.0), ((0.0, 1.0, 0.0), 6.5)


@pytest.mark.parametrize(
    ("wall", "facing_deg"),
    [(LEFT_WALL, 35.0), (LEFT_WALL, 120.0), (BACK_WALL, 35.0), (BACK_WALL, 120.0), (BACK_WALL, 180.0)],
)
def test_somebodys_image_in_a_mirror_is_a_reflection(
    wall: tuple[tuple[float, float, float], float], facing_deg: float
) -> None:
    def film(t: float) -> list[Body]:
        person = body(-0.6, 4.5, facing_deg, squat(t), squat(t, 0.6))
        return [person, mirrored(person, *wall)]

    found, frames = reflections(film)
    assert found == {2}
    assert frames >= 2.5 * FPS


def test_who_stands_square_to_a_mirror_beside_them_is_told_from_their_image_once_they_turn() -> None:
    """Until then a person and their image look like two who train side by side in time."""

    def film(t: float) -> list[Body]:
        person = body(-0.6, 4.5, 180 if t < 5 else 140, squat(t), squat(t, 0.6))
        return [person, mirrored(person, *LEFT_WALL)]

    assert reflections(film, 5)[0] == set()
    assert reflections(film, 12)[0] == {2}


def test_a_known_mirror_reflects_others_too() -> None:
    def film(t: float) -> list[Body]:
        first = body(-0.6, 4.5, 120, squat(t), squat(t, 0.6))
        if t < 5:
            return [first, mirrored(first, *LEFT_WALL)]
        still = body(-0.2, 5.2, 10, 0, 0)
        return [first, mirrored(first, *LEFT_WALL), still, mirrored(still, *LEFT_WALL)]

    assert reflections(film, 9)[0] == {2, 4}


@pytest.mark.parametrize("facing_deg", [0.0, 25.0, 90.0, 180.0])
@pytest.mark.parametrize("apart", [(1.4, 0.0), (1.2, 1.0), (0.9, -0.8)])
def test_two_who_train_side_by_side_in_time_are_people(facing_deg: float, apart: tuple[float, float]) -> None:
    def film(t: float) -> list[Body]:
        return [
            body(-0.7, 4.5, facing_deg, squat(t), squat(t, 0.6)),
            body(-0.7 + apart[0], 4.5 + apart[1], facing_deg, squat(t, 0.04), squat(t, 0.64)),
        ]

    assert reflections(film) == (set(), 0)


def test_partners_who_face_each_other_out_of_time_are_people() -> None:
    def film(t: float) -> list[Body]:
        return [
            body(-0.8, 4.5, -90, squat(t), squat(t, 0.6)),
            body(0.8, 4.6, 90, squat(t, 0.35), squat(t, 0.8)),
        ]

    assert reflections(film) == (set(), 0)


@pytest.mark.parametrize("alike", [0.0, None])
def test_who_doesnt_look_alike_is_no_reflection(alike: float | None) -> None:
    def film(t: float) -> list[Body]:
        person = body(-0.6, 4.5, 120, squat(t), squat(t, 0.6))
        return [person, mirrored(person, *LEFT_WALL)]

    assert reflections(film, alike=alike) == (set(), 0)


def test_a_drawn_mirror_holds_who_is_wholly_inside() -> None:
    mirrors = Mirrors(polygons=[[(0.0, 0.0), (0.3, 0.0), (0.3, 0.6), (0.0, 0.6)]])
    boxes = np.array([[50, 50, 150, 350], [50, 200, 150, 500], [700, 50, 800, 350]], np.float32)
    found = mirrors.update([1, 2, 3], boxes, np.zeros((3, 33, 3), np.float32), SIZE, 0.0, lambda a, b: None)
    assert found == {1}
