"""Keeps people and their images in mirrors apart, on a camera that doesn't move.

A pair whose joints prove a mirror (`mirror_geometry`) tells where its plane is. Once several proofs agree on a plane,
whoever is seen behind it, where images have been seen, is a reflection, whatever track that is; so is the image of
anybody by this mirror elsewhere. Nobody has to say where the mirrors are, but may: see `polygons`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.tracking.mirror_geometry import (
    BODY,
    Float64,
    Mirror,
    PairConfig,
    Together,
    agrees,
    depth_in,
    proof,
    same_mirror,
)

Polygon = Sequence[tuple[float, float]]
"""Corners x, y as shares of the frame's width and height."""

MOST_SAMPLES = 12
"""Times at which a pair is compared; more say little more."""


@dataclass(frozen=True, slots=True)
class MirrorConfig:
    """Parameters; what happens when each is raised."""

    pair: PairConfig = field(default_factory=PairConfig)
    watch_s: float = 2.0
    """How much of the past a proof looks at. Raised: surer, later."""
    anew_s: float = 1.2
    """A pair proves the same mirror anew after so long: before, most was looked at already. Raised: surer, later."""
    least_s: float = 1.0
    """Two must have been seen together for so long. Raised: surer, later."""
    interval_s: float = 0.5
    """Between two looks at all pairs. Raised: cheaper, later."""
    believe: int = 2
    """Proofs, of different pairs or times, that must agree on a mirror. Raised: surer, later."""
    alike: float = 0.3
    """Likeness (0..1) below which clothes say that they are two people. Raised: poor light in a mirror hides it."""
    behind: float = 1.12
    """So many distances of the mirror away somebody is behind it. Raised: images near the wall are missed, fewer people
    near the wall are taken for images."""
    recent_s: float = 0.4
    """What is looked at to tell where somebody is now."""
    margin: float = 0.03
    """By so much (share of the picture's width) images are expected beyond where they have been seen."""
    inside: float = 0.9
    """Share of a box within a configured mirror from which it is a reflection."""


@dataclass(slots=True)
class _Known:
    """A mirror and what is known of it."""

    mirror: Mirror
    proofs: int
    region: Float64
    """(4,) xyxy px: where images have been seen."""
    proven_s: dict[tuple[int, int], float]
    """When each pair has proven it last."""


@dataclass(slots=True)
class _History:
    times_s: deque[float] = field(default_factory=deque)
    joints: deque[Float64] = field(default_factory=deque)
    """(12, 3) each: x px, y px, visibility."""

    def since(self, time_s: float) -> Float64:
        """(T, 12, 3) from a time on."""
        return np.stack([joints for at_s, joints in zip(self.times_s, self.joints, strict=True) if at_s >= time_s])


