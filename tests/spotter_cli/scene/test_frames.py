"""Frames are the same each time and show the people where the truth says."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from spotter_cli.scene import SAMPLE_SCENE, Exercise, SceneSpec
from spotter_cli.scene.frames import FrameRenderer, draw_background
from spotter_cli.scene.measure import joint

MakeScene = Callable[..., SceneSpec]


def test_a_frame_depends_on_its_number_only(small_scene: MakeScene) -> None:
    spec = small_scene()
    first, second = (FrameRenderer(spec, draw_background(spec)) for _ in range(2))
    for index in (0, 3):
        first.frame(index)
    assert np.array_equal(first.frame(7), second.frame(7))
    assert not np.array_equal(first.frame(7), first.frame(8))


def test_people_of_the_sample_are_large_apart_and_inside_the_picture() -> None:
    camera = SAMPLE_SCENE.camera
    renderer = FrameRenderer(SAMPLE_SCENE, draw_background(SAMPLE_SCENE))
    left, right = renderer.boxes(0)
    for box in (left, right):
        assert (box[3] - box[1]) / camera.height_px > 0.45
        assert box[0] > 0
        assert box[1] > 0
        assert box[2] < camera.width_px
        assert box[3] < camera.height_px
    for index in range(0, SAMPLE_SCENE.frame_count, 20):
        left, right = renderer.boxes(index)
        assert right[0] - left[2] > camera.width_px / 10


@pytest.mark.parametrize("exercise", list(Exercise))
def test_the_body_is_drawn_where_the_joints_are(exercise: Exercise, small_scene: MakeScene) -> None:
    spec = small_scene(exercise=exercise)
    background = draw_background(spec)
    renderer = FrameRenderer(spec, background)
    changed = cv2.absdiff(renderer.frame(8), background).max(2) > 30
    _, pixels = renderer.joints(8)
    for name in ("left_hip", "right_hip", "left_shoulder", "right_knee", "nose"):
        x, y = joint(pixels[0], name).astype(int)
        assert changed[y - 4 : y + 5, x - 4 : x + 5].any(), name


def test_the_floor_homography_finds_the_feet(small_scene: MakeScene) -> None:
    spec = small_scene()
    renderer = FrameRenderer(spec, draw_background(spec))
    room, pixels = renderer.joints(0)
    ankle_px = joint(pixels[0], "left_ankle")
    on_floor = np.linalg.inv(renderer.floor_homography()) @ np.array([*ankle_px, 1.0])
    # the ankle is 8 cm above the floor, so its image lies a little behind it
    assert np.linalg.norm(on_floor[:2] / on_floor[2] - joint(room[0], "left_ankle")[:2]) < 0.3
