"""The product's judgement of examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spotter_cli.fault_evaluation.examples import Example, Label, Measured
from svc_motion.form import Measurement, judge_faults, judge_repetition, measure
from svc_motion.library import Library
from svc_motion.vocabulary import View


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
        sure = {name: Measurement(value, 1.0, 0.0) for name, value in metrics.items()}
        view = example.body.view
        faults, not_judged = judge_faults(exercise.faults, sure, view, 1.0)
    else:
        judgement = judge_repetition(exercise, example.body)
        view, faults, not_judged = judgement.view, judgement.faults, judgement.not_judged
        metrics = measure(example.body, view)
    judged = {fault.name for fault in exercise.faults} - set(not_judged)
    return Verdict(view, metrics, frozenset(finding.name for finding in faults), frozenset(judged))
