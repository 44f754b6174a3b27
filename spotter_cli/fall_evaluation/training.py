"""Ten minutes of drawn training in which nobody falls: everything that goes down fast, lies or kneels on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spotter_cli.fall_evaluation.views import CAMERA_Y_M, behind, watching
from spotter_cli.scene import SceneSpec, Visitor, Walk
from spotter_cli.scene import postures as at
from spotter_cli.scene.moves import cycle, mirrored, repeated, standing_up, steps, still
from spotter_cli.scene.performance import Held, Move, Performer
from spotter_cli.scene.posture import ArmAngles, LegAngles, posture
from spotter_cli.scene.props import Prop, bench


@dataclass(frozen=True)
class TrainingFilm:
    """A film without a fall."""

    name: str
    scene: SceneSpec

    @property
    def duration_s(self) -> float:
        """Length of the film."""
        return self.scene.frame_count / self.scene.fps


_RISING = posture(LegAngles(hip=140, knee=122, out=14, flat=1), ArmAngles(raised=70, elbow=25), pitch=48, chest=12)
_HALF_KNEELING = posture(
    (LegAngles(hip=88, knee=88, out=6, flat=1), LegAngles(hip=2, knee=88, out=6, foot=-15)), pitch=8
)
_CHILD = posture(
    LegAngles(hip=150, knee=152, out=14, foot=60), ArmAngles(raised=172, out=12, elbow=6), pitch=76, chest=26
)
_COBRA = posture(
    LegAngles(hip=-26, knee=2, out=7, foot=50), ArmAngles(raised=62, out=8, elbow=4, planted=1), pitch=60, chest=-14
)
_TOE_TOUCH = posture(
    LegAngles(hip=98, knee=8, out=5, flat=1), ArmAngles(raised=122, out=4, elbow=4), pitch=92, chest=26, head=10
)
_SIDE_BEND = posture(
    (LegAngles(out=-18, flat=1), LegAngles(out=34, flat=1)),
    (ArmAngles(raised=10, out=4), ArmAngles(raised=0, out=160, elbow=20)),
    roll=24,
)
_REACHING = posture(LegAngles(hip=108, knee=4, out=9, foot=5), ArmAngles(raised=76, out=5, elbow=5), pitch=18, chest=30)
_LYING_ON_SIDE = replace(at.ON_LEFT_SIDE, left_arm=ArmAngles(raised=150, out=20, elbow=30))


_DOWN_ON_FLOOR = [Move(at.SQUATTING, 0.8), Move(at.SITTING_ON_FLOOR, 0.8)]
_UP_FROM_FLOOR = [Move(at.SITTING_ON_FLOOR, 1.1, anchor="hips"), Move(_RISING, 0.9), standing_up()]
_DOWN_ON_HANDS = [Move(at.CROUCHING, 0.9), Move(at.PLANK, 0.8, anchor="hands")]
_UP_FROM_HANDS = [
    Move(at.ALL_FOURS, 0.8, anchor="hands"),
    Move(_HALF_KNEELING, 0.9, anchor="knees"),
    standing_up(seconds=0.9),
]
_LIE_BACK = Move(at.SUPINE_KNEES_UP, 1.2, anchor="hips")


def _pause(seconds: float = 1.2) -> Move:
    return still(at.STANDING, seconds)


def _times(moves: Sequence[Move], count: int, seed: int = 0) -> list[Move]:
    return repeated(moves, count, seed)[0]


def _push_ups() -> list[Move]:
    one = cycle(at.PUSH_UP_BOTTOM, at.PLANK, 1.8, anchor="hands")
    return [_pause(), *_DOWN_ON_HANDS, *_times(one, 9), *_UP_FROM_HANDS, _pause(2)]


def _planks() -> list[Move]:
    """Down to the floor as fast as one dares, and held."""
    jump_down = [Move(at.CROUCHING, 0.35), Move(at.PLANK, 0.3, "even", "hands")]
    onto_elbows = [Move(at.FOREARM_PLANK, 0.7, anchor="toes"), still(at.FOREARM_PLANK, 9)]
    back = [Move(at.PLANK, 0.7, anchor="toes"), *_UP_FROM_HANDS]
    return [
        _pause(),
        *jump_down,
        *onto_elbows,
        *back,
        _pause(),
        *jump_down,
        still(at.PLANK, 6),
        *_UP_FROM_HANDS,
        _pause(),
    ]


def _burpees() -> list[Move]:
    one = [
        Move(at.CROUCHING, 0.45),
        Move(at.PLANK, 0.3, "even", "hands"),
        Move(at.PUSH_UP_BOTTOM, 0.35, anchor="hands"),
        Move(at.PLANK, 0.35, anchor="hands"),
        Move(at.CROUCHING, 0.35, anchor="hands"),
        Move(at.ARMS_UP, 0.4),
        Move(at.JUMPING, 0.22, "landing"),
        Move(at.ARMS_UP, 0.22, "dropping"),
        Move(at.STANDING, 0.3),
    ]
    return [_pause(), *_times(one, 9), _pause(2)]


def _sit_ups() -> list[Move]:
    one = cycle(at.SITTING_UP, at.SUPINE_KNEES_UP, 2.2, anchor="feet")
    return [
        _pause(),
        *_DOWN_ON_FLOOR,
        _LIE_BACK,
        *_times(one, 8),
        still(at.SUPINE_KNEES_UP, 5),
        *_UP_FROM_FLOOR,
        _pause(),
    ]


def _sitting_down() -> list[Move]:
    one = [_pause(1.5), Move(at.SITTING, 0.7, "dropping"), still(at.SITTING, 3.2), Move(at.STANDING, 0.9)]
    dropping = [_pause(1.5), Move(at.SITTING, 0.45, "dropping"), still(at.SITTING, 4), Move(at.STANDING, 0.9)]
    return [*_times(one, 3), *_times(dropping, 2), _pause()]


def _rest_on_mat() -> list[Move]:
    lying = [Move(at.SUPINE, 0.9, anchor="hips"), still(at.SUPINE, 20)]
    return [
        _pause(),
        *_DOWN_ON_FLOOR,
        _LIE_BACK,
        *lying,
        Move(at.SUPINE_KNEES_UP, 1, anchor="hips"),
        *_UP_FROM_FLOOR,
        _pause(2),
    ]


def _shoes() -> list[Move]:
    other = mirrored(at.TYING_A_SHOE)
    one = [Move(at.TYING_A_SHOE, 0.9), still(at.TYING_A_SHOE, 5), Move(at.STANDING, 0.9), _pause(1)]
    two = [Move(other, 0.6), still(other, 5), Move(at.STANDING, 0.8), _pause(1)]
    return [
        _pause(),
        *one,
        *two,
        *steps(3),
        standing_up(),
        Move(at.SQUATTING, 0.7),
        still(at.SQUATTING, 4),
        standing_up(),
        _pause(),
    ]


def _squats() -> list[Move]:
    jumping = [
        Move(at.SQUATTING, 0.5, "dropping"),
        Move(at.JUMPING, 0.4, "landing"),
        Move(at.STANDING, 0.3, "dropping"),
    ]
    goblet = cycle(at.GOBLET_SQUATTING, at.GOBLET_STANDING, 2.2, held="dumbbells")
    return [
        _pause(),
        *_times(cycle(at.SQUATTING, at.STANDING, 2.2), 5),
        _pause(),
        *_times(jumping, 6),
        _pause(),
        *_times(goblet, 4),
    ]


def _lunges() -> list[Move]:
    both = [
        *cycle(at.LUNGING, at.STANDING, 2.2, anchor="right_foot"),
        *cycle(mirrored(at.LUNGING), at.STANDING, 2.2, anchor="left_foot"),
    ]
    kneeling = [Move(_HALF_KNEELING, 1), still(_HALF_KNEELING, 6), standing_up()]
    return [_pause(), *_times(both, 5), _pause(), *kneeling, _pause()]


def _bench_press() -> list[Move]:
    held: Held = "barbell"
    one = cycle(at.ON_BENCH_BAR_LOW, at.ON_BENCH, 2.2, anchor="hips", held=held)
    down = [Move(at.SITTING, 0.9, anchor="hips"), still(at.SITTING, 1.5), Move(at.ON_BENCH, 1.3, anchor="hips")]
    up = [still(at.ON_BENCH, 2), Move(at.SITTING, 1.1, anchor="hips"), still(at.SITTING, 4)]
    return [*down, *_times(one, 8), *up]


def _on_knees() -> list[Move]:
    return [
        _pause(),
        Move(_HALF_KNEELING, 0.8),
        Move(at.KNEELING, 0.7, anchor="knees"),
        still(at.KNEELING, 3),
        Move(at.SITTING_ON_HEELS, 0.8, anchor="knees"),
        still(at.SITTING_ON_HEELS, 4),
        Move(_CHILD, 1.2, anchor="knees"),
        still(_CHILD, 6),
        Move(at.ALL_FOURS, 1.0, anchor="knees"),
        *_times(cycle(replace(at.ALL_FOURS, chest=28.0), at.ALL_FOURS, 2.2, anchor="hands"), 4),
        Move(_HALF_KNEELING, 0.9, anchor="knees"),
        standing_up(),
        _pause(),
    ]


def _jumping_jacks() -> list[Move]:
    return [_pause(), *_times(cycle(at.JACK, at.STANDING, 1.1), 24), _pause(3)]


def _walking() -> list[Move]:
    """To and fro, at an ordinary pace and in a hurry."""
    moves: list[Move] = []
    for step_s in (0.52, 0.4, 0.52, 0.36):
        there, back = steps(5, step_s=step_s), steps(5, turn=180, step_s=step_s)
        moves += [*there, standing_up(), standing_up(180, 0.7), *back, standing_up(180), standing_up(0, 0.8)]
    return [*moves, _pause(2)]


def _weights() -> list[Move]:
    lift = cycle(at.BENDING, at.HANGING_ARMS, 2.4, held="barbell")
    pick = [Move(at.BENDING, 0.8), Move(at.BENDING, 0.4, "even"), Move(at.HANGING_ARMS, 0.9, held="dumbbells")]
    put = [Move(at.BENDING, 0.7, held="dumbbells"), Move(at.BENDING, 0.4, "even"), standing_up(seconds=0.8)]
    carry = [*steps(4, held="dumbbells"), Move(at.HANGING_ARMS, 0.5, held="dumbbells")]
    return [_pause(), *pick, *carry, *put, _pause(), *_times(lift, 5), still(at.BENDING, 1), standing_up(), _pause()]


def _stretching() -> list[Move]:
    return [
        _pause(),
        *_times(cycle(_TOE_TOUCH, at.STANDING, 3), 2),
        *_times([*cycle(_SIDE_BEND, at.STANDING, 2.4), *cycle(mirrored(_SIDE_BEND), at.STANDING, 2.4)], 2),
        *_DOWN_ON_FLOOR,
        Move(at.LONG_SITTING, 0.9, anchor="hips"),
        *_times(cycle(_REACHING, at.LONG_SITTING, 3.2, anchor="hips"), 2),
        *_UP_FROM_FLOOR,
        _pause(),
    ]


def _mountain_climbers() -> list[Move]:
    one = [
        *cycle(at.CLIMBING, at.PLANK, 0.7, anchor="hands"),
        *cycle(mirrored(at.CLIMBING), at.PLANK, 0.7, anchor="hands"),
    ]
    return [
        _pause(),
        *_DOWN_ON_HANDS,
        *_times(one, 14),
        Move(at.CROUCHING, 0.4, "even", "hands"),
        standing_up(),
        _pause(3),
    ]


def _rolling() -> list[Move]:
    """Lies down as quickly as people do who are tired, and turns over."""
    quickly = [Move(at.SQUATTING, 0.5), Move(at.SITTING_ON_FLOOR, 0.45), Move(at.SUPINE_KNEES_UP, 0.5, anchor="hips")]
    side = [Move(_LYING_ON_SIDE, 1.4, anchor="hips"), still(_LYING_ON_SIDE, 8)]
    back = [Move(at.SUPINE_KNEES_UP, 1.2, anchor="hips"), *_UP_FROM_FLOOR]
    return [_pause(), *quickly, still(at.SUPINE_KNEES_UP, 9), *side, *back, _pause(2)]


def _prone() -> list[Move]:
    superman = replace(
        at.PRONE_ARMS_UP, chest=-22.0, left_leg=LegAngles(hip=-14, foot=50), right_leg=LegAngles(hip=-14, foot=50)
    )
    down = [Move(at.PUSH_UP_BOTTOM, 0.5, anchor="hands"), Move(at.PRONE, 0.6, anchor="hips")]
    up = [
        Move(_COBRA, 1.4, anchor="knees"),
        still(_COBRA, 3),
        Move(at.ALL_FOURS, 1, anchor="hands"),
        Move(_HALF_KNEELING, 0.9, anchor="knees"),
    ]
    return [
        _pause(),
        *_DOWN_ON_HANDS,
        *down,
        still(at.PRONE, 6),
        *_times(cycle(superman, at.PRONE_ARMS_UP, 2.2, anchor="hips"), 3),
        *up,
        standing_up(),
        _pause(),
    ]


def _plopping() -> list[Move]:
    """Sits down on the floor at once, and lets the back follow."""
    plop = [Move(at.SITTING_ON_FLOOR, 0.7, "dropping"), still(at.SITTING_ON_FLOOR, 4)]
    back = [Move(at.SUPINE_KNEES_UP, 0.9, anchor="hips"), still(at.SUPINE_KNEES_UP, 6)]
    return [_pause(2), *plop, *back, *_UP_FROM_FLOOR, _pause(), *plop, *_UP_FROM_FLOOR, _pause()]


def _on_back() -> list[Move]:
    crunches = _times(cycle(at.CRUNCHING, at.SUPINE_KNEES_UP, 1.7, anchor="hips"), 5)
    raises = _times(cycle(at.LEGS_UP, at.SUPINE, 2.4, anchor="hips"), 4)
    bridges = _times(cycle(at.BRIDGING, at.SUPINE_KNEES_UP, 2.2, anchor="feet"), 4)
    return [
        *_DOWN_ON_FLOOR,
        _LIE_BACK,
        *crunches,
        *bridges,
        Move(at.SUPINE, 0.8, anchor="hips"),
        *raises,
        *_UP_FROM_FLOOR,
    ]


def _kneeling_drop() -> list[Move]:
    """Drops to the knees, then on the hands: as before a push-up by somebody in a hurry."""
    down = [
        Move(at.KNEELING, 0.5, "dropping", "knees"),
        Move(at.ALL_FOURS, 0.4, anchor="knees"),
        Move(at.PLANK, 0.6, anchor="hands"),
    ]
    quick = _times(cycle(at.PUSH_UP_BOTTOM, at.PLANK, 1.1, anchor="hands"), 8)
    return [_pause(), *down, *quick, *_UP_FROM_HANDS, _pause(), *down, still(at.PLANK, 4), *_UP_FROM_HANDS, _pause()]


_SESSIONS = {
    "push_ups": _push_ups,
    "planks": _planks,
    "burpees": _burpees,
    "sit_ups": _sit_ups,
    "sitting_down": _sitting_down,
    "rest_on_mat": _rest_on_mat,
    "shoes": _shoes,
    "squats": _squats,
    "lunges": _lunges,
    "bench_press": _bench_press,
    "on_knees": _on_knees,
    "jumping_jacks": _jumping_jacks,
    "walking": _walking,
    "weights": _weights,
    "stretching": _stretching,
    "mountain_climbers": _mountain_climbers,
    "rolling": _rolling,
    "prone": _prone,
    "plopping": _plopping,
    "on_back": _on_back,
    "kneeling_drop": _kneeling_drop,
}
_LOOKS = ("green", "black", "yellow", "dark", "blue", "rose", "white")
_YAWS_DEG = (80.0, 20.0, -50.0, 130.0, -95.0, 45.0, 170.0, -15.0)
_FPS = 10
"""A camera of a busy gym is looked at this often."""
_PASSED_BY = frozenset({"planks", "rest_on_mat", "squats"})
"""Sessions in which somebody else walks through the picture."""


def training_films(width_px: int = 640) -> list[TrainingFilm]:
    """All films: together at least ten minutes."""
    return [_film(name, number, width_px) for number, name in enumerate(_SESSIONS)]


def _film(name: str, number: int, width_px: int) -> TrainingFilm:
    moves = _SESSIONS[name]()
    yaw_deg = _YAWS_DEG[number % len(_YAWS_DEG)]
    place = (-0.2, CAMERA_Y_M + (4.6, 5.4, 5.0)[number % 3])
    if name == "walking":
        place = behind(place, yaw_deg, 1.5)
    first = at.SITTING if name == "bench_press" else at.STANDING
    person = Performer(_LOOKS[number % len(_LOOKS)], place, yaw_deg, first, tuple(moves), mat=True)
    passer = Visitor("white" if number % 2 else "dark", (-3.4, 2.2), (Walk((3.4, 2.2)), Walk((-3.4, 2.2))))
    props: tuple[Prop, ...] = ()
    if name == "bench_press":  # who lies has the head behind the hips
        props = (bench(behind(place, yaw_deg, 0.35), yaw_deg),)
    elif name == "sitting_down":
        props = (bench(behind(place, yaw_deg, 0.5), yaw_deg + 90),)
    people = (person, passer) if name in _PASSED_BY else (person,)
    camera = watching((2.0, 1.6, 2.5)[number % 3], width_px)
    scene = SceneSpec(people, camera, _FPS, duration_s=round(person.end_s + 0.5, 2), room=number % 5, props=props)
    return TrainingFilm(f"training_{name}", scene)
