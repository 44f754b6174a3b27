"""What a body does over a few seconds, in numbers that hold for every body size, and from where the camera sees it."""

import warnings
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import (
    ANKLES,
    ELBOWS,
    HIPS,
    KNEES,
    LEFT_EAR,
    LEFT_HIP,
    LEFT_SHOULDER,
    NOSE,
    RIGHT_EAR,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    SHOULDERS,
    WRISTS,
    FloatArray,
)
from svc_motion.signals import joint_angle_deg
from svc_motion.vocabulary import View

LEG_TO_TRUNK = 1.68
"""Hip-to-ankle length over shoulder-to-hip length of an average adult."""
SIDE_WIDTH, FRONT_WIDTH = 0.28, 0.52
"""Shoulder width over trunk length: below the first it is a side view, above the second front or back."""


MIN_BOTH_SEEN = 8
"""Frames in which both knees must be seen before it is said whether they bend in turns."""
MIN_KNEE_MOTION_DEG = 5.0
"""Standard deviation below which a knee doesn't move but trembles."""
SEEN_SHARE = 0.5
"""What was seen in a smaller share of the frames was seen too rarely: of joints that are hidden, a pose model shows
its worst guesses now and then."""


@dataclass(frozen=True, slots=True)
class PostureSummary:
    """Features of one window. Lengths are in trunk lengths, heights rise upwards; NaN = could not be seen."""

    trunk_tilt_deg: float
    """Median tilt of the trunk away from upright."""
    trunk_swing_deg: float
    knee_min_deg: float
    knee_range_deg: float
    knee_difference_deg: float
    """Largest difference between the left and the right knee."""
    leg_shortening: float
    """Range of hip-to-ankle distance over leg length."""
    hip_range_deg: float
    hip_travel: float
    """Vertical range of the hips."""
    elbow_min_deg: float
    elbow_range_deg: float
    arm_raise_min_deg: float
    arm_raise_max_deg: float
    arm_raise_range_deg: float
    wrist_height_min: float
    """Wrists over shoulders."""
    wrist_height_max: float
    wrist_travel: float
    foot_spread_range: float
    body_line_deg: float
    """Median angle shoulder-hip-ankle."""
    trunk_tilt_min_deg: float
    trunk_tilt_max_deg: float
    shoulder_line_deg: float
    """Median angle of the line between the shoulders against the horizontal: 90 is one over the other."""
    shoulder_travel: float
    """Vertical range of the shoulders in the picture."""
    wrist_shift: float
    """Vertical range of the wrists in the picture, whatever the shoulders do: hands on a bar don't move."""
    wrist_spread: float
    """Median distance between the wrists."""
    wrist_to_shoulder: float
    """Median distance of a wrist from its shoulder, the nearer side."""
    body_travel: float
    """Horizontal range of the hips: somebody walks."""
    hip_height: float
    """Median height of the hips over the ankles."""
    knee_height_max: float
    """Highest place of a knee over the hips."""
    ankle_height_max: float
    """Highest place of an ankle over the hips."""
    ankle_travel: float
    """Vertical range of the ankles in the picture."""
    foot_spread: float
    """Median distance between the ankles."""
    shoulder_width: float
    """Median distance between the shoulders."""
    wrist_spread_range: float
    """Range of the distance between the wrists."""
    trunk_lean_deg: float
    """Median lean of the trunk away from upright in any direction, towards the camera too: from how far the shoulders
    are over the hips, in trunk lengths."""
    trunk_lean_range_deg: float
    knee_alternation: float
    """How much the knees bend in turns: 1 exactly opposite to each other, -1 together."""

    def feature(self, name: str) -> float:
        """A feature by its name in the exercise library."""
        return float(getattr(self, name))


POSTURE_FEATURES = tuple(field.name for field in fields(PostureSummary))


def motion_deg(posture: PostureSummary) -> float:
    """How much the most moving joint moved; 0 when no joint was seen."""
    ranges = (posture.knee_range_deg, posture.hip_range_deg, posture.elbow_range_deg, posture.arm_raise_range_deg)
    return max((moved for moved in ranges if np.isfinite(moved)), default=0.0)


def trunk_length_px(points: FloatArray) -> float:
    """Length of the trunk over a window of (n, 17, 2) points: its own 80 % quantile, or what the legs tell."""
    hip, knee = points[:, HIPS], points[:, KNEES]
    trunk = _length(_either(points[:, SHOULDERS]) - _either(hip))
    return _trunk_px(trunk, _length(hip - knee) + _length(knee - points[:, ANKLES]))


def _trunk_px(trunk: FloatArray, leg: FloatArray) -> float:
    known = [_quantile(trunk, 0.8), _quantile(leg, 0.8) / LEG_TO_TRUNK]
    usable = [length for length in known if np.isfinite(length)]
    return max(usable) if usable else float("nan")


