"""How far the joints moved: smallest and largest angles of knee, hip, elbow and upper arm.

2D angles lie when a limb points at the camera. From front and back a flexion is the angle that the shortened limb
implies instead: two segments of equal length l with end distance d enclose 2·asin(d/2l). Obliquely it is the smaller of
both.
"""

from dataclasses import dataclass

import numpy as np

from svc_motion.form.measurement import MIN_SEEN_SHARE, Measurement, Measurements, Series, found
from svc_motion.form.pose import ANKLES, ELBOWS, HIPS, KNEES, SHOULDERS, WRISTS, Pose
from svc_motion.form.trace import RepetitionTrace
from svc_motion.observation import FloatArray
from svc_motion.signals import RATIO_SCALE, SIGNAL_NAMES
from svc_motion.vocabulary import View

ONE_SIDED_SHARE = 0.5
"""Where one side moves less than this share of the other, that side only holds, and the other one is judged."""


@dataclass(frozen=True, slots=True)
class Joint:
    """One kind of joint: its angle signal, the ratio that helps out from the front, and what it rests on."""

    angle: str
    ratio: str | None
    pairs: tuple[tuple[int, int], ...]
    raised: bool = False
    """The signal falls while the joint opens: an arm that is raised."""


JOINTS: dict[str, Joint] = {
    "knee": Joint("knee_angle", "leg_extension", (HIPS, KNEES, ANKLES)),
    "hip": Joint("hip_angle", None, (SHOULDERS, HIPS, KNEES)),
    "elbow": Joint("elbow_angle", "arm_extension", (SHOULDERS, ELBOWS, WRISTS)),
    "arm_raise": Joint("arm_lowering", None, (HIPS, SHOULDERS, ELBOWS), raised=True),
}


def joint_metrics(trace: RepetitionTrace, pose: Pose) -> Measurements:
    """`<joint>_min_deg`, `_max_deg` and `_range_deg` of each joint that was seen."""
    measured: dict[str, Measurement | None] = {}
    for name, joint in JOINTS.items():
        angles = working_side(side_angles(trace, joint, pose.view))
        trust = float(pose.trust(*joint.pairs).mean())
        series = Series(trace.times_s, angles, np.full(len(angles), trust))
        low, high, spread = series.at(0.03), series.at(0.97), series.spread()
        measured |= {f"{name}_min_deg": low, f"{name}_max_deg": high, f"{name}_range_deg": spread}
    return found(measured)


def side_angles(trace: RepetitionTrace, joint: Joint, view: View) -> FloatArray:
    """(n, 2) angle of the left and the right joint in degrees; all NaN for a side that was seen too little."""
    angles = np.array(_columns(trace, joint.angle))
    if joint.raised:
        angles = 180 - angles
    if joint.ratio is not None and view is not View.SIDE:
        shares = np.clip(_columns(trace, joint.ratio) / RATIO_SCALE, 0, 1)
        implied = 2 * np.degrees(np.arcsin(shares))
        angles = implied if view in (View.FRONT, View.BACK) else np.fmin(angles, implied)
    angles[:, np.isfinite(angles).mean(axis=0) < MIN_SEEN_SHARE] = np.nan
    return angles


def working_side(angles: FloatArray) -> FloatArray:
    """(n,) mean of both sides, or the side that works where the other only holds or was not seen."""
    known = np.flatnonzero(np.isfinite(angles).any(axis=0))
    if not len(known):
        return np.full(len(angles), np.nan)
    ranges = np.nanmax(angles[:, known], axis=0) - np.nanmin(angles[:, known], axis=0)
    if len(known) == 1 or ranges.min() < ONE_SIDED_SHARE * ranges.max():
        return np.asarray(angles[:, known[int(ranges.argmax())]], dtype=np.float64)
    return np.asarray(np.where(np.isfinite(angles).any(axis=1), np.nanmean(angles, axis=1), np.nan))


def _columns(trace: RepetitionTrace, kind: str) -> FloatArray:
    places = [SIGNAL_NAMES.index(f"{kind}_{side}") for side in ("left", "right")]
    return np.asarray(trace.signal_values[:, places], dtype=np.float64)
