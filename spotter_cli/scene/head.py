"""The head: a deformed sphere with a painted face, hair and ears. A detector of people looks for faces first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spotter_cli.scene.geometry import Floats, Ints, Mesh, Profile, ellipsoid, grid_faces, make_mesh, tube
from spotter_cli.scene.looks import Look

_RINGS, _COLUMNS = 54, 64
_RADII_M = np.array([0.076, 0.097, 0.118])
_EYE_X_M = 0.031


@dataclass(frozen=True)
class _Skull:
    directions: Floats
    vertices: Floats
    faces: Ints


def build_head(look: Look, scale: float) -> list[Mesh]:
    """Meshes of the head in its bone's frame: x to the side, y to the front, z up, centre of the skull at 0."""
    skull = _skull()
    parts = [
        make_mesh((skull.vertices * scale, skull.faces), _paint_face(skull, look), shine=0.14),
        _hair(skull, look, scale),
    ]
    ear_colour = np.array(look.skin) * np.array([0.98, 0.86, 0.84])
    for side in (-1, 1):
        vertices, faces = ellipsoid((side * 0.077, -0.004, -0.006), (0.010, 0.018, 0.031), 8, 10)
        parts.append(make_mesh((vertices * scale, faces), ear_colour))
    if look.long_hair:
        parts.append(_pony_tail(look, scale))
    return parts


def _skull() -> _Skull:
    """A sphere, its grid dense around the face, narrowed to a jaw, with nose, brow, lips, chin and eye sockets."""
    rows = np.linspace(0.03, np.pi - 0.03, _RINGS)
    polar = rows + 0.2 * np.sin(2 * rows)
    turn = np.arange(_COLUMNS) / _COLUMNS * 2 * np.pi - np.pi
    around = np.pi / 2 + turn - 0.5 * np.sin(turn)
    tilt, azimuth = np.meshgrid(polar, around, indexing="ij")
    directions = np.stack([np.sin(tilt) * np.cos(azimuth), np.sin(tilt) * np.sin(azimuth), np.cos(tilt)], -1)
    x, y, z = np.moveaxis(directions * _RADII_M, -1, 0)
    low, front = np.clip(-z / _RADII_M[2], 0, 1), np.clip(directions[..., 1], 0, 1)
    x = x * (1 - 0.26 * low**1.5)
    y = np.where(y < 0, y * (1 - 0.42 * low), y * (1 - 0.04 * low) + 0.008 * low * front)
    y = np.where(y > 0, np.minimum(y, 0.088 + 0.12 * y), y)
    y = y + _relief(x, z) * (directions[..., 1] > 0.2)
    vertices = np.stack([x, y, z], -1).reshape(-1, 3)
    return _Skull(directions.reshape(-1, 3), vertices, grid_faces(_RINGS, _COLUMNS))


def _relief(x: Floats, z: Floats) -> Floats:
    """How far the features stand out of the face (m)."""

    def bump(height: float, x0: float, z0: float, width: float, tall: float) -> Floats:
        return np.asarray(height * np.exp(-(((x - x0) / width) ** 2) - ((z - z0) / tall) ** 2))

    nose = bump(0.030, 0, -0.022, 0.0105, 0.012) + bump(0.014, 0, -0.002, 0.008, 0.022)
    brow, lips = bump(0.006, 0, 0.03, 0.045, 0.010), bump(0.007, 0, -0.062, 0.022, 0.010)
    relief = nose + brow + lips + bump(0.006, 0, -0.1, 0.022, 0.014)
    for side in (-1, 1):
        relief = relief - bump(0.010, side * _EYE_X_M, 0.012, 0.017, 0.011)
        relief = relief + bump(0.005, side * 0.04, -0.03, 0.02, 0.02)
    return relief