class Mirrors:
    """State of one camera."""

    def __init__(self, config: MirrorConfig | None = None, polygons: Sequence[Polygon] = ()) -> None:
        """`polygons`: mirrors that somebody has drawn; whoever is wholly inside one is a reflection."""
        self._config = config or MirrorConfig()
        self._polygons = [np.array(polygon, np.float64).reshape(-1, 2) for polygon in polygons]
        self._seen: dict[int, _History] = {}
        self._known: list[_Known] = []
        self._looked_s = -np.inf
        self._size_px = (0, 0)

    @property
    def found(self) -> list[Mirror]:
        """Mirrors that are believed in."""
        return [known.mirror for known in self._believed()]

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
            size_px: width and height of the picture; when it changes what was learned is forgotten.
            time_s: capture time.
            likeness: how alike two ids look, 0..1; None where nobody knows.
        """
        if size_px != self._size_px:
            self._size_px = size_px
            self._seen.clear()
            self._known.clear()
        self._remember(numbers, keypoints, time_s)
        box_of = dict(zip(numbers, boxes.astype(np.float64), strict=True))
        if time_s - self._looked_s >= self._config.interval_s or time_s < self._looked_s:
            self._looked_s = time_s
            for first, second in combinations(sorted(numbers), 2):
                self._learn(first, second, box_of, time_s, likeness)
        behind = {number for number in numbers if self._is_behind(number, box_of[number], time_s)}
        return behind | self._in_polygons(box_of)

    def _remember(self, numbers: Sequence[int], keypoints: NDArray[np.float32], time_s: float) -> None:
        for row, number in enumerate(numbers):
            history = self._seen.setdefault(number, _History())
            history.times_s.append(time_s)
            history.joints.append(keypoints[row, BODY].astype(np.float64))
        for number, history in list(self._seen.items()):
            while history.times_s and not 0 <= time_s - history.times_s[0] <= self._config.watch_s:
                history.times_s.popleft()
                history.joints.popleft()
            if not history.times_s:
                del self._seen[number]

    def _learn(
        self,
        first: int,
        second: int,
        box_of: dict[int, Float64],
        time_s: float,
        likeness: Callable[[int, int], float | None],
    ) -> None:
        pair = self._together(first, second)
        if pair is None:
            return
        for known in self._believed():
            image = agrees(pair, known.mirror, self._config.pair)
            if image is not None:
                _extend(known, box_of[first if image == 1 else second])
                return
        proven = proof(pair, self._config.pair)
        if proven is None:
            return
        image, mirror = proven
        alike = likeness(first, second)
        if mirror.distance > 0 and alike is not None and alike >= self._config.alike:
            self._note(mirror, box_of[first if image == 1 else second], (first, second), time_s)

    def _note(self, mirror: Mirror, image_box: Float64, pair: tuple[int, int], time_s: float) -> None:
        known = next((one for one in self._known if same_mirror(one.mirror, mirror)), None)
        if known is None:
            self._known.append(_Known(mirror, 1, image_box.copy(), {pair: time_s}))
            return
        if time_s - known.proven_s.get(pair, -np.inf) < self._config.anew_s:
            return
        known.proven_s[pair] = time_s
        share = 1 / (known.proofs + 1)
        normal = (1 - share) * known.mirror.normal + share * mirror.normal
        distance = (1 - share) * known.mirror.distance + share * mirror.distance
        known.mirror = Mirror(normal / np.linalg.norm(normal), distance)
        known.proofs += 1
        _extend(known, image_box)

    def _together(self, first: int, second: int) -> Together | None:
        """Both at the times when both were seen; None where that is too short."""
        one, other = self._seen[first], self._seen[second]
        rows = {time_s: row for row, time_s in enumerate(other.times_s)}
        shared = [(row, rows[time_s]) for row, time_s in enumerate(one.times_s) if time_s in rows]
        if len(shared) < 6 or one.times_s[shared[-1][0]] - one.times_s[shared[0][0]] < self._config.least_s:
            return None
        shared = shared[:: -(-len(shared) // MOST_SAMPLES)]
        return Together(
            np.stack([one.joints[row] for row, _ in shared]),
            np.stack([other.joints[row] for _, row in shared]),
            self._size_px,
        )

    def _believed(self) -> list[_Known]:
        return [known for known in self._known if known.proofs >= self._config.believe]

    def _is_behind(self, number: int, box: Float64, time_s: float) -> bool:
        middle = (box[:2] + box[2:]) / 2
        margin = self._config.margin * self._size_px[0]
        for known in self._believed():
            if (middle >= known.region[:2] - margin).all() and (middle <= known.region[2:] + margin).all():
                recent = self._seen[number].since(time_s - self._config.recent_s)
                depth = depth_in(known.mirror, recent, self._size_px, self._config.pair)
                if depth is not None and depth >= self._config.behind:
                    return True
        return False

    def _in_polygons(self, box_of: dict[int, Float64]) -> set[int]:
        found = set()
        for polygon in self._polygons:
            outline = cv2.convexHull((polygon * self._size_px).astype(np.float32))
            for number, box in box_of.items():
                corners = np.array([box[[0, 1]], box[[2, 1]], box[[2, 3]], box[[0, 3]]], np.float32)
                area = float((box[2] - box[0]) * (box[3] - box[1]))
                shared, _ = cv2.intersectConvexConvex(outline, corners)
                if area > 0 and shared / area >= self._config.inside:
                    found.add(number)
        return found


def _extend(known: _Known, box: Float64) -> None:
    known.region = np.concatenate([np.minimum(known.region[:2], box[:2]), np.maximum(known.region[2:], box[2:])])
