"""The gym: floor, walls with windows and a lit ceiling by casting one ray a pixel, and the furniture as meshes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from spotter_cli.scene.camera import Camera
from spotter_cli.scene.geometry import Colour, Floats, Mesh, box, cylinder, merge
from spotter_cli.scene.mirror import MirroredCamera, MirrorSpec
from spotter_cli.scene.raster import Image, draw
from spotter_cli.scene.walls import BACK_M, FRONT_M, HEIGHT_M, SIDES_M

_MAT_M = (0.75, 1.0)
_WALLS: tuple[Colour, ...] = ((196, 192, 184), (150, 165, 172), (205, 196, 178))
_ACCENTS: tuple[Colour, ...] = ((200, 70, 40), (40, 110, 160), (90, 140, 60))
_BLUR_PX = 0.6
_SILVER = np.array([0.88, 0.92, 0.90])
"""What a mirror leaves of the light, by colour."""


def draw_room(
    camera: Camera, style: int, mats: Sequence[tuple[float, float]], mirror: MirrorSpec | None = None
) -> Image:
    """The empty room as a BGR picture; mats lie at the given places."""
    rays = camera.rays().reshape(-1, 3)
    seen = _trace(np.broadcast_to(camera.position, rays.shape), rays)
    colours = _paint(seen, style, mats)
    shape = (camera.height_px, camera.width_px)
    furniture = _furniture(np.array(_ACCENTS[style % 3], float))
    if mirror is None:
        picture = _as_picture(colours, shape)
    else:
        shown = _shown(mirror, seen)
        reflected = _trace(seen.points[shown], mirror.turned(rays[shown]))
        colours[shown] = _paint(reflected, style, mats) * _SILVER
        picture = _as_picture(colours, shape)
        behind = picture.copy()
        draw(behind, MirroredCamera(camera, mirror), furniture)
        picture[shown.reshape(shape)] = behind[shown.reshape(shape)]
    draw(picture, camera, furniture)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _BLUR_PX), np.uint8)


def floor_mask(camera: Camera) -> npt.NDArray[np.float32]:
    """1 where a pixel shows the floor of the room, else 0 (height, width)."""
    rays = camera.rays()
    down = np.minimum(rays[..., 2], -1e-6)
    hit = camera.position[:2] + rays[..., :2] * (-camera.position[2] / down)[..., None]
    inside = (rays[..., 2] < -1e-6) & (np.abs(hit[..., 0]) < SIDES_M[1]) & (hit[..., 1] < BACK_M)
    return np.asarray(inside, np.float32)


def mirror_masks(camera: Camera, mirror: MirrorSpec) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Where a pixel shows the mirror with no furniture before it, and 1 where that shows the reflected floor."""
    rays = camera.rays().reshape(-1, 3)
    seen = _trace(np.broadcast_to(camera.position, rays.shape), rays)
    shown = _shown(mirror, seen)
    floor = np.zeros(len(rays), np.float32)
    floor[shown] = _trace(seen.points[shown], mirror.turned(rays[shown])).plane == _FLOOR
    shape = (camera.height_px, camera.width_px)
    before = np.zeros((*shape, 4), np.uint8)
    draw(before, camera, _furniture(np.zeros(3)))
    return shown.reshape(shape) & (before[..., 3] == 0), floor.reshape(shape)


@dataclass(frozen=True)
class _Seen:
    """Where rays meet the room: the number of the plane (N,) and the point (N, 3)."""

    plane: npt.NDArray[np.intp]
    points: Floats


_PLANES = ((2, 0.0), (2, HEIGHT_M), (1, BACK_M), (1, FRONT_M), (0, SIDES_M[0]), (0, SIDES_M[1]))
"""Axis of the normal and place: floor, ceiling, back, front, left, right."""
_FLOOR, _CEILING = 0, 1


def _trace(origins: Floats, rays: Floats) -> _Seen:
    """The plane that each ray meets first."""
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = np.stack([(at - origins[:, axis]) / rays[:, axis] for axis, at in _PLANES])
    distances[~(distances > 1e-3)] = np.inf
    nearest = distances.argmin(0)
    return _Seen(nearest, origins + rays * distances.min(0)[:, None])


def _paint(seen: _Seen, style: int, mats: Sequence[tuple[float, float]]) -> Floats:
    """RGB (N, 3) of the points."""
    colours = np.zeros((len(seen.plane), 3))
    for number, (axis, _) in enumerate(_PLANES):
        hit = seen.plane == number
        points = seen.points[hit]
        if not len(points):
            continue
        if number == _FLOOR:
            colours[hit] = _floor(points, style, mats)
        elif number == _CEILING:
            colours[hit] = _ceiling(points)
        else:
            colours[hit] = _wall(points, 1 - axis, style)
    return colours


def _shown(mirror: MirrorSpec, seen: _Seen) -> npt.NDArray[np.bool_]:
    """Which of the points lie on the mirror."""
    on_wall = seen.plane == _PLANES.index((mirror.axis, mirror.at_m))
    return np.asarray(mirror.holds(seen.points) & on_wall)


def _as_picture(colours: Floats, shape: tuple[int, int]) -> Image:
    return np.ascontiguousarray(colours.reshape(*shape, 3).clip(0, 255)[..., ::-1].astype(np.uint8))


