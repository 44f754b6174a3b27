"""How well a repetition was done: range of motion, tempo, faults and a score with its reasons.

2D angles lie when a limb points at the camera. Where that can happen, a flexion is taken as the smaller of the 2D
angle and the angle that the shortened limb implies: two segments of equal length l with end distance d enclose
2·asin(d/2l).
"""

import warnings
from dataclasses import dataclass

import numpy as np

from svc_motion.counter import STILL_SPEED_SHARE
from svc_motion.events import FaultFinding, RepetitionTempo
from svc_motion.library import Exercise, Fault, FullRepetition, View
from svc_motion.observation import ANKLES, ELBOWS, HIPS, KNEES, SHOULDERS, WRISTS, FloatArray
from svc_motion.posture import view_of
from svc_motion.signals import RATIO_SCALE, SIGNAL_NAMES, joint_angle_deg

MIN_SEEN_SHARE = 0.5
"""A metric is measured only where its joints were seen in this share of the repetition."""
RUSHED_PENALTY = 10
PARTIAL_PENALTY = 15


@dataclass(frozen=True, slots=True)
class RepetitionTrace:
    """Everything measured while one repetition was done."""

    times_s: FloatArray
    """(n,)"""
    movement: FloatArray
    """(n,) the movement signal; falls, then rises."""
    signal_values: FloatArray
    """(n, 27) filtered signals."""
    points: FloatArray
    """(m, 17, 2) px; the frames of the repetition."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What form analysis says of one repetition."""

    view: View
    rom_deg: float | None
    tempo: RepetitionTempo
    score: int
    reasons: tuple[str, ...]
    faults: tuple[FaultFinding, ...]
    partial: bool


def judge_repetition(exercise: Exercise, trace: RepetitionTrace) -> Judgement:
    """Judge one repetition, each fault only in views where it can be judged."""
    view = view_of(trace.points)
    metrics = measure(trace, view)
    tempo = tempo_of(trace, exercise.primary_movement.return_is)
    range_known = view in exercise.primary_movement.views
    rom_deg = _rom_deg(exercise, metrics) if range_known else None
    partial = range_known and not is_full(exercise.full_repetition, exercise.primary_movement.angle, metrics)
    faults = find_faults(exercise.faults, metrics, view)
    score, reasons = score_of(exercise, faults, tempo, partial)
    return Judgement(view, rom_deg, tempo, score, reasons, faults, partial)


def find_faults(faults: tuple[Fault, ...], metrics: dict[str, float], view: View) -> tuple[FaultFinding, ...]:
    """Faults whose metric crossed its threshold in a view where that means something."""
    return tuple(
        FaultFinding(fault.name, fault.severity, fault.cue, round(metrics[fault.metric], 2))
        for fault in faults
        if view in fault.views and fault.metric in metrics and fault.shows(metrics[fault.metric])
    )


def score_of(
    exercise: Exercise, faults: tuple[FaultFinding, ...], tempo: RepetitionTempo, partial: bool
) -> tuple[int, tuple[str, ...]]:
    """100 less the penalties, and what each was for."""
    penalties = {fault.name: fault.penalty for fault in exercise.faults}
    taken = [(finding.name, penalties[finding.name]) for finding in faults]
    if partial and not taken:
        taken.append(("partial_range", PARTIAL_PENALTY))
    if 0 < tempo.eccentric_s < exercise.tempo.min_eccentric_s:
        taken.append(("rushed_eccentric", RUSHED_PENALTY))
    if 0 < tempo.concentric_s < exercise.tempo.min_concentric_s:
        taken.append(("rushed_concentric", RUSHED_PENALTY))
    return max(0, 100 - sum(points for _, points in taken)), tuple(reason for reason, _ in taken)


