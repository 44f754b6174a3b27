"""After two people were over each other: did their tracks take each other's person?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from svc_vision.tracking.config import TrackerConfig
from svc_vision.tracking.gallery import Appearance
from svc_vision.tracking.lives import Life

LOST_NOW_S = 0.5
NEAR = 0.1
"""Body heights between two boxes."""


@dataclass(slots=True)
class _Check:
    asked_s: float = -np.inf
    gains: list[float] = field(default_factory=list)
    """Of each comparison: how much more alike the swapped pairing was, -1..1."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two who lay over each other, to be compared now."""

    lives: tuple[Life, Life]
    rows: tuple[int, ...]
    """Their rows; only the first one's where the second is still lost."""


class Crossings:
    """Pairs of tracks that lay over each other, until it is known who is who again."""

    def __init__(self, config: TrackerConfig) -> None:
        self._config = config
        self._checks: dict[tuple[int, int], _Check] = {}

    def overlap(self, rows: Mapping[int, Life], shares: NDArray[np.float64]) -> None:
        """Marks whoever lies over each other in this frame.

        Args:
            rows: who is in which row.
            shares: (N, N) share of the smaller box of two that the other covers.
        """
        for (row, first), (other_row, second) in combinations(rows.items(), 2):
            if shares[row, other_row] >= self._config.tangle_overlap:
                first.tangled.add(second.number)
                second.tangled.add(first.number)
                self._checks.pop(_key(first, second), None)

    def lose(self, rows: Mapping[int, Life], lost: Iterable[Life], time_s: float) -> None:
        """Marks whoever is near somebody who has just been lost: they may be hidden, or their track taken.

        Args:
            rows: who is in which row.
            lost: everybody who is not in this frame.
            time_s: now.
        """
        for life in lost:
            if time_s - life.seen_s > LOST_NOW_S:
                continue
            margin = NEAR * (life.box[3] - life.box[1])
            low, high = life.box[:2] - margin, life.box[2:] + margin
            for other in rows.values():
                if (np.minimum(high, other.box[2:]) > np.maximum(low, other.box[:2])).all():
                    life.tangled.add(other.number)
                    other.tangled.add(life.number)

    def due(
        self, rows: Mapping[int, Life], lives: Mapping[int, Life], shares: NDArray[np.float64], time_s: float
    ) -> list[Pair]:
        """Pairs that are apart again, or of which one is lost, and which are to be described and compared now."""
        row_of = {life.number: row for row, life in rows.items()}
        found = []
        for row, first in rows.items():
            if not first.tangled or shares[row].max(initial=0.0) > self._config.apart_overlap:
                continue
            for number in first.tangled:
                second, other_row = lives[number], row_of.get(number)
                if other_row is not None and (
                    other_row < row or shares[other_row].max(initial=0.0) > self._config.apart_overlap
                ):
                    continue
                check = self._checks.setdefault(_key(first, second), _Check())
                if time_s - check.asked_s >= self._config.check_interval_s:
                    check.asked_s = time_s
                    found.append(Pair((first, second), (row,) if other_row is None else (row, other_row)))
        return found

    def compare(self, first: Life, second: Life, seen: Sequence[Appearance]) -> bool:
        """Notes one comparison of a pair with what both looked like before; True where they are to be swapped.

        `seen` has what is now on the first one's track, and on the second's unless that one is lost. After enough
        comparisons the pair is told apart for good, swapped or not.
        """
        check = self._checks.setdefault(_key(first, second), _Check())
        check.gains.append(_gain(first, second, seen))
        if len(check.gains) < self._config.checks:
            return False
        first.tangled.discard(second.number)
        second.tangled.discard(first.number)
        del self._checks[_key(first, second)]
        return float(np.mean(check.gains)) >= self._config.swap_margin

    def forget(self, numbers: Iterable[int]) -> None:
        """These ids are over."""
        gone = set(numbers)
        self._checks = {pair: check for pair, check in self._checks.items() if not gone & set(pair)}


def _gain(first: Life, second: Life, seen: Sequence[Appearance]) -> float:
    gains = []
    for own, other, look in zip((first, second), (second, first), seen, strict=False):
        kept, swapped = own.gallery.likeness(look), other.gallery.likeness(look)
        if kept is not None and swapped is not None:
            gains.append(swapped - kept)
    return float(np.mean(gains)) if gains else 0.0


def _key(first: Life, second: Life) -> tuple[int, int]:
    return min(first.number, second.number), max(first.number, second.number)
