"""Finds reflections among the people of a camera that doesn't move: who is only somebody's image in a mirror?

A plane mirror joins every point of a body to its image by a line along the mirror's normal. Seen by a camera all these
lines meet in one point, the normal's vanishing point (Mariottini et al., "Planar mirrors for image-based robot
localization and 3-D reconstruction", Mechatronics 2012); the image has left and right exchanged, moves at the very same
time, and is the farther of the two. Two people who train side by side in time are translated copies of each other
instead, so whoever a shift and a scale explain about as well is left alone: a person lost weighs more than a reflection
seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.people import Keypoint

Float64 = NDArray[np.float64]
Polygon = Sequence[tuple[float, float]]
"""Corners x, y as shares of the frame's width and height."""

_LEFT = (
    Keypoint.LEFT_SHOULDER, Keypoint.LEFT_ELBOW, Keypoint.LEFT_WRIST,
    Keypoint.LEFT_HIP, Keypoint.LEFT_KNEE, Keypoint.LEFT_ANKLE,
)  # fmt: skip
_RIGHT = tuple(Keypoint(joint + 1) for joint in _LEFT)
_BODY = np.array([*_LEFT, *_RIGHT])
_SWAPPED = np.r_[len(_LEFT) : 2 * len(_LEFT), 0 : len(_LEFT)]
"""Rows of `_BODY` with left and right exchanged."""


@dataclass(frozen=True, slots=True)
class MirrorConfig:
    """Parameters; what happens when each is raised."""

    watch_s: float = 2.0
    """How much of the past is looked at. Raised: surer, later."""
    least_s: float = 1.0
    """Two must have been seen together for so long. Raised: surer, later."""
    interval_s: float = 0.4
    """Between two looks at a pair. Raised: cheaper, later."""
    off_line: float = 0.04
    """Median distance of a joint from where its line should pass, in body heights. Raised: poor keypoints are forgiven,
    and more pairs of people agree by chance."""
    shift_ratio: float = 1.6
    """By so many times a shift and a scale must explain the pair worse than a mirror. Raised: fewer pairs that train in
    time are taken for one, fewer reflections found."""
    least_shift: float = 0.06
    """And by so many body heights at least."""
    movement: float = 0.03
    """Least movement across the lines in body heights (standard deviation). Raised: only large movements prove it."""
    in_time: float = 0.85
    """Least correlation of these movements. Raised: noisy keypoints hide a mirror."""
    depth_error: float = 0.35
    """Greatest difference (log) between how much farther the image is by the lines and by its size. Raised: more pairs
    agree by chance."""
    least_alike: float = 0.15
    """Likeness (0..1) below which clothes say that they are two people. Raised: bad light in a mirror hides it."""
    believe: int = 2
    """Looks in a row that must agree. Raised: surer, later."""
    doubt: int = 3
    """Looks in a row that must contradict before a reflection is a person again."""
    focal_widths: float = 0.9
    """Focal length assumed, in widths of the picture; used for which of the two is farther only."""
    inside: float = 0.9
    """Share of a box within a configured mirror from which it is a reflection."""


@dataclass(slots=True)
class _Pair:
    agreed: int = 0
    contradicted: int = 0
    reflection: int = 0
    """Id of the image while `agreed`."""


@dataclass(slots=True)
class _History:
    times_s: deque[float] = field(default_factory=deque)
    joints: deque[Float64] = field(default_factory=deque)
    """(12, 3) each: x px, y px, visibility."""


