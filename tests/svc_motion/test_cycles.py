"""The count of any generated movement of n full cycles is n; `docs/counting.md` states the space.

pytest tests/svc_motion/test_cycles.py                                     a few examples
pytest tests/svc_motion/test_cycles.py --hypothesis-profile=thorough       two thousand
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svc_motion.library import load_library
from tests.svc_motion.cycles import POSES, Cycles, counted, ends_s, seen, told

LIBRARY = load_library()
FRONTAL = ("lateral_raise", "shoulder_press", "jumping_jack")
"""Movements in the frontal plane: a camera from the side sees arms that come towards it."""
LONGEST_S = 6.0
"""A cycle with its pauses and jitter; one that is longer than the first window sometimes counts twice."""
PROMPT_S = 0.3
"""A repetition is told so long before or after its end at most."""
THOROUGH = settings.get_current_profile_name() == "thorough"


@st.composite
def any_cycles(draw: st.DrawFn) -> Cycles:
    """The space in which the count must be exact."""
    movement = draw(st.sampled_from(sorted(POSES)))
    fps = draw(st.sampled_from([10.0, 12.5, 15.0, 20.0, 25.0, 30.0]))
    quick = 1.2 if fps < 15 else 0.8
    period_s = draw(st.floats(quick, 5.0))
    small = movement == "calf_raise"
    occluded = not small and draw(st.booleans())
    return Cycles(
        movement,
        draw(st.integers(1, 20 if period_s < 2 else 8)),
        period_s,
        draw(st.floats(0.0, 0.2)),
        1.0 if small else draw(st.floats(0.7, 1.0)),
        draw(st.floats(0.0, min(1.0, max(0.0, (LONGEST_S - 1.2 * period_s) / 2)))),
        draw(st.floats(-60, 60)) + (0 if movement in FRONTAL else draw(st.sampled_from([0, 90]))),
        draw(st.floats(-5, 25)),
        draw(st.floats(0.0, 0.01 if small else 0.02)),
        0.0 if small else draw(st.sampled_from([0.0, 0.1, 0.2])),
        occluded and movement != "one_arm_curl",
        fps,
        draw(st.floats(0.3, 3.0)),
        draw(st.floats(0.5, 3.0)),
        draw(st.floats(0.85, 1.15)),
        draw(st.integers(0, 2**31)),
    )


@settings(
    max_examples=2000 if THOROUGH else 15,
    deadline=None,
    derandomize=not THOROUGH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(any_cycles())
def test_n_full_cycles_count_n(cycles: Cycles) -> None:
    exercise = POSES[cycles.movement][0]
    assert len(counted(LIBRARY, exercise, seen(cycles))) == cycles.repetitions


@pytest.mark.parametrize("movement", sorted(POSES))
def test_every_movement_counts_at_one_and_at_six_seconds(movement: str) -> None:
    for period_s in (1.0, 6.0):
        cycles = Cycles(movement, 4, period_s=period_s)
        assert len(counted(LIBRARY, POSES[movement][0], seen(cycles))) == 4, period_s


@st.composite
def well_seen_cycles(draw: st.DrawFn) -> Cycles:
    """Movements seen from where their ends show: arms that come towards the camera look straight too soon."""
    movement = draw(st.sampled_from(sorted(POSES)))
    small = movement == "calf_raise"
    period_s = draw(st.floats(0.8, 4.0))
    return Cycles(
        movement,
        draw(st.integers(1, 10 if period_s < 2 else 4)),
        period_s,
        draw(st.floats(0.0, 0.2)),
        1.0 if small else draw(st.floats(0.7, 1.0)),
        draw(st.floats(0.0, 0.5)),
        draw(st.floats(-30, 30) if movement in FRONTAL else st.floats(50, 100)),
        draw(st.floats(0, 15)),
        draw(st.floats(0.0, 0.01)),
        0.0 if small else draw(st.sampled_from([0.0, 0.1])),
        False,
        draw(st.sampled_from([12.5, 15.0, 20.0, 25.0, 30.0])),
        draw(st.floats(0.5, 3.0)),
        draw(st.floats(0.7, 3.0)),
        draw(st.floats(0.85, 1.15)),
        draw(st.integers(0, 2**31)),
    )


@settings(
    max_examples=1000 if THOROUGH else 15,
    deadline=None,
    derandomize=not THOROUGH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(well_seen_cycles())
def test_a_repetition_is_told_when_it_ends(cycles: Cycles) -> None:
    moments_s = [moment_s for moment_s, _ in told(LIBRARY, POSES[cycles.movement][0], seen(cycles))]
    ends = ends_s(cycles)
    assert len(moments_s) == len(ends)
    for moment_s, end_s in zip(moments_s, ends, strict=True):
        assert abs(moment_s - end_s) <= PROMPT_S + 1 / cycles.fps
