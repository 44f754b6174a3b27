"""One body or two in a mirror: what the joints of two people, seen together for some time, say about it.

A plane mirror joins every point of a body to its image by a line along the mirror's normal. Seen by a camera all these
lines meet in one point, the normal's vanishing point (Mariottini et al., "Planar mirrors for image-based robot
localization and 3-D reconstruction", Mechatronics 2012); the image has left and right exchanged, moves at the very same
time, and is the farther of the two. Two people who train side by side in time are translated copies of each other
instead, so whoever a shift and a scale explain about as well proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_vision.people import Keypoint

Float64 = NDArray[np.float64]

_LEFT = (
    Keypoint.LEFT_SHOULDER, Keypoint.LEFT_ELBOW, Keypoint.LEFT_WRIST,
    Keypoint.LEFT_HIP, Keypoint.LEFT_KNEE, Keypoint.LEFT_ANKLE,
)  # fmt: skip
BODY = np.array([*_LEFT, *(joint + 1 for joint in _LEFT)])
"""Rows of a body's 33 keypoints that are used; those of the right follow those of the left."""
_SWAPPED = np.r_[len(_LEFT) : 2 * len(_LEFT), 0 : len(_LEFT)]
"""Rows of `BODY` with left and right exchanged."""
_SEEN = 0.4
_TRUNK, _THIGH, _SHIN = 0.29, 0.245, 0.246
"""Lengths of bones in body heights (Winter, "Biomechanics and Motor Control of Human Movement", 2009)."""


@dataclass(frozen=True, slots=True)
class PairConfig:
    """Parameters; what happens when each is raised."""

    off_line: float = 0.03
    """Median distance of a joint from where its line should pass, in body heights. Raised: poor keypoints are forgiven,
    and more pairs of people agree by chance."""
    shift_ratio: float = 1.6
    """By so many times a shift and a scale must explain the pair worse than a mirror. Raised: fewer pairs that train in
    time are taken for one, fewer reflections found."""
    least_shift: float = 0.05
    """And by so many body heights at least."""
    movement: float = 0.03
    """Least movement across the lines in body heights (standard deviation). Raised: only large movements prove it."""
    in_time: float = 0.75
    """Least correlation of these movements. Raised: noisy keypoints hide a mirror."""
    depth_error: float = 0.12
    """Greatest difference (log) between how much farther the image is by the lines and by its size. Raised: more pairs
    agree by chance."""
    focal_widths: float = 0.9
    """Focal length assumed, in widths of the picture; distances depend on it, proofs hardly."""


@dataclass(frozen=True, slots=True, eq=False)
class Mirror:
    """A plane that reflects, as the camera sees it."""

    normal: Float64
    """(3,) unit vector from the room into the mirror: x right, y down, z away from the camera."""
    distance: float
    """From the camera along the normal, in body heights."""


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Two people at the same times."""

    first: Float64
    """(T, 12, 3) x px, y px, visibility of the joints in `BODY`."""
    second: Float64
    size_px: tuple[int, int]


def proof(pair: Together, config: PairConfig) -> tuple[int, Mirror] | None:
    """Which of two (1, 2) is the other's image, and in which mirror; None where that isn't proven."""
    exchanged = pair.second[:, _SWAPPED]
    seen = (pair.first[:, :, 2] >= _SEEN) & (exchanged[:, :, 2] >= _SEEN)
    if seen.mean() < 0.5:
        return None
    heights = typical_height(pair.first), typical_height(pair.second)
    if min(heights) <= 0:
        return None
    focal = config.focal_widths * pair.size_px[0]
    rays, image_rays = _rays(pair.first, pair.size_px, focal)[seen], _rays(exchanged, pair.size_px, focal)[seen]
    meeting, distance = _meeting_point(rays, image_rays)
    off_line = float(np.median(np.abs(distance))) * focal / min(heights)
    if off_line > config.off_line or not _depths_agree(rays, image_rays, meeting, heights, config):
        return None
    shift = _off_similarity(pair.first, pair.second) / min(heights)
    if shift < max(config.shift_ratio * off_line, config.least_shift):
        return None
    moved, in_time = _in_time(pair.first, exchanged, seen, meeting, focal, pair.size_px)
    if moved < config.movement * min(heights) or in_time < config.in_time:
        return None
    return _mirror_between(rays, image_rays, meeting, heights, focal)


def agrees(pair: Together, mirror: Mirror, config: PairConfig) -> int | None:
    """Which of two (1, 2) is the other's image in a mirror that is known; None where neither is."""
    exchanged = pair.second[:, _SWAPPED]
    seen = (pair.first[:, :, 2] >= _SEEN) & (exchanged[:, :, 2] >= _SEEN)
    heights = typical_height(pair.first), typical_height(pair.second)
    if seen.mean() < 0.5 or min(heights) <= 0:
        return None
    focal = config.focal_widths * pair.size_px[0]
    rays, image_rays = _rays(pair.first, pair.size_px, focal)[seen], _rays(exchanged, pair.size_px, focal)[seen]
    distance, _ = _distances(mirror.normal, rays, image_rays)
    off_line = float(np.median(np.abs(distance))) * focal / min(heights)
    if off_line > config.off_line or not _depths_agree(rays, image_rays, mirror.normal, heights, config):
        return None
    image, found = _mirror_between(rays, image_rays, mirror.normal, heights, focal)
    return image if same_mirror(found, mirror) else None


