"""The joints of one repetition in body lengths, and what all metrics share: view, size, which way the person faces.

2D angles lie when a limb points at the camera, so each metric says from where it can be measured, and a camera that
is neither quite in front nor quite at the side costs confidence (`view_fit`).
"""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from svc_motion.form.measurement import Series
from svc_motion.form.trace import RepetitionTrace
from svc_motion.observation import (
    ANKLES,
    ELBOWS,
    HIPS,
    KNEES,
    LEFT_EAR,
    NOSE,
    RIGHT_EAR,
    SHOULDERS,
    WRISTS,
    FloatArray,
)
from svc_motion.posture import trunk_length_px, view_of
from svc_motion.vocabulary import View

EARS = (LEFT_EAR, RIGHT_EAR)
WIDTH_FACING = 0.7
"""Shoulder width over trunk length of somebody who faces the camera: 0.35 m to 0.5 m."""
SURE_SIDE_DEG, SURE_FRONT_DEG = 12.0, 70.0
"""Turned less than the first is quite from the side, more than the second quite from the front."""
DOUBTFUL_FIT = 0.7
"""Fit at the border of a view; between it and the sure angle the fit rises linearly."""
THREE_QUARTER_FIT = 0.8
SIDE_BORDER_DEG, FRONT_BORDER_DEG = 23.5, 48.0
"""Angles of the borders that `posture.view_of` draws: widths of 0.28 and 0.52 trunk lengths."""


@dataclass(frozen=True)
class Pose:
    """The frames of one repetition. Lengths are px in the picture; y grows downwards."""

    times_s: FloatArray
    """(m,)"""
    points: FloatArray
    """(m, 17, 2)"""
    confidence: FloatArray
    """(m, 17)"""
    feet: FloatArray | None
    """(m, 4, 2)"""
    view: View
    trunk_px: float
    """Length of the trunk."""

    @classmethod
    def of(cls, trace: RepetitionTrace) -> "Pose":
        """Take the frames of a repetition."""
        times = trace.times_s if trace.frame_times_s is None else trace.frame_times_s
        if len(times) != len(trace.points):
            times = np.linspace(trace.times_s[0], trace.times_s[-1], len(trace.points))
        return cls.of_points(times, trace.points, trace.confidence, trace.feet)

    @classmethod
    def of_points(
        cls,
        times_s: FloatArray,
        points: FloatArray,
        confidence: FloatArray | None = None,
        feet: FloatArray | None = None,
    ) -> "Pose":
        """Take (m, 17, 2) points and what else is known of them."""
        seen = np.isfinite(points).all(axis=-1)
        sure = np.where(seen, 1.0 if confidence is None else confidence, 0.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # joints that were never seen are normal here
            return cls(times_s, points, sure, feet, view_of(points), trunk_length_px(points))

    def pair(self, pair: tuple[int, int]) -> FloatArray:
        """(m, 2, 2) left and right joint."""
        return np.asarray(self.points[:, pair], dtype=np.float64)

    def middle(self, pair: tuple[int, int]) -> FloatArray:
        """(m, 2) middle of a left and a right joint, or the one that was seen."""
        return either(self.pair(pair))

    def trust(self, *pairs: tuple[int, int], both: bool = False) -> FloatArray:
        """(m,) confidence of pairs of joints: of the better side, or of the worse where both are needed."""
        sides = np.stack([self.confidence[:, pair] for pair in pairs])
        return np.asarray((sides.min(axis=-1) if both else sides.max(axis=-1)).min(axis=0), dtype=np.float64)

    def series(self, values: FloatArray, *pairs: tuple[int, int], both: bool = False) -> Series:
        """A quantity over the frames that rests on pairs of joints."""
        return Series(self.times_s, values, self.trust(*pairs, both=both))

    @cached_property
    def facing(self) -> float:
        """1 where the person looks to the right of the picture, -1 to the left, 0 where it can't be told."""
        hints = [self.points[:, NOSE, 0] - self.middle(SHOULDERS)[:, 0]]
        if self.feet is not None:
            hints.append((self.feet[:, 2:, 0] - self.feet[:, :2, 0]).ravel())
        known = np.concatenate([hint[np.isfinite(hint)] for hint in hints])
        if not len(known):
            return 0.0
        ahead = float(np.median(known)) / max(self.trunk_px, 1e-6)
        return float(np.sign(ahead)) if abs(ahead) > 0.04 else 0.0

    @cached_property
    def turned_deg(self) -> float:
        """How far the chest turns to (or from) the camera: 0 from the side, 90 from front or back."""
        across = np.abs(self.points[:, SHOULDERS[0]] - self.points[:, SHOULDERS[1]])
        widths = np.hypot(across[:, 0], across[:, 1]) / max(self.trunk_px, 1e-6)
        known = widths[np.isfinite(widths)]
        if not len(known):
            return float("nan")
        return float(np.degrees(np.arcsin(min(1.0, float(np.median(known)) / WIDTH_FACING))))

    @cached_property
    def view_fit(self) -> float:
        """0..1: how clearly the camera is where the view says it is; metrics measured there are as trustworthy."""
        if self.view is View.THREE_QUARTER:
            return THREE_QUARTER_FIT
        if self.view is View.UNKNOWN or not np.isfinite(self.turned_deg):
            return DOUBTFUL_FIT
        border, sure = (
            (SIDE_BORDER_DEG, SURE_SIDE_DEG) if self.view is View.SIDE else (FRONT_BORDER_DEG, SURE_FRONT_DEG)
        )
        clear = min(1.0, max(0.0, (self.turned_deg - border) / (sure - border)))
        return DOUBTFUL_FIT + (1 - DOUBTFUL_FIT) * clear

    def low_hips(self) -> NDArray[np.bool_]:
        """(m,) True in the lowest quarter of the frames by the hips' height."""
        height = -self.middle(HIPS)[:, 1]
        return np.asarray(height <= np.nanquantile(height, 0.25)) if np.isfinite(height).any() else height > np.inf

    def high_hips(self) -> NDArray[np.bool_]:
        """(m,) True in the highest quarter of the frames by the hips' height."""
        height = -self.middle(HIPS)[:, 1]
        return np.asarray(height >= np.nanquantile(height, 0.75)) if np.isfinite(height).any() else height > np.inf


def either(sides: FloatArray) -> FloatArray:
    """(m, C) mean of the left and the right of (m, 2, C), or the one that was seen."""
    left, right = sides[:, 0], sides[:, 1]
    return np.asarray(np.where(np.isnan(left), right, np.where(np.isnan(right), left, (left + right) / 2)))


def length(vectors: FloatArray) -> FloatArray:
    """Length over the last axis."""
    return np.asarray(np.hypot(vectors[..., 0], vectors[..., 1]), dtype=np.float64)


def longest(values: FloatArray, share: float = 0.95) -> float:
    """High quantile of what was seen; NaN where nothing was."""
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if len(known) else float("nan")


__all__ = [
    "ANKLES", "EARS", "ELBOWS", "HIPS", "KNEES", "SHOULDERS", "WRISTS", "Pose", "either", "length", "longest",
]  # fmt: skip
