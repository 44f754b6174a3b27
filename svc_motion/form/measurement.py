"""One measured number of a repetition, with how well it was seen and when it shows best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import FloatArray

MIN_SEEN_SHARE = 0.5
"""A metric is measured only where its joints were seen in this share of the frames it is about."""
MIN_FRAMES = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """A metric of one repetition."""

    value: float
    seen: float
    """0..1: how sure the pose model was of the joints it rests on."""
    time_s: float
    """Capture time of the frame that shows it best."""


Measurements = dict[str, Measurement]


@dataclass(frozen=True, slots=True)
class Series:
    """A quantity over the frames of a repetition."""

    times_s: FloatArray
    """(m,)"""
    values: FloatArray
    """(m,) NaN where the joints were not seen."""
    trust: FloatArray
    """(m,) 0..1 confidence of the joints."""

    def at(self, share: float, within: NDArray[np.bool_] | None = None) -> Measurement | None:
        """The quantile of the values that were seen, among the frames `within`; None where too few were seen.

        A quantile instead of the extreme, so that one bad frame is no fault.
        """
        about = np.ones(len(self.values), dtype=np.bool_) if within is None else within
        known = np.flatnonzero(np.isfinite(self.values) & about)
        if len(known) < min(MIN_FRAMES, len(self.values)) or len(known) < MIN_SEEN_SHARE * int(about.sum()):
            return None
        value = float(np.quantile(self.values[known], share))
        shown = known[int(np.argmin(np.abs(self.values[known] - value)))]
        return Measurement(value, float(self.trust[known].mean()), float(self.times_s[shown]))

    def spread(self, within: NDArray[np.bool_] | None = None, tail: float = 0.03) -> Measurement | None:
        """Distance between the low and the high quantile; shown where the value is furthest from its median."""
        low, high, middle = self.at(tail, within), self.at(1 - tail, within), self.at(0.5, within)
        if low is None or high is None or middle is None:
            return None
        shown = low if middle.value - low.value > high.value - middle.value else high
        return Measurement(high.value - low.value, low.seen, shown.time_s)


def found(measured: dict[str, Measurement | None]) -> Measurements:
    """Only what could be measured."""
    return {name: one for name, one in measured.items() if one is not None and np.isfinite(one.value)}