class _Paint:
    """Colours of the faces of a skull, painted over one another."""

    def __init__(self, skull: _Skull, base: Floats) -> None:
        centres = skull.vertices[skull.faces].mean(1)
        self.x, self.y, self.z = centres.T
        self.front = self.y > 0.03
        self.colours = np.tile(base, (len(skull.faces), 1))

    def blend(self, mask: Floats, colour: Floats, opacity: float = 1.0) -> None:
        weight = opacity * mask[:, None]
        self.colours = self.colours * (1 - weight) + colour * weight

    def spot(self, x0: float, z0: float, width: float, tall: float) -> Floats:
        """A hard-edged ellipse."""
        inside = ((self.x - x0) / width) ** 2 + ((self.z - z0) / tall) ** 2 < 1
        return np.asarray(inside & self.front, float)

    def haze(self, x0: float, z0: float, width: float, tall: float) -> Floats:
        """A soft-edged ellipse."""
        return np.asarray(np.exp(-(((self.x - x0) / width) ** 2) - ((self.z - z0) / tall) ** 2) * self.front)


def _paint_face(skull: _Skull, look: Look) -> Floats:
    skin, hair = np.array(look.skin), np.array(look.hair)
    paint = _Paint(skull, skin)
    for side in (-1, 1):
        eye = side * _EYE_X_M
        paint.blend(paint.haze(eye, 0.010, 0.02, 0.014), skin * 0.75, 0.45)
        paint.blend(paint.haze(side * 0.042, -0.03, 0.02, 0.018), skin * np.array([1.06, 0.88, 0.86]), 0.35)
        paint.blend(paint.spot(eye, 0.009, 0.0155, 0.0075), np.array([236.0, 232, 228]))
        paint.blend(paint.spot(eye, 0.009, 0.0072, 0.0072), np.array([52.0, 36, 28]))
        paint.blend(paint.spot(eye, 0.0165, 0.016, 0.0024), skin * 0.4)
        paint.blend(paint.spot(side * 0.032, 0.032, 0.018, 0.0042), hair * 0.85, 0.75)
        paint.blend(paint.haze(side * 0.0085, -0.036, 0.0045, 0.004), skin * 0.35, 0.9)
    mouth = paint.spot(0, -0.0635, 0.026, 0.0085)
    paint.blend(paint.haze(0, -0.041, 0.016, 0.006), skin * 0.7, 0.5)
    paint.blend(mouth, skin * np.array([0.86, 0.58, 0.56]))
    paint.blend(paint.spot(0, -0.0635, 0.024, 0.0022), skin * 0.35)
    paint.blend(paint.haze(0, -0.078, 0.02, 0.006), skin * 0.75, 0.5)
    beard = (paint.z < -0.045) & (paint.y > -0.01) & (mouth == 0)
    paint.blend(beard.astype(float), hair, look.beard)
    return paint.colours


def _hair(skull: _Skull, look: Look, scale: float) -> Mesh:
    """A cap a centimetre above the skull, cut where the hairline runs."""
    vertices = skull.vertices + skull.directions * 0.011 + np.array([0, 0, 0.004])
    x, y, z = vertices[skull.faces].mean(1).T
    line: Callable[[Floats], Floats] = _low_hairline if look.long_hair else _hairline
    kept = z > line(y)
    strands = (1 + 0.35 * np.sin(150 * x + 40 * z + 3 * np.sin(60 * y))).clip(0.6, 1.4)
    colours = np.array(look.hair) * strands[:, None]
    return make_mesh((vertices * scale, skull.faces[kept]), colours[kept], shine=0.25)


def _hairline(y: Floats) -> Floats:
    return np.interp(y, [-0.12, -0.03, 0.0, 0.045, 0.075, 0.12], [-0.07, -0.06, -0.01, 0.045, 0.066, 0.07])


def _low_hairline(y: Floats) -> Floats:
    return np.interp(y, [-0.12, -0.02, 0.03, 0.05, 0.075, 0.12], [-0.12, -0.12, -0.02, 0.05, 0.07, 0.072])


def _pony_tail(look: Look, scale: float) -> Mesh:
    depth = [0.02, 0.028, 0.024, 0.008]
    profile = Profile([0, 0.05, 0.14, 0.22], [0.03, 0.036, 0.03, 0.008], depth, depth)
    vertices, faces = tube(profile, rings=10, columns=12)
    hanging = np.stack([vertices[:, 0], -0.115 - 0.15 * vertices[:, 2] + vertices[:, 1], 0.03 - vertices[:, 2]], 1)
    return make_mesh((hanging * scale, faces), look.hair, shine=0.25)
