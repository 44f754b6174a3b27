"""Elbows and hands: flaring, drifting elbows, a bar that wanders, hands at different heights."""

import numpy as np

from svc_motion.form.measurement import Measurement, Measurements, Series, found
from svc_motion.form.pose import ELBOWS, HIPS, SHOULDERS, WRISTS, Pose, length, longest
from svc_motion.observation import FloatArray
from svc_motion.signals import joint_angle_deg
from svc_motion.vocabulary import View

DEEP_SHARE = 0.3
"""The elbows' flare is measured in this share of the frames, in which they are most bent."""


def arm_metrics(pose: Pose) -> Measurements:
    """Metrics of elbows and hands."""
    hands = pose.pair(WRISTS)
    uneven = np.abs(hands[:, 0, 1] - hands[:, 1, 1]) / pose.trunk_px
    along = pose.middle(WRISTS)[:, 0] / pose.trunk_px
    return found(
        {
            "elbow_flare_deg": _flare(pose),
            "elbow_drift_deg": _elbow_drift(pose),
            "wrist_drift": pose.series(along, WRISTS).spread(tail=0.05),
            "wrist_height_difference": None
            if pose.view is View.SIDE
            else pose.series(uneven, WRISTS, both=True).at(0.8),
        }
    )


def _flare(pose: Pose) -> Measurement | None:
    """Angle of the upper arms from the trunk's axis, which points at the camera; from front or back, lying or prone.

    What an upper arm of known length does not show across and down the picture it must reach along that axis; elbows
    that sink below the bench are so not taken for elbows that are tucked.
    """
    if pose.view not in (View.FRONT, View.BACK):
        return None
    shoulder, elbow, wrist = pose.pair(SHOULDERS), pose.pair(ELBOWS), pose.pair(WRISTS)
    bend = np.nanmean(joint_angle_deg(shoulder, elbow, wrist), axis=1)
    if not np.isfinite(bend).any():
        return None
    upper = elbow - shoulder
    whole = longest(length(upper).ravel(), 0.8)
    outward = np.sign(shoulder[:, 0, 0] - shoulder[:, 1, 0])[:, None] * np.array([1.0, -1.0])
    along = np.sqrt(np.maximum(whole**2 - length(upper) ** 2, 0.0))
    flare = np.degrees(np.arctan2(outward * upper[..., 0], along))
    deep = bend <= np.nanquantile(bend, DEEP_SHARE)
    return pose.series(np.nanmean(flare, axis=1), SHOULDERS, ELBOWS).at(0.5, deep)


def _elbow_drift(pose: Pose) -> Measurement | None:
    """Range of the angle between upper arm and trunk, of the side that is seen better."""
    side = int(np.argmax(pose.confidence[:, ELBOWS].sum(axis=0)))
    upper = pose.points[:, ELBOWS[side]] - pose.points[:, SHOULDERS[side]]
    down = pose.points[:, HIPS[side]] - pose.points[:, SHOULDERS[side]]
    return Series(
        pose.times_s,
        _signed_deg(upper, down),
        pose.confidence[:, [SHOULDERS[side], ELBOWS[side], HIPS[side]]].min(axis=1),
    ).spread(tail=0.05)


def _signed_deg(u: FloatArray, v: FloatArray) -> FloatArray:
    """(m,) angle from v to u, without jumps where it passes a half turn."""
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    angles = np.arctan2(cross, (u * v).sum(-1))
    known = np.isfinite(angles)
    angles[known] = np.unwrap(angles[known])
    return np.asarray(np.degrees(angles), dtype=np.float64)
