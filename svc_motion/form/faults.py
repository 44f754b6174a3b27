"""Which faults of an exercise show in what was measured, how sure that is, and which could not be judged."""

import math
from collections.abc import Iterable, Mapping

from svc_motion.events import FaultFinding
from svc_motion.form.measurement import Measurement
from svc_motion.form_metrics import METRICS
from svc_motion.library_schema import Fault
from svc_motion.vocabulary import Severity, View

MIN_CONFIDENCE = 0.35
"""A fault less sure than this is not told but counts as not judged: a false alarm costs more trust than a miss."""
SEVERITY_ORDER = (Severity.DANGEROUS, Severity.MODERATE, Severity.MINOR)
"""Danger first."""


def judge_faults(
    faults: Iterable[Fault], measured: Mapping[str, Measurement], view: View, view_fit: float
) -> tuple[tuple[FaultFinding, ...], tuple[str, ...]]:
    """The faults that show, the most dangerous and surest first, and the names of those that could not be judged.

    A fault may be listed more than once, with a threshold for each view or by another metric; it is judged where one
    of them is, and told once, by what shows it most surely.
    """
    shown: list[FaultFinding] = []
    judged: set[str] = set()
    listed: dict[str, None] = {}
    for fault in faults:
        listed[fault.name] = None
        measurement = measured.get(fault.metric)
        if view not in fault.views or measurement is None:
            continue
        confidence = confidence_of(fault, measurement, view_fit)
        if fault.shows(measurement.value) and confidence < MIN_CONFIDENCE:
            continue
        judged.add(fault.name)
        if fault.shows(measurement.value):
            shown.append(_finding(fault, measurement, confidence))
    shown.sort(key=lambda finding: (SEVERITY_ORDER.index(finding.severity), -finding.confidence))
    surest: dict[str, FaultFinding] = {}
    for finding in shown:
        surest.setdefault(finding.name, finding)
    return tuple(surest.values()), tuple(name for name in listed if name not in judged)


def find_faults(faults: tuple[Fault, ...], metrics: Mapping[str, float], view: View) -> tuple[FaultFinding, ...]:
    """Faults in bare numbers, taken as clearly seen."""
    sure = {name: Measurement(value, 1.0, 0.0) for name, value in metrics.items() if math.isfinite(value)}
    return judge_faults(faults, sure, view, 1.0)[0]


def confidence_of(fault: Fault, measurement: Measurement, view_fit: float) -> float:
    """0..1: probability that the true value is past the threshold, times how well joints and view let it be seen.

    The probability takes the measured value as the true one plus normal noise of the metric's own size.
    """
    threshold = fault.threshold
    past = (measurement.value - threshold) / METRICS[fault.metric].error
    probability = 0.5 * (1 + math.erf((past if fault.above is not None else -past) / math.sqrt(2)))
    return probability * min(1.0, measurement.seen) * view_fit


def _finding(fault: Fault, measurement: Measurement, confidence: float) -> FaultFinding:
    return FaultFinding(
        fault.name,
        fault.severity,
        fault.cue,
        round(measurement.value, 2),
        fault.threshold,
        round(confidence, 3),
        round(measurement.time_s * 1e6) * 1000,
    )