class Mirrors:
    """State of one camera."""

    def __init__(self, config: MirrorConfig | None = None, polygons: Sequence[Polygon] = ()) -> None:
        """`polygons`: mirrors that somebody has drawn; whoever stands wholly inside one is a reflection."""
        self._config = config or MirrorConfig()
        self._polygons = [np.array(polygon, np.float64).reshape(-1, 2) for polygon in polygons]
        self._seen: dict[int, _History] = {}
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self._image_of: dict[int, int] = {}
        """Whose image somebody is, by id."""
        self._looked_s = -np.inf

    def update(
        self,
        numbers: Sequence[int],
        boxes: NDArray[np.float32],
        keypoints: NDArray[np.float32],
        size_px: tuple[int, int],
        time_s: float,
        likeness: Callable[[int, int], float | None],
    ) -> set[int]:
        """Ids that are reflections.

        Args:
            numbers: ids of the people in this frame.
            boxes: (N, 4) xyxy px.
            keypoints: (N, 33, 3) x px, y px, visibility.
            size_px: width and height of the picture.
            time_s: capture time.
            likeness: how alike two ids are, 0..1; None where nobody knows.
        """
        self._remember(numbers, keypoints, time_s)
        if time_s - self._looked_s >= self._config.interval_s:
            self._looked_s = time_s
            for first, second in combinations(sorted(numbers), 2):
                self._judge(first, second, size_px, likeness)
        drawn = self._in_polygons(numbers, boxes, size_px)
        return {number for number in numbers if number in self._image_of} | drawn

    def _remember(self, numbers: Sequence[int], keypoints: NDArray[np.float32], time_s: float) -> None:
        for row, number in enumerate(numbers):
            history = self._seen.setdefault(number, _History())
            history.times_s.append(time_s)
            history.joints.append(keypoints[row, _BODY].astype(np.float64))
        for number, history in list(self._seen.items()):
            while history.times_s and not 0 <= time_s - history.times_s[0] <= self._config.watch_s:
                history.times_s.popleft()
                history.joints.popleft()
            if not history.times_s:
                del self._seen[number]
        gone = {number for pair in self._pairs for number in pair} - set(self._seen)
        if gone:
            self._pairs = {pair: state for pair, state in self._pairs.items() if not gone & set(pair)}
            self._image_of = {image: body for image, body in self._image_of.items() if image not in gone}

    def _judge(
        self, first: int, second: int, size_px: tuple[int, int], likeness: Callable[[int, int], float | None]
    ) -> None:
        together = self._together(first, second)
        if together is None:
            return
        verdict = compare(*together, size_px, self._config)
        if verdict is None:
            return
        pair = self._pairs.setdefault((first, second), _Pair())
        alike = likeness(first, second)
        if verdict == 0 or (alike is not None and alike < self._config.least_alike):
            self._contradict(pair, first, second)
            return
        image = first if verdict == 1 else second
        pair.agreed = pair.agreed + 1 if pair.reflection == image else 1
        pair.reflection, pair.contradicted = image, 0
        body = second if image == first else first
        if pair.agreed >= self._config.believe and body not in self._image_of:
            self._image_of[image] = body

    def _contradict(self, pair: _Pair, first: int, second: int) -> None:
        pair.agreed = 0
        pair.contradicted += 1
        if pair.contradicted >= self._config.doubt:
            for image, body in ((first, second), (second, first)):
                if self._image_of.get(image) == body:
                    del self._image_of[image]

    def _together(self, first: int, second: int) -> tuple[Float64, Float64] | None:
        """(T, 12, 3) joints of both at the times when both were seen; None where that is too short."""
        one, other = self._seen[first], self._seen[second]
        rows = {time_s: row for row, time_s in enumerate(other.times_s)}
        shared = [(row, rows[time_s]) for row, time_s in enumerate(one.times_s) if time_s in rows]
        if len(shared) < 6 or one.times_s[shared[-1][0]] - one.times_s[shared[0][0]] < self._config.least_s:
            return None
        return np.stack([one.joints[row] for row, _ in shared]), np.stack([other.joints[row] for _, row in shared])

    def _in_polygons(self, numbers: Sequence[int], boxes: NDArray[np.float32], size_px: tuple[int, int]) -> set[int]:
        found = set()
        for polygon in self._polygons:
            outline = (polygon * size_px).astype(np.float32)
            for number, box in zip(numbers, boxes, strict=True):
                corners = np.array([box[[0, 1]], box[[2, 1]], box[[2, 3]], box[[0, 3]]], np.float32)
                area = float((box[2] - box[0]) * (box[3] - box[1]))
                shared, _ = cv2.intersectConvexConvex(cv2.convexHull(outline), corners)
                if area > 0 and shared / area >= self._config.inside:
                    found.add(number)
        return found


