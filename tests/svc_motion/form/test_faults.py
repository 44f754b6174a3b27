"""Every fault on bodies of known posture: found from each view where it is judged, never on a clean body."""

from functools import cache, partial

import pytest

from svc_motion.form import RepetitionTrace, judge_repetition
from svc_motion.library import load_library
from tests.svc_motion.form import movements
from tests.svc_motion.form.bodies import Pose, trace

LIBRARY = load_library()
FRONT, BACK, LEFT, RIGHT, OBLIQUE_LEFT, OBLIQUE_RIGHT = 0, 180, 90, -90, 60, -60
FRONTAL, SIDES, OBLIQUE = (FRONT, BACK), (LEFT, RIGHT), (OBLIQUE_LEFT, OBLIQUE_RIGHT)

FAULTY: list[tuple[str, str, Pose, tuple[int, ...], frozenset[str]]] = [
    # exercise, fault, pose, turns of the camera, what may be found beside it
    ("squat", "shallow_squat", partial(movements.squat, depth=0.5), FRONTAL + SIDES + OBLIQUE, frozenset()),
    ("squat", "knees_caving_in", partial(movements.squat, cave=0.5), FRONTAL, frozenset()),
    (
        "squat",
        "knees_past_toes",
        partial(movements.squat, forward_m=0.32, depth=0.9),
        SIDES,
        frozenset({"shallow_squat"}),
    ),
    ("squat", "heels_lifting", partial(movements.squat, heel_lift_m=0.08), SIDES + OBLIQUE, frozenset()),
    (
        "squat",
        "leaning_forward",
        partial(movements.squat, lean_deg=32),
        (FRONT, *SIDES, *OBLIQUE),
        frozenset({"rounded_back"}),
    ),
    ("squat", "uneven_sides", partial(movements.squat, shift_m=0.2), FRONTAL, frozenset()),
    ("squat", "incomplete_lockout", partial(movements.squat, bent_at_top=0.35), SIDES, frozenset()),
    ("barbell_squat", "rounded_back", partial(movements.squat, rounded=1), SIDES, frozenset()),
    ("lunge", "knees_caving_in", partial(movements.lunge, inward=0.6), FRONTAL, frozenset()),
    ("lunge", "knees_past_toes", partial(movements.lunge, forward_m=0.25), SIDES, frozenset()),
    ("lunge", "leaning_forward", partial(movements.lunge, lean_deg=45), SIDES, frozenset()),
    ("lunge", "shallow_lunge", partial(movements.lunge, depth=0.15), SIDES, frozenset()),
    ("deadlift", "rounded_back", partial(movements.deadlift, rounded=1), SIDES, frozenset()),
    ("deadlift", "bar_path_drifting", partial(movements.deadlift, drift_m=0.25), SIDES, frozenset()),
    ("deadlift", "incomplete_lockout", partial(movements.deadlift, bent_at_top=0.4), SIDES, frozenset()),
    ("push_up", "hips_sagging", partial(movements.push_up, sag=0.7), SIDES + OBLIQUE, frozenset()),
    ("push_up", "hips_piking", partial(movements.push_up, pike=0.8), SIDES, frozenset()),
    ("push_up", "worm_push_up", partial(movements.push_up, worm=1), SIDES + OBLIQUE, frozenset({"hips_sagging"})),
    ("push_up", "elbows_flaring", partial(movements.push_up, flare=True), FRONTAL, frozenset()),
    ("push_up", "shallow_push_up", partial(movements.push_up, depth=0.2), SIDES, frozenset()),
    ("pull_up", "half_pull_up", partial(movements.pull_up, bent_m=0.16), FRONTAL, frozenset()),
    ("pull_up", "chin_below_bar", partial(movements.pull_up, short_m=0.28), FRONTAL, frozenset()),
    ("pull_up", "body_swing", partial(movements.pull_up, swing_deg=45), SIDES, frozenset()),
    ("dip", "shallow_dip", partial(movements.dip, depth=0.25), SIDES, frozenset()),
    ("bench_press", "uneven_sides", partial(movements.bench_press, lower_m=0.17), FRONTAL, frozenset()),
    ("bench_press", "shallow_bench_press", partial(movements.bench_press, short=0.2), SIDES, frozenset()),
    (
        "bicep_curl",
        "half_curl",
        partial(movements.curl, lowest_deg=60, closing_deg=55),
        SIDES + OBLIQUE,
        frozenset(),
    ),
    ("bicep_curl", "elbows_drifting", partial(movements.curl, drift_deg=50), SIDES + OBLIQUE, frozenset()),
    (
        "bicep_curl",
        "body_swing",
        partial(movements.curl, swing_deg=30),
        SIDES,
        frozenset({"elbows_drifting", "leaning_back"}),
    ),
    ("bicep_curl", "leaning_back", partial(movements.curl, lean_back_deg=25), SIDES, frozenset({"body_swing"})),
    ("bicep_curl", "uneven_sides", partial(movements.curl, weaker=0.27), (FRONT,), frozenset()),
    ("lateral_raise", "shrugging", partial(movements.raised, shrug_m=0.09), FRONTAL + OBLIQUE, frozenset()),
    ("lateral_raise", "low_raise", partial(movements.raised, reach_deg=40), FRONTAL, frozenset()),
    ("lateral_raise", "arms_too_high", partial(movements.raised, reach_deg=125), FRONTAL, frozenset()),
    ("lateral_raise", "uneven_sides", partial(movements.raised, weaker=0.6), FRONTAL, frozenset()),
    (
        "front_raise",
        "body_swing",
        partial(movements.raised, sideways=False, swing_deg=28),
        SIDES,
        frozenset({"leaning_back", "low_raise"}),
    ),
    ("front_raise", "low_raise", partial(movements.raised, sideways=False, reach_deg=45), SIDES, frozenset()),
    (
        "shoulder_press",
        "leaning_back",
        partial(movements.press, lean_back_deg=30),
        SIDES,
        frozenset({"bar_path_drifting"}),
    ),
    ("shoulder_press", "uneven_sides", partial(movements.press, lower_m=0.17), FRONTAL, frozenset()),
    ("shoulder_press", "incomplete_lockout", partial(movements.press, bent_m=0.12), FRONTAL, frozenset()),
    ("shoulder_press", "bar_path_drifting", partial(movements.press, drift_m=0.3), SIDES, frozenset()),
    ("row", "trunk_rotation", partial(movements.row, twist_deg=65), (FRONT,), frozenset()),
    ("row", "body_swing", partial(movements.row, swing_deg=40), SIDES, frozenset()),
    ("lat_pulldown", "shrugging", partial(movements.pulldown, shrug_m=0.08), FRONTAL, frozenset()),
    (
        "lat_pulldown",
        "leaning_back",
        partial(movements.pulldown, lean_back_deg=40),
        SIDES,
        frozenset({"body_swing"}),
    ),
]
CLEAN: dict[str, Pose] = {
    "squat": movements.squat,
    "goblet_squat": movements.squat,
    "barbell_squat": movements.squat,
    "lunge": movements.lunge,
    "split_squat": movements.lunge,
    "deadlift": movements.deadlift,
    "push_up": movements.push_up,
    "pull_up": movements.pull_up,
    "dip": movements.dip,
    "bench_press": movements.bench_press,
    "bicep_curl": movements.curl,
    "hammer_curl": movements.curl,
    "lateral_raise": movements.raised,
    "front_raise": partial(movements.raised, sideways=False),
    "shoulder_press": movements.press,
    "row": movements.row,
    "lat_pulldown": movements.pulldown,
}
ASKED_FOR = {
    "shallow_squat", "incomplete_lockout", "knees_caving_in", "knees_past_toes", "heels_lifting", "leaning_forward",
    "rounded_back", "hips_sagging", "hips_piking", "worm_push_up", "elbows_flaring", "half_curl", "body_swing",
    "elbows_drifting", "shrugging", "uneven_sides", "bar_path_drifting", "trunk_rotation",
}  # fmt: skip