def is_full(rule: FullRepetition, angle: str, metrics: dict[str, float]) -> bool:
    """Whether the range reached what the exercise asks for; what could not be measured is not held against anyone."""
    low, high = metrics.get(f"{angle}_min_deg", np.nan), metrics.get(f"{angle}_max_deg", np.nan)
    if rule.flexed_below_deg is not None and low > rule.flexed_below_deg:
        return False
    if rule.extended_above_deg is not None and high < rule.extended_above_deg:
        return False
    return not high - low < rule.min_range_deg


def tempo_of(trace: RepetitionTrace, return_is: str) -> RepetitionTempo:
    """Split a repetition at its turn; what moves slower than a tenth of the mean speed is a pause."""
    bottom = int(np.argmin(trace.movement))
    steps = np.diff(trace.times_s)
    speed = np.abs(np.diff(trace.movement)) / np.maximum(steps, 1e-6)
    still = (
        speed < STILL_SPEED_SHARE * float(np.average(speed, weights=np.maximum(steps, 1e-9))) if len(steps) else steps
    )
    moving = np.where(still, 0.0, steps)
    fall_s, rise_s = float(moving[:bottom].sum()), float(moving[bottom:].sum())
    pause_s = float(steps.sum()) - fall_s - rise_s
    concentric_s, eccentric_s = (rise_s, fall_s) if return_is == "concentric" else (fall_s, rise_s)
    return RepetitionTempo(round(eccentric_s, 3), round(concentric_s, 3), round(pause_s, 3))


def measure(trace: RepetitionTrace, view: View) -> dict[str, float]:
    """All form metrics that could be seen in this repetition."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # joints that were never seen are normal here
        metrics = _joint_metrics(trace, view) | body_metrics(trace.points)
    return {name: value for name, value in metrics.items() if np.isfinite(value)}


def _joint_metrics(trace: RepetitionTrace, view: View) -> dict[str, float]:
    knee = _angles(trace, "knee_angle", "leg_extension", view)
    elbow = _angles(trace, "elbow_angle", "arm_extension", view)
    hip = _angles(trace, "hip_angle", None, view)
    arm_raise = 180 - _angles(trace, "arm_lowering", None, view)
    metrics: dict[str, float] = {}
    for name, angles in (("knee", knee), ("elbow", elbow), ("hip", hip), ("arm_raise", arm_raise)):
        metrics[f"{name}_min_deg"], metrics[f"{name}_max_deg"] = _extremes(angles)
    metrics["elbow_range_deg"] = metrics["elbow_max_deg"] - metrics["elbow_min_deg"]
    return metrics


def body_metrics(points: FloatArray) -> dict[str, float]:
    """Metrics of whole-body posture over (m, 17, 2) points; NaN where the joints were not seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # joints that were never seen are normal here
        return _body_metrics(points)


def _body_metrics(points: FloatArray) -> dict[str, float]:
    shoulder, elbow, hip = points[:, SHOULDERS], points[:, ELBOWS], points[:, HIPS]
    knee, ankle, wrist = points[:, KNEES], points[:, ANKLES], points[:, WRISTS]
    upward = np.nanmean(shoulder, axis=1) - np.nanmean(hip, axis=1)
    tilt = np.degrees(np.arctan2(upward[:, 0], -upward[:, 1]))
    return {
        "body_line_min_deg": _body_line_deg(shoulder, hip, ankle),
        "knee_width_ratio": _knee_width_ratio(hip, knee, ankle),
        "elbow_flare_deg": _elbow_flare_deg(shoulder, elbow, hip, wrist),
        "trunk_swing_deg": _spread(tilt),
    }


