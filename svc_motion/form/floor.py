"""Planks within a movement, knees driven to the chest, pulled necks, how far a body sits up or rises on its toes."""

import numpy as np
from numpy.typing import NDArray

from svc_motion.form.measurement import Measurement, Measurements, found
from svc_motion.form.pose import ANKLES, EARS, HIPS, KNEES, SHOULDERS, WRISTS, Pose, length, longest
from svc_motion.form.trunk import body_line, lean_deg
from svc_motion.observation import FloatArray
from svc_motion.signals import joint_angle_deg
from svc_motion.vocabulary import View

LEVEL_SLOPE_DEG = 40.0
"""A line from shoulders to ankle that is steeper is no plank: a high plank's is 20, seen obliquely 30."""
STRETCHED_SHARE = 0.8
"""Shoulders and ankle nearer than this share of their largest distance: the body is folded, on its way to a plank."""
UPRIGHT_LEAN_DEG = 50.0
"""A trunk that leans less stands or is about to."""
CRUNCH_RISE_DEG = 40.0
"""A trunk that rises less may be meant to: crunches rise by up to 35."""
AT_THE_HEAD = 0.4
"""Wrists nearer to the ears than this, in trunk lengths, hold the head: 20 cm, a hand's length."""
END_SHARE = 0.3
"""Share of the frames that show somebody lying, and as many raised."""


def floor_metrics(pose: Pose) -> Measurements:
    """Metrics of exercises that go to the floor or rise from it."""
    ankle = _far_ankle(pose)
    sag, pike = body_line(pose, ankle)
    plank = _plank(pose, ankle)
    lean = lean_deg(pose)
    joints = (SHOULDERS, HIPS, ANKLES)
    hip_angles = joint_angle_deg(pose.pair(SHOULDERS), pose.pair(HIPS), pose.pair(KNEES))
    heels = pose.middle(ANKLES)[:, 1] / pose.trunk_px
    return found(
        {
            "plank_line_min_deg": pose.series(sag, *joints).at(0.15, plank) if plank.any() else None,
            "plank_pike_deg": pose.series(pike, *joints).at(0.5, plank) if plank.any() else None,
            "knee_drive_deg": pose.series(np.nanmin(hip_angles, axis=1), SHOULDERS, HIPS, KNEES).at(0.05),
            "upright_hip_max_deg": _upright_hip(pose, hip_angles, lean),
            "sit_up_lean_deg": _sit_up_lean(pose, lean),
            "neck_pull_deg": _neck_pull(pose, lean),
            "ankle_rise": pose.series(heels, ANKLES).spread(tail=0.05),
        }
    )


def _far_ankle(pose: Pose) -> FloatArray:
    """(m, 2) the ankle further from the shoulders: of the leg that is stretched while the other knee comes forward."""
    ankles = pose.pair(ANKLES)
    away = np.nan_to_num(length(ankles - pose.middle(SHOULDERS)[:, None]), nan=-1.0)
    return np.asarray(ankles[np.arange(len(ankles)), away.argmax(axis=1)], dtype=np.float64)


def _plank(pose: Pose, ankle: FloatArray) -> NDArray[np.bool_]:
    """(m,) True while the body lies level and stretched out, on hands and toes."""
    along = ankle - pose.middle(SHOULDERS)
    reach = length(along)
    level = np.abs(along[:, 1]) <= np.tan(np.radians(LEVEL_SLOPE_DEG)) * np.abs(along[:, 0])
    return np.asarray(level & (reach >= STRETCHED_SHARE * longest(reach)), dtype=np.bool_)


def _upright_hip(pose: Pose, hip_angles: FloatArray, lean: FloatArray) -> Measurement | None:
    """How far the hips open while the trunk is upright: a plank opens them as well, lying."""
    upright = lean < UPRIGHT_LEAN_DEG
    return (
        pose.series(np.nanmean(hip_angles, axis=1), SHOULDERS, HIPS, KNEES).at(0.95, upright) if upright.any() else None
    )


def _sit_up_lean(pose: Pose, lean: FloatArray) -> Measurement | None:
    """How far from upright a trunk stays that rises by more than a crunch does."""
    series = pose.series(lean, SHOULDERS, HIPS)
    rise = series.spread(tail=0.05)
    return None if rise is None or rise.value < CRUNCH_RISE_DEG else series.at(0.05)


def _neck_pull(pose: Pose, lean: FloatArray) -> Measurement | None:
    """How far the head bends forward against the trunk, from lying to raised, while the hands hold it.

    From the side and obliquely: a camera that looks down on somebody who lies sees the shoulders apart. 0 where the
    hands are elsewhere. What is in front of somebody who lies on the back is where the knees are. Ears between hands
    are seen badly: the middle of many frames is compared, not the extremes.
    """
    if pose.view not in (View.SIDE, View.THREE_QUARTER) or not np.isfinite(lean).any():
        return None
    shoulder, hip, ears = pose.middle(SHOULDERS), pose.middle(HIPS), pose.middle(EARS)
    away = np.nanmin(length(pose.pair(WRISTS) - ears[:, None]), axis=1) / pose.trunk_px
    upward, head = shoulder - hip, ears - shoulder
    front = np.sign(np.nanmedian(_cross(upward, pose.middle(KNEES) - hip)))
    if not np.isfinite(front) or not np.isfinite(away).any():
        return None
    bend = np.degrees(np.arctan2(front * _cross(upward, head), (upward * head).sum(-1)))
    lying, raised = lean >= np.nanquantile(lean, 1 - END_SHARE), lean <= np.nanquantile(lean, END_SHARE)
    series = pose.series(bend, SHOULDERS, HIPS, EARS, WRISTS)
    before, now = series.at(0.5, lying), series.at(0.5, raised)
    if before is None or now is None:
        return None
    held = float(np.nanmedian(away)) <= AT_THE_HEAD
    return Measurement(now.value - before.value if held else 0.0, min(before.seen, now.seen), now.time_s)


def _cross(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0], dtype=np.float64)
