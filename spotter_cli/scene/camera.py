"""A pinhole camera in a room whose floor is z = 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from spotter_cli.scene.geometry import Floats, unit


@dataclass(frozen=True)
class CameraSpec:
    """Where a camera stands and how it sees."""

    position_m: tuple[float, float, float] = (0.1, -4.1, 1.65)
    """Centre of projection in the room."""
    look_at_m: tuple[float, float, float] = (0.0, 0.0, 0.85)
    """The point in the middle of the picture."""
    horizontal_fov_deg: float = 62.0
    """Angle between the left and the right edge of the picture."""
    width_px: int = 1280
    height_px: int = 720


class View(Protocol):
    """What drawing needs to know of a camera."""

    position: Floats
    """Centre of projection in the room (3,) m."""

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels (..., 2) and depths (...) m of points (..., 3) in the room."""
        ...


class Camera:
    """Projects points of the room to pixels."""

    def __init__(self, spec: CameraSpec) -> None:
        self.width_px, self.height_px = spec.width_px, spec.height_px
        focal = spec.width_px / 2 / np.tan(np.radians(spec.horizontal_fov_deg) / 2)
        self.intrinsics = np.array([[focal, 0, spec.width_px / 2], [0, focal, spec.height_px / 2], [0, 0, 1]])
        self.position = np.asarray(spec.position_m, float)
        forward = unit(np.asarray(spec.look_at_m) - self.position)
        right = unit(np.cross(forward, [0.0, 0.0, 1.0]))
        self.rotation = np.stack([right, np.cross(forward, right), forward])
        self.translation = -self.rotation @ self.position

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels (..., 2) and depths (...) m of points (..., 3) in the room."""
        seen = points @ self.rotation.T + self.translation
        image = seen @ self.intrinsics.T
        return image[..., :2] / image[..., 2:], seen[..., 2]

    def floor_homography(self) -> Floats:
        """Matrix (3, 3) from floor metres (x, y, 1) to homogeneous pixels."""
        return np.asarray(self.intrinsics @ np.column_stack([*self.rotation.T[:2], self.translation]))

    def rays(self) -> Floats:
        """Viewing directions (height, width, 3) in the room, one through the centre of each pixel."""
        u, v = np.meshgrid(np.arange(self.width_px) + 0.5, np.arange(self.height_px) + 0.5)
        pixels = np.stack([u, v, np.ones_like(u)], -1)
        return np.asarray(pixels @ np.linalg.inv(self.intrinsics).T @ self.rotation)