def _angles(trace: RepetitionTrace, angle: str, ratio: str | None, view: View) -> FloatArray:
    """(n,) mean of the sides that were seen; from the side only the better seen one would hide a swap, so both."""
    columns = [SIGNAL_NAMES.index(f"{angle}_{side}") for side in ("left", "right")]
    angles = trace.signal_values[:, columns]
    if ratio is not None and view is not View.SIDE:
        places = [SIGNAL_NAMES.index(f"{ratio}_{side}") for side in ("left", "right")]
        shares = np.clip(trace.signal_values[:, places] / RATIO_SCALE, 0, 1)
        angles = np.fmin(angles, 2 * np.degrees(np.arcsin(shares)))
    known = np.isfinite(angles).mean(axis=0) >= MIN_SEEN_SHARE
    if not known.any():
        return np.full(len(angles), np.nan)
    chosen = angles[:, known]
    widest = int(np.nanargmax(np.nanmax(chosen, axis=0) - np.nanmin(chosen, axis=0)))
    spread = np.nanmax(chosen, axis=0) - np.nanmin(chosen, axis=0)
    if len(spread) == 2 and spread.min() < 0.5 * spread.max():
        return np.asarray(chosen[:, widest], dtype=np.float64)  # one limb works, the other only holds
    return np.asarray(np.nanmean(chosen, axis=1), dtype=np.float64)


def _extremes(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    return float(np.quantile(known, 0.03)), float(np.quantile(known, 0.97))


def _spread(values: FloatArray) -> float:
    low, high = _extremes(values)
    return high - low


def _body_line_deg(shoulder: FloatArray, hip: FloatArray, ankle: FloatArray) -> float:
    """Smallest angle shoulder-hip-ankle while the hips hang *below* the line; 180 while they do not."""
    middle_shoulder, middle_hip, middle_ankle = (np.nanmean(joint, axis=1) for joint in (shoulder, hip, ankle))
    angle = joint_angle_deg(middle_shoulder, middle_hip, middle_ankle)
    along = middle_ankle - middle_shoulder
    share = ((middle_hip - middle_shoulder) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-6)
    line_y = middle_shoulder[:, 1] + share * along[:, 1]
    sagging = np.where(middle_hip[:, 1] > line_y, angle, np.where(np.isfinite(angle), 180.0, np.nan))
    known = sagging[np.isfinite(sagging)]
    return float(np.quantile(known, 0.15)) if len(known) >= MIN_SEEN_SHARE * len(sagging) else float("nan")


def _knee_width_ratio(hip: FloatArray, knee: FloatArray, ankle: FloatArray) -> float:
    """Distance between the knees over that between the ankles, in the lowest quarter of the movement."""
    hip_height = -np.nanmean(hip[..., 1], axis=1)
    if not np.isfinite(hip_height).any():
        return float("nan")
    low = hip_height <= np.nanquantile(hip_height, 0.25)
    between_knees = np.abs(knee[low, 0, 0] - knee[low, 1, 0])
    between_ankles = np.abs(ankle[low, 0, 0] - ankle[low, 1, 0])
    leg_px = np.nanmedian(np.linalg.norm(knee - ankle, axis=-1))
    ratio = np.nanmedian(between_knees / np.maximum(between_ankles, 1e-6))
    return float(ratio) if np.nanmedian(between_ankles) > 0.35 * leg_px else float("nan")


def _elbow_flare_deg(shoulder: FloatArray, elbow: FloatArray, hip: FloatArray, wrist: FloatArray) -> float:
    """Angle of the upper arms away from the trunk's axis, seen from the front, while the elbows are most bent."""
    bend = np.nanmean(joint_angle_deg(shoulder, elbow, wrist), axis=1)
    if not np.isfinite(bend).any():
        return float("nan")
    deep = bend <= np.nanquantile(bend, 0.3)
    out = np.abs(elbow[deep, :, 0] - shoulder[deep, :, 0])
    down = np.abs(elbow[deep, :, 1] - shoulder[deep, :, 1])
    return float(np.degrees(np.nanmedian(np.arctan2(out, down))))


def _rom_deg(exercise: Exercise, metrics: dict[str, float]) -> float | None:
    angle = exercise.primary_movement.angle
    low, high = metrics.get(f"{angle}_min_deg"), metrics.get(f"{angle}_max_deg")
    return None if low is None or high is None else round(high - low, 1)
