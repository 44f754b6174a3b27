"""Estimates the keypoints of the people inside given regions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose.geometry import Region, crop, region_from_points
from svc_vision.inference import Inference

MODEL = "blazepose_landmark"
INPUT_PX = 256
POINTS = 39
BODY_POINTS = 33
BATCH_MAX = 8
_HEATMAP_WINDOW = 7
"""Cells a side around the regressed point within which the heatmap corrects it (BlazePose's value)."""
_HEATMAP_CONFIDENCE_MIN = 0.5
"""Below, the heatmap is too flat to correct anything."""


@dataclass(frozen=True, slots=True)
class Pose:
    """One person's keypoints in image pixels."""

    presence: float
    """Probability that the region holds a person."""
    points: NDArray[np.float32]
    """(33, 3): x px, y px, visibility 0..1."""
    world: NDArray[np.float32]
    """(33, 3) m."""
    next_region: Region
    """Where the person is, for the next frame."""


def estimate(inference: Inference, bgr: NDArray[np.uint8], regions: Sequence[Region]) -> list[Pose]:
    """Keypoints for each region of a BGR frame, in the same order."""
    poses: list[Pose] = []
    for start in range(0, len(regions), BATCH_MAX):
        chunk = regions[start : start + BATCH_MAX]
        crops, matrices = zip(*(crop(bgr, region, INPUT_PX) for region in chunk), strict=True)
        out = inference.infer(MODEL, {"image": np.stack(crops)})
        for i, (region, matrix) in enumerate(zip(chunk, matrices, strict=True)):
            points = refine(out["landmarks"][i].reshape(POINTS, 5), out["heatmap"][i])
            presence = float(out["presence"][i, 0])
            poses.append(_pose(points, out["world"][i], presence, region, matrix, bgr.shape[:2]))
    return poses


def refine(points: NDArray[np.float32], heatmap: NDArray[np.float32]) -> NDArray[np.float64]:
    """Moves each point to the centre of mass of its heatmap nearby, where the heatmap is sure.

    Args:
        points: (39, 5) x px, y px of the crop, then z and two logits, left as they are.
        heatmap: (H, W, 39) logits.

    Returns:
        (39, 5) refined.
    """
    height, width, count = heatmap.shape
    refined = points.astype(np.float64)
    column = (refined[:, 0] / INPUT_PX * width).astype(np.int64)
    row = (refined[:, 1] / INPUT_PX * height).astype(np.int64)
    reach = np.arange(_HEATMAP_WINDOW) - _HEATMAP_WINDOW // 2
    xs, ys = column[:, None] + reach, row[:, None] + reach
    x_in, y_in = (xs >= 0) & (xs < width), (ys >= 0) & (ys < height)
    cells = heatmap[
        np.clip(ys, 0, height - 1)[:, :, None], np.clip(xs, 0, width - 1)[:, None, :], np.arange(count)[:, None, None]
    ]
    weights = _sigmoid(cells.astype(np.float64)) * (y_in[:, :, None] & x_in[:, None, :])
    total = weights.sum(axis=(1, 2))
    inside = (refined[:, 0] >= 0) & (refined[:, 1] >= 0) & (column < width) & (row < height)
    sure = inside & (weights.max(axis=(1, 2)) >= _HEATMAP_CONFIDENCE_MIN)
    safe = np.where(sure, total, 1.0)
    mean_x = np.einsum("jyx,jx->j", weights, xs) / safe * (INPUT_PX / width)
    mean_y = np.einsum("jyx,jy->j", weights, ys) / safe * (INPUT_PX / height)
    refined[sure, 0], refined[sure, 1] = mean_x[sure], mean_y[sure]
    return refined


def _pose(
    points: NDArray[np.float64],
    world: NDArray[np.float32],
    presence: float,
    region: Region,
    matrix: NDArray[np.float64],
    image_shape: tuple[int, ...],
) -> Pose:
    pixels = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    height, width = image_shape[:2]
    body = pixels[:BODY_POINTS]
    inside = (body >= 0).all(axis=1) & (body[:, 0] < width) & (body[:, 1] < height)
    # The first logit says "not hidden", the second "inside the crop"; a point is seen when it is both.
    visibility = _sigmoid(points[:BODY_POINTS, 3:5]).min(axis=1) * inside
    c, s = np.cos(region.rotation), np.sin(region.rotation)
    metres = world.reshape(POINTS, 3)[:BODY_POINTS].astype(np.float64)
    metres[:, :2] = metres[:, :2] @ np.array([[c, s], [-s, c]])
    return Pose(
        presence=min(max(presence, 0.0), 1.0),
        points=np.column_stack([body, visibility]).astype(np.float32),
        world=metres.astype(np.float32),
        next_region=region_from_points(pixels[BODY_POINTS], pixels[BODY_POINTS + 1]),
    )


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -80, 80))), np.float64)
