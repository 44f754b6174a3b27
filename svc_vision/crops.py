"""How much the picture of a person is worth for telling who it is: size, blur, what hides it, what the frame cuts."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.people import COCO17_FROM_BLAZEPOSE33, Float32, People

FULL_HEIGHT_PX = 200.0
"""Taller people are not better described."""
MIN_HEIGHT_PX = 64.0
EDGE_MARGIN = 0.01
"""A box that comes so near to the frame's edge (share of its height) is taken as cut off by it."""
CUT_OFF = 0.4
"""Worth of a person whom the frame's edge cuts."""
SHARP = 60.0
"""Variance of the Laplacian (128 px high) from which a crop counts as sharp."""
_SHARPNESS_HEIGHT_PX = 128
_SEEN = 0.3
_BODY = np.array(COCO17_FROM_BLAZEPOSE33[5:])
"""Shoulders to ankles."""


def coverage(boxes: Float32) -> NDArray[np.float64]:
    """(N,) largest share, 0..1, of each box (N, 4) xyxy that one other box covers."""
    box = np.asarray(boxes, np.float64)
    low = np.maximum(box[:, None, :2], box[None, :, :2])
    high = np.minimum(box[:, None, 2:], box[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    np.fill_diagonal(shared, 0.0)
    area = np.maximum((box[:, 2:] - box[:, :2]).prod(axis=1), 1e-6)
    return np.asarray(shared.max(axis=1, initial=0.0) / area, np.float64)


def cut_off(boxes: Float32, width_px: int, height_px: int) -> NDArray[np.bool_]:
    """(N,) which boxes (N, 4) xyxy the frame's edge seems to cut."""
    margin = EDGE_MARGIN * (boxes[:, 3] - boxes[:, 1])
    low = (boxes[:, :2] <= margin[:, None]).any(axis=1)
    return np.asarray(low | (boxes[:, 2] >= width_px - margin) | (boxes[:, 3] >= height_px - margin), np.bool_)


def quality(people: People, width_px: int, height_px: int) -> NDArray[np.float64]:
    """(N,) 0..1: worth of each person's crop as far as it shows without looking at pixels; 0 is worthless."""
    if not len(people):
        return np.zeros(0)
    boxes = people.boxes.astype(np.float64)
    heights = boxes[:, 3] - boxes[:, 1]
    size = np.where(heights < MIN_HEIGHT_PX, 0.0, np.minimum(heights / FULL_HEIGHT_PX, 1.0))
    free = np.clip(1.0 - 1.5 * coverage(people.boxes), 0, 1)
    cut = cut_off(people.boxes, width_px, height_px)
    seen = (people.keypoints[:, _BODY, 2] >= _SEEN).mean(axis=1)
    return np.asarray(size * free * np.where(cut, CUT_OFF, 1.0) * seen, np.float64)


def cut_out(bgr: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """View (h, w, 3) of a person's box (4,) xyxy px; None where nothing of it is in the picture."""
    x0, y0 = np.maximum(np.floor(box[:2]).astype(int), 0)
    x1, y1 = np.ceil(box[2:]).astype(int)
    view = bgr[y0:y1, x0:x1]
    return view if view.shape[0] >= 2 and view.shape[1] >= 2 else None


def sharpness(crop: NDArray[np.uint8]) -> float:
    """0..1 from the variance of the Laplacian of the shrunk crop (Pech-Pacheco et al., ICPR 2000)."""
    scale = min(1.0, _SHARPNESS_HEIGHT_PX / crop.shape[0])
    small = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    variance = float(cv2.Laplacian(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())
    return min(variance / SHARP, 1.0)
