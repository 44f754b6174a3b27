"""The parts of the pose pipeline by themselves."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svc_vision.blazepose import landmark
from svc_vision.blazepose.detector import decode, weighted_nms
from svc_vision.blazepose.geometry import Region, crop, region_from_points, region_iou
from svc_vision.blazepose.schedule import SceneWatch, WindowRound, window_around
from svc_vision.people import COCO17_FROM_BLAZEPOSE33, People

finite = st.floats(-2000, 2000)


@given(finite, finite, st.floats(20, 900), st.floats(-math.pi + 0.01, math.pi - 0.01))
def test_a_region_is_found_again_from_its_alignment_points(x: float, y: float, radius: float, turn: float) -> None:
    rim = np.array([x + radius * math.sin(turn), y - radius * math.cos(turn)])
    region = region_from_points(np.array([x, y]), rim)
    assert region.size == pytest.approx(2.5 * radius, rel=1e-6)
    assert region.rotation == pytest.approx(turn, abs=1e-6)
    top = region.affine(256) @ np.array([128, 128 - 256 / 2.5, 1.0])
    np.testing.assert_allclose(top, rim, atol=1e-6)


def test_a_crop_stands_upright_and_is_black_outside_the_picture() -> None:
    image = np.zeros((400, 400, 3), np.uint8)
    image[150:250, 300:320] = (255, 0, 0)
    patch, _ = crop(image, Region(200, 200, 400, math.pi / 2), 100)
    assert patch[22, 50].tolist() == [0, 0, 255]
    patch, _ = crop(np.full((400, 400, 3), 200, np.uint8), Region(0, 0, 400, 0), 100)
    assert patch[10, 10].sum() == 0 and patch[90, 90].sum() == 600


def test_regions_far_apart_do_not_overlap() -> None:
    here = Region(100, 100, 50, 0)
    assert region_iou(here, here) == pytest.approx(1)
    assert region_iou(here, Region(151, 100, 50, 0)) == 0


def test_only_anchors_with_a_sure_score_are_decoded() -> None:
    raw, logits = np.zeros((2254, 12), np.float32), np.full(2254, -100, np.float32)
    logits[0] = 5
    raw[0, 2:4] = 22.4
    boxes, points, scores = decode(raw, logits)
    centre = 0.5 / 28
    np.testing.assert_allclose(boxes, [[centre - 0.05, centre - 0.05, centre + 0.05, centre + 0.05]], atol=1e-6)
    assert points.shape == (1, 4, 2) and scores[0] > 0.99


def test_overlapping_boxes_become_their_weighted_mean() -> None:
    boxes = np.array([[0, 0, 1, 1], [0.1, 0, 1.1, 1], [3, 3, 4, 4]], float)
    merged = weighted_nms(boxes, np.zeros((3, 4, 2)), np.array([0.9, 0.3, 0.6]))
    assert [score for _, _, score in merged] == [0.9, 0.6]
    assert merged[0][0][0] == pytest.approx(0.025)


def test_a_sure_heatmap_moves_the_point_and_a_flat_one_does_not() -> None:
    points = np.zeros((39, 5), np.float32)
    points[:, :2] = 128
    heatmap = np.full((64, 64, 39), -20, np.float32)
    heatmap[33, 34, 0] = 20
    heatmap[0, 0, 2] = 20
    points[2, :2] = 2
    points[3, :2] = -50
    refined = landmark.refine(points, heatmap)
    np.testing.assert_allclose(refined[0, :2], [34 * 4, 33 * 4], atol=1e-3)
    np.testing.assert_allclose(refined[1, :2], [128, 128])
    np.testing.assert_allclose(refined[2, :2], [0, 0], atol=1e-3)
    np.testing.assert_allclose(refined[3, :2], [-50, -50])


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 720), (202, 360), (720, 1280), (400, 400), (3840, 2160), (31, 17)]
)
def test_windows_lie_inside_the_frame_and_cover_it(width: int, height: int) -> None:
    turn = WindowRound(width, height)
    covered = np.zeros((height, width), bool)
    for window in turn.coarse[1:] or turn.coarse:
        assert window.x >= 0 and window.y >= 0
        assert window.x + window.width <= width and window.y + window.height <= height
        covered[window.y : window.y + window.height, window.x : window.x + window.width] = True
    assert covered.all()
    everything = {turn.next() for _ in range(60)}
    assert everything == {*turn.coarse, *turn.fine}
    assert [turn.next_eager() == turn.coarse[0] for _ in range(6)][::2] == [True] * 3


def test_the_window_around_a_region_at_the_edge_stays_inside() -> None:
    window = window_around(Region(5, 700, 400, 0), 1280, 720)
    assert (window.x, window.y + window.height, window.width) == (0, 720, 720)


def test_a_cut_is_noticed_and_a_shaking_camera_is_not_one() -> None:
    rng = np.random.default_rng(3)
    scene = rng.integers(0, 255, (180, 320, 3), dtype=np.uint8)
    cuts = SceneWatch()
    assert not any(cuts.update(scene) for _ in range(5))
    assert cuts.update(255 - scene)
    assert not cuts.update(255 - scene)
    shaking = SceneWatch()
    flags = [shaking.update(np.roll(scene, step * 7, axis=1)) for step in range(30)]
    assert not any(flags[2:])


def test_people_refuse_arrays_of_another_shape_type_or_range() -> None:
    nobody = People.empty()
    assert len(nobody) == 0 and nobody.coco17().shape == (0, 17, 3)
    fields = {name: getattr(nobody, name) for name in ("boxes", "scores", "keypoints", "world", "regions")}
    for name, value in [
        ("scores", np.zeros(1, np.float32)),
        ("boxes", np.zeros((0, 4))),
        ("keypoints", np.zeros((0, 17, 3), np.float32)),
    ]:
        with pytest.raises(ValueError, match=name):
            People(**{**fields, name: value})
    one = {name: np.zeros((1, *value.shape[1:]), value.dtype) for name, value in fields.items()}
    with pytest.raises(ValueError, match="finite"):
        People(**{**one, "world": np.full((1, 33, 3), np.nan, np.float32)})
    with pytest.raises(ValueError, match=r"0\.\.1"):
        People(**{**one, "scores": np.full(1, 2, np.float32)})


def test_coco_takes_each_joint_from_its_own_side() -> None:
    assert len(COCO17_FROM_BLAZEPOSE33) == len(set(COCO17_FROM_BLAZEPOSE33)) == 17
    names = [point.name for point in COCO17_FROM_BLAZEPOSE33]
    assert [name.split("_")[0] for name in names[1:]] == ["LEFT", "RIGHT"] * 8
