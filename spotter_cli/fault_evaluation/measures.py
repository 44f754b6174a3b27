"""Agreement of findings with labels: counts, precision, recall and F1 with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Z_95: Final = 1.959964
RESAMPLES: Final = 1000
Flags = NDArray[np.bool_]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Counts:
    """How often findings and labels agree; counts are sums of weights, 1 each or the frames that an item stands for."""

    hits: int
    false_alarms: int
    misses: int
    quiet: int
    """Not labelled and not found."""

    @property
    def labelled(self) -> int:
        """How many carry the label."""
        return self.hits + self.misses

    @property
    def found(self) -> int:
        """How many findings there are."""
        return self.hits + self.false_alarms

    @property
    def precision(self) -> float | None:
        """Share of the findings that are labelled; None without any finding."""
        return self.hits / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the labelled that were found; None where nothing is labelled."""
        return self.hits / self.labelled if self.labelled else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall: 0 when nothing that is labelled was found."""
        return 2 * self.hits / (self.labelled + self.found) if self.labelled else None

    @property
    def precision_interval(self) -> Interval | None:
        """Wilson's 95 % interval."""
        return wilson(self.hits, self.found)

    @property
    def recall_interval(self) -> Interval | None:
        """Wilson's 95 % interval."""
        return wilson(self.hits, self.labelled)


def count(found: Sequence[bool], labelled: Sequence[bool], weights: Sequence[int] | None = None) -> Counts:
    """Compare findings with labels, item by item."""
    said, true = np.asarray(found, dtype=np.bool_), np.asarray(labelled, dtype=np.bool_)
    weight = np.ones(len(true), dtype=np.int64) if weights is None else np.asarray(weights, dtype=np.int64)
    cells = (said & true, said & ~true, ~said & true, ~said & ~true)
    return Counts(*(int(weight[cell].sum()) for cell in cells))


def wilson(hits: int, of: int) -> Interval | None:
    """95 % interval of a share (Wilson 1927), which is honest for few items and for shares of 0 and 1."""
    if not of:
        return None
    share, squared = hits / of, Z_95**2
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    half = Z_95 * np.sqrt(share * (1 - share) / of + squared / (4 * of**2)) / (1 + squared / of)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def f1_interval(found: Sequence[bool], labelled: Sequence[bool]) -> Interval | None:
    """95 % interval of F1: percentiles over resampled items, the same ones every time."""
    said, true = np.asarray(found, dtype=np.bool_), np.asarray(labelled, dtype=np.bool_)
    if not true.any():
        return None
    drawn = np.random.default_rng(0).integers(len(true), size=(RESAMPLES, len(true)))
    hits = (said & true)[drawn].sum(axis=1)
    either = said[drawn].sum(axis=1) + true[drawn].sum(axis=1)
    values = 2 * hits / np.maximum(either, 1)
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def f1_of(found: Flags, labelled: Flags) -> float:
    """F1, 0 where nothing is labelled."""
    return count(list(found), list(labelled)).f1 or 0.0
