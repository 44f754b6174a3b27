"""Keypoints to movement signals: angles, length ratios and heights, for the left side, the right side and their mean.

Every signal is oriented so that extending a joint, or lowering a limb, makes it rise: a repetition is then always a
fall followed by a return. Ratios are a joint distance over the longest recent length of the same limb chain, times
150, which gives them the slope of an angle in degrees near 90° of flexion; unlike 2D angles they survive a camera
that looks at the movement from the front. `body_height` is where the trunk is in the picture, in trunk lengths times
150 above where it was first seen. `trunk_upright` (90 upright, 0 lying) and `trunk_lying`, its negative, are for
exercises that begin upright and lying.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import ANKLES, ELBOWS, HIPS, KNEES, SHOULDERS, WRISTS, BodyFrame, FloatArray

SIGNAL_KINDS: Final = (
    "knee_angle",
    "leg_extension",
    "hip_angle",
    "hip_extension",
    "elbow_angle",
    "arm_extension",
    "arm_lowering",
    "wrist_lowering",
    "body_extension",
    "body_height",
    "trunk_upright",
    "trunk_lying",
    "leg_lowering",
)
KIND_COUNT: Final = len(SIGNAL_KINDS)
SIDES: Final = ("left", "right", "mean")
SIGNAL_NAMES: Final = tuple(f"{kind}_{side}" for side in SIDES for kind in SIGNAL_KINDS)
SIGNAL_COUNT: Final = len(SIGNAL_NAMES)

RATIO_SCALE = 150.0
"""Degrees per unit of ratio: sin(k/2) has slope 1/162 per degree at k = 90°."""
LENGTH_WINDOW_S = 10.0
LENGTH_QUANTILE = 0.9
POSSIBLE_DEG_PER_S = 1500.0
"""Faster than any joint in a gym: a sprinter's knee reaches about 1000 deg/s. Raising it lets guesses in."""
JUMP_WITHIN_S = 0.12
"""Between samples further apart than this nothing is said about speed."""
GUESS_WINDOW_S = 1.5
GUESS_JUMPS = 3
"""So many impossible jumps within the window make a signal a guess; two are one outlier, there and back."""
LENGTH_SAMPLE_S = 1 / 15
"""Limb lengths are sampled no faster than this, so that their cost does not grow with the frame rate."""
LENGTH_SAMPLES = int(LENGTH_WINDOW_S / LENGTH_SAMPLE_S) + 2
CHAINS = 5
"""Leg, arm, trunk with thigh, trunk with leg, trunk."""


@dataclass(frozen=True, slots=True)
class SignalFrame:
    """All signals of one frame, in the order of SIGNAL_NAMES."""

    time_s: float
    values: FloatArray
    """(SIGNAL_COUNT,) degrees or scaled ratios; NaN where a joint was not seen."""
    confidence: FloatArray
    """(SIGNAL_COUNT,) the weakest joint's confidence; 0 where a joint was not seen."""


_SHOULDER, _ELBOW, _WRIST, _HIP, _KNEE, _ANKLE = map(np.array, (SHOULDERS, ELBOWS, WRISTS, HIPS, KNEES, ANKLES))
# Pairs of joints: the limbs (thigh, shank, trunk, upper arm, forearm), then what is measured against a chain of them.
_FROM = np.stack([_HIP, _KNEE, _SHOULDER, _SHOULDER, _ELBOW, _HIP, _SHOULDER, _SHOULDER, _SHOULDER])
_TO = np.stack([_KNEE, _ANKLE, _HIP, _ELBOW, _WRIST, _ANKLE, _WRIST, _KNEE, _ANKLE])
# Rows of SIGNAL_KINDS that are angles at B between A and C, and those that are ratios, in the order of the chains.
_ANGLES, _RATIOS, _ARM_LOWERING, _WRIST_LOWERING = np.array([0, 2, 4, 6]), np.array([1, 5, 3, 8]), 6, 7
_BODY_HEIGHT, _TRUNK_UPRIGHT, _TRUNK_LYING, _LEG_LOWERING = 9, 10, 11, 12
_A, _B, _C = np.stack(
    [
        np.stack([_HIP, _SHOULDER, _SHOULDER, _HIP]),
        np.stack([_KNEE, _HIP, _ELBOW, _SHOULDER]),
        np.stack([_ANKLE, _KNEE, _WRIST, _ELBOW]),
    ]
)
# Joints that each of SIGNAL_KINDS rests on.
_NEEDED = np.stack(
    [
        np.stack(
            [_HIP, _HIP, _SHOULDER, _SHOULDER, _SHOULDER, _SHOULDER, _HIP, _SHOULDER, _SHOULDER]
            + 3 * [_SHOULDER]
            + [_HIP]
        ),
        np.stack([_KNEE, _KNEE, _HIP, _HIP, _ELBOW, _ELBOW, _SHOULDER, _ELBOW, _HIP] + 3 * [_HIP] + [_KNEE]),
        np.stack([_ANKLE, _ANKLE, _KNEE, _KNEE, _WRIST, _WRIST, _ELBOW, _WRIST, _ANKLE] + 3 * [_HIP] + [_ANKLE]),
    ]
)