def same_mirror(one: Mirror, other: Mirror) -> bool:
    """Whether two estimates are of one plane, to within the error of a body's height."""
    angle = float(np.dot(one.normal, other.normal))
    return angle >= 0.99 and abs(one.distance / other.distance - 1) <= 0.15


def depth_in(mirror: Mirror, joints: Float64, size_px: tuple[int, int], config: PairConfig) -> float | None:
    """How far along the mirror's normal a body is, in distances of the mirror: above 1 it is behind the wall.

    `joints`: (T, 12, 3) of the last moments. None where its height can't be told.
    """
    height = typical_height(joints)
    if height <= 0:
        return None
    focal = config.focal_widths * size_px[0]
    seen = joints[:, :, 2] >= _SEEN
    middle = _rays(joints, size_px, focal)[seen].mean(axis=0)
    return float(middle @ mirror.normal) * focal / height / mirror.distance


def typical_height(joints: Float64) -> float:
    """Height of a standing body, px, whatever it does: from its least foreshortened bone. 0 where none is seen.

    `joints`: (T, 12, 3).
    """
    points = np.where(joints[:, :, 2:] >= _SEEN, joints[:, :, :2], np.nan)
    shoulder, hip, knee, ankle = (points[:, [row, row + len(_LEFT)]] for row in (0, 3, 4, 5))
    trunk = np.linalg.norm((shoulder - hip).mean(axis=1), axis=-1) / _TRUNK
    thighs, shins = np.linalg.norm(hip - knee, axis=-1) / _THIGH, np.linalg.norm(knee - ankle, axis=-1) / _SHIN
    lengths = np.concatenate([trunk[:, None], thighs, shins], axis=1)
    longest = np.max(np.nan_to_num(lengths), axis=1)
    return float(np.median(longest[longest > 0])) if (longest > 0).any() else 0.0


def _rays(joints: Float64, size_px: tuple[int, int], focal: float) -> Float64:
    """(T, 12, 3) directions x, y, 1 from the camera."""
    centred = (joints[:, :, :2] - np.array(size_px) / 2) / focal
    return np.concatenate([centred, np.ones((*joints.shape[:2], 1))], axis=2)


def _meeting_point(rays: Float64, image_rays: Float64) -> tuple[Float64, Float64]:
    """(3,) direction in which the lines through rays (M, 3) and image rays (M, 3) meet best, and (M,) distances.

    Least squares over the lines' normals, weighted anew by the distances so that a few wrong joints don't count
    (iteratively reweighted, Cauchy weights). Distances are of the image from its line, focal lengths.
    """
    normals = np.cross(rays, image_rays)
    weights = 1.0 / np.maximum(np.linalg.norm(normals, axis=1), 1e-9)
    meeting, distance = np.zeros(3), np.zeros(len(rays))
    robust = np.ones(len(rays))
    for _ in range(4):
        weighted = normals * (weights * robust)[:, None]
        meeting = np.linalg.svd(weighted.T @ weighted)[2][-1]
        distance, scale = _distances(meeting, rays, image_rays)
        # A line's weight is that of the distance which it causes in the picture.
        weights = 1.0 / scale
        robust = 1.0 / (1.0 + (distance / max(2.0 * float(np.median(np.abs(distance))), 1e-6)) ** 2)
    return np.asarray(meeting, np.float64), distance


