"""What would be possible: is it the threshold that limits a finding, the metric, or all our metrics together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from spotter_cli.fault_evaluation.measures import Flags, f1_of
from svc_motion.observation import FloatArray

STEPS: Final = 400
RATE: Final = 0.5
PENALTY: Final = 0.01
"""Of the squared weights; raising it trusts fewer metrics."""
MIN_KNOWN_SHARE: Final = 0.6
"""A metric that fewer of the training items have is left out of the regression."""


@dataclass(frozen=True)
class Threshold:
    """Where a metric is cut, and on which side the fault lies."""

    metric: str
    value: float
    above: bool

    def __str__(self) -> str:
        return f"{self.metric} {'>' if self.above else '<'} {self.value:.3g}"

    def shows(self, values: FloatArray) -> Flags:
        """Whether the values lie on the fault's side; what was not measured doesn't."""
        with np.errstate(invalid="ignore"):
            return np.asarray(values > self.value if self.above else values < self.value, dtype=np.bool_)


@dataclass(frozen=True)
class Table:
    """Metrics of many items: one column a metric, NaN where it wasn't measured."""

    names: tuple[str, ...]
    values: FloatArray
    """(n, metrics)"""
    labelled: Flags
    """(n,)"""

    @classmethod
    def of(cls, metrics: Sequence[Mapping[str, float]], labelled: Sequence[bool], names: Sequence[str]) -> Table:
        """Columns in the order of names."""
        values = [[one.get(name, np.nan) for name in names] for one in metrics]
        return cls(
            tuple(names),
            np.array(values, dtype=np.float64).reshape(len(metrics), len(names)),
            np.asarray(labelled, dtype=np.bool_),
        )

    def column(self, name: str) -> FloatArray:
        """(n,) the values of one metric."""
        return np.asarray(self.values[:, self.names.index(name)], dtype=np.float64)


def best_threshold(table: Table, metric: str, above: bool | None = None) -> tuple[Threshold, float] | None:
    """The cut of a metric with the highest F1 on these items, and that F1; None where it was hardly measured.

    `above` keeps to one side; the best of both is taken where none is named. Of cuts that are equally good the middle
    one is taken: it is the furthest from where it would get worse.
    """
    values = table.column(metric)
    known = np.unique(values[np.isfinite(values)])
    if len(known) < 2 or not table.labelled.any():
        return None
    cuts = (known[1:] + known[:-1]) / 2
    sides = (True, False) if above is None else (above,)
    tried = [Threshold(metric, float(cut), side) for cut in cuts for side in sides]
    scores = np.array([f1_of(one.shows(values), table.labelled) for one in tried])
    equal = np.flatnonzero(scores == scores.max())
    best = int(equal[len(equal) // 2])
    return tried[best], float(scores[best])


def best_single(train: Table) -> tuple[Threshold, float] | None:
    """The metric and cut with the highest F1 on the training items."""
    found = [best_threshold(train, name) for name in train.names]
    return max((one for one in found if one is not None), key=lambda one: one[1], default=None)


def regression_f1(train: Table, test: Table) -> float | None:
    """F1 on the test items of a logistic regression on all metrics, fitted on the training items by gradient descent.

    Metrics are standardised with the training items, unknown ones take their mean; the cut of the probability is the
    best one on the training items. None where the training items don't hold both kinds.
    """
    known = np.isfinite(train.values).mean(axis=0) >= MIN_KNOWN_SHARE if len(train.values) else np.zeros(0, dtype=bool)
    if not train.labelled.any() or train.labelled.all() or not known.any():
        return None
    mean = np.nanmean(train.values[:, known], axis=0)
    spread = np.maximum(np.nanstd(train.values[:, known], axis=0), 1e-9)
    inputs, asked = (np.nan_to_num((table.values[:, known] - mean) / spread) for table in (train, test))
    weights, bias = _fitted(inputs, train.labelled)
    scored = Table(("score",), (inputs @ weights + bias)[:, None], train.labelled)
    best = best_threshold(scored, "score", above=True)
    return f1_of(best[0].shows(asked @ weights + bias), test.labelled) if best else None


def _fitted(inputs: FloatArray, labelled: Flags) -> tuple[FloatArray, float]:
    """Weights and bias; both kinds of items weigh the same together."""
    share = np.where(labelled, 0.5 / labelled.sum(), 0.5 / (~labelled).sum())
    weights, bias = np.zeros(inputs.shape[1]), 0.0
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ weights + bias, -30, 30)))
        slope = share * (chance - labelled)
        weights = weights - RATE * (inputs.T @ slope + PENALTY * weights)
        bias -= RATE * float(slope.sum())
    return weights, bias
