"""What somebody wears, as a short vector: helps to know a person again who was out of sight for a while.

Colour histograms of four parts of the body, placed by the keypoints. It describes clothes and not the body, is
worthless the next day and is no biometric template.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.people import Keypoint

HUE_BINS = 12
GREY_BINS = 4
PARTS = 4
"""Upper trunk, lower trunk, thighs, shins."""
DIMENSIONS = PARTS * (HUE_BINS + GREY_BINS)
_CROP_HEIGHT_PX = 128
_MIN_HEIGHT_PX = 64.0
"""A smaller person has too few pixels of cloth."""
_MIN_VISIBILITY = 0.5
_MIN_SHARPNESS = 12.0
"""Variance of the Laplacian of the shrunk crop; a person smeared by movement lies below."""
_CHROMA_LOW, _CHROMA_HIGH = 12.0, 40.0
"""Lab chroma: below the first a pixel is grey, above the second coloured, in between partly both."""

_TRUNK = (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.RIGHT_HIP, Keypoint.LEFT_HIP)
_THIGHS = ((Keypoint.LEFT_HIP, Keypoint.LEFT_KNEE), (Keypoint.RIGHT_HIP, Keypoint.RIGHT_KNEE))
_SHINS = ((Keypoint.LEFT_KNEE, Keypoint.LEFT_ANKLE), (Keypoint.RIGHT_KNEE, Keypoint.RIGHT_ANKLE))


def describe(
    bgr: NDArray[np.uint8], box: NDArray[np.float32], keypoints: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """Appearance vector of one person, or None where the picture does not show enough.

    Args:
        bgr: (H, W, 3) frame.
        box: (4,) xyxy px.
        keypoints: (33, 3) x px, y px, visibility.

    Returns:
        (64,) float32 of length 1: per part a histogram of 12 hues and 4 greys (square roots of shares), zeros for a
        part that is hidden. The scalar product of two vectors is their similarity, 0..1.
    """
    if box[3] - box[1] < _MIN_HEIGHT_PX or (keypoints[list(_TRUNK), 2] < _MIN_VISIBILITY).any():
        return None
    x0, y0 = np.floor(box[:2]).astype(int)
    x1, y1 = np.ceil(box[2:]).astype(int)
    view = bgr[max(y0, 0) : y1, max(x0, 0) : x1]
    if view.shape[0] < 2 or view.shape[1] < 2:
        return None
    scale = min(1.0, _CROP_HEIGHT_PX / view.shape[0])
    crop = cv2.resize(view, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if float(cv2.Laplacian(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var()) < _MIN_SHARPNESS:
        return None
    lab = np.asarray(cv2.cvtColor(crop.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float32)
    points = (keypoints[:, :2] - [max(x0, 0), max(y0, 0)]) * scale
    masks = _part_masks(crop.shape[:2], points, keypoints[:, 2])
    vector = np.concatenate([_histogram(lab[mask > 0]) for mask in masks])
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length > 0 else None


def _part_masks(
    shape: Sequence[int], points: NDArray[np.float64], visibility: NDArray[np.float32]
) -> list[NDArray[np.uint8]]:
    trunk = points[list(_TRUNK)]
    waist_left, waist_right = (trunk[0] + trunk[3]) / 2, (trunk[1] + trunk[2]) / 2
    width = max(float(np.linalg.norm(trunk[0] - trunk[1])), 0.35 * float(np.linalg.norm(trunk[0] - trunk[3])))
    masks = [np.zeros(tuple(shape), np.uint8) for _ in range(PARTS)]
    for mask, corners in (
        (masks[0], [trunk[0], trunk[1], waist_right, waist_left]),
        (masks[1], [waist_left, waist_right, trunk[2], trunk[3]]),
    ):
        outline = np.round(np.array(corners)).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(outline), 255)
        # Seen from the side the four corners nearly coincide; the line keeps the trunk's width.
        cv2.line(mask, _pixel(outline[:2].mean(axis=0)), _pixel(outline[2:].mean(axis=0)), 255, max(1, int(width / 3)))
    for mask, bones in ((masks[2], _THIGHS), (masks[3], _SHINS)):
        for start, end in bones:
            if min(visibility[start], visibility[end]) >= _MIN_VISIBILITY:
                cv2.line(mask, _pixel(points[start]), _pixel(points[end]), 255, max(1, int(width / 5)))
    return masks


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _histogram(lab: NDArray[np.float32]) -> NDArray[np.float64]:
    """Soft histogram (16,) of Lab pixels (N, 3), as square roots of shares (Hellinger)."""
    if len(lab) < 12:
        return np.zeros(HUE_BINS + GREY_BINS)
    lightness, a, b = lab.astype(np.float64).T
    colour = np.clip((np.hypot(a, b) - _CHROMA_LOW) / (_CHROMA_HIGH - _CHROMA_LOW), 0, 1)
    hue = (np.arctan2(b, a) / (2 * np.pi) % 1.0) * HUE_BINS
    grey = np.clip(lightness / 100 * GREY_BINS - 0.5, 0, GREY_BINS - 1)
    hues = _soft_counts(hue, colour, HUE_BINS + 1)
    hues[0] += hues[HUE_BINS]
    counts = np.concatenate([hues[:HUE_BINS], _soft_counts(grey, 1 - colour, GREY_BINS)])
    return np.asarray(np.sqrt(counts / counts.sum()), np.float64)


def _soft_counts(position: NDArray[np.float64], weight: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Shares each value between the two bins next to it, so that a small change of light moves little."""
    low = np.minimum(position.astype(np.int64), bins - 1)
    part = position - low
    high = np.minimum(low + 1, bins - 1)
    counts = np.bincount(low, weight * (1 - part), bins) + np.bincount(high, weight * part, bins)
    return np.asarray(counts, np.float64)
