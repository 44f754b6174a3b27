"""Constant-velocity Kalman filter of a box, with noise in proportion to the person's height.

State and noise as in DeepSORT and ByteTrack, but over centre, width and height. As no component is correlated with
another, the 8-dimensional filter is four filters of position and velocity, computed together.
"""

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

NOMINAL_FPS = 30.0
"""The noise below is that of one frame at this rate; other gaps are scaled to it."""
_POSITION_STD = 1 / 20
"""Of the height: how exact boxes are, and how far a person departs from constant velocity in a frame."""
_VELOCITY_STD = 1 / 160
"""Of the height a frame: how much the velocity changes in a frame."""


class BoxFilter:
    """Estimates where one box is and where it will be."""

    def __init__(self, box: Float64) -> None:
        """Starts at rest at `box` (4,) xyxy px."""
        self._position = _centre_form(box)
        self._velocity = np.zeros(4)
        height = max(float(self._position[3]), 1.0)
        self._p = np.full(4, (2 * _POSITION_STD * height) ** 2)
        self._pv = np.zeros(4)
        self._v = np.full(4, (10 * _VELOCITY_STD * height) ** 2)

    def predict(self, gap_s: float, lost: bool) -> None:
        """Moves the estimate on by `gap_s`; the size of a `lost` box is held."""
        frames = gap_s * NOMINAL_FPS
        if lost:
            self._velocity[2:] = 0.0
        height = max(float(self._position[3]), 1.0)
        self._position = self._position + frames * self._velocity
        self._position[2:] = np.maximum(self._position[2:], 1.0)
        self._p = self._p + 2 * frames * self._pv + frames**2 * self._v + frames * (_POSITION_STD * height) ** 2
        self._pv = self._pv + frames * self._v
        self._v = self._v + frames * (_VELOCITY_STD * height) ** 2

    def correct(self, box: Float64) -> None:
        """Takes the measured `box` (4,) xyxy px into account."""
        measured = _centre_form(box)
        noise = (_POSITION_STD * max(float(self._position[3]), 1.0)) ** 2
        innovation = measured - self._position
        gain_p, gain_v = self._p / (self._p + noise), self._pv / (self._p + noise)
        self._position = self._position + gain_p * innovation
        self._velocity = self._velocity + gain_v * innovation
        self._v = self._v - gain_v * self._pv
        self._p, self._pv = (1 - gain_p) * self._p, (1 - gain_p) * self._pv

    def box(self) -> Float64:
        """(4,) xyxy px, the present estimate."""
        half = self._position[2:] / 2
        return np.concatenate([self._position[:2] - half, self._position[:2] + half])


def _centre_form(box: Float64) -> Float64:
    low, high = box[:2], box[2:]
    return np.concatenate([(low + high) / 2, high - low]).astype(np.float64)
