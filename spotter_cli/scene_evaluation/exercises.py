"""Drawn sets of exercises: seven repetitions each, or a hold, between standing about before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from spotter_cli.fall_evaluation.views import CAMERA_Y_M, behind, watching
from spotter_cli.scene import SceneSpec
from spotter_cli.scene import postures as at
from spotter_cli.scene.moves import cycle, mirrored, repeated, standing_up, still
from spotter_cli.scene.performance import Move, Performer
from spotter_cli.scene.posture import ArmAngles, LegAngles, Posture, posture
from spotter_cli.scene.props import Prop, bench

REPETITIONS = 7
HOLD_S = 16.0
_FPS = 15
_VIEWS_DEG = (80.0, 25.0)
_TRUNK_ON_BENCH_M = 0.42


@dataclass(frozen=True)
class ExerciseFilm:
    """A film of one set."""

    name: str
    exercise: str
    view_deg: float
    repetitions: int
    hold_s: float
    scene: SceneSpec


@dataclass(frozen=True)
class _Set:
    """How an exercise begins, what a repetition is, and how it ends."""

    repetition: Sequence[Move]
    before: Sequence[Move] = ()
    after: Sequence[Move] = ()
    hold: Posture | None = None
    bench: bool = False


def _grip(one: Posture, arms: ArmAngles) -> Posture:
    return replace(one, left_arm=arms, right_arm=arms)


_ON_BACK = [Move(at.SQUATTING, 0.9), Move(at.SITTING_ON_FLOOR, 0.9), Move(at.SUPINE_KNEES_UP, 1.2, anchor="hips")]
_UP = [Move(at.SITTING_ON_FLOOR, 1.2, anchor="hips"), Move(at.CROUCHING, 0.9), standing_up()]
_ON_HANDS = [Move(at.CROUCHING, 0.9), Move(at.PLANK, 0.9, anchor="hands")]
_OFF_HANDS = [Move(at.CROUCHING, 0.8, anchor="hands"), standing_up()]
_THRUST_UP = posture(
    LegAngles(hip=0, knee=92, out=10, flat=1),
    ArmAngles(raised=4, out=16, elbow=14),
    pitch=-90,
    back_m=_TRUNK_ON_BENCH_M,
)
_THRUST_DOWN = posture(
    LegAngles(hip=62, knee=118, out=10, flat=1),
    ArmAngles(raised=24, out=16, elbow=14),
    pitch=-58,
    back_m=_TRUNK_ON_BENCH_M,
)
_DIP_LEGS = LegAngles(hip=8, knee=78, out=3, foot=35)
_DIP_UP = posture(_DIP_LEGS, ArmAngles(raised=-4, out=12, elbow=2, planted=1), pitch=6, hand_rest_m=1.14, lift_m=0.52)
_DIP_DOWN = posture(
    _DIP_LEGS, ArmAngles(raised=-4, out=14, elbow=2, planted=1), pitch=20, hand_rest_m=1.14, lift_m=0.24
)
_SIDE_PLANK = posture(
    LegAngles(out=0, knee=1, foot=5),
    (ArmAngles(raised=0, out=66, elbow=2, planted=1), ArmAngles(raised=2, out=4, elbow=6)),
    roll=66,
)
_ON_TOES = posture(LegAngles(out=5, foot=36))
_SWING_LOW = posture(
    LegAngles(hip=84, knee=34, out=16, flat=1), ArmAngles(raised=46, out=-6, elbow=3), pitch=58, chest=8, head=-12
)
_SWING_HIGH = posture(LegAngles(out=16, flat=1), ArmAngles(raised=86, out=-4, elbow=5))
_SPLIT_UP = posture((LegAngles(hip=24, knee=14, out=4, flat=1), LegAngles(hip=-22, knee=16, out=4, foot=-8)), pitch=3)
_HINGED = posture(
    LegAngles(hip=80, knee=16, out=5, flat=1), ArmAngles(raised=78, out=5, elbow=3), pitch=70, chest=6, head=-14
)
_CLIMB = [
    *cycle(at.CLIMBING, at.PLANK, 0.8, anchor="hands"),
    *cycle(mirrored(at.CLIMBING), at.PLANK, 0.8, anchor="hands"),
]
_BURPEE = [
    Move(at.CROUCHING, 0.5),
    Move(at.PLANK, 0.35, "even", "hands"),
    Move(at.PUSH_UP_BOTTOM, 0.4, anchor="hands"),
    Move(at.PLANK, 0.4, anchor="hands"),
    Move(at.CROUCHING, 0.4, anchor="hands"),
    Move(at.ARMS_UP, 0.45),
    Move(at.JUMPING, 0.22, "landing"),
    Move(at.ARMS_UP, 0.22, "dropping"),
    Move(at.STANDING, 0.35),
]
SETS: dict[str, Callable[[], _Set]] = {
    "hip_thrust": lambda: _Set(
        cycle(_THRUST_UP, _THRUST_DOWN, 2.4, held="barbell"),
        [still(_THRUST_DOWN, 2, "barbell")],
        [still(_THRUST_DOWN, 3)],
        bench=True,
    ),
    "dip": lambda: _Set(cycle(_DIP_DOWN, _DIP_UP, 2.2, anchor="hands"), [still(_DIP_UP, 2)], [still(_DIP_UP, 1.5)]),
    "side_plank": lambda: _Set(
        [], [Move(at.SITTING_ON_FLOOR, 1.4), Move(_SIDE_PLANK, 1.4, anchor="hips")], _UP, hold=_SIDE_PLANK
    ),
    "sit_up": lambda: _Set(cycle(at.SITTING_UP, at.SUPINE_KNEES_UP, 2.4), _ON_BACK, _UP),
    "crunch": lambda: _Set(cycle(at.CRUNCHING, at.SUPINE_KNEES_UP, 1.8, anchor="hips"), _ON_BACK, _UP),
    "burpee": lambda: _Set(_BURPEE),
    "mountain_climber": lambda: _Set(_CLIMB, _ON_HANDS, _OFF_HANDS),
    "leg_raise": lambda: _Set(
        cycle(at.LEGS_UP, at.SUPINE, 2.6, anchor="hips"),
        [*_ON_BACK, Move(at.SUPINE, 0.8, anchor="hips")],
        [Move(at.SUPINE_KNEES_UP, 0.9, anchor="hips"), *_UP],
    ),
    "calf_raise": lambda: _Set(cycle(_ON_TOES, at.STANDING, 1.8, anchor="toes")),
    "kettlebell_swing": lambda: _Set(cycle(_SWING_LOW, _SWING_HIGH, 1.5, held="dumbbells"), [Move(_SWING_HIGH, 0.9)]),
    "goblet_squat": lambda: _Set(
        cycle(at.GOBLET_SQUATTING, at.GOBLET_STANDING, 2.4, held="dumbbells"), [Move(at.GOBLET_STANDING, 0.9)]
    ),
    "split_squat": lambda: _Set(
        cycle(at.LUNGING, _SPLIT_UP, 2.2, anchor="left_foot"), [Move(_SPLIT_UP, 0.9, anchor="right_foot")]
    ),
    "romanian_deadlift": lambda: _Set(
        cycle(_HINGED, at.HANGING_ARMS, 2.5, held="barbell"), [still(at.HANGING_ARMS, 0.5, "barbell")]
    ),
}
"""How the sets of each exercise go, by its name in the library."""


def exercise_films(width_px: int = 640) -> list[ExerciseFilm]:
    """Each set from the side and obliquely."""
    return [_film(name, view, number, width_px) for number, name in enumerate(SETS) for view in _VIEWS_DEG]


def _film(exercise: str, view_deg: float, number: int, width_px: int) -> ExerciseFilm:
    wanted = SETS[exercise]()
    ends_s: tuple[float, ...] = ()
    if wanted.hold is not None:
        work = [still(wanted.hold, HOLD_S)]
    else:
        work, ends_s = repeated(wanted.repetition, REPETITIONS, seed=number)
    starts_lying = wanted.bench or exercise == "dip"
    idle = [] if starts_lying else [still(at.STANDING, 2.0)]
    before, after = (
        [*idle, *wanted.before],
        [*wanted.after, *([] if starts_lying else [standing_up(), still(at.STANDING, 1.5)])],
    )
    first = before[0].posture
    place = (0.0, CAMERA_Y_M + 4.8)
    start_s = sum(move.seconds for move in before)
    person = Performer(
        ("blue", "rose", "green", "white")[number % 4],
        place,
        view_deg,
        first,
        (*before, *work, *after),
        mat=not wanted.bench,
        exercise=exercise,
        reps=len(ends_s),
        rep_end_s=tuple(start_s + end_s for end_s in ends_s),
    )
    props: tuple[Prop, ...] = (bench(behind(place, view_deg, 0.62), view_deg + 90),) if wanted.bench else ()
    scene = SceneSpec(
        (person,), watching(1.7, width_px), _FPS, duration_s=round(person.end_s, 2), room=number % 5, props=props
    )
    hold_s = HOLD_S if wanted.hold is not None else 0.0
    return ExerciseFilm(f"{exercise}_{view_deg:.0f}", exercise, view_deg, len(ends_s), hold_s, scene)