def summarise(points: FloatArray) -> PostureSummary:
    """Features of a window of (n, 17, 2) points in px, NaN where a joint was not seen."""
    shoulder, elbow, wrist = points[:, SHOULDERS], points[:, ELBOWS], points[:, WRISTS]
    hip, knee, ankle = points[:, HIPS], points[:, KNEES], points[:, ANKLES]
    middle_hip = _either(hip)
    upward = _either(shoulder) - middle_hip
    angles_deg = joint_angle_deg(
        np.stack([hip, shoulder, shoulder, hip, shoulder]),
        np.stack([knee, hip, elbow, shoulder, hip]),
        np.stack([ankle, knee, wrist, elbow, ankle]),
    )
    leg_px = _length(hip - knee) + _length(knee - ankle)
    trunk_px = _trunk_px(_length(upward), leg_px)
    sides = np.stack(
        [
            *angles_deg[:4],
            _length(hip - ankle),
            leg_px,
            shoulder[..., 1] - wrist[..., 1],
            wrist[..., 1],
            hip[..., 1] - knee[..., 1],
            hip[..., 1] - ankle[..., 1],
            _length(wrist - shoulder),
        ]
    )
    across = np.abs(shoulder[:, 0] - shoulder[:, 1])
    whole = np.stack(
        [
            np.degrees(np.arctan2(np.abs(upward[:, 0]), -upward[:, 1])),
            np.abs(angles_deg[0, :, 0] - angles_deg[0, :, 1]),
            _length(ankle[:, 0] - ankle[:, 1]),
            middle_hip[:, 1],
            _either(angles_deg[4][..., None])[:, 0],
            np.degrees(np.arctan2(across[:, 1], across[:, 0])),
            upward[:, 1] + middle_hip[:, 1],
            _length(wrist[:, 0] - wrist[:, 1]),
            middle_hip[:, 0],
            _either(ankle)[:, 1],
            _length(shoulder[:, 0] - shoulder[:, 1]),
        ]
    )
    whole = np.concatenate([whole, np.degrees(np.arccos(np.clip(-upward[:, 1] / trunk_px, -1, 1)))[None]])
    return _summary(_Spread(sides.transpose(0, 2, 1)), _Spread(whole), trunk_px, _alternation(angles_deg[0]))


def _summary(sides: "_Spread", whole: "_Spread", trunk_px: float, alternation: float) -> PostureSummary:
    """Features from how the series of `summarise` spread, in its order."""
    low, high, most = sides.quantile(0.05), sides.quantile(0.95), sides.quantile(0.9)
    worse = sides.outdone
    low[worse] = high[worse] = np.nan
    leg, leg_px = 4, 5
    wide = high - low
    wide[leg] /= most[leg_px]
    lowest, highest, widest = (np.fmin(*low.T), np.fmax(*high.T), np.fmax(*wide.T))
    nearest = np.fmin(*np.where(worse, np.nan, sides.quantile(0.5)).T)
    knee, hip, elbow, arm_raise, leg, _, wrist, wrist_place, knee_height, ankle_height, wrist_distance = range(11)
    (tilt, difference, foot_spread, hip_place, body_line, shoulder_line, shoulder_place, wrist_spread, hip_side,
     ankle_place, shoulder_width, lean) = range(12)  # fmt: skip
    middle, whole_low, whole_high = whole.quantile(0.5), whole.quantile(0.05), whole.quantile(0.95)
    whole_wide = whole_high - whole_low
    return PostureSummary(
        trunk_tilt_deg=float(middle[tilt]),
        trunk_swing_deg=float(whole_wide[tilt]),
        knee_min_deg=float(lowest[knee]),
        knee_range_deg=float(widest[knee]),
        knee_difference_deg=float(whole.quantile(0.9)[difference]),
        leg_shortening=float(widest[leg]),
        hip_range_deg=float(widest[hip]),
        hip_travel=float(whole_wide[hip_place]) / trunk_px,
        elbow_min_deg=float(lowest[elbow]),
        elbow_range_deg=float(widest[elbow]),
        arm_raise_min_deg=float(lowest[arm_raise]),
        arm_raise_max_deg=float(highest[arm_raise]),
        arm_raise_range_deg=float(widest[arm_raise]),
        wrist_height_min=float(lowest[wrist]) / trunk_px,
        wrist_height_max=float(highest[wrist]) / trunk_px,
        wrist_travel=float(widest[wrist]) / trunk_px,
        foot_spread_range=float(whole_wide[foot_spread]) / trunk_px,
        body_line_deg=float(middle[body_line]),
        trunk_tilt_min_deg=float(whole_low[tilt]),
        trunk_tilt_max_deg=float(whole_high[tilt]),
        shoulder_line_deg=float(middle[shoulder_line]),
        shoulder_travel=float(whole_wide[shoulder_place]) / trunk_px,
        wrist_shift=float(widest[wrist_place]) / trunk_px,
        wrist_spread=float(middle[wrist_spread]) / trunk_px,
        wrist_to_shoulder=float(nearest[wrist_distance]) / trunk_px,
        body_travel=float(whole_wide[hip_side]) / trunk_px,
        hip_height=-float(nearest[ankle_height]) / trunk_px,
        knee_height_max=float(highest[knee_height]) / trunk_px,
        ankle_height_max=float(highest[ankle_height]) / trunk_px,
        ankle_travel=float(whole_wide[ankle_place]) / trunk_px,
        foot_spread=float(middle[foot_spread]) / trunk_px,
        shoulder_width=float(middle[shoulder_width]) / trunk_px,
        wrist_spread_range=float(whole_wide[wrist_spread]) / trunk_px,
        trunk_lean_deg=float(middle[lean]),
        trunk_lean_range_deg=float(whole_wide[lean]),
        knee_alternation=alternation,
    )


