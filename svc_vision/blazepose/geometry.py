"""Rotated square regions of an image, and how they are taken out and compared."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

REGION_SCALE = 1.25
"""How much larger than the circle around the body the square region is (BlazePose's value)."""


@dataclass(frozen=True, slots=True)
class Region:
    """A square in the image, turned so that the person inside stands upright."""

    x: float
    """Centre, px."""
    y: float
    """Centre, px."""
    size: float
    """Side, px."""
    rotation: float
    """rad, clockwise on screen; 0 is upright."""

    def box(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 px of the square as if it were not turned."""
        half = self.size / 2
        return self.x - half, self.y - half, self.x + half, self.y + half

    def affine(self, side_px: int) -> NDArray[np.float64]:
        """(2, 3) matrix from pixels of a `side_px` square crop to pixels of the image."""
        scale = self.size / side_px
        c, s = math.cos(self.rotation) * scale, math.sin(self.rotation) * scale
        half = side_px / 2
        return np.array([[c, -s, self.x - half * (c - s)], [s, c, self.y - half * (s + c)]])


def region_from_points(centre: NDArray[np.floating], rim: NDArray[np.floating]) -> Region:
    """The region whose centre is between the hips and whose up direction points to `rim`.

    Args:
        centre: (2,) px, the first of BlazePose's two alignment points.
        rim: (2,) px, the second; its distance is the radius of the circle around the whole body.
    """
    dx, dy = float(rim[0] - centre[0]), float(rim[1] - centre[1])
    turned = math.pi / 2 - math.atan2(-dy, dx)
    rotation = (turned + math.pi) % (2 * math.pi) - math.pi
    return Region(float(centre[0]), float(centre[1]), 2 * math.hypot(dx, dy) * REGION_SCALE, rotation)


def region_iou(a: Region, b: Region) -> float:
    """Intersection over union of two regions, their rotation left out."""
    ax0, ay0, ax1, ay1 = a.box()
    bx0, by0, bx1, by1 = b.box()
    width, height = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a.size**2 + b.size**2 - width * height)


def box_iou(box: NDArray[np.floating], boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    """Intersection over union of one (4,) xyxy box with (N, 4) boxes."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    inter = np.clip(high - low, 0, None).prod(axis=1)
    area = (box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return np.asarray(inter / np.maximum(area - inter, 1e-9), np.float64)


def crop(bgr: NDArray[np.uint8], region: Region, side_px: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Takes a region out of the image.

    Returns:
        (side_px, side_px, 3) RGB, black outside the image, and the matrix of `Region.affine`.
    """
    matrix = region.affine(side_px)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(bgr, matrix, (side_px, side_px), flags=flags)
    return np.asarray(cv2.cvtColor(patch, cv2.COLOR_BGR2RGB), np.uint8), matrix
