"""Painter's algorithm: shaded quads, farthest first, filled by OpenCV."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from spotter_cli.scene.camera import View
from spotter_cli.scene.geometry import Floats, Mesh, unit

Image = npt.NDArray[np.uint8]

LIGHT = unit([0.45, -0.55, 1.0])
"""Direction towards the main light."""

_FILL_LIGHT = unit([-0.7, -0.5, 0.35])
_WARMTH = np.array([1.02, 1.0, 0.97])
_SUBPIXEL_BITS = 4
_GROW = 7
"""Sixteenths of a pixel by which a quad grows, so that no seam shows between neighbours."""
NEAR_M = 0.15
"""Nothing nearer to the camera is drawn."""


def draw(canvas: Image, camera: View, mesh: Mesh, *, zoom: int = 1, origin: tuple[int, int] = (0, 0)) -> None:
    """Paint a mesh on a canvas that shows the picture from pixel `origin` on, `zoom` times as large.

    The canvas is BGR, or BGRA: then alpha is 255 wherever something is painted.
    """
    pixels, depth = camera.project(mesh.vertices)
    pixels = (pixels - np.array(origin)) * zoom
    quads = mesh.vertices[mesh.faces]
    normals = _normals(quads)
    view = camera.position - _centres(quads)
    distance = np.sqrt(_dot(view, view))
    facing = _dot(normals, view) / distance
    seen = np.nonzero((facing > -0.02) & (depth[mesh.faces[:, 0]] > NEAR_M))[0]
    seen = seen[np.argsort(mesh.bias[seen] - distance[seen], kind="stable")]
    colours = _shade(mesh.colours[seen], mesh.shine[seen], normals[seen], view[seen] / distance[seen, None])
    corners = pixels[mesh.faces[seen]] * (1 << _SUBPIXEL_BITS)
    corners = np.round(corners + np.sign(corners - _centres(corners)[:, None]) * _GROW).astype(np.int32)
    painted = np.insert(colours[:, ::-1], 3, 255.0, axis=1) if canvas.shape[2] == 4 else colours[:, ::-1]
    for quad, colour in zip(corners, painted.tolist(), strict=True):
        cv2.fillConvexPoly(canvas, quad, colour, cv2.LINE_8, _SUBPIXEL_BITS)


def _centres(quads: Floats) -> Floats:
    return np.asarray((quads[:, 0] + quads[:, 1] + quads[:, 2] + quads[:, 3]) / 4)


def _dot(a: Floats, b: Floats) -> Floats:
    """Scalar products of the rows."""
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _normals(quads: Floats) -> Floats:
    """Unit normals (F, 3) of quads (F, 4, 3)."""
    a, b = quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]
    normals = np.empty_like(a)
    for axis in range(3):  # several times as fast as np.cross
        i, j = (axis + 1) % 3, (axis + 2) % 3
        normals[:, axis] = a[:, i] * b[:, j] - a[:, j] * b[:, i]
    return np.asarray(normals / (np.sqrt(_dot(normals, normals)) + 1e-12)[:, None])


def _shade(colours: Floats, shine: Floats, normals: Floats, view: Floats) -> Floats:
    """Colours (F, 3) RGB of lit faces; `view` are unit vectors to the eye.

    Lambert with a main light, a weak second one and a brighter ceiling, Blinn highlights, darker at grazing angles.
    """
    half = view + LIGHT
    half /= np.sqrt(_dot(half, half))[:, None]
    highlight = _dot(normals, half).clip(0) ** 22 * shine
    light = 0.30 + 0.20 * (0.5 + 0.5 * normals[:, 2])
    light = light + 0.50 * (normals @ LIGHT).clip(0) + 0.14 * (normals @ _FILL_LIGHT).clip(0)
    light = light * (0.82 + 0.18 * np.sqrt(_dot(normals, view).clip(0)))
    return np.asarray((colours * light[:, None] * _WARMTH + 255 * highlight[:, None]).clip(0, 255))


def shadow_mask(shape: tuple[int, int], camera: View, parts: Iterable[Mesh], light: Floats, scale: float) -> Image:
    """Where parts shade the floor (255), as the convex hulls of their shadows, in a picture `scale` times the size."""
    mask = np.zeros(shape, np.uint8)
    for part in parts:
        ground = part.vertices.copy()
        ground[:, :2] -= ground[:, 2:] * (light[:2] / light[2])
        ground[:, 2] = 0
        pixels, depth = camera.project(ground)
        if depth.min() <= NEAR_M:
            continue
        hull = cv2.convexHull(np.round(pixels * scale * 8).clip(-1e5, 1e5).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 255, cv2.LINE_8, 3)
    return mask
