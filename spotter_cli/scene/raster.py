"""Painter's algorithm: shaded quads, farthest first, filled by OpenCV."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from spotter_cli.scene.camera import Camera
from spotter_cli.scene.geometry import Floats, Mesh, unit

Image = npt.NDArray[np.uint8]

LIGHT = unit([0.45, -0.55, 1.0])
"""Direction towards the main light."""

_FILL_LIGHT = unit([-0.7, -0.5, 0.35])
_WARMTH = np.array([1.02, 1.0, 0.97])
_SUBPIXEL_BITS = 4
_GROW = 7
"""Sixteenths of a pixel by which a quad grows, so that no seam shows between neighbours."""
_NEAR_M = 0.15


def shade(mesh: Mesh, eye: Floats) -> tuple[Floats, Floats, Floats]:
    """Colours (F, 3) RGB, how much each face looks at the eye (F,) and the centres of the faces (F, 3).

    Lambert with a main light, a weak second one and a brighter ceiling, Blinn highlights, darker at grazing angles.
    """
    quads = mesh.vertices[mesh.faces]
    normals = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    centres = quads.mean(1)
    view = eye - centres
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    facing = (normals * view).sum(1)
    half = view + LIGHT
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    highlight = (normals * half).sum(1).clip(0) ** 22 * mesh.shine
    light = 0.30 + 0.20 * (0.5 + 0.5 * normals[:, 2])
    light = light + 0.50 * (normals @ LIGHT).clip(0) + 0.14 * (normals @ _FILL_LIGHT).clip(0)
    light = light * (0.82 + 0.18 * np.sqrt(facing.clip(0)))
    colours = mesh.colours * light[:, None] * _WARMTH + 255 * highlight[:, None]
    return colours.clip(0, 255), facing, centres


def draw(canvas: Image, camera: Camera, mesh: Mesh, *, zoom: int = 1, origin: tuple[int, int] = (0, 0)) -> None:
    """Paint a mesh on a BGR canvas that shows the picture from pixel `origin` on, `zoom` times as large."""
    colours, facing, centres = shade(mesh, camera.position)
    pixels, depth = camera.project(mesh.vertices)
    pixels = (pixels - np.array(origin)) * zoom
    seen = np.nonzero((facing > -0.02) & (depth[mesh.faces].min(1) > _NEAR_M))[0]
    distance = np.linalg.norm(centres[seen] - camera.position, axis=1) - mesh.bias[seen]
    seen = seen[np.argsort(-distance, kind="stable")]
    corners = np.round(pixels[mesh.faces[seen]] * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    corners = (corners + np.sign(corners - corners.mean(1, keepdims=True)) * _GROW).astype(np.int32)
    for quad, colour in zip(corners, colours[seen][:, ::-1].tolist(), strict=True):
        cv2.fillConvexPoly(canvas, quad, colour, cv2.LINE_8, _SUBPIXEL_BITS)


def shadow_mask(shape: tuple[int, int], camera: Camera, parts: Iterable[Mesh], light: Floats, scale: float) -> Image:
    """Where parts shade the floor (255), as the convex hulls of their shadows, in a picture `scale` times the size."""
    mask = np.zeros(shape, np.uint8)
    for part in parts:
        ground = part.vertices.copy()
        ground[:, :2] -= ground[:, 2:] * (light[:2] / light[2])
        ground[:, 2] = 0
        pixels, _ = camera.project(ground)
        hull = cv2.convexHull(np.round(pixels * scale * 8).clip(-1e5, 1e5).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 255, cv2.LINE_8, 3)
    return mask
