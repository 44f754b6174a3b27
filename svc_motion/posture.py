"""What a body does over a few seconds, in numbers that hold for every body size, and from where the camera sees it."""

import warnings
from dataclasses import dataclass, fields

import numpy as np

from svc_motion.library import View
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

LEG_TO_TRUNK = 1.68
"""Hip-to-ankle length over shoulder-to-hip length of an average adult."""
SIDE_WIDTH, FRONT_WIDTH = 0.28, 0.52
"""Shoulder width over trunk length: below the first it is a side view, above the second front or back."""


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
    shoulder, hip = np.nanmean(points[:, SHOULDERS], axis=1), np.nanmean(points[:, HIPS], axis=1)
    trunk = np.hypot(*(shoulder - hip).T)
    thigh = np.linalg.norm(points[:, HIPS] - points[:, KNEES], axis=-1)
    shank = np.linalg.norm(points[:, KNEES] - points[:, ANKLES], axis=-1)
    known = [_quantile(trunk, 0.8), _quantile(thigh + shank, 0.8) / LEG_TO_TRUNK]
    usable = [length for length in known if np.isfinite(length)]
    return max(usable) if usable else float("nan")


def summarise(points: FloatArray) -> PostureSummary:
    """Features of a window of (n, 17, 2) points in px, NaN where a joint was not seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # windows in which a joint is never seen are normal here
        return _summarise(points)


def _summarise(points: FloatArray) -> PostureSummary:
    shoulder, elbow, wrist = points[:, SHOULDERS], points[:, ELBOWS], points[:, WRISTS]
    hip, knee, ankle = points[:, HIPS], points[:, KNEES], points[:, ANKLES]
    trunk_px = trunk_length_px(points)
    upward = np.nanmean(shoulder, axis=1) - np.nanmean(hip, axis=1)
    tilt = np.degrees(np.arctan2(np.abs(upward[:, 0]), -upward[:, 1]))
    knee_deg, hip_deg = joint_angle_deg(hip, knee, ankle), joint_angle_deg(shoulder, hip, knee)
    elbow_deg, raise_deg = joint_angle_deg(shoulder, elbow, wrist), joint_angle_deg(hip, shoulder, elbow)
    leg_px = np.linalg.norm(hip - knee, axis=-1) + np.linalg.norm(knee - ankle, axis=-1)
    leg_share = np.linalg.norm(hip - ankle, axis=-1) / np.array([_quantile(leg_px[:, side], 0.9) for side in (0, 1)])
    wrist_height = (shoulder[..., 1] - wrist[..., 1]) / trunk_px
    spread = np.linalg.norm(ankle[:, 0] - ankle[:, 1], axis=-1) / trunk_px
    hip_height = -np.nanmean(hip, axis=1)[:, 1] / trunk_px
    return PostureSummary(
        trunk_tilt_deg=_quantile(tilt, 0.5),
        trunk_swing_deg=_range(tilt),
        knee_min_deg=_lowest(knee_deg),
        knee_range_deg=_widest(knee_deg),
        knee_difference_deg=_quantile(np.abs(knee_deg[:, 0] - knee_deg[:, 1]), 0.9),
        leg_shortening=_widest(leg_share),
        hip_range_deg=_widest(hip_deg),
        hip_travel=_range(hip_height),
        elbow_min_deg=_lowest(elbow_deg),
        elbow_range_deg=_widest(elbow_deg),
        arm_raise_min_deg=_lowest(raise_deg),
        arm_raise_max_deg=_highest(raise_deg),
        arm_raise_range_deg=_widest(raise_deg),
        wrist_height_min=_lowest(wrist_height),
        wrist_height_max=_highest(wrist_height),
        wrist_travel=_widest(wrist_height),
        foot_spread_range=_range(spread),
        body_line_deg=_quantile(np.nanmean(joint_angle_deg(shoulder, hip, ankle), axis=1), 0.5),
    )


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


def _quantile(values: FloatArray, share: float) -> float:
    """Nearest-rank quantile of the finite values; interpolating would cost more than everything else here."""
    known = np.sort(values[np.isfinite(values)])
    return float(known[round(share * (len(known) - 1))]) if len(known) else float("nan")


def _range(values: FloatArray) -> float:
    return _quantile(values, 0.95) - _quantile(values, 0.05)


def _widest(sides: FloatArray) -> float:
    return float(np.nanmax([_range(sides[:, 0]), _range(sides[:, 1])]))


def _lowest(sides: FloatArray) -> float:
    return float(np.nanmin([_quantile(sides[:, 0], 0.05), _quantile(sides[:, 1], 0.05)]))


def _highest(sides: FloatArray) -> float:
    return float(np.nanmax([_quantile(sides[:, 0], 0.95), _quantile(sides[:, 1], 0.95)]))
