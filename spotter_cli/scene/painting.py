"""Paints people over a room, farthest first, and remembers which pixel shows whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from spotter_cli.scene.camera import View
from spotter_cli.scene.geometry import Floats, Mesh
from spotter_cli.scene.raster import LIGHT, NEAR_M, Image, draw, shadow_mask

_SUPERSAMPLING = 2
_SHADOW_SCALE = 0.25
_CONTACT_HEIGHT_M = 0.25
_MARGIN_PX = 6
_STRAIGHT_DOWN = np.array([0.0, 0.0, 1.0])
_COVERED = 127
"""A pixel belongs to a person from this coverage (0..255) on."""

Mask = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]


@dataclass
class Painting:
    """A picture under way."""

    picture: Image
    owner: npt.NDArray[np.int16] = field(init=False)
    """(height, width): number of who is seen, -1 for nobody."""
    areas_px: dict[int, int] = field(default_factory=dict)
    """Pixels of each number before others were painted over it."""

    def __post_init__(self) -> None:
        self.owner = np.full(self.picture.shape[:2], -1, np.int16)


class Painter:
    """Paints people as one view has them; inside a mask only, where there is one."""

    def __init__(self, view: View, floor: npt.NDArray[np.float32], mask: Mask | None = None) -> None:
        self._view, self._floor, self._mask = view, floor, mask
        self._height, self._width = floor.shape

    def draw(self, painting: Painting, bodies: Sequence[Mesh], first: int) -> None:
        """Paint all; they get the numbers from `first` on."""
        distances = [float(np.linalg.norm(body.vertices.mean(0) - self._view.position)) for body in bodies]
        for index in sorted(range(len(bodies)), key=lambda i: distances[i], reverse=True):
            self._draw_body(painting, bodies[index], first + index)

    def box(self, mesh: Mesh, margin: int) -> Box:
        """Left, top, right, bottom (px) inside the picture; empty where nothing of it lies before the camera."""
        pixels, depth = self._view.project(mesh.vertices)
        before = pixels[depth > NEAR_M]
        if not len(before):
            return 0, 0, 0, 0
        left, top = (int(v) - margin for v in np.floor(before.min(0)))
        right, bottom = (int(v) + margin for v in np.ceil(before.max(0)))
        return max(left, 0), max(top, 0), min(right, self._width), min(bottom, self._height)

    def whole_box(self, mesh: Mesh) -> Floats:
        """Left, top, right, bottom (px), also outside the picture; NaN where a part isn't before the camera."""
        pixels, depth = self._view.project(mesh.vertices)
        if depth.min() <= NEAR_M:
            return np.full(4, np.nan)
        return np.concatenate([pixels.min(0), pixels.max(0)])

    def shade(self, painting: Painting, parts: Sequence[Mesh]) -> None:
        """The shadow of the main light, and a dark contact where feet and hands touch the floor."""
        small = (self._height // 4, self._width // 4)
        cast = shadow_mask(small, self._view, parts, LIGHT, _SHADOW_SCALE)
        low = [part for part in parts if part.vertices[:, 2].max() < _CONTACT_HEIGHT_M]
        contact = shadow_mask(small, self._view, low, _STRAIGHT_DOWN, _SHADOW_SCALE)
        soft_cast = cv2.GaussianBlur(cast, (0, 0), 2.5).astype(np.float32) * (0.42 / 255)
        soft_contact = cv2.GaussianBlur(contact, (0, 0), 2.0).astype(np.float32) * (0.45 / 255)
        rows, columns = np.nonzero(np.maximum(soft_cast, soft_contact) > 0.01)
        if not len(rows):
            return
        top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
        shade = 1 - (1 - soft_cast) * (1 - soft_contact)
        region = np.s_[top * 4 : bottom * 4, left * 4 : right * 4]
        size = (int(right - left) * 4, int(bottom - top) * 4)
        dark = 1 - cv2.resize(shade[top:bottom, left:right], size) * self._floor[region]
        picture = painting.picture
        picture[region] = cv2.multiply(picture[region], cv2.merge([dark] * 3), dtype=cv2.CV_8U)

    def _draw_body(self, painting: Painting, body: Mesh, number: int) -> None:
        """Draw a person twice as large and shrink it, only inside the person's own box."""
        left, top, right, bottom = self.box(body, _MARGIN_PX)
        if right <= left or bottom <= top:
            return
        region = np.s_[top:bottom, left:right]
        width, height = right - left, bottom - top
        size = (width * _SUPERSAMPLING, height * _SUPERSAMPLING)
        canvas = np.zeros((size[1], size[0], 4), np.uint8)
        canvas[..., :3] = cv2.resize(painting.picture[region], size, interpolation=cv2.INTER_NEAREST)
        draw(canvas, self._view, body, zoom=_SUPERSAMPLING, origin=(left, top))
        drawn = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
        owned = drawn[..., 3] > _COVERED
        if self._mask is None:
            painting.picture[region] = drawn[..., :3]
        else:
            shown = self._mask[region]
            painting.picture[region][shown] = drawn[..., :3][shown]
            owned &= shown
        painting.owner[region][owned] = number
        painting.areas_px[number] = int(np.count_nonzero(owned))


def visible_boxes(painting: Painting, count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Boxes (count, 4) px around the pixels that show each number, NaN where none does, and how many they are."""
    boxes, pixels = np.full((count, 4), np.nan), np.zeros(count, np.int64)
    for number in range(count):
        rows, columns = np.nonzero(painting.owner == number)
        if len(rows):
            pixels[number] = len(rows)
            boxes[number] = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return boxes, pixels