def joint_angle_deg(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """Angle at b between a and c in degrees, 0..180; the last axis holds x and y."""
    u, v = a - b, c - b
    cross = np.abs(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])
    return np.asarray(np.degrees(np.arctan2(cross, (u * v).sum(-1))), dtype=np.float64)


def signals_of_kinds(kinds: tuple[str, ...]) -> tuple[int, ...]:
    """Indices into SIGNAL_NAMES of the given kinds, all sides."""
    return tuple(i for i, name in enumerate(SIGNAL_NAMES) if name.rsplit("_", 1)[0] in kinds)


def _distance(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.hypot(a[..., 0] - b[..., 0], a[..., 1] - b[..., 1]), dtype=np.float64)


class LimbLengths:
    """The longest recent length of each limb chain of both sides: what a ratio is measured against."""

    def __init__(self) -> None:
        self._times = np.full(LENGTH_SAMPLES, -np.inf)
        self._samples = np.full((CHAINS, 2, LENGTH_SAMPLES), np.nan)
        self._next = 0
        self._last_s = float("-inf")
        self._longest = np.full((CHAINS, 2), np.nan)

    def update(self, time_s: float, chains: FloatArray) -> FloatArray:
        """Take (CHAINS, 2) lengths in px (NaN = not seen); return their running 90 % quantile, same shape."""
        if time_s - self._last_s < LENGTH_SAMPLE_S - 1e-6:
            return self._longest
        self._last_s = self._times[self._next] = time_s
        self._samples[..., self._next] = chains
        self._next = (self._next + 1) % LENGTH_SAMPLES
        self._samples[..., time_s - self._times > LENGTH_WINDOW_S] = np.nan
        ordered = np.sort(self._samples, axis=-1)  # NaN last
        last = np.maximum(np.isfinite(ordered).sum(axis=-1) - 1, 0)
        place = last * LENGTH_QUANTILE
        low = place.astype(np.intp)
        high = np.minimum(low + 1, last)
        at_low = np.take_along_axis(ordered, low[..., None], axis=-1)[..., 0]
        at_high = np.take_along_axis(ordered, high[..., None], axis=-1)[..., 0]
        self._longest = at_low + (at_high - at_low) * (place - low)
        return self._longest


class GuessFilter:
    """Finds signals that rest on guessed joints: a pose model that can't see a wrist puts it now here, now there.

    No joint turns faster than POSSIBLE_DEG_PER_S; a signal that seems to, again and again, isn't seen but guessed.
    """

    def __init__(self) -> None:
        self._last = np.full((KIND_COUNT, 2), np.nan)
        self._last_s = np.full((KIND_COUNT, 2), -np.inf)
        self._doubts: deque[tuple[float, FloatArray]] = deque()

    def update(self, time_s: float, sides: FloatArray) -> NDArray[np.bool_]:
        """Take (KIND_COUNT, 2) signals in degrees or scaled ratios (NaN = not seen); True where they are guesses."""
        elapsed = time_s - self._last_s
        seen = np.isfinite(sides)
        with np.errstate(invalid="ignore"):
            jumped = seen & (elapsed <= JUMP_WITHIN_S) & (np.abs(sides - self._last) > POSSIBLE_DEG_PER_S * elapsed)
        self._last = np.where(seen, sides, self._last)
        self._last_s = np.where(seen, time_s, self._last_s)
        if jumped.any():
            self._doubts.append((time_s, jumped / GUESS_JUMPS))
        while self._doubts and time_s - self._doubts[0][0] > GUESS_WINDOW_S:
            self._doubts.popleft()
        if not self._doubts:
            return np.zeros((KIND_COUNT, 2), dtype=np.bool_)
        return np.asarray(np.sum([doubt for _, doubt in self._doubts], axis=0) >= 1 - 1e-9)


