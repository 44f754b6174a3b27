"""Symmetry, stability and path of a repetition: what isn't a fault by itself but tells how clean it was."""

import numpy as np

from svc_motion.form.joints import Joint, side_angles
from svc_motion.form.measurement import MIN_SEEN_SHARE, Measurement
from svc_motion.form.pose import ANKLES, ELBOWS, HIPS, SHOULDERS, WRISTS, Pose
from svc_motion.form.trace import RepetitionTrace
from svc_motion.observation import FloatArray
from svc_motion.vocabulary import BodyPart, PathShape, View

PARTS: dict[BodyPart, tuple[int, int]] = {
    "feet": ANKLES,
    "hips": HIPS,
    "shoulders": SHOULDERS,
    "elbows": ELBOWS,
    "hands": WRISTS,
}
STILL_SWAY, UNSTEADY_SWAY = 0.1, 0.6
"""Sway in trunk lengths: up to the first, which noise alone can make, stability is 1; from the second on it is 0."""
ONE_SIDE_RESTS_SHARE = 0.3
"""A side that moves less than this share of the other does not take part at all."""
MIN_SYMMETRY_RANGE_DEG = 20.0
"""Smaller movement says nothing about whether left and right do the same."""
PATH_SHARE = 0.95
"""The path's deviation is this quantile, so that one bad frame does not make it."""


def symmetry_of(trace: RepetitionTrace, joint: Joint, view: View) -> float | None:
    """0..1: the smaller of both ranges over the larger, less the share of the repetition by which one side is late.

    None from the side, where the far limb is guessed, and where only one side works.
    """
    if view in (View.SIDE, View.UNKNOWN):
        return None
    angles = side_angles(trace, joint, view)
    if not np.isfinite(angles).any(axis=0).all():
        return None
    low, high = np.nanquantile(angles, 0.05, axis=0), np.nanquantile(angles, 0.95, axis=0)
    ranges = high - low
    if ranges.max() < MIN_SYMMETRY_RANGE_DEG or ranges.min() < ONE_SIDE_RESTS_SHARE * ranges.max():
        return None
    turned_s = [_middle_of_turn_s(trace.times_s, angles[:, side], trace.movement) for side in (0, 1)]
    late = abs(turned_s[0] - turned_s[1]) / max(float(trace.times_s[-1] - trace.times_s[0]), 1e-6)
    return float(np.clip(ranges.min() / ranges.max() - 2 * late, 0, 1))


def _middle_of_turn_s(times_s: FloatArray, angles: FloatArray, movement: FloatArray) -> float:
    """Middle of the time in which one side is beyond half of its own range, at the far end of the stroke."""
    known = np.isfinite(angles)
    opening = float(np.corrcoef(angles[known], movement[known])[0, 1]) >= 0
    depth = -angles if opening else angles
    half = (np.nanquantile(depth, 0.05) + np.nanquantile(depth, 0.95)) / 2
    beyond = known & (depth >= half)
    return float(times_s[beyond].mean())


def stability_of(pose: Pose, still: tuple[BodyPart, ...]) -> float | None:
    """0..1: how still the parts were that should be; the worst of them counts. None where none was seen."""
    sways = [sway for part in still if (sway := _sway(pose, PARTS[part])) is not None]
    if not sways:
        return None
    return float(np.clip((UNSTEADY_SWAY - max(sways)) / (UNSTEADY_SWAY - STILL_SWAY), 0, 1))


def _sway(pose: Pose, part: tuple[int, int]) -> float | None:
    across, down = (_spread(pose, pose.middle(part)[:, axis], part) for axis in (0, 1))
    return None if across is None or down is None else float(np.hypot(across.value, down.value)) / pose.trunk_px


def _spread(pose: Pose, values: FloatArray, part: tuple[int, int]) -> Measurement | None:
    return pose.series(values, part).spread(tail=0.05)


def path_deviation_of(pose: Pose, part: BodyPart, shape: PathShape) -> float | None:
    """How far the part leaves its usual path, in trunk lengths.

    `straight`: largest distance from the best straight line. `return`: largest distance between the way out and the
    way back, for movements that are curved by nature.
    """
    points = pose.middle(PARTS[part]) / pose.trunk_px
    known = points[np.isfinite(points).all(axis=1)]
    if len(known) < max(6, MIN_SEEN_SHARE * len(points)):
        return None
    centred = known - known.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    along, across = centred @ axes[0], centred @ axes[1]
    if shape == "straight":
        return float(np.quantile(np.abs(across), PATH_SHARE))
    turn = int(np.argmax(np.abs(along - along[0])))
    if min(turn, len(along) - 1 - turn) < 2:
        return None
    out, back = slice(0, turn + 1), slice(turn, len(along))
    order_out, order_back = np.argsort(along[out]), np.argsort(along[back])
    shared = np.linspace(
        max(along[out].min(), along[back].min()), min(along[out].max(), along[back].max()), num=len(along)
    )
    way_out = np.interp(shared, along[out][order_out], across[out][order_out])
    way_back = np.interp(shared, along[back][order_back], across[back][order_back])
    return float(np.quantile(np.abs(way_out - way_back), PATH_SHARE))
