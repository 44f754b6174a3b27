"""What identity is told of a person in a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Boxes come as shares of the frame; cameras of gyms are wide. Only ratios of lengths use it, so an upright picture
# makes movements sideways look larger than they are, never smaller than a third.
FRAME_ASPECT = 16 / 9

Appearance = NDArray[np.float32]
"""(D) float32, L2-normalised."""

BadgeHash = bytes
"""Keyed hash of a badge's text; see `svc_identity.badges`."""


@dataclass(frozen=True, slots=True)
class Box:
    """Edges as shares of the frame's width and height, 0..1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Share of the frame."""
        return max(self.right - self.left, 0.0) * max(self.bottom - self.top, 0.0)

    @property
    def longer_side(self) -> float:
        """Longer side in frame heights."""
        return max((self.right - self.left) * FRAME_ASPECT, self.bottom - self.top)

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    def distance(self, other: Box) -> float:
        """Between the centres, in frame heights."""
        across = (self.left + self.right - other.left - other.right) / 2 * FRAME_ASPECT
        along = (self.top + self.bottom - other.top - other.bottom) / 2
        return float(np.hypot(across, along))


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """A vector and the network that made it: those of two networks say nothing about each other."""

    model: str
    vector: Appearance


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face as a recognition network sees it. Only of people who have agreed."""

    vector: Appearance
    quality: float
    """0..1."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One track in one frame."""

    track_id: int
    box: Box
    appearance: Appearance | None = None
    """Colours of the clothes; None where the crop was poor."""
    embedding: Embedding | None = None
    """The whole person; None where none was made lately."""
    badge: BadgeHash | None = None
    """Of the badge that was read on them lately."""
    face: Face | None = None
    """None where none was made lately, or may be."""


@dataclass(frozen=True, slots=True)
class SightingBatch:
    """Tracks of one camera in one frame."""

    epoch: str
    """Track ids of different epochs have nothing to do with each other."""
    capture_time_ns: int
    sightings: tuple[Sighting, ...]
    ended_track_ids: tuple[int, ...] = ()
