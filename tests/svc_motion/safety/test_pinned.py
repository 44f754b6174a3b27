"""A lift that doesn't come up, and all that looks like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from svc_motion.safety import PinnedDetector, SafetyEvent, SafetyKind
from tests.svc_motion.safety.acting import Motion, Pose, View, film, play
from tests.svc_motion.safety.falls import BOTTOM, RACKED, squats
from tests.svc_motion.safety.normal import BAR_ON_CHEST, ON_BENCH

AFTER_S = 6.0
RESTING = replace(ON_BENCH, wrists=((0.25, 0.1, 0.5), (-0.25, 0.1, 0.5)))
UNDER_BAR = replace(BOTTOM, pitch_deg=30, wrists=((0.3, 0.0, 0.9), (-0.3, 0.0, 0.9)))


def alerts(motion: Motion, duration_s: float, turn_deg: float) -> list[SafetyEvent]:
    detector = PinnedDetector(AFTER_S)
    return [event for seen in film(motion, duration_s, View(turn_deg=turn_deg)) for event in detector.update(seen)]


def presses(*rest: tuple[float, Pose]) -> Motion:
    """Two repetitions on a bench, then the rest, each with its duration."""
    keys, now_s = [(0.0, ON_BENCH), (1.0, ON_BENCH)], 1.0
    for duration_s, pose in [(1.0, BAR_ON_CHEST), (1.0, ON_BENCH)] * 2 + list(rest):
        now_s += duration_s
        keys.append((now_s, pose))
    return play(*keys)


@pytest.mark.parametrize("turn_deg", [20, 60, 90])
def test_a_bar_that_stays_on_the_chest_alerts_once(turn_deg: float) -> None:
    struggling = replace(BAR_ON_CHEST, wrists=((0.38, 0.42, 0.8), (-0.38, 0.42, 0.8)))
    stuck = [(1.0, BAR_ON_CHEST), *[(0.8, struggling), (0.8, BAR_ON_CHEST)] * 6]
    (event,) = alerts(presses(*stuck), 16.0, turn_deg)
    assert event.kind is SafetyKind.PINNED
    assert 5.5 <= event.episode_ns / 1e9 - 1000 <= 7.0
    assert AFTER_S <= (event.time_ns - event.episode_ns) / 1e9 <= AFTER_S + 0.2


@pytest.mark.parametrize("turn_deg", [20, 60, 90])
def test_a_pause_on_the_chest_holding_the_bar_up_and_resting_do_not_alert(turn_deg: float) -> None:
    paused = presses((1.0, BAR_ON_CHEST), (3.0, BAR_ON_CHEST), (1.0, ON_BENCH), (10.0, ON_BENCH))
    rested = presses((0.5, ON_BENCH), (1.5, RESTING), (12.0, RESTING))
    assert not alerts(paused, 20.0, turn_deg)
    assert not alerts(rested, 20.0, turn_deg)


def test_a_squat_that_stays_down_under_the_bar_alerts_and_a_pause_does_not() -> None:
    keys = squats(4.0)
    stuck = play(*keys, (5.0, UNDER_BAR), (15.0, UNDER_BAR))
    paused = play(*keys, (5.0, UNDER_BAR), (8.0, UNDER_BAR), (9.0, RACKED), (15.0, RACKED))
    assert len(alerts(stuck, 15.0, 90)) == 1
    assert not alerts(paused, 15.0, 90)
