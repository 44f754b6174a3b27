"""What a judgement says besides which faults there are: confidence, frames, order, score, symmetry, stability, path."""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from svc_motion.form import Measurement, RepetitionTrace, confidence_of, judge_faults, judge_repetition
from svc_motion.form.faults import SEVERITY_ORDER
from svc_motion.library import View, load_library
from svc_motion.library_schema import Fault
from svc_motion.vocabulary import Severity
from tests.svc_motion.form import movements
from tests.svc_motion.form.bodies import trace

LIBRARY = load_library()


def fault(name: str = "shallow", severity: Severity = Severity.MODERATE, above: float = 30.0) -> Fault:
    return Fault(
        name=name,
        severity=severity,
        metric="thigh_level_deg",
        above=above,
        views=(View.SIDE, View.FRONT),
        cue="Go deeper",
        penalty=20,
    )


def measured(value: float, seen: float = 1.0) -> dict[str, Measurement]:
    return {"thigh_level_deg": Measurement(value, seen, 12.5)}


def from_the_bottom(one: RepetitionTrace) -> RepetitionTrace:
    """The same repetition, first seen at its far end."""
    assert one.frame_times_s is not None and one.confidence is not None
    start = int(np.argmin(one.movement))
    return replace(
        one,
        times_s=one.times_s[start:],
        movement=one.movement[start:],
        signal_values=one.signal_values[start:],
        points=one.points[start:],
        frame_times_s=one.frame_times_s[start:],
        confidence=one.confidence[start:],
        feet=None if one.feet is None else one.feet[start:],
    )


def test_confidence_grows_past_the_threshold_and_shrinks_with_what_is_hidden() -> None:
    confidences = [confidence_of(fault(), Measurement(value, 1.0, 0.0), 1.0) for value in (20, 30, 33, 40, 60)]
    assert all(late > early for early, late in pairwise(confidences))
    assert confidences[1] == pytest.approx(0.5)
    assert confidences[-1] == pytest.approx(1.0, abs=0.01)
    assert confidence_of(fault(), Measurement(60, 0.5, 0.0), 0.8) == pytest.approx(0.4, abs=0.01)


def test_a_fault_seen_too_badly_is_not_judged() -> None:
    found, not_judged = judge_faults((fault(),), measured(45, seen=0.3), View.SIDE, 1.0)
    assert found == ()
    assert not_judged == ("shallow",)


@pytest.mark.parametrize(("view", "metrics"), [(View.BACK, measured(45)), (View.SIDE, {})])
def test_another_view_or_hidden_joints_leave_a_fault_unjudged(view: View, metrics: dict[str, Measurement]) -> None:
    assert judge_faults((fault(),), metrics, view, 1.0) == ((), ("shallow",))


def test_what_is_judged_and_clean_is_neither_found_nor_unjudged() -> None:
    assert judge_faults((fault(),), measured(5), View.SIDE, 1.0) == ((), ())


def test_danger_comes_first_and_a_fault_is_told_once() -> None:
    faults = (
        fault("late", Severity.MINOR),
        fault("twice", above=44),
        fault("twice", above=30),
        fault("danger", Severity.DANGEROUS, above=44),
    )
    found, _ = judge_faults(faults, measured(45), View.SIDE, 1.0)
    assert [finding.name for finding in found] == ["danger", "twice", "late"]
    assert [SEVERITY_ORDER.index(finding.severity) for finding in found] == [0, 1, 2]
    assert found[1].threshold == 30
    assert found[0].time_ns == 12_500_000_000


def test_a_fault_is_shown_by_a_frame_near_its_worst() -> None:
    one = trace(partial(movements.squat, lean_deg=32), 90)
    [finding] = judge_repetition(LIBRARY["squat"], one).faults
    worst_s = float(one.times_s[int(np.argmin(one.movement))])
    assert finding.time_ns * 1e-9 == pytest.approx(worst_s, abs=0.4)


def test_a_surer_fault_costs_more() -> None:
    scores = [
        judge_repetition(LIBRARY["squat"], trace(partial(movements.squat, depth=depth), 90)).score
        for depth in (1.0, 0.72, 0.3)
    ]
    assert scores[0] == 100
    assert scores[0] >= scores[1] >= scores[2]
    assert scores[2] == 75


def test_symmetry_falls_as_one_side_does_less_and_is_not_said_from_the_side() -> None:
    even, uneven = (
        judge_repetition(LIBRARY["lateral_raise"], trace(partial(movements.raised, weaker=share), 0)).symmetry
        for share in (1.0, 0.6)
    )
    assert even is not None and uneven is not None
    assert even > 0.9 > 0.7 > uneven
    assert judge_repetition(LIBRARY["lateral_raise"], trace(movements.raised, 90)).symmetry is None


def test_stability_falls_with_swinging() -> None:
    still, swinging = (
        judge_repetition(LIBRARY["bicep_curl"], trace(partial(movements.curl, drift_deg=drift), 90)).stability
        for drift in (0, 60)
    )
    assert still is not None and swinging is not None
    assert still > 0.8 > 0.6 > swinging


def test_a_bar_that_goes_round_deviates_from_its_path() -> None:
    straight, round_about = (
        judge_repetition(LIBRARY["deadlift"], trace(partial(movements.deadlift, drift_m=drift), 90)).path_deviation
        for drift in (0.0, 0.3)
    )
    assert straight is not None and round_about is not None
    assert round_about > max(0.06, 1.5 * straight)


def test_what_needs_the_start_is_not_judged_where_a_repetition_was_seen_from_its_far_end() -> None:
    one = trace(partial(movements.deadlift, bent_at_top=0.4), 90)
    assert "incomplete_lockout" in {finding.name for finding in judge_repetition(LIBRARY["deadlift"], one).faults}
    half = judge_repetition(LIBRARY["deadlift"], from_the_bottom(one))
    assert "incomplete_lockout" in half.not_judged
    assert half.faults == ()
    assert half.path_deviation is None
    assert not half.partial


def test_joints_lost_now_and_then_change_no_judgement() -> None:
    one = trace(partial(movements.squat, cave=0.5), 0)
    rng = np.random.default_rng(1)
    points = np.where(rng.random((*one.points.shape[:2], 1)) < 0.15, np.nan, one.points)
    assert [f.name for f in judge_repetition(LIBRARY["squat"], replace(one, points=points)).faults] == [
        "knees_caving_in"
    ]
