from functools import partial

import numpy as np
import pytest

from svc_motion.form import (
    RepetitionTrace,
    body_metrics,
    find_faults,
    is_full,
    judge_repetition,
    measure,
    tempo_of,
)
from svc_motion.library import FullRepetition, View, load_library
from svc_motion.observation import body_frame
from svc_motion.posture import view_of
from svc_motion.signals import SignalBank
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import Pose, phases, seen

LIBRARY = load_library()


def trace(pose: Pose, turn_deg: float, period_s: float = 2.4, hold_s: float = 0.2) -> RepetitionTrace:
    phase = phases(1, period_s=period_s, lead_s=0.1, tail_s=0.1, hold_s=hold_s)
    frames = [body_frame(frame) for frame in seen(pose, phase, turn_deg=turn_deg, noise=0.01)]
    bank = SignalBank()
    values = np.stack([bank.update(frame).values for frame in frames])
    return RepetitionTrace(np.arange(len(phase)) / 15, -100 * phase, values, np.stack([f.points for f in frames]))


@pytest.mark.parametrize(("depth", "turn_deg"), [(1.0, 0), (1.0, 35), (1.0, 90), (1.0, 180)])
def test_a_deep_squat_is_full_from_every_side(depth: float, turn_deg: float) -> None:
    judgement = judge_repetition(LIBRARY["squat"], trace(partial(skeletons.squat, depth=depth), turn_deg))
    assert not judgement.partial
    assert judgement.faults == ()


@pytest.mark.parametrize("turn_deg", [0, 35, 90, 180])
@pytest.mark.parametrize("depth", [0.22, 0.28])
def test_a_shallow_squat_is_partial_and_a_fault_from_every_side(depth: float, turn_deg: float) -> None:
    judgement = judge_repetition(LIBRARY["squat"], trace(partial(skeletons.squat, depth=depth), turn_deg))
    assert judgement.partial
    assert [finding.name for finding in judgement.faults] == ["shallow_squat"]
    assert judgement.score < 80


@pytest.mark.parametrize(
    ("pose", "turn_deg", "metric", "low", "high"),
    [
        (skeletons.squat, 0, "knee_width_ratio", 0.9, 1.6),
        (partial(skeletons.squat, cave=0.28), 0, "knee_width_ratio", 0.3, 0.75),
        (skeletons.push_up, 90, "body_line_min_deg", 172, 180),
        (partial(skeletons.push_up, sag=0.7), 90, "body_line_min_deg", 140, 156),
        (skeletons.curl, 90, "elbow_range_deg", 110, 150),
        (partial(skeletons.curl, lowest_deg=60, closing_deg=50), 90, "elbow_range_deg", 40, 62),
    ],
)
def test_a_metric_measures_what_it_says(pose: Pose, turn_deg: float, metric: str, low: float, high: float) -> None:
    one = trace(pose, turn_deg)
    assert low < measure(one, view_of(one.points))[metric] < high


def test_piked_hips_do_not_sag() -> None:
    one = trace(partial(skeletons.push_up, sag=-0.5), 90)
    assert body_metrics(one.points)["body_line_min_deg"] == pytest.approx(180, abs=1)


@pytest.mark.parametrize("view", list(View))
def test_a_fault_is_found_only_in_its_views(view: View) -> None:
    faults = LIBRARY["squat"].faults
    found = {finding.name for finding in find_faults(faults, {"knee_width_ratio": 0.5}, view)}
    assert found == ({"knees_caving_in"} if view in (View.FRONT, View.BACK) else set())


def test_a_fault_that_shows_in_two_metrics_is_told_once() -> None:
    metrics = {"elbow_range_deg": 60.0, "elbow_min_deg": 80.0}
    (found,) = find_faults(LIBRARY["bicep_curl"].faults, metrics, View.SIDE)
    assert (found.name, found.value) == ("half_curl", 60.0)  # the one that is further past its threshold


def test_what_was_not_measured_is_no_fault() -> None:
    assert find_faults(LIBRARY["squat"].faults, {}, View.FRONT) == ()


@pytest.mark.parametrize(
    ("rule", "low", "high", "full"),
    [
        (FullRepetition(flexed_below_deg=100), 90, 170, True),
        (FullRepetition(flexed_below_deg=100), 110, 170, False),
        (FullRepetition(extended_above_deg=150), 90, 140, False),
        (FullRepetition(min_range_deg=70), 90, 150, False),
        (FullRepetition(), 90, 100, True),
    ],
)
def test_the_rule_of_a_full_repetition(rule: FullRepetition, low: float, high: float, full: bool) -> None:
    assert is_full(rule, low, high) is full


def test_tempo_tells_the_phases_and_the_pause() -> None:
    tempo = tempo_of(trace(skeletons.squat, 90, period_s=2.4, hold_s=1.5), "concentric")
    assert tempo.eccentric_s == pytest.approx(1.0, abs=0.35)
    assert tempo.concentric_s == pytest.approx(1.0, abs=0.35)
    assert tempo.pause_s > 1.2


def test_a_rushed_repetition_says_so() -> None:
    judgement = judge_repetition(LIBRARY["squat"], trace(skeletons.squat, 90, period_s=0.8, hold_s=0))
    assert "rushed_eccentric" in judgement.reasons
    assert judgement.score < 100


def test_range_is_not_given_in_a_view_where_it_cannot_be_judged() -> None:
    assert judge_repetition(LIBRARY["bicep_curl"], trace(skeletons.curl, 180)).rom_deg is None
    assert judge_repetition(LIBRARY["bicep_curl"], trace(skeletons.curl, 90)).rom_deg == pytest.approx(132, abs=15)
