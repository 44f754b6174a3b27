"""What a film says about its people is what its pictures show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter_cli.scene import (
    CameraSpec,
    MirrorSpec,
    SceneSpec,
    Sight,
    Stand,
    Visitor,
    Walk,
    load_sight,
    mot_lines,
    render_scene,
)
from spotter_cli.scene.camera import Camera
from spotter_cli.scene.frames import FrameRenderer, draw_background
from spotter_cli.scene.mirror import MirroredCamera
from spotter_cli.scene.sight import DISTRACTOR, PEDESTRIAN, REFLECTION, joined

CAMERA = CameraSpec((0.1, -4.6, 2.0), (0.0, 0.3, 0.85), 68, 320, 180)
AT_MIRROR = CameraSpec((2.4, -4.2, 2.0), (-0.9, 0.4, 0.9), 70, 320, 180)
MIRROR = MirrorSpec("left", -2.6, 2.4)


def still(look: str, at_m: tuple[float, float], yaw_deg: float = 0.0) -> Visitor:
    return Visitor(look, at_m, (Stand(9.0, yaw_deg),))


def shown(*people: Visitor, camera: CameraSpec = CAMERA, mirror: MirrorSpec | None = None, frame: int = 0) -> Sight:
    spec = SceneSpec(people, camera, duration_s=2.0, mirror=mirror)
    return FrameRenderer(spec, draw_background(spec)).shot(frame).sight


def test_the_whole_box_holds_the_joints_and_the_visible_one() -> None:
    walkers = (Visitor("blue", (-1.0, 0.0), (Walk((1.5, 0.3)),)), Visitor("dark", (1.4, 0.9), (Walk((-1.5, 0.8)),)))
    for frame in (0, 9, 18):
        sight = shown(*walkers, frame=frame)
        for person in range(2):
            left, top, right, bottom = sight.boxes[0, person]
            x, y = sight.keypoints[0, person].T
            assert left <= x.min() < x.max() <= right
            assert top <= y.min() < y.max() <= bottom
            # painted quads are grown, so that no seam shows between them
            assert (sight.visible_boxes[0, person, :2] >= [left - 2, top - 2]).all()
            assert (sight.visible_boxes[0, person, 2:] <= [right + 2, bottom + 2]).all()


def test_a_person_keeps_the_row_and_stands_where_the_plan_says() -> None:
    walkers = (Visitor("blue", (-1.0, 0.0), (Walk((1.5, 0.3)),)), Visitor("dark", (1.4, 0.9), (Walk((-1.5, 0.8)),)))
    for frame in (3, 15, 27):
        sight = shown(*walkers, frame=frame)
        for person, walker in enumerate(walkers):
            assert tuple(sight.floor[0, person]) == pytest.approx(walker.place(frame / 15).position_m)


def test_who_stands_behind_somebody_is_hidden_and_alone_is_not() -> None:
    behind, before = still("rose", (0.02, 1.2)), still("white", (0.06, -0.8))
    both, alone = shown(behind, before), shown(behind)
    assert both.visibility[0, 0] < 0.3 < 0.95 < both.visibility[0, 1]
    assert alone.visibility[0, 0] == pytest.approx(1.0)
    assert both.boxes[0, 0] == pytest.approx(alone.boxes[0, 0])


def test_who_is_half_outside_is_half_seen_and_who_is_outside_is_not_seen() -> None:
    sight = shown(still("blue", (-2.55, -0.8)), still("dark", (-3.9, -1.6)))
    assert 0.2 < sight.visibility[0, 0] < 0.9
    assert sight.boxes[0, 0, 0] < 0
    assert sight.visible_boxes[0, 0, 0] == 0
    assert sight.visibility[0, 1] == 0
    assert np.isnan(sight.visible_boxes[0, 1]).all()


def test_who_is_behind_the_camera_is_not_seen() -> None:
    sight = shown(still("blue", (0.0, 0.0)), camera=replace(CAMERA, position_m=(0.0, 1.5, 2.0), look_at_m=(0, 3, 1)))
    assert sight.visibility[0, 0] == 0
    assert np.isnan(sight.boxes[0, 0]).all()


def test_a_reflection_is_where_the_mirrored_point_is_projected() -> None:
    points = np.array([[-1.9, -0.3, 1.2], [0.4, 1.0, 0.0], [-3.0, 2.0, 1.7]])
    camera = Camera(AT_MIRROR)
    behind_the_wall = points * [-1, 1, 1] + [-8.0, 0, 0]
    pixels, depths = MirroredCamera(camera, MIRROR).project(points)
    expected, expected_depths = camera.project(behind_the_wall)
    assert pixels == pytest.approx(expected)
    assert depths == pytest.approx(expected_depths)
    assert MIRROR.reflected(MIRROR.reflected(points)) == pytest.approx(points)


def test_the_line_to_a_reflection_meets_the_mirror_at_equal_angles() -> None:
    camera, point = Camera(AT_MIRROR), np.array([-1.5, 0.2, 1.0])
    image = MIRROR.reflected(point)
    share = (MIRROR.at_m - camera.position[0]) / (image[0] - camera.position[0])
    meeting = camera.position + share * (image - camera.position)
    arriving, leaving = meeting - camera.position, point - meeting
    assert MIRROR.turned(arriving) / np.linalg.norm(arriving) == pytest.approx(leaving / np.linalg.norm(leaving))
    assert MIRROR.holds(meeting)


def test_the_mirror_shows_a_person_where_the_truth_has_the_reflection() -> None:
    person = still("rose", (-1.9, -0.3), -80)
    spec = SceneSpec((person,), AT_MIRROR, duration_s=1.0, mirror=MIRROR, noise=0.0)
    background = draw_background(spec)
    shot = FrameRenderer(spec, background).shot(0)
    left, top, right, bottom = (int(v) for v in shot.sight.reflections[0, 0])
    x, y = shot.sight.reflected_keypoints[0, 0].T
    assert left - 1 <= x.min() < x.max() <= right + 1
    assert top - 1 <= y.min() < y.max() <= bottom + 1
    changed = cv2.absdiff(shot.picture, background).max(2) > 25
    assert changed[top:bottom, left:right].mean() > 0.2
    assert shot.sight.boxes[0, 0, 0] > right


def test_without_a_mirror_there_are_no_reflections() -> None:
    sight = shown(still("rose", (-1.9, -0.3)))
    assert np.isnan(sight.reflections).all()
    assert np.isnan(sight.reflected_keypoints).all()


def test_a_dark_room_is_darker_has_less_contrast_and_more_noise() -> None:
    bright = SceneSpec((still("blue", (0.0, 0.0)),), CAMERA, duration_s=1.0)
    dark = replace(bright, exposure=0.2, noise=6.0)
    first, second = (FrameRenderer(spec, draw_background(spec)) for spec in (bright, dark))
    assert second.frame(0).mean() < first.frame(0).mean() / 3
    assert second.frame(0).std() < first.frame(0).std() / 2
    noises = [cv2.absdiff(renderer.frame(0), renderer.frame(1)).mean() for renderer in (first, second)]
    assert noises[1] > 2 * noises[0]
    assert second.shot(0).sight.boxes == pytest.approx(first.shot(0).sight.boxes)


def kinds(sight: Sight) -> list[tuple[int, int, int]]:
    """Id, considered and class of each line."""
    cells = [line.split(",") for line in mot_lines(sight)]
    return [(int(cell[1]), int(cell[6]), int(cell[7])) for cell in cells]


def test_a_mot_file_tells_people_hidden_ones_and_reflections_apart() -> None:
    hidden = shown(still("rose", (0.02, 1.2)), still("white", (0.06, -0.8)))
    assert kinds(hidden) == [(1, 0, DISTRACTOR), (2, 1, PEDESTRIAN)]
    mirrored = shown(still("rose", (-1.9, -0.3)), camera=AT_MIRROR, mirror=MIRROR)
    assert kinds(mirrored) == [(1, 1, PEDESTRIAN), (2, 0, REFLECTION)]


def test_boxes_of_a_mot_file_end_at_the_edge_of_the_picture() -> None:
    (line,) = mot_lines(shown(still("blue", (-2.55, -0.8))))
    frame, _, left, top, width, height = (float(cell) for cell in line.split(",")[:6])
    assert (frame, left) == (1, 0)
    assert 0 < top < top + height <= 180
    assert 0 < width < 60


def test_what_is_true_is_written_beside_the_film(tmp_path: Path) -> None:
    spec = SceneSpec((still("blue", (0.0, 0.0)),), CAMERA, duration_s=0.2)
    render_scene(spec, tmp_path / "film.mp4", sight_out=tmp_path / "sight.npz", workers=0)
    sight = load_sight(tmp_path / "sight.npz")
    renderer = FrameRenderer(spec, draw_background(spec))
    drawn = joined(renderer.shot(index).sight for index in range(3))
    assert len(sight) == 3
    assert sight.boxes == pytest.approx(drawn.boxes, rel=1e-5)
    assert sight.keypoints == pytest.approx(drawn.keypoints, rel=1e-5)
