"""Faults of floor exercises and calf raises on drawn bodies, weak to strong: found from a strength on, never before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from spotter_cli.fault_evaluation import faulty
from svc_motion.form import judge_repetition, measure
from svc_motion.library import load_library
from tests.svc_motion.form import movements
from tests.svc_motion.form.bodies import Pose, trace
from tests.svc_motion.form.drawn_floor import through

LIBRARY = load_library()
LEFT, RIGHT, OBLIQUE, FRONT, BACK = 90, -90, 60, 0, 180

GRADED: list[tuple[str, str, str, Callable[[float], Pose], tuple[float, ...], tuple[float, ...], tuple[int, ...]]] = [
    # exercise, fault, metric, pose by strength, clean strengths, faulty strengths, turns of the camera
    (
        "mountain_climber",
        "hips_sagging",
        "plank_line_min_deg",
        lambda deg: through(*faulty.mountain_climber(sag_deg=deg)),
        (0, 10),
        (26, 35),
        (LEFT, RIGHT, OBLIQUE),
    ),
    (
        "mountain_climber",
        "hips_piking",
        "plank_pike_deg",
        lambda deg: through(*faulty.mountain_climber(pike_deg=deg)),
        (0, 12, 20),
        (34, 45),
        (LEFT, RIGHT, OBLIQUE),
    ),
    (
        "mountain_climber",
        "short_knee_drive",
        "knee_drive_deg",
        lambda deg: through(*faulty.mountain_climber(short_deg=deg)),
        (0, 10),
        (35, 48),
        (LEFT, RIGHT, OBLIQUE),
    ),
    (
        "burpee",
        "hips_sagging",
        "plank_line_min_deg",
        lambda deg: through(*faulty.burpee(sag_deg=deg)),
        (0, 10),
        (28, 36),
        (LEFT, RIGHT, OBLIQUE),
    ),
    (
        "burpee",
        "incomplete_lockout",
        "upright_hip_max_deg",
        lambda deg: through(*faulty.burpee(bent_deg=deg)),
        (0, 15),
        (38, 50),
        (LEFT, RIGHT),
    ),
    (
        "sit_up",
        "pulling_neck",
        "neck_pull_deg",
        lambda deg: through(*faulty.sit_up(neck_deg=deg)),
        (0, 12),
        (46, 55),
        (LEFT, RIGHT),
    ),
    (
        "sit_up",
        "half_sit_up",
        "sit_up_lean_deg",
        lambda deg: through(*faulty.sit_up(short_deg=deg)),
        (0, 20),
        (42, 46),
        (LEFT, RIGHT, OBLIQUE),
    ),
    (
        "crunch",
        "pulling_neck",
        "neck_pull_deg",
        lambda deg: through(*faulty.crunch(neck_deg=deg)),
        (0, 12),
        (46, 55),
        (LEFT, RIGHT),
    ),
    (
        "crunch",
        "half_crunch",
        "trunk_swing_deg",
        lambda deg: through(*faulty.crunch(short_deg=deg)),
        (0, 10),
        (22, 25),
        (LEFT, RIGHT),
    ),
    (
        "calf_raise",
        "half_calf_raise",
        "ankle_rise",
        lambda deg: through(*faulty.calf_raise(short_deg=deg)),
        (0, 15),
        (28, 33),
        (FRONT, BACK, LEFT, OBLIQUE),
    ),
    (
        "calf_raise",
        "bent_knees",
        "knee_range_deg",
        lambda deg: through(*faulty.calf_raise(knees_deg=deg)),
        (0, 15),
        (45, 55),
        (LEFT, RIGHT),
    ),
    (
        "row",
        "body_swing",
        "shoulder_rise",
        lambda deg: partial(movements.row, lean_deg=75, swing_deg=deg),
        (0, 10, 18),
        (36, 45),
        (FRONT, BACK),
    ),
]


@pytest.mark.parametrize(
    ("exercise", "fault", "metric", "pose", "clean", "faulty", "turns"),
    GRADED,
    ids=[f"{one[0]}-{one[1]}" for one in GRADED],
)
def test_a_fault_is_found_from_a_strength_on(
    exercise: str,
    fault: str,
    metric: str,
    pose: Callable[[float], Pose],
    clean: tuple[float, ...],
    faulty: tuple[float, ...],
    turns: tuple[int, ...],
) -> None:
    drawn = {deg: pose(deg) for deg in clean + faulty}
    for turn_deg in turns:
        seen = {deg: trace(drawn[deg], turn_deg, feet=False) for deg in clean + faulty}
        judged = {deg: judge_repetition(LIBRARY[exercise], one) for deg, one in seen.items()}
        assert [judged[deg].faults for deg in clean] == [()] * len(clean), turn_deg
        for deg in faulty:
            assert [finding.name for finding in judged[deg].faults] == [fault], (turn_deg, deg, judged[deg].not_judged)
        measured = [measure(one)[metric] for one in seen.values()]
        assert measured in (sorted(measured), sorted(measured, reverse=True)), turn_deg


@pytest.mark.parametrize("turn_deg", [LEFT, RIGHT])
def test_a_chin_on_the_chest_is_no_pulled_neck_while_the_hands_are_elsewhere(turn_deg: int) -> None:
    judgement = judge_repetition(
        LIBRARY["sit_up"], trace(through(*faulty.sit_up_with_hands_away(neck_deg=50)), turn_deg, feet=False)
    )
    assert judgement.faults == ()
    assert "pulling_neck" not in judgement.not_judged


def test_a_crunch_among_sit_ups_is_no_half_sit_up() -> None:
    judgement = judge_repetition(LIBRARY["sit_up"], trace(through(*faulty.crunch()), LEFT, feet=False))
    assert judgement.faults == ()
    assert "half_sit_up" in judgement.not_judged


@pytest.mark.parametrize("exercise", ["sit_up", "crunch"])
def test_necks_are_not_judged_from_the_front(exercise: str) -> None:
    pose = through(*faulty.sit_up(neck_deg=50)) if exercise == "sit_up" else through(*faulty.crunch(neck_deg=50))
    assert "pulling_neck" in judge_repetition(LIBRARY[exercise], trace(pose, FRONT, feet=False)).not_judged


def test_a_squat_before_the_camera_shows_no_plank() -> None:
    for turn_deg in (FRONT, LEFT, OBLIQUE):
        measured = measure(trace(movements.squat, turn_deg))
        assert "plank_line_min_deg" not in measured
        assert "plank_pike_deg" not in measured
