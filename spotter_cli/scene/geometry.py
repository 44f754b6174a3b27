"""Surface meshes of quadrilaterals: lofted tubes, ellipsoids, boxes and cylinders, all in metres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Vector = Sequence[float] | Floats
Colour = tuple[float, float, float]

_EPSILON = 1e-12


def unit(vector: Vector) -> Floats:
    """The vector scaled to length one."""
    values = np.asarray(vector, float)
    return np.asarray(values / (np.linalg.norm(values) + _EPSILON))


def axes_along(direction: Vector, front: Vector) -> Floats:
    """Rotation matrix (3, 3) with columns side, front and `direction`; front is made orthogonal to the direction."""
    along = unit(direction)
    front_axis = np.asarray(front, float)
    front_axis = unit(front_axis - np.dot(front_axis, along) * along)
    return np.stack([np.cross(front_axis, along), front_axis, along], 1)


@dataclass(frozen=True)
class Mesh:
    """Quads with one colour each.

    vertices (V, 3) m; faces (F, 4) vertex indices, counter-clockwise seen from outside; colours (F, 3) RGB 0..255;
    shine (F,) weight of the highlight; bias (F,) metres by which a face is drawn as if nearer to the camera.
    """

    vertices: Floats
    faces: Ints
    colours: Floats
    shine: Floats
    bias: Floats

    def moved(self, rotation: Floats, origin: Floats) -> Mesh:
        """The mesh rotated about its origin, then shifted."""
        return self.with_vertices(self.vertices @ rotation.T + origin)

    def with_vertices(self, vertices: Floats) -> Mesh:
        """The same faces on other vertices."""
        return Mesh(vertices, self.faces, self.colours, self.shine, self.bias)


def make_mesh(shape: tuple[Floats, Ints], colour: Colour | Floats, *, shine: float = 0.12, bias: float = 0.0) -> Mesh:
    """Colour a shape (one colour, or one for each face) and turn its faces outwards."""
    vertices, faces = shape
    per_face = np.asarray(colour, float)
    if per_face.ndim == 1:
        per_face = np.tile(per_face, (len(faces), 1))
    quads = vertices[faces]
    normals = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
    outward = float((normals * (quads.mean(1) - vertices.mean(0))).sum())
    oriented = faces if outward >= 0 else faces[:, ::-1]
    return Mesh(vertices, oriented, per_face, np.full(len(faces), shine), np.full(len(faces), bias))


def merge(meshes: Iterable[Mesh]) -> Mesh:
    """All meshes as one."""
    parts = list(meshes)
    offsets = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.faces + offset for part, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.colours for part in parts]),
        np.concatenate([part.shine for part in parts]),
        np.concatenate([part.bias for part in parts]),
    )


def monotone_cubic(at: Floats, knots: Vector, values: Vector) -> Floats:
    """Shape-preserving cubic through the knots (Fritsch and Butland 1984): a loft never bulges between rings."""
    x, y = np.asarray(knots, float), np.asarray(values, float)
    width = np.diff(x)
    slope = np.diff(y) / width
    tangent = np.zeros_like(y)
    tangent[0], tangent[-1] = slope[0], slope[-1]
    for i in range(1, len(y) - 1):
        if slope[i - 1] * slope[i] > 0:
            left, right = 2 * width[i] + width[i - 1], width[i] + 2 * width[i - 1]
            tangent[i] = (left + right) / (left / slope[i - 1] + right / slope[i])
    i_at = np.clip(np.searchsorted(x, at) - 1, 0, len(width) - 1)
    t = np.clip((at - x[i_at]) / width[i_at], 0, 1)
    rise = (t**3 - 2 * t**2 + t) * tangent[i_at] + (t**3 - t**2) * tangent[i_at + 1]
    return np.asarray((2 * t**3 - 3 * t**2 + 1) * y[i_at] + rise * width[i_at] + (-2 * t**3 + 3 * t**2) * y[i_at + 1])


def grid_faces(rings: int, columns: int) -> Ints:
    """Faces of `rings` closed rings of `columns` vertices each."""
    row = np.arange(rings - 1)[:, None] * columns
    column = np.arange(columns)[None]
    here, beside = row + column, row + (column + 1) % columns
    return np.stack([here, beside, beside + columns, here + columns], -1).reshape(-1, 4)


@dataclass(frozen=True)
class Profile:
    """Cross-sections along z: half width to the side, to the front and to the back, at each height (m)."""

    heights: Vector
    side: Vector
    front: Vector
    back: Vector

    def scaled(self, sections: float) -> Profile:
        """The same heights with wider or narrower sections."""
        return Profile(self.heights, *(np.asarray(v, float) * sections for v in (self.side, self.front, self.back)))


def tube(
    profile: Profile,
    *,
    rings: int,
    columns: int,
    roundness: float = 2.0,
    capped: tuple[bool, bool] = (True, True),
    folds: Callable[[float, Floats], Floats] | None = None,
    cap_rings: int = 3,
) -> tuple[Floats, Ints]:
    """Loft along z with rounded ends.

    roundness is the exponent of the superellipse (2 an ellipse, more is squarer); folds(z, angle) is the relative
    displacement of the surface, for cloth.
    """
    z = np.linspace(profile.heights[0], profile.heights[-1], rings)
    radii = (profile.side, profile.front, profile.back)
    sections = np.stack([z, *(monotone_cubic(z, profile.heights, values) for values in radii)], 1)
    rows = list(sections)
    if capped[0]:
        rows = _cap(sections[0], -1, cap_rings)[::-1] + rows
    if capped[1]:
        rows = rows + _cap(sections[-1], 1, cap_rings)
    angle = np.arange(columns) / columns * 2 * np.pi
    across = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / roundness)
    along = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / roundness)
    vertices = []
    for height, side, front, back in rows:
        swell = 1.0 if folds is None else 1 + folds(float(height), angle)
        depth = np.where(along > 0, front, back) * along
        vertices.append(np.stack([side * across * swell, depth * swell, np.full(columns, height)], 1))
    return np.concatenate(vertices), grid_faces(len(rows), columns)


def _cap(section: Floats, sign: int, count: int) -> list[Floats]:
    height, side, front, back = section
    radius = (side + (front + back) / 2) / 2
    angles = np.arange(1, count + 1) / count * np.pi / 2 * 0.985
    return [
        np.array([height + sign * radius * 0.9 * np.sin(a), side * np.cos(a), front * np.cos(a), back * np.cos(a)])
        for a in angles
    ]


def ellipsoid(centre: Vector, radii: Vector, rings: int, columns: int) -> tuple[Floats, Ints]:
    """Ellipsoid with its poles on z."""
    polar = np.linspace(0.02, np.pi - 0.02, rings)
    around = np.arange(columns) / columns * 2 * np.pi
    x, y = np.outer(np.sin(polar), np.cos(around)), np.outer(np.sin(polar), np.sin(around))
    z = np.outer(np.cos(polar), np.ones(columns))
    return np.stack([x, y, z], -1).reshape(-1, 3) * np.asarray(radii) + np.asarray(centre), grid_faces(rings, columns)


def box(centre: Vector, size: Vector, colour: Colour, *, shine: float = 0.1, divisions: int = 4) -> Mesh:
    """Axis-aligned box; its sides are divided so that the painter's order stays right beside other things."""
    n = divisions + 1
    grid = np.linspace(-0.5, 0.5, n)
    a, b = (g.ravel() for g in np.meshgrid(grid, grid, indexing="ij"))
    corner = (np.arange(divisions)[:, None] * n + np.arange(divisions)[None]).ravel()
    faces = np.stack([corner, corner + 1, corner + n + 1, corner + n], -1)
    sides = []
    for axis in range(3):
        others = [i for i in range(3) if i != axis]
        for sign in (-0.5, 0.5):
            vertices = np.zeros((n * n, 3))
            vertices[:, others[0]], vertices[:, others[1]], vertices[:, axis] = a, b, sign
            quad = vertices[faces[0]]
            normal = np.cross(quad[2] - quad[0], quad[3] - quad[1])
            turned = faces if normal[axis] * sign > 0 else faces[:, ::-1]
            placed = vertices * np.asarray(size) + np.asarray(centre)
            colours = np.tile(np.asarray(colour, float), (len(faces), 1))
            sides.append(Mesh(placed, turned, colours, np.full(len(faces), shine), np.zeros(len(faces))))
    return merge(sides)


def cylinder(centre: Vector, radius: float, length: float, axis: Vector, colour: Colour, *, shine: float = 0.3) -> Mesh:
    """Cylinder with slightly bevelled edges."""
    half, bevel = length / 2, min(0.005, length / 8)
    radii = [radius * 0.9, radius, radius, radius * 0.9]
    profile = Profile([-half, -half + bevel, half - bevel, half], radii, radii, radii)
    vertices, faces = tube(profile, rings=6, columns=18, cap_rings=2)
    vertices[:, 2] = vertices[:, 2].clip(-half - 0.003, half + 0.003)
    across = (0.1, 0.3, 1.0) if abs(unit(axis)[2]) < 0.9 else (0.0, 1.0, 0.0)
    return make_mesh((vertices, faces), colour, shine=shine).moved(axes_along(axis, across), np.asarray(centre, float))
