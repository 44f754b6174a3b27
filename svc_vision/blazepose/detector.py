"""Finds people in a window of the frame with BlazePose's detector."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose.geometry import Region, box_iou, region_from_points
from svc_vision.inference import Inference

MODEL = "blazepose_detect"
INPUT_PX = 224
SCORE_MIN = 0.5
"""Raised, fewer false people and later finds."""
NMS_IOU = 0.3
"""Boxes that overlap more are one person."""
_GRIDS = ((28, 2), (14, 2), (7, 6))
"""(cells a side, anchors a cell) of the SSD layers: 2254 anchors of size 1 at the cells' centres."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the frame that the detector looks at, px."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Detection:
    """A person found by the detector."""

    region: Region
    """Where the keypoint model has to look."""
    score: float


def detect(inference: Inference, bgr: NDArray[np.uint8], window: Window) -> list[Detection]:
    """People in one window of a BGR frame, in frame pixels, best first."""
    view = bgr[window.y : window.y + window.height, window.x : window.x + window.width]
    image, scale, left, top = _letterbox(view)
    outputs = inference.infer(MODEL, {"image": image[None]})
    boxes, points, scores = decode(outputs["boxes"][0], outputs["scores"][0, :, 0])
    found = []
    for _, person, score in weighted_nms(boxes, points, scores):
        pixels = (person * INPUT_PX - (left, top)) / scale + (window.x, window.y)
        found.append(Detection(region_from_points(pixels[0], pixels[1]), score))
    return found


def decode(
    raw: NDArray[np.float32], logits: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Turns the network's output into boxes above `SCORE_MIN`.

    Args:
        raw: (2254, 12) centre, size and 4 points relative to the anchors, in input pixels.
        logits: (2254,).

    Returns:
        (M, 4) xyxy, (M, 4, 2) points, both as fractions of the input, and (M,) scores.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -80, 80)))
    chosen = scores > SCORE_MIN
    values = raw[chosen].astype(np.float64) / INPUT_PX
    centres = _anchors()[chosen]
    middle, half = values[:, :2] + centres, values[:, 2:4] / 2
    points = values[:, 4:].reshape(-1, 4, 2) + centres[:, None]
    return np.concatenate([middle - half, middle + half], axis=1), points, scores[chosen]


def weighted_nms(
    boxes: NDArray[np.float64], points: NDArray[np.float64], scores: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64], float]]:
    """Merges overlapping boxes into their mean weighted by score, best first."""
    order = np.argsort(-scores)
    boxes, points, scores = boxes[order], points[order], scores[order]
    merged = []
    while len(scores):
        same = box_iou(boxes[0], boxes) > NMS_IOU
        same[0] = True
        weights = scores[same] / scores[same].sum()
        merged.append((weights @ boxes[same], np.einsum("n,nkd->kd", weights, points[same]), float(scores[0])))
        boxes, points, scores = boxes[~same], points[~same], scores[~same]
    return merged


@cache
def _anchors() -> NDArray[np.float64]:
    layers = []
    for cells, per_cell in _GRIDS:
        centres = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(centres, centres, indexing="ij")
        layers.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), per_cell, axis=0))
    return np.concatenate(layers)


def _letterbox(bgr: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float, int, int]:
    """RGB square with black bars; also the scale and the offsets px of the picture in it."""
    height, width = bgr.shape[:2]
    scale = INPUT_PX / max(height, width)
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (INPUT_PX - new_width) // 2, (INPUT_PX - new_height) // 2
    small = cv2.resize(bgr, (new_width, new_height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.zeros((INPUT_PX, INPUT_PX, 3), np.uint8)
    square[top : top + new_height, left : left + new_width] = small[:, :, ::-1]
    return square, scale, left, top
