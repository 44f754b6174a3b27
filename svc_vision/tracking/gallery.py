"""What one track has looked like, and how alike two looks are."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
KEPT = 6
"""Vectors of each kind a track keeps: some poses and turns of the body."""

COLOURS_ALIEN, COLOURS_ALIKE = 0.70, 0.97
EMBEDDING_ALIEN, EMBEDDING_ALIKE = 0.55, 0.90
"""Cosines that map to 0 and 1. One person within a camera's clip: colours >= 0.86 and OSNet >= 0.72 in 95 % of pairs of
crops; two people: colours <= 0.50 and OSNet <= 0.61 in 75 %, but colours up to 0.99 where clothes are the same."""
EMBEDDING_WEIGHT = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """What somebody looked like in one frame; a kind that the frame doesn't show well enough is None."""

    colours: Vector | None = None
    """(64,) of `svc_vision.appearance`."""
    embedding: Vector | None = None
    """(512,) of `svc_vision.embedding`."""

    def __bool__(self) -> bool:
        """True where it says anything."""
        return self.colours is not None or self.embedding is not None


@dataclass(slots=True)
class Gallery:
    """The newest looks of one track."""

    colours: deque[Vector] = field(default_factory=lambda: deque(maxlen=KEPT))
    embeddings: deque[Vector] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, seen: Appearance) -> None:
        """Keeps a look; the oldest gives way."""
        if seen.colours is not None:
            self.colours.append(seen.colours)
        if seen.embedding is not None:
            self.embeddings.append(seen.embedding)

    def newest(self) -> Appearance:
        """The newest vector of each kind."""
        return Appearance(self.colours[-1] if self.colours else None, self.embeddings[-1] if self.embeddings else None)

    def likeness(self, seen: Appearance) -> float | None:
        """0 (another person) to 1 (the same) for a look; None where the two have no kind in common."""
        colours = _closest(self.colours, seen.colours, COLOURS_ALIEN, COLOURS_ALIKE)
        embedding = _closest(self.embeddings, seen.embedding, EMBEDDING_ALIEN, EMBEDDING_ALIKE)
        if colours is None or embedding is None:
            return embedding if colours is None else colours
        return EMBEDDING_WEIGHT * embedding + (1 - EMBEDDING_WEIGHT) * colours


def _closest(kept: Sequence[Vector], seen: Vector | None, alien: float, alike: float) -> float | None:
    if seen is None or not kept:
        return None
    cosine = float((np.stack(kept) @ seen).max())
    return min(max((cosine - alien) / (alike - alien), 0.0), 1.0)
