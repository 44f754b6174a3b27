"""Held exercises: when a hold has begun, in which position, and whether that is still being kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import FloatArray

START_S = 4.5
"""A posture must be kept this long before it is a hold: a rest on the floor, or the start of a push-up, is not."""
LOST_S = 2.0
"""A hold ends when its posture was not seen for this long; what is lost for less was held all the same."""
POSITION_KINDS: Final = ("hip_angle", "trunk_upright", "body_height")
"""What tells getting into place and lying down from holding."""
POSITION_TOLERANCES: Final = np.array([15.0, 12.0, 15.0])
"""How far each may stray: degrees, and a tenth of a trunk's length."""
SAME_POSITION = 1.5
"""A second hold after another is in the same position within so many tolerances; lying down after a plank is not."""
FOLLOW_PER_S = 0.1
"""The position follows slow changes at this rate: nobody holds as still as a statue."""
STRAY_S = 0.5
"""A position that is left for less than this was kept."""


@dataclass(slots=True)
class HoldTracker:
    """Follows whether one held posture is believed. Times are seconds of capture time."""

    exercise: str | None = None
    since_s: float = 0.0
    last_s: float = 0.0

    def clear(self) -> None:
        """Nothing is being held."""
        self.exercise = None

    def see(self, exercise: str | None, now_s: float, lead_s: float) -> None:
        """Tell which held exercise is seen now, if any; lead_s is how far back the judged window reached."""
        if exercise is None:
            if self.exercise is not None and now_s - self.last_s > LOST_S:
                self.clear()
            return
        if exercise != self.exercise:
            self.exercise, self.since_s = exercise, now_s - lead_s
        self.last_s = now_s

    @property
    def held_s(self) -> float:
        """Seconds from the first to the last sight of the posture; 0 while nothing is held."""
        return self.last_s - self.since_s if self.exercise is not None else 0.0

    @property
    def begun(self) -> bool:
        """Kept long enough to be a hold."""
        return self.held_s >= START_S


@dataclass(slots=True)
class Position:
    """Where the body is during a hold; joints that were not seen are held against nobody."""

    values: FloatArray
    """(3,) the signals of POSITION_KINDS."""
    tolerances: FloatArray = field(default_factory=lambda: POSITION_TOLERANCES)

    @classmethod
    def of(cls, values: FloatArray) -> Position | None:
        """The position in (n, 3) signals; None where the body moves."""
        seen = np.isfinite(values)
        if not seen.any():
            return None
        middle = np.array(
            [
                np.median(column[known]) if known.any() else np.nan
                for column, known in zip(values.T, seen.T, strict=True)
            ]
        )
        position = cls(middle)
        return position if position.kept(values).mean() >= 0.8 else None

    def kept(self, values: FloatArray, tolerance: float = 1.0) -> NDArray[np.bool_]:
        """(n,) whether each of (n, 3) signals is in this position."""
        with np.errstate(invalid="ignore"):
            away = np.abs(values - self.values) > tolerance * self.tolerances
        return np.asarray(~away.any(axis=1))

    def follow(self, values: FloatArray, elapsed_s: float) -> None:
        """Let the position drift towards what is seen while it is kept."""
        step = min(1.0, FOLLOW_PER_S * elapsed_s) * (values[-1] - self.values)
        self.values = np.where(
            np.isfinite(step), self.values + step, np.where(np.isfinite(self.values), self.values, values[-1])
        )

    def since_s(self, times_s: FloatArray, values: FloatArray) -> float:
        """From when on the position has been kept until the last of the times, short strays left aside."""
        since_s = float(times_s[-1])
        for time_s, kept in zip(times_s[::-1].tolist(), self.kept(values)[::-1].tolist(), strict=True):
            if kept:
                since_s = time_s
            elif since_s - time_s > STRAY_S:
                break
        return since_s