def compare(first: Float64, second: Float64, size_px: tuple[int, int], config: MirrorConfig) -> int | None:
    """Whether one of two is the other's image in a mirror.

    Args:
        first: (T, 12, 3) joints of `_BODY` of one: x px, y px, visibility.
        second: the same of the other, at the same times.
        size_px: width and height of the picture.
        config: parameters.

    Returns:
        1 or 2 for the one that is the image, 0 where they are two people, None where nothing can be said.
    """
    exchanged = second[:, _SWAPPED]
    seen = (first[:, :, 2] >= 0.4) & (exchanged[:, :, 2] >= 0.4)
    if seen.mean() < 0.5:
        return None
    height = min(_body_height(first), _body_height(second))
    focal = config.focal_widths * size_px[0]
    rays, image_rays = _rays(first, size_px, focal), _rays(exchanged, size_px, focal)
    vanishing, distance = _meeting_point(rays[seen], image_rays[seen])
    off_line = float(np.median(np.abs(distance))) * focal / height
    if off_line > config.off_line:
        return 0
    shifted = _off_shift(first, second, exchanged) / height
    if shifted < max(config.shift_ratio * off_line, config.least_shift):
        return None
    moved, in_time = _in_time(first, exchanged, seen, vanishing, focal, size_px, height)
    if moved < config.movement:
        return None
    if in_time < config.in_time:
        return 0
    return _farther(rays[seen], image_rays[seen], vanishing, _body_height(first) / _body_height(second), config)


def _body_height(joints: Float64) -> float:
    """Typical extent of a body's joints, px."""
    points = np.where(joints[:, :, 2:] >= 0.4, joints[:, :, :2], np.nan)
    with np.errstate(all="ignore"):
        extent = np.nanmax(points, axis=1) - np.nanmin(points, axis=1)
    longest = float(np.nanmedian(np.nanmax(extent, axis=1)))
    return max(longest, 1.0) if np.isfinite(longest) else 1.0


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
    meeting = np.zeros(3)
    distance = np.zeros(len(rays))
    robust = np.ones(len(rays))
    for _ in range(4):
        weighted = normals * (weights * robust)[:, None]
        meeting = np.linalg.svd(weighted.T @ weighted)[2][-1]
        line = np.cross(meeting, rays)
        scale = np.maximum(np.linalg.norm(line[:, :2], axis=1), 1e-9)
        distance = np.einsum("ij,ij->i", line, image_rays) / scale
        # A line's weight is that of the distance which it causes in the picture.
        weights = 1.0 / scale
        robust = 1.0 / (1.0 + (distance / max(2.0 * float(np.median(np.abs(distance))), 1e-6)) ** 2)
    return np.asarray(meeting, np.float64), np.asarray(distance, np.float64)


def _off_shift(first: Float64, second: Float64, exchanged: Float64) -> float:
    """Median px by which one shift and one scale for all times miss, with sides as they are or exchanged."""
    return min(_off_similarity(first, other) for other in (second, exchanged))


def _off_similarity(first: Float64, other: Float64) -> float:
    seen = (first[:, :, 2] >= 0.4) & (other[:, :, 2] >= 0.4)
    if seen.sum() < 6:
        return np.inf
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
    vanishing: Float64,
    focal: float,
    size_px: tuple[int, int],
    height: float,
) -> tuple[float, float]:
    """How much the joints move across the lines (body heights), and how well both move together (correlation)."""
    always = seen.mean(axis=0) >= 0.8
    if not always.any():
        return 0.0, 0.0
    middle = first[:, always, :2].mean(axis=(0, 1)) - np.array(size_px) / 2
    along = vanishing[:2] * focal - middle * vanishing[2]
    along = along / max(float(np.linalg.norm(along)), 1e-9)
    across = np.array([-along[1], along[0]])
    one = first[:, always, :2] @ across
    other = exchanged[:, always, :2] @ across
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    size = float(np.sqrt((one**2).mean() * (other**2).mean()))
    moved = min(float(one.std(axis=0).max()), float(other.std(axis=0).max())) / height
    return moved, float((one * other).mean()) / max(size, 1e-9)


def _farther(rays: Float64, image_rays: Float64, vanishing: Float64, size_ratio: float, config: MirrorConfig) -> int:
    """2 where the second is farther from the camera and so the image, 1 the other way, 0 where sizes contradict.

    Body and image lie on the two rays at depths whose difference is along the normal: the ratio of the depths follows
    from the vanishing point. `size_ratio`: height of the first over that of the second.
    """
    one = np.linalg.norm(np.cross(rays, vanishing), axis=1)
    other = np.linalg.norm(np.cross(image_rays, vanishing), axis=1)
    depth_ratio = float(np.median(one / np.maximum(other, 1e-9)))
    if abs(np.log(max(depth_ratio, 1e-6) / size_ratio)) > config.depth_error:
        return 0
    lengths = np.linalg.norm(image_rays, axis=1) / np.linalg.norm(rays, axis=1)
    return 2 if float(np.median(lengths)) * np.sqrt(depth_ratio * size_ratio) >= 1.0 else 1
