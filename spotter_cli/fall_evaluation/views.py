"""Where the camera of the drawn films hangs."""

from __future__ import annotations

import math

from spotter_cli.scene import CameraSpec

CAMERA_Y_M = -4.7
"""Just before the front wall."""
FILM_WIDTH_PX = 640


def watching(height_m: float, width_px: int = FILM_WIDTH_PX) -> CameraSpec:
    """A camera on the wall that looks at the middle of the room."""
    return CameraSpec(
        position_m=(0.3, CAMERA_Y_M, height_m),
        look_at_m=(0.0, 0.3, 0.6),
        horizontal_fov_deg=58.0,
        width_px=width_px,
        height_px=width_px * 9 // 16,
    )


def behind(place_m: tuple[float, float], yaw_deg: float, metres: float) -> tuple[float, float]:
    """The place so far behind somebody who stands there."""
    turn = math.radians(yaw_deg)
    return place_m[0] - math.sin(turn) * metres, place_m[1] + math.cos(turn) * metres
