"""Thresholds that were fitted on the training parts of labelled sets: docs/form-evaluation.md tells what they reach.

Whoever changes one measures again with `spotter evaluate-faults`, and changes it here and there.
"""

from __future__ import annotations

import pytest

from svc_motion.library import load_library

LIBRARY = load_library()


@pytest.mark.parametrize(
    ("exercise", "fault", "metric", "above", "below"),
    [
        ("lunge", "knees_past_toes", "knee_past_toes", 0.0, None),
        ("bicep_curl", "elbows_drifting", "elbow_drift_deg", 30, None),
        ("bicep_curl", "half_curl", "elbow_min_deg", 75, None),
        ("front_raise", "low_raise", "arm_raise_max_deg", None, 75),
        ("squat", "shallow_squat", "knee_min_deg", 95, None),
        ("squat", "rounded_back", "neck_length_min", None, 0.12),
    ],
)
def test_a_fitted_threshold_stands_in_the_exercise_file(
    exercise: str, fault: str, metric: str, above: float | None, below: float | None
) -> None:
    listed = [one for one in LIBRARY[exercise].faults if (one.name, one.metric) == (fault, metric)]
    assert [(one.above, one.below) for one in listed] == [(above, below)]