def _distances(meeting: Float64, rays: Float64, image_rays: Float64) -> tuple[Float64, Float64]:
    """(M,) distances of image rays from the lines through rays and the meeting point, and (M,) the lines' scales."""
    line = np.cross(meeting, rays)
    scale = np.maximum(np.linalg.norm(line[:, :2], axis=1), 1e-9)
    return np.einsum("ij,ij->i", line, image_rays) / scale, scale


def _depths_agree(
    rays: Float64, image_rays: Float64, meeting: Float64, heights: tuple[float, float], config: PairConfig
) -> bool:
    """Whether the ratio of the two's depths is the same by the lines and by their heights.

    Body and image lie on the two rays at depths whose difference is along the normal, so that the ratio follows from
    the vanishing point.
    """
    one = np.linalg.norm(np.cross(rays, meeting), axis=1)
    other = np.linalg.norm(np.cross(image_rays, meeting), axis=1)
    by_lines = float(np.median(one / np.maximum(other, 1e-9)))
    return abs(float(np.log(max(by_lines, 1e-6) * heights[1] / heights[0]))) <= config.depth_error


def _mirror_between(
    rays: Float64, image_rays: Float64, meeting: Float64, heights: tuple[float, float], focal: float
) -> tuple[int, Mirror]:
    """Which of two is the image (the farther one), and the plane half way between them."""
    first, second = rays.mean(axis=0) * focal / heights[0], image_rays.mean(axis=0) * focal / heights[1]
    image = 2 if np.linalg.norm(second) >= np.linalg.norm(first) else 1
    body, behind = (first, second) if image == 2 else (second, first)
    normal = meeting if float(meeting @ (behind - body)) >= 0 else -meeting
    return image, Mirror(normal, float(normal @ (body + behind)) / 2)


def _off_similarity(first: Float64, other: Float64) -> float:
    """Median px by which one shift and one scale for all times miss; a fifth of the joints may be wrong."""
    seen = (first[:, :, 2] >= _SEEN) & (other[:, :, 2] >= _SEEN)
    if seen.sum() < len(BODY):
        return 0.0
    source, target = first[:, :, :2][seen], other[:, :, :2][seen]
    keep = np.ones(len(source), np.bool_)
    error = np.zeros(len(source))
    for _ in range(3):
        middle, target_middle = source[keep].mean(axis=0), target[keep].mean(axis=0)
        spread = float(((source[keep] - middle) ** 2).sum())
        scale = float(((source[keep] - middle) * (target[keep] - target_middle)).sum()) / max(spread, 1e-9)
        error = np.linalg.norm(scale * (source - middle) + target_middle - target, axis=1)
        keep = error <= np.percentile(error, 80)
    return float(np.median(error))


def _in_time(
    first: Float64,
    exchanged: Float64,
    seen: NDArray[np.bool_],
    meeting: Float64,
    focal: float,
    size_px: tuple[int, int],
) -> tuple[float, float]:
    """How much the joints move across the lines (px), and how well both move together (correlation)."""
    always = seen.mean(axis=0) >= 0.8
    if not always.any():
        return 0.0, 0.0
    middle = first[:, always, :2].mean(axis=(0, 1)) - np.array(size_px) / 2
    along = meeting[:2] * focal - middle * meeting[2]
    along = along / max(float(np.linalg.norm(along)), 1e-9)
    across = np.array([-along[1], along[0]])
    one, other = first[:, always, :2] @ across, exchanged[:, always, :2] @ across
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    size = float(np.sqrt((one**2).mean() * (other**2).mean()))
    moved = min(float(one.std(axis=0).max()), float(other.std(axis=0).max()))
    return moved, float((one * other).mean()) / max(size, 1e-9)