class SignalBank:
    """Turns body frames into signal frames; it remembers how long the limbs have been and which joints were guessed."""

    def __init__(self) -> None:
        self._lengths = LimbLengths()
        self._guesses = GuessFilter()
        self._ground = np.full(2, np.nan)

    def forget_place(self) -> None:
        """The camera cut: where the body was in the picture, and how large, says nothing about where it is."""
        self._ground = np.full(2, np.nan)
        self._lengths = LimbLengths()

    def update(self, frame: BodyFrame) -> SignalFrame:
        """Signals of one frame. Frames must come in the order of capture."""
        points = frame.points
        (thigh, shank, trunk, upper_arm, forearm), reaches = np.split(_distance(points[_FROM], points[_TO]), [5])
        arm, above_knee = upper_arm + forearm, trunk + thigh
        chains = np.stack([thigh + shank, arm, above_knee, above_knee + shank, trunk])
        longest = np.maximum(self._lengths.update(frame.time_s, chains), 1e-6)
        shoulder_y, hip_y = points[_SHOULDER, 1], points[_HIP, 1]
        sides = np.empty((KIND_COUNT, 2))
        sides[_ANGLES] = joint_angle_deg(points[_A], points[_B], points[_C])
        sides[_RATIOS] = RATIO_SCALE * np.minimum(reaches / longest[:4], 1.05)
        sides[_ARM_LOWERING] = 180 - sides[_ARM_LOWERING]
        sides[_WRIST_LOWERING] = _lowered_deg(points[_WRIST, 1] - shoulder_y, longest[1])
        sides[_LEG_LOWERING] = _lowered_deg(points[_ANKLE, 1] - hip_y, longest[0])
        across = np.abs(points[_SHOULDER, 0] - points[_HIP, 0])
        sides[_TRUNK_UPRIGHT] = np.degrees(np.arctan2(hip_y - shoulder_y, across))
        sides[_TRUNK_LYING] = -sides[_TRUNK_UPRIGHT]
        middle_y = (shoulder_y + hip_y) / 2
        self._ground = np.where(np.isnan(self._ground), middle_y, self._ground)
        sides[_BODY_HEIGHT] = RATIO_SCALE * (self._ground - middle_y) / longest[4]
        guessed = self._guesses.update(frame.time_s, sides)
        return _with_mean(frame.time_s, sides, np.where(guessed, 0.0, _confidences(frame.confidence)))


def _lowered_deg(drop: FloatArray, length: FloatArray) -> FloatArray:
    """Angle below the horizontal of a limb of this length whose end lies so much lower, -90..90."""
    return np.asarray(np.degrees(np.arcsin(np.minimum(np.maximum(drop / length, -1), 1))), dtype=np.float64)


def _confidences(confidence: FloatArray) -> FloatArray:
    """(KIND_COUNT, 2) confidence of each kind and side: its weakest joint."""
    return np.asarray(np.minimum.reduce(confidence[_NEEDED]), dtype=np.float64)


def _with_mean(time_s: float, sides: FloatArray, confidence: FloatArray) -> SignalFrame:
    """Join left, right and their mean (only where both were seen) into one frame."""
    seen = (confidence > 0) & np.isfinite(sides)
    values = np.where(seen, sides, np.nan)
    weights = np.where(seen, confidence, 0.0)
    both = seen.all(axis=1)
    mean = np.where(both, sides.sum(axis=1) / 2, np.nan)
    return SignalFrame(
        time_s,
        np.concatenate([values[:, 0], values[:, 1], mean]),
        np.concatenate([weights[:, 0], weights[:, 1], np.where(both, weights.min(axis=1), 0.0)]),
    )