def _alternation(knees_deg: FloatArray) -> float:
    """Minus the correlation of the left and right of (n, 2) knee angles; NaN where they weren't both seen moving."""
    both = knees_deg[np.isfinite(knees_deg).all(axis=1)]
    if len(both) < MIN_BOTH_SEEN:
        return float("nan")
    moved = both - both.mean(axis=0)
    left, right = np.sqrt((moved**2).mean(axis=0))
    if min(left, right) < MIN_KNEE_MOTION_DEG:
        return float("nan")
    return -float((moved[:, 0] * moved[:, 1]).mean() / (left * right))


def view_of(points: FloatArray) -> View:
    """From where the camera sees the person in a window of (n, 17, 2) points.

    The shoulders' width against the trunk's length tells the angle; which shoulder is on which side of the picture
    tells front from back, since a person who faces the camera has the left shoulder on the right of the picture.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        trunk_px = trunk_length_px(points)
        shoulder_width = _quantile(np.linalg.norm(points[:, LEFT_SHOULDER] - points[:, RIGHT_SHOULDER], axis=-1), 0.5)
        hip_width = _quantile(np.linalg.norm(points[:, LEFT_HIP] - points[:, RIGHT_HIP], axis=-1), 0.5)
        across = np.nanmean(points[:, LEFT_SHOULDER, 0] - points[:, RIGHT_SHOULDER, 0])
    width = np.nanmax([shoulder_width, 1.4 * hip_width]) / trunk_px if np.isfinite(shoulder_width) else float("nan")
    if not np.isfinite(width):
        return View.UNKNOWN
    if width < SIDE_WIDTH:
        return View.SIDE
    if width < FRONT_WIDTH:
        return View.THREE_QUARTER
    return View.FRONT if across > 0 or _face_seen(points) else View.BACK


def _face_seen(points: FloatArray) -> bool:
    """Nose between both ears, most of the time."""
    nose, left, right = points[:, NOSE, 0], points[:, LEFT_EAR, 0], points[:, RIGHT_EAR, 0]
    return bool(np.nanmean((nose < left) & (nose > right)) > 0.5)


class _Spread:
    """Nearest-rank quantiles of many series at once, (..., n) with NaN where something was not seen."""

    def __init__(self, series: FloatArray) -> None:
        seen = np.isfinite(series).sum(axis=-1, keepdims=True)
        series = np.where(seen < SEEN_SHARE * series.shape[-1], np.nan, series)
        self._ordered = np.sort(series, axis=-1)  # NaN last
        self._last = np.isfinite(series).sum(axis=-1) - 1

    @property
    def outdone(self) -> NDArray[np.bool_]:
        """Of (..., 2, n) series of two sides: whether a side was seen much more rarely than the other."""
        seen = self._last + 1
        return np.asarray(seen < SEEN_SHARE * seen.max(axis=-1, keepdims=True))

    def quantile(self, share: float) -> FloatArray:
        """(...) the quantile of each series; NaN where nothing was seen."""
        place = np.maximum(np.rint(share * self._last), 0).astype(np.intp)
        return np.asarray(np.take_along_axis(self._ordered, place[..., None], axis=-1)[..., 0], dtype=np.float64)


def _either(sides: FloatArray) -> FloatArray:
    """(n, C) mean of the left and the right of (n, 2, C), or the one that was seen."""
    left, right = sides[:, 0], sides[:, 1]
    return np.asarray(np.where(np.isnan(left), right, np.where(np.isnan(right), left, (left + right) / 2)))


def _length(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", vectors, vectors)), dtype=np.float64)


def _quantile(values: FloatArray, share: float) -> float:
    """Nearest-rank quantile of the finite values; interpolating would cost more than everything else here."""
    known = np.sort(values[np.isfinite(values)])
    return float(known[round(share * (len(known) - 1))]) if len(known) else float("nan")
