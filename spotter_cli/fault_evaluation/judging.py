"""The product's judgement of examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spotter_cli.fault_evaluation.examples import Example, Label, Measured
from svc_motion.form import find_faults, judge_repetition, measure
from svc_motion.library import Exercise, Library, View
from svc_motion.posture import view_of


@dataclass(frozen=True)
class Verdict:
    """What form analysis says of an example."""

    view: View
    metrics: Mapping[str, float]
    """All that could be measured; finite numbers only."""
    found: frozenset[str]
    """Names of faults."""
    judged: frozenset[str]
    """Faults of the exercise that this view and these joints allow to judge."""

    def finds(self, label: Label) -> bool:
        """Whether a fault that means this label was found."""
        return not self.found.isdisjoint(label.faults)

    def judges(self, label: Label) -> bool:
        """Whether any fault that means this label could be judged."""
        return not self.judged.isdisjoint(label.faults)


def judge(example: Example, library: Library) -> Verdict:
    """Judge with the thresholds of the exercise files."""
    exercise = library[example.exercise]
    if isinstance(example.body, Measured):
        metrics = {name: value for name, value in example.body.metrics.items() if value == value}
        findings, view = find_faults(exercise.faults, metrics, example.body.view), example.body.view
    else:
        view = view_of(example.body.points)
        metrics = measure(example.body, view)
        findings = judge_repetition(exercise, example.body).faults
    found = frozenset(finding.name for finding in findings)
    return Verdict(view, metrics, found, found | _judged(exercise, metrics, view))


def _judged(exercise: Exercise, metrics: Mapping[str, float], view: View) -> frozenset[str]:
    return frozenset(fault.name for fault in exercise.faults if view in fault.views and fault.metric in metrics)