def _noise(u: Floats, v: Floats, seed: int, cell_m: float) -> Floats:
    """Smooth value noise, 0..1."""
    lattice = np.random.default_rng(seed).random((64, 64))
    u, v = u / cell_m, v / cell_m
    i, j = np.floor(u).astype(int), np.floor(v).astype(int)
    a, b = u - i, v - j
    a, b = a * a * (3 - 2 * a), b * b * (3 - 2 * b)
    near = lattice[i % 64, j % 64] * (1 - a) + lattice[(i + 1) % 64, j % 64] * a
    far = lattice[i % 64, (j + 1) % 64] * (1 - a) + lattice[(i + 1) % 64, (j + 1) % 64] * a
    return np.asarray(near * (1 - b) + far * b)


def _floor(points: Floats, style: int, mats: Sequence[tuple[float, float]]) -> Floats:
    """Rubber tiles of a metre with specks, and the mats."""
    x, y = points[:, 0], points[:, 1]
    speck = _noise(x, y, style + 1, 0.018) > 0.86
    seam = (np.abs(x % 1 - 0.5) > 0.494) | (np.abs(y % 1 - 0.5) > 0.494)
    grey = 62 + 10 * _noise(x, y, style, 0.5) + 24 * speck - 14 * seam
    colours = np.stack([grey, grey * 1.01, grey * 1.04], -1)
    for mat_x, mat_y in mats:
        on_mat = (np.abs(x - mat_x) < _MAT_M[0]) & (np.abs(y - mat_y) < _MAT_M[1])
        colours[on_mat] = colours[on_mat] * 0.4 + np.array([40, 60, 95.0])
    return np.asarray(colours * (1.12 - 0.06 * np.hypot(x, y)[:, None]).clip(0.6, 1.2))


def _wall(points: Floats, axis: int, style: int) -> Floats:
    """Plaster with a stripe and a skirting board; the front and the back wall have windows."""
    a, z = points[:, axis], points[:, 2]
    plaster = 0.92 + 0.06 * _noise(a, z, style + 2, 0.6) + 0.03 * _noise(a, z, style + 5, 0.05)
    colours = np.array(_WALLS[style % 3]) * plaster[:, None]
    colours[(z > 1.02) & (z < 1.12)] = _ACCENTS[style % 3]
    colours[z < 0.12] = (60, 60, 62)
    if axis == 0:
        across = np.abs((a + 0.3) % 2.6 - 1.3)
        window = (across < 0.8) & (z > 1.45) & (z < 2.55)
        bars = (np.abs(across - 0.8) < 0.05) | (across < 0.025) | (z < 1.5) | (z > 2.5)
        sky = np.stack([200 + 20 * z, 215 + 12 * z, 228 + 6 * z], -1).clip(0, 255)
        colours[window] = sky[window]
        colours[window & bars] = (80, 80, 84)
    return np.asarray(colours * (0.72 + 0.14 * z.clip(0, 3))[:, None])


def _ceiling(points: Floats) -> Floats:
    x, y = points[:, 0], points[:, 1]
    colours = np.array([150, 152, 155.0]) * (0.9 + 0.1 * _noise(x, y, 3, 0.3))[:, None]
    colours[(np.abs(x % 2 - 1) < 0.1) & (np.abs(y % 2.4 - 1.2) < 0.6)] = (255, 255, 250)
    return colours


def _furniture(accent: Floats) -> Mesh:
    """A dumbbell rack, a bench, a power rack with a loaded bar and two drums, all along the walls."""
    red, green, blue = accent * 0.8
    post: Colour = (float(red), float(green), float(blue))
    pieces: list[Mesh] = []
    for shelf in (0.45, 0.85):
        pieces.append(box((-1.6, 2.85, shelf), (2.0, 0.4, 0.05), (70, 72, 76)))
        pieces += _dumbbell_row(shelf + 0.03)
    pieces += [box((x, 2.85, 0.5), (0.06, 0.36, 1.0), (60, 62, 66)) for x in (-2.6, -0.6)]
    pieces.append(box((1.9, 2.3, 0.42), (0.3, 1.1, 0.08), (28, 28, 32)))
    pieces.append(box((1.9, 2.3, 0.2), (0.08, 0.9, 0.36), (150, 150, 152)))
    pieces += [box((x, 2.7, 1.1), (0.07, 0.07, 2.2), post) for x in (2.9, 4.0)]
    along = (1.0, 0.0, 0.0)
    pieces.append(cylinder((3.4, 2.6, 1.3), 0.014, 2.0, along, (190, 190, 194)))
    pieces.append(cylinder((2.55, 2.6, 1.3), 0.22, 0.05, along, (30, 30, 34)))
    pieces.append(cylinder((2.62, 2.6, 1.3), 0.17, 0.05, along, (150, 40, 36)))
    pieces += [cylinder((-3.4, y, 0.1), 0.1, 0.2, (0.0, 0.0, 1.0), post) for y in (1.0, 0.4)]
    return merge(pieces)


def _dumbbell_row(height: float) -> list[Mesh]:
    along = (0.0, 1.0, 0.0)
    row: list[Mesh] = []
    for number in range(6):
        x, radius = -2.45 + number * 0.34, 0.05 + 0.006 * number
        row += [cylinder((x, 2.82 + dy, height + radius), radius, 0.09, along, (38, 38, 42)) for dy in (-0.1, 0.1)]
        row.append(cylinder((x, 2.82, height + radius), 0.015, 0.2, along, (170, 170, 175)))
    return row