@cache
def seen_clean(pose: Pose, turn_deg: int, feet: bool) -> RepetitionTrace:
    """Exercises that move alike share their traces."""
    return trace(pose, turn_deg, feet=feet, seed=abs(turn_deg))


@pytest.mark.parametrize(
    ("exercise", "fault", "pose", "turns", "beside"), FAULTY, ids=[f"{one[0]}-{one[1]}" for one in FAULTY]
)
def test_a_fault_is_found_from_each_view_where_it_is_judged(
    exercise: str, fault: str, pose: Pose, turns: tuple[int, ...], beside: frozenset[str]
) -> None:
    for turn_deg in turns:
        judgement = judge_repetition(LIBRARY[exercise], trace(pose, turn_deg))
        names = {finding.name for finding in judgement.faults}
        assert fault in names, (turn_deg, judgement.view, judgement.not_judged)
        assert names - {fault} <= beside, turn_deg
        assert fault in judgement.reasons
        assert judgement.score < 100


@pytest.mark.parametrize("feet", [True, False], ids=["blazepose", "coco"])
@pytest.mark.parametrize("exercise", CLEAN)
def test_a_clean_body_shows_no_fault_from_anywhere(exercise: str, feet: bool) -> None:
    for turn_deg in (0, 30, 90, 150, -60, -115) if feet else (20, 65, 180, -90):
        judgement = judge_repetition(LIBRARY[exercise], seen_clean(CLEAN[exercise], turn_deg, feet))
        assert judgement.faults == (), (turn_deg, judgement.view)
        assert judgement.score == 100, (turn_deg, judgement.view)


def test_every_fault_that_is_asked_for_is_shown_here() -> None:
    assert {fault for _, fault, *_ in FAULTY} >= ASKED_FOR


def test_what_the_view_hides_is_not_judged_instead_of_clean() -> None:
    for exercise, fault, pose, turns, _ in FAULTY[::4]:
        turn_deg = LEFT if turns[0] == FRONT else FRONT
        judgement = judge_repetition(LIBRARY[exercise], trace(pose, turn_deg))
        if all(judgement.view not in one.views for one in LIBRARY[exercise].faults if one.name == fault):
            assert fault in judgement.not_judged
            assert fault not in {finding.name for finding in judgement.faults}


def test_heels_are_not_judged_without_feet() -> None:
    judgement = judge_repetition(LIBRARY["squat"], trace(partial(movements.squat, heel_lift_m=0.08), LEFT, feet=False))
    assert "heels_lifting" in judgement.not_judged
