"""What form analysis gets to see of one repetition, and of a moment of a hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from svc_motion.observation import BodyFrame, FloatArray, stacked

BEGUN_SHARE = 0.5
"""A trace that begins nearer to the far end than this share of its range has not seen the way out."""


@dataclass(frozen=True, slots=True)
class RepetitionTrace:
    """Everything measured while one repetition was done: n samples of signals and m frames of joints."""

    times_s: FloatArray
    """(n,)"""
    movement: FloatArray
    """(n,) the movement signal; falls, then rises."""
    signal_values: FloatArray
    """(n, SIGNAL_COUNT) filtered signals."""
    points: FloatArray
    """(m, 17, 2) px, NaN where a joint was not seen."""
    frame_times_s: FloatArray | None = None
    """(m,) capture time of the frames; None where they are those of the samples."""
    confidence: FloatArray | None = None
    """(m, 17) 0..1; None counts every joint that has a place as surely seen."""
    feet: FloatArray | None = None
    """(m, 4, 2) px: left heel, right heel, left toes, right toes; None where the pose model has none."""

    @property
    def whole(self) -> bool:
        """Whether the way out was seen: a set may be seen to begin at the far end, a lift from the floor for instance.

        A repetition is judged before its return has quite ended, so its start position shows at its beginning or not
        at all.
        """
        low, high = float(self.movement.min()), float(self.movement.max())
        return float(self.movement[0]) - low >= BEGUN_SHARE * (high - low)

    def kept(self) -> Self:
        """The same, to be looked at later: signals may lie in a buffer that is written on."""
        return replace(self, signal_values=self.signal_values.copy())


def trace_of(
    times_s: FloatArray, movement: FloatArray, signal_values: FloatArray, frames: Sequence[BodyFrame]
) -> RepetitionTrace:
    """The trace of one repetition from its signals and its frames (at least one)."""
    feet = [frame.feet for frame in frames if frame.feet is not None]
    return RepetitionTrace(
        times_s,
        movement,
        signal_values,
        stacked([frame.points for frame in frames]),
        np.array([frame.time_s for frame in frames]),
        stacked([frame.confidence for frame in frames]),
        stacked(feet) if len(feet) == len(frames) else None,
    )
