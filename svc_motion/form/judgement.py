"""Everything form analysis says of one repetition, or of the last second of a hold."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from svc_motion.events import FaultFinding, RepetitionTempo
from svc_motion.form.arms import arm_metrics
from svc_motion.form.faults import judge_faults
from svc_motion.form.floor import floor_metrics
from svc_motion.form.joints import JOINTS, joint_metrics
from svc_motion.form.legs import leg_metrics
from svc_motion.form.measurement import Measurement, Measurements
from svc_motion.form.pose import Pose
from svc_motion.form.quality import path_deviation_of, stability_of, symmetry_of
from svc_motion.form.score import score_of
from svc_motion.form.tempo import tempo_of
from svc_motion.form.trace import RepetitionTrace
from svc_motion.form.trunk import trunk_metrics
from svc_motion.library_schema import Exercise, FullRepetition
from svc_motion.observation import BodyFrame, FloatArray, stacked
from svc_motion.vocabulary import View

OF_THE_START = frozenset(f"{joint}_{end}_deg" for joint in ("knee", "hip", "elbow") for end in ("max", "range")) | {
    "arm_raise_min_deg",
    "arm_raise_range_deg",
    "wrist_drift",
    "neck_length_max",
    "neck_pull_deg",
    "upright_hip_max_deg",
}
"""Metrics that say nothing where the start position was not seen."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What form analysis says of one repetition."""

    view: View
    rom_deg: float | None
    """Range of the primary joint; None in a view where it can't be judged."""
    tempo: RepetitionTempo
    score: int
    """0..100."""
    reasons: tuple[str, ...]
    faults: tuple[FaultFinding, ...]
    """The most dangerous first."""
    partial: bool
    symmetry: float | None = None
    """0..1; None where left and right could not be compared, or need not be alike."""
    stability: float | None = None
    """0..1; None where what should be still was not seen."""
    path_deviation: float | None = None
    """Trunk lengths."""
    not_judged: tuple[str, ...] = ()
    """Faults that nobody can tell from this view, or from the joints that were seen: not the same as clean."""


def judge_repetition(exercise: Exercise, trace: RepetitionTrace) -> Judgement:
    """Judge one repetition, each fault only in views where it can be judged."""
    rules = exercise.form
    joint = JOINTS.get(exercise.primary_movement.angle)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # joints that were never seen are normal here
        pose = Pose.of(trace)
        measured = measurements(trace, pose)
        symmetry = symmetry_of(trace, joint, pose.view) if rules.symmetric and joint else None
        stability = stability_of(pose, rules.still) if trace.whole else None
        path = path_deviation_of(pose, rules.path.of, rules.path.shape) if rules.path and trace.whole else None
    if symmetry is not None:
        measured["symmetry"] = Measurement(symmetry, float(pose.confidence.mean()), float(pose.times_s[-1]))
    tempo = tempo_of(trace, exercise.primary_movement.return_is)
    range_known = pose.view in exercise.primary_movement.views
    low_deg, high_deg = _extremes(exercise.primary_movement.angle, measured)
    rom_deg = round(high_deg - low_deg, 1) if range_known and np.isfinite(high_deg - low_deg) else None
    partial = range_known and not is_full(exercise.full_repetition, low_deg, high_deg)
    faults, not_judged = judge_faults(exercise.faults, measured, pose.view, pose.view_fit)
    score, reasons = score_of(exercise, faults, tempo, partial)
    return Judgement(
        pose.view,
        rom_deg,
        tempo,
        score,
        reasons,
        faults,
        partial,
        _rounded(symmetry),
        _rounded(stability),
        _rounded(path),
        not_judged,
    )


def judge_hold(exercise: Exercise, frames: Sequence[BodyFrame]) -> tuple[FaultFinding, ...]:
    """Faults of a held exercise in its last frames (at least one), the most dangerous first."""
    feet = [frame.feet for frame in frames if frame.feet is not None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        pose = Pose.of_points(
            np.array([frame.time_s for frame in frames]),
            stacked([frame.points for frame in frames]),
            stacked([frame.confidence for frame in frames]),
            stacked(feet) if len(feet) == len(frames) else None,
        )
        measured = body_measurements(pose)
    return judge_faults(exercise.faults, measured, pose.view, pose.view_fit)[0]


def measure(trace: RepetitionTrace, view: View | None = None) -> dict[str, float]:
    """Values of all form metrics that could be seen; the view is found in the points unless it is given."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        pose = Pose.of(trace)
        measured = measurements(trace, pose if view is None else replace(pose, view=view))
    return {name: one.value for name, one in measured.items()}


def measurements(trace: RepetitionTrace, pose: Pose) -> Measurements:
    """All form metrics that could be seen in this repetition; what needs its start is left out where that was not."""
    measured = joint_metrics(trace, pose) | body_measurements(pose)
    return measured if trace.whole else {name: one for name, one in measured.items() if name not in OF_THE_START}


def body_measurements(pose: Pose) -> Measurements:
    """Metrics that need no signals, but the joints alone."""
    return leg_metrics(pose) | trunk_metrics(pose) | arm_metrics(pose) | floor_metrics(pose)


def body_metrics(points: FloatArray) -> dict[str, float]:
    """The values of `body_measurements` over (m, 17, 2) points; what was not seen is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        pose = Pose.of_points(np.arange(len(points)) / 15, points)
        return {name: one.value for name, one in body_measurements(pose).items()}


def is_full(rule: FullRepetition, low_deg: float, high_deg: float) -> bool:
    """Whether the range reached what the exercise asks for; what could not be measured is not held against anyone."""
    if rule.flexed_below_deg is not None and low_deg > rule.flexed_below_deg:
        return False
    if rule.extended_above_deg is not None and high_deg < rule.extended_above_deg:
        return False
    return not high_deg - low_deg < rule.min_range_deg


def _extremes(angle: str, measured: Mapping[str, Measurement]) -> tuple[float, float]:
    low, high = measured.get(f"{angle}_min_deg"), measured.get(f"{angle}_max_deg")
    return (low.value, high.value) if low is not None and high is not None else (float("nan"), float("nan"))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
