"""Furniture that a scene adds to its room: what people sit on, and what stands before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from spotter_cli.scene.camera import View
from spotter_cli.scene.geometry import Colour, Floats, Mesh, box, merge
from spotter_cli.scene.painting import Painting
from spotter_cli.scene.raster import Image, draw

BENCH_HEIGHT_M = 0.46
_BENCH_LENGTH_M, _BENCH_WIDTH_M = 1.2, 0.32


@dataclass(frozen=True)
class Prop:
    """A box on the floor, or a bench."""

    position_m: tuple[float, float]
    size_m: tuple[float, float, float]
    """Along x and y where yaw is 0, and upwards."""
    yaw_deg: float = 0.0
    colour: Colour = (52, 54, 60)
    in_front: bool = False
    """Whether it stands between the camera and everybody: it is painted over them, the others behind them."""


def bench(position_m: tuple[float, float], yaw_deg: float) -> Prop:
    """A flat bench; with yaw 0 it is long along y."""
    return Prop(position_m, (_BENCH_WIDTH_M, _BENCH_LENGTH_M, BENCH_HEIGHT_M), yaw_deg, (34, 34, 38))


def draw_behind(picture: Image, camera: View, props: Sequence[Prop]) -> None:
    """Paints what stands behind everybody, farthest first."""
    for prop in _farthest_first(camera, [one for one in props if not one.in_front]):
        draw(picture, camera, _mesh(prop))


class Cover:
    """What stands before everybody, drawn once."""

    def __init__(self, camera: View, props: Sequence[Prop]) -> None:
        self._camera = camera
        self._props = _farthest_first(camera, [one for one in props if one.in_front])
        self._drawn: Image | None = None

    def put_over(self, painting: Painting) -> None:
        """Hides what is behind; what is hidden is nobody's."""
        if not self._props:
            return
        if self._drawn is None:
            height, width = painting.picture.shape[:2]
            twice = np.zeros((2 * height, 2 * width, 4), np.uint8)
            for prop in self._props:
                draw(twice, self._camera, _mesh(prop), zoom=2)
            self._drawn = np.asarray(cv2.resize(twice, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        share = self._drawn[..., 3:].astype(np.float32) / 255
        # the colours are already weighted by how much of a pixel they cover: what isn't covered was black
        mixed = self._drawn[..., :3] + painting.picture * (1 - share)
        painting.picture[:] = mixed.round().clip(0, 255).astype(np.uint8)
        painting.owner[self._drawn[..., 3] > 127] = -1


def _farthest_first(camera: View, props: Sequence[Prop]) -> list[Prop]:
    def distance(prop: Prop) -> float:
        return float(np.linalg.norm(camera.position[:2] - np.array(prop.position_m)))

    return sorted(props, key=distance, reverse=True)


def _mesh(prop: Prop) -> Mesh:
    """A top on legs where it is low and long enough to sit on, else a block."""
    width, length, height = prop.size_m
    if height > 0.6:
        whole = box((0.0, 0.0, height / 2), prop.size_m, prop.colour)
    else:
        top = box((0.0, 0.0, height - 0.04), (width, length, 0.08), prop.colour)
        stand = box((0.0, 0.0, height / 2 - 0.04), (width * 0.3, length * 0.8, height - 0.08), (140, 140, 142))
        whole = merge([stand, top])
    turn = np.radians(prop.yaw_deg)
    cos, sin = np.cos(turn), np.sin(turn)
    rotation: Floats = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return whole.moved(rotation, np.array([*prop.position_m, 0.0]))
