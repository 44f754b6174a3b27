"""A mirror on a wall: what a camera sees in it is what a camera behind the wall would see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from spotter_cli.scene.camera import Camera
from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.walls import BACK_M, SIDES_M

_PLANES: dict[str, tuple[int, float]] = {"left": (0, SIDES_M[0]), "right": (0, SIDES_M[1]), "back": (1, BACK_M)}


@dataclass(frozen=True)
class MirrorSpec:
    """A rectangle of a wall that reflects; metres along the wall and above the floor."""

    wall: Literal["left", "right", "back"]
    from_m: float
    to_m: float
    bottom_m: float = 0.15
    top_m: float = 2.3

    @property
    def axis(self) -> int:
        """Of the wall's normal: 0 is x, 1 is y."""
        return _PLANES[self.wall][0]

    @property
    def at_m(self) -> float:
        """Where the wall cuts that axis."""
        return _PLANES[self.wall][1]

    def reflected(self, points: Floats) -> Floats:
        """Points (..., 3) of the room as the mirror shows them: behind the wall."""
        behind = np.array(points, float)
        behind[..., self.axis] = 2 * self.at_m - behind[..., self.axis]
        return behind

    def turned(self, directions: Floats) -> Floats:
        """Directions (..., 3) after reflection."""
        turned = np.array(directions, float)
        turned[..., self.axis] *= -1
        return turned

    def holds(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Which points (..., 3) of the wall lie on the mirror."""
        along, height = points[..., 1 - self.axis], points[..., 2]
        return np.asarray(
            (along > self.from_m) & (along < self.to_m) & (height > self.bottom_m) & (height < self.top_m)
        )


class MirroredCamera:
    """A camera's view by way of a mirror: takes points of the room as they are."""

    def __init__(self, camera: Camera, mirror: MirrorSpec) -> None:
        self._camera, self._mirror = camera, mirror
        self.position = mirror.reflected(camera.position)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels (..., 2) and depths (...) m of the reflections of points (..., 3)."""
        return self._camera.project(self._mirror.reflected(points))
