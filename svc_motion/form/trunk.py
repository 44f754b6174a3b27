"""Trunk, hips' line and neck: leaning, swinging, rounding, sagging, piking, lagging hips, turning, shrugging."""

import numpy as np

from svc_motion.form.measurement import Measurement, Measurements, found
from svc_motion.form.pose import ANKLES, EARS, HIPS, SHOULDERS, Pose, length, longest
from svc_motion.observation import FloatArray
from svc_motion.signals import joint_angle_deg
from svc_motion.vocabulary import View

LEAN_TO_ROUND_DEG = 25.0
"""A back is judged as rounded or not only while the trunk leans at least so far."""
MIN_BOW_DEG = 20.0
"""Somebody who stays bent shows no straight back to compare with."""
ROUND_NECK_DEG = 15.0
"""Ears this far below the prolonged line of the trunk, and ..."""
ROUND_SHORTENING = 0.08
"""... a trunk this share shorter than the same person's longest: where both show, the back is called rounded."""
SAG_SHARE, PIKE_SHARE = 0.15, 0.85
MIN_ASCENT = 0.15
"""The shoulders must rise this much, in trunk lengths, for the hips to lag behind."""


def trunk_metrics(pose: Pose) -> Measurements:
    """Metrics of the trunk, the line of the body and the neck."""
    upward = pose.middle(SHOULDERS) - pose.middle(HIPS)
    tilt = np.degrees(np.arctan2(upward[:, 0], -upward[:, 1]))
    neck = (pose.middle(SHOULDERS) - pose.middle(EARS))[:, 1] / pose.trunk_px
    neck_series = pose.series(neck, SHOULDERS, EARS)
    sag, pike = body_line(pose, pose.middle(ANKLES))
    back = -pose.facing * tilt if pose.view is View.SIDE and pose.facing else np.full(len(tilt), np.nan)
    return found(
        {
            "trunk_lean_max_deg": pose.series(lean_deg(pose), SHOULDERS, HIPS).at(0.95),
            "trunk_lean_back_deg": pose.series(back, SHOULDERS, HIPS).at(0.95),
            "trunk_swing_deg": pose.series(tilt, SHOULDERS, HIPS).spread(),
            "trunk_rotation_deg": _rotation(pose),
            "shoulder_rise": pose.series(pose.middle(SHOULDERS)[:, 1] / pose.trunk_px, SHOULDERS, both=True).spread(
                tail=0.05
            ),
            "back_rounding": _rounding(pose, upward, tilt),
            "body_line_min_deg": pose.series(sag, SHOULDERS, HIPS, ANKLES).at(SAG_SHARE),
            "body_pike_deg": pose.series(pike, SHOULDERS, HIPS, ANKLES).at(PIKE_SHARE),
            "hip_lag": _hip_lag(pose),
            "neck_length_min": neck_series.at(0.05),
            "neck_length_max": neck_series.at(0.95),
        }
    )


def lean_deg(pose: Pose) -> FloatArray:
    """(m,) lean of the trunk from upright: from its tilt at the side, elsewhere from how much lower it has become.

    The height of a trunk of length l that leans by a is l·cos a for every direction of a level camera; one that looks
    down makes a lean towards it look larger, which is why views other than the side cost confidence.
    """
    upward = pose.middle(SHOULDERS) - pose.middle(HIPS)
    if pose.view is View.SIDE:
        return np.asarray(np.degrees(np.arctan2(np.abs(upward[:, 0]), -upward[:, 1])), dtype=np.float64)
    whole = longest(length(upward))
    return np.asarray(np.degrees(np.arccos(np.clip(-upward[:, 1] / max(whole, 1e-6), -1, 1))), dtype=np.float64)


def _rotation(pose: Pose) -> Measurement | None:
    """Turn of the shoulders about the trunk, from how much narrower they look across the picture at times.

    Across, not along their line: the shoulders of somebody bent towards the camera turn into a tilt of that line.
    """
    if pose.view not in (View.FRONT, View.BACK):
        return None
    shoulders = pose.pair(SHOULDERS)
    width = np.abs(shoulders[:, 0, 0] - shoulders[:, 1, 0])
    shares = np.clip(width / max(longest(width), 1e-6), 0, 1)
    return pose.series(np.degrees(np.arccos(shares)), SHOULDERS, both=True).at(0.95)


def _rounding(pose: Pose, upward: FloatArray, tilt: FloatArray) -> Measurement | None:
    """1 where both signs of a rounded back just show while the trunk leans most; from the side only.

    COCO has no joint between hips and shoulders: what shows is that the ears drop below the trunk's line and that the
    distance from hips to shoulders shrinks. Somebody who looks at the floor shows the first with a flat back, somebody
    whose shoulders only reach forward shows the second, so both are asked for.
    """
    if pose.view is not View.SIDE or pose.facing == 0:
        return None
    lean = pose.facing * tilt
    if not np.nanmax(lean) - np.nanmin(lean) >= MIN_BOW_DEG:
        return None
    leaning = lean >= max(LEAN_TO_ROUND_DEG, float(np.nanquantile(lean, 0.8)))
    if not leaning.any():
        return None
    head = pose.middle(EARS) - pose.middle(SHOULDERS)
    neck_deg = np.degrees(np.arctan2(pose.facing * head[:, 0], -head[:, 1])) - lean
    trunk_px = length(upward)
    shortening = 1 - trunk_px / max(longest(trunk_px), 1e-6)
    signs = np.minimum(neck_deg / ROUND_NECK_DEG, shortening / ROUND_SHORTENING)
    return pose.series(signs, SHOULDERS, HIPS, EARS).at(0.5, leaning)


def body_line(pose: Pose, ankle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(m,) angle shoulder-hip-ankle while the hips hang below the line, else 180; (m,) bend while they are above it."""
    shoulder, hip = pose.middle(SHOULDERS), pose.middle(HIPS)
    angle = joint_angle_deg(shoulder, hip, ankle)
    along = ankle - shoulder
    share = ((hip - shoulder) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-6)
    below = hip[:, 1] > shoulder[:, 1] + share * along[:, 1]
    known = np.isfinite(angle)
    sag = np.where(known, np.where(below, angle, 180.0), np.nan)
    return sag, np.where(known, np.where(below, 0.0, 180.0 - angle), np.nan)


def _hip_lag(pose: Pose) -> Measurement | None:
    """How far the hips stay behind the shoulders on the way up, over what they would rise in a stiff body."""
    shoulder, hip, ankle = pose.middle(SHOULDERS), pose.middle(HIPS), pose.middle(ANKLES)
    height = -shoulder[:, 1] / pose.trunk_px
    if not np.isfinite(height).any():
        return None
    start = int(np.nanargmin(height))
    rise = height - height[start]
    whole = float(np.nanmax(rise[start:]))
    if whole < MIN_ASCENT:
        return None
    legs, body = length(hip - ankle), length(shoulder - ankle)
    lever = float(np.nanmedian(legs / np.maximum(body, 1e-6)))
    hip_height = -hip[:, 1] / pose.trunk_px
    near = slice(max(0, start - 1), start + 2)
    behind = (lever * rise - (hip_height - np.nanmedian(hip_height[near]))) / (lever * whole)
    ascent = np.arange(len(height)) >= start
    return pose.series(behind, SHOULDERS, HIPS).at(0.9, ascent)
