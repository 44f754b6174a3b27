"""Forty drawn falls: eight kinds, each five times with another body, view, speed and story.

A fall takes 0.4 to 1.2 s. What falls freely gets faster and faster; whoever is caught by the own hands, or goes down
in stages, takes longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from spotter_cli.fall_evaluation.views import CAMERA_Y_M, behind, watching
from spotter_cli.scene import SceneSpec
from spotter_cli.scene import postures as at
from spotter_cli.scene.looks import LOOKS
from spotter_cli.scene.moves import cycle, mirrored, repeated, steps, still
from spotter_cli.scene.performance import Anchor, Held, Move, Pace, Performance, Performer
from spotter_cli.scene.posture import ArmAngles, LegAngles, Posture, posture
from spotter_cli.scene.props import Prop, bench
from spotter_cli.scene.script import stood

FALL = "fall"
LYING_S = 5.5
"""Everybody lies still for this long, until the film ends."""
_BEFORE_S = 3.0


class FallKind(StrEnum):
    """How somebody falls."""

    FORWARD = "forward"
    BACKWARD = "backward"
    LEFT = "left"
    RIGHT = "right"
    COLLAPSE = "collapse"
    OFF_BENCH = "off_bench"
    TRIP = "trip"
    UNDER_WEIGHT = "under_weight"


@dataclass(frozen=True)
class FallFilm:
    """A film with one fall."""

    name: str
    kind: FallKind
    scene: SceneSpec
    start_s: float
    """When the body begins to fall."""
    end_s: float
    """When it hits the floor and lies."""


@dataclass(frozen=True)
class _Story:
    """What happens before, on the way down, and how the person lies."""

    start: Posture
    before: Sequence[Move]
    down: Sequence[Move]
    """Ends on the floor."""


_HALF_DOWN = posture(
    LegAngles(hip=22, knee=34, out=7, foot=22), ArmAngles(raised=78, out=14, elbow=35), pitch=34, head=-8
)
_ON_KNEES = posture(LegAngles(hip=18, knee=88, out=9, foot=40), ArmAngles(raised=50, out=15, elbow=45), pitch=22)
_SITTING_BACK = posture(
    (LegAngles(hip=58, knee=58, out=10), LegAngles(hip=46, knee=48, out=8)),
    ArmAngles(raised=18, out=40, elbow=30),
    pitch=-28,
)
_SAGGED = posture(
    (LegAngles(hip=96, knee=124, out=8), LegAngles(hip=92, knee=126, out=12)),
    ArmAngles(raised=30, out=18, elbow=30),
    pitch=22,
    chest=20,
    head=22,
)
_LEANING_LEFT = posture(
    (LegAngles(hip=8, knee=22, out=2), LegAngles(hip=14, knee=26, out=14)),
    (ArmAngles(raised=30, out=70, elbow=25), ArmAngles(raised=20, out=40, elbow=25)),
    roll=34,
)
_RECLINED = posture(LegAngles(hip=66, knee=42, out=12, foot=10), ArmAngles(raised=-12, out=38, elbow=30), pitch=-52)
_BAR_ON_BACK = ArmAngles(raised=-18, out=38, elbow=128, twist=-48)
_BAR_OVERHEAD = ArmAngles(raised=168, out=14, elbow=6)
_WITH_BAR = posture(LegAngles(flat=1, out=9), _BAR_ON_BACK)
_SQUAT_WITH_BAR = replace(at.SQUATTING, left_arm=_BAR_ON_BACK, right_arm=_BAR_ON_BACK)
_OVERHEAD = posture(LegAngles(flat=1, out=8), _BAR_OVERHEAD)
_HANGING_BAR = posture(LegAngles(flat=1, out=7), ArmAngles(raised=6, out=8, elbow=2))
_CURLED = posture(LegAngles(flat=1), ArmAngles(raised=12, out=9, elbow=132))


def _dropping(
    *postures: Posture,
    seconds: float,
    anchor: Anchor = "toes",
    drift_m: tuple[float, float] = (0, 0),
    held: Held | None = None,
) -> list[Move]:
    """Through the postures to the floor, faster and faster: the first part of the way takes longest."""
    shares = {1: [1.0], 2: [0.6, 0.4], 3: [0.45, 0.3, 0.25]}[len(postures)]
    moves = []
    for number, (one, share) in enumerate(zip(postures, shares, strict=True)):
        pace: Pace = "dropping" if number == 0 else "even"
        drift = (drift_m[0] * share, drift_m[1] * share)
        moves.append(Move(one, seconds * share, pace, anchor, drift, held))
    return moves


def _standing_about(seconds: float = _BEFORE_S) -> list[Move]:
    looking = replace(at.STANDING, head=14.0)
    return [still(at.STANDING, seconds * 0.4), Move(looking, seconds * 0.3), Move(at.STANDING, seconds * 0.3)]


def _doing(down: Posture, up: Posture, count: int, seconds: float, held: Held | None = None) -> list[Move]:
    return repeated(cycle(down, up, seconds, held=held), count)[0]


def _forward(number: int) -> _Story:
    standing = at.STANDING
    return (
        _Story(standing, _standing_about(), _dropping(_HALF_DOWN, at.PRONE_ARMS_UP, seconds=0.9)),
        _Story(standing, _standing_about(), _dropping(at.BUCKLING, _ON_KNEES, at.PRONE, seconds=1.1)),
        _Story(standing, steps(5), _dropping(_HALF_DOWN, at.PRONE_ARMS_UP, seconds=0.7, drift_m=(0, 0.4))),
        _Story(standing, _doing(_CURLED, standing, 2, 1.6), _dropping(at.PRONE_ARMS_DOWN, seconds=1.0)),
        _Story(
            standing,
            _doing(at.SQUATTING, standing, 1, 2.8),
            _dropping(replace(_HALF_DOWN, turn=20.0), replace(at.PRONE, turn=35.0, spin=10.0), seconds=0.8),
        ),
    )[number]


def _backward(number: int) -> _Story:
    standing, out = at.STANDING, at.SUPINE_ARMS_OUT
    return (
        _Story(standing, _standing_about(), _dropping(_SITTING_BACK, out, seconds=0.8, anchor="feet")),
        _Story(standing, _standing_about(), _dropping(at.SUPINE, seconds=1.0, anchor="feet")),
        _Story(
            standing,
            steps(5),
            _dropping(_SITTING_BACK, at.SUPINE_KNEES_UP, seconds=0.7, anchor="hips", drift_m=(0.1, 0.25)),
        ),
        _Story(
            standing,
            _doing(at.SQUATTING, standing, 1, 2.6),
            _dropping(at.BUCKLING, _RECLINED, mirrored(out), seconds=1.1, anchor="feet"),
        ),
        _Story(
            standing,
            _doing(at.JACK, standing, 3, 1.0),
            _dropping(_SITTING_BACK, out, seconds=0.6, anchor="feet", drift_m=(0, -0.2)),
        ),
    )[number]


def _left(number: int) -> _Story:
    standing, lies = at.STANDING, at.ON_LEFT_SIDE
    return (
        _Story(standing, _standing_about(), _dropping(_LEANING_LEFT, lies, seconds=0.9, anchor="feet")),
        _Story(standing, steps(5), _dropping(_LEANING_LEFT, lies, seconds=0.7, anchor="feet", drift_m=(0.2, 0.2))),
        _Story(
            standing,
            _doing(_CURLED, standing, 2, 1.5),
            _dropping(_LEANING_LEFT, replace(lies, spin=-35.0), seconds=0.8, anchor="feet"),
        ),
        _Story(
            standing,
            _standing_about(),
            _dropping(at.BUCKLING, _LEANING_LEFT, replace(lies, spin=30.0), seconds=1.2, anchor="feet"),
        ),
        _Story(standing, _doing(at.LUNGING, standing, 1, 2.8), _dropping(lies, seconds=0.75, anchor="feet")),
    )[number]


def _right(number: int) -> _Story:
    story = _left(number)
    return _Story(story.start, story.before, [_mirrored_move(move) for move in story.down])


def _collapse(number: int) -> _Story:
    standing, low = at.STANDING, at.CRUMPLED
    prone = replace(at.PRONE, left_leg=LegAngles(hip=62, knee=100, out=24), turn=12.0)
    return (
        _Story(standing, _standing_about(), _dropping(at.BUCKLING, _SAGGED, low, seconds=0.9, anchor="feet")),
        _Story(standing, _standing_about(), _dropping(_SAGGED, mirrored(low), seconds=0.7, anchor="feet")),
        _Story(standing, steps(5), _dropping(at.BUCKLING, _SAGGED, prone, seconds=1.1, anchor="feet")),
        _Story(
            standing,
            _doing(at.JACK, standing, 3, 1.0),
            _dropping(_SAGGED, replace(low, spin=-40.0), seconds=0.8, anchor="feet"),
        ),
        _Story(
            standing,
            _doing(at.SQUATTING, standing, 1, 2.6),
            _dropping(_SAGGED, _RECLINED, at.SUPINE_ARMS_OUT, seconds=1.0, anchor="feet"),
        ),
    )[number]


def _off_bench(number: int) -> _Story:
    sitting, standing = at.SITTING, at.STANDING
    still_sitting = [
        still(sitting, 1.2),
        Move(replace(sitting, pitch=12.0, head=16.0), 0.9, anchor="hips"),
        Move(sitting, 0.9, anchor="hips"),
    ]
    on_floor = replace(
        at.SITTING_ON_FLOOR,
        pitch=-30.0,
        left_arm=ArmAngles(raised=-10, out=30),
        right_arm=ArmAngles(raised=-10, out=30),
    )
    aside = replace(at.ON_LEFT_SIDE, seat_m=0.0)
    return (
        _Story(
            sitting,
            still_sitting,
            _dropping(on_floor, at.SUPINE_ARMS_OUT, seconds=0.9, anchor="hips", drift_m=(0, 0.45)),
        ),
        _Story(sitting, still_sitting, _dropping(aside, seconds=0.6, anchor="hips", drift_m=(0.45, 0.15))),
        _Story(sitting, still_sitting, _dropping(_ON_KNEES, at.PRONE, seconds=1.0, anchor="feet")),
        _Story(
            standing,
            [*_standing_about(2.4), Move(at.BUCKLING, 0.5)],
            _dropping(on_floor, at.SUPINE_ARMS_OUT, seconds=0.75, anchor="feet"),
        ),
        _Story(
            standing,
            _standing_about(2.4),
            _dropping(at.SQUATTING, on_floor, mirrored(at.SUPINE_ARMS_OUT), seconds=1.1, anchor="feet"),
        ),
    )[number]


def _trip(number: int) -> _Story:
    caught = replace(
        _HALF_DOWN,
        left_leg=LegAngles(hip=4, knee=38, foot=25),
        right_leg=LegAngles(hip=48, knee=52, foot=5),
        left_arm=ArmAngles(raised=105, out=16, elbow=25),
        right_arm=ArmAngles(raised=92, out=24, elbow=30),
    )
    up, flat = at.PRONE_ARMS_UP, at.PRONE
    return (
        _Story(at.STANDING, steps(6), _dropping(caught, up, seconds=0.95, drift_m=(0, 0.5))),
        _Story(at.STANDING, steps(5), _dropping(caught, replace(flat, turn=25.0), seconds=1.0, drift_m=(0, 0.6))),
        _Story(at.STANDING, steps(7, step_s=0.4), _dropping(mirrored(caught), up, seconds=0.8, drift_m=(0, 0.7))),
        _Story(at.STANDING, steps(6), _dropping(caught, _ON_KNEES, flat, seconds=1.1, drift_m=(0, 0.5))),
        _Story(
            at.STANDING,
            steps(5),
            _dropping(mirrored(caught), replace(at.ON_RIGHT_SIDE, spin=25.0), seconds=1.0, drift_m=(0, 0.5)),
        ),
    )[number]


def _under_weight(number: int) -> _Story:
    standing, low = _WITH_BAR, replace(at.CRUMPLED, left_arm=_BAR_ON_BACK, right_arm=_BAR_ON_BACK)
    squats = _doing(_SQUAT_WITH_BAR, standing, 1, 2.6, "barbell")
    curls = _doing(_CURLED, at.STANDING, 2, 1.5, "dumbbells")
    kneeling = replace(_ON_KNEES, left_arm=_BAR_ON_BACK, right_arm=_BAR_ON_BACK)
    prone = replace(at.PRONE, left_arm=_BAR_ON_BACK, right_arm=_BAR_ON_BACK)
    back = replace(at.SUPINE, left_arm=_BAR_OVERHEAD, right_arm=_BAR_OVERHEAD)
    lifts = _doing(at.BENDING, _HANGING_BAR, 1, 2.8, "barbell")
    return (
        _Story(
            standing,
            [*squats, Move(_SQUAT_WITH_BAR, 1.0, held="barbell")],
            _dropping(kneeling, prone, seconds=0.9, held="barbell"),
        ),
        _Story(at.STANDING, curls, _dropping(at.BUCKLING, _SAGGED, low, seconds=0.9, anchor="feet", held="dumbbells")),
        _Story(
            _OVERHEAD,
            [still(_OVERHEAD, 3.0, "barbell")],
            _dropping(
                replace(_SITTING_BACK, left_arm=_BAR_OVERHEAD, right_arm=_BAR_OVERHEAD),
                back,
                seconds=0.8,
                anchor="feet",
                held="barbell",
            ),
        ),
        _Story(_HANGING_BAR, lifts, _dropping(_SITTING_BACK, at.SUPINE_ARMS_OUT, seconds=0.9, anchor="feet")),
        _Story(
            standing,
            squats,
            _dropping(
                _SQUAT_WITH_BAR,
                replace(at.SITTING_ON_FLOOR, pitch=-25.0, left_arm=_BAR_ON_BACK, right_arm=_BAR_ON_BACK),
                replace(at.SUPINE, left_arm=_BAR_ON_BACK, right_arm=_BAR_ON_BACK),
                seconds=1.2,
                anchor="feet",
                held="barbell",
            ),
        ),
    )[number]


def _mirrored_move(move: Move) -> Move:
    return replace(move, posture=mirrored(move.posture), drift_m=(-move.drift_m[0], move.drift_m[1]))


_STORIES: dict[FallKind, Callable[[int], _Story]] = {
    FallKind.FORWARD: _forward,
    FallKind.BACKWARD: _backward,
    FallKind.LEFT: _left,
    FallKind.RIGHT: _right,
    FallKind.COLLAPSE: _collapse,
    FallKind.OFF_BENCH: _off_bench,
    FallKind.TRIP: _trip,
    FallKind.UNDER_WEIGHT: _under_weight,
}
VARIATIONS = 5
_LOOKS = ("blue", "rose", "white", "green", "black", "yellow", "dark")
_YAWS_DEG = (25.0, 90.0, -60.0, 150.0, -20.0, 65.0, -110.0, 200.0)
_DISTANCES_M = (4.4, 5.4, 4.8, 6.2, 5.0)
_HEIGHTS_M = (1.5, 2.0, 2.4, 1.8, 2.6)
_SCREEN = Prop((0.4, -1.6), (0.6, 0.4, 0.62), 0.0, (90, 60, 50), in_front=True)
_COARSE_S = 0.1
"""Fine enough to know where a film ends."""
_HIDDEN_FROM = 4
"""The last film of each kind has a box standing before a part of the person."""


def fall_films(width_px: int = 640) -> list[FallFilm]:
    """All films, the first variation of each kind first."""
    return [_film(kind, number, width_px) for number in range(VARIATIONS) for kind in FallKind]


def _film(kind: FallKind, number: int, width_px: int) -> FallFilm:
    place = list(FallKind).index(kind)
    story = _STORIES[kind](number)
    before, down = list(story.before), list(story.down)
    down[0] = replace(down[0], label=FALL)
    held = down[-1].held
    settled = replace(down[-1].posture, head=down[-1].posture.head + 6)
    after = (Move(settled, 0.3, "landing", "hips", held=held), still(settled, LYING_S - 0.3, held))
    look = _LOOKS[(place + 3 * number) % len(_LOOKS)]
    yaw_deg = _YAWS_DEG[(place + 3 * number) % len(_YAWS_DEG)]
    distance_m = _DISTANCES_M[(place + number) % len(_DISTANCES_M)]
    person = _in_the_middle(Performer(look, (0.0, 0.0), yaw_deg, story.start, (*before, *down, *after)), distance_m)
    props = [_SCREEN] if number == _HIDDEN_FROM else []
    if kind is FallKind.OFF_BENCH:
        props.append(
            bench(behind(person.position_m, yaw_deg, 0.05 if story.start is at.SITTING else 0.5), yaw_deg + 90)
        )
    camera = watching(_HEIGHTS_M[(place + 2 * number) % len(_HEIGHTS_M)], width_px)
    (start_s,), end_s = person.starts_s(FALL), person.end_s - LYING_S
    scene = SceneSpec((person,), camera, duration_s=round(person.end_s, 2), room=number, props=tuple(props))
    return FallFilm(f"{kind.value}_{number + 1}", kind, scene, round(start_s, 3), round(end_s, 3))


def _in_the_middle(person: Performer, distance_m: float) -> Performer:
    """Moved so that the way from the first place to the last has its middle this far from the camera."""
    _, (left, forward) = Performance(person, LOOKS[person.look].dimensions, _COARSE_S).at(person.end_s)
    x, y, _ = stood(np.array([left, forward, 0.0]), (0.0, 0.0), person.yaw_deg).tolist()
    return replace(person, position_m=(round(-x * 0.75, 2), round(CAMERA_Y_M + distance_m - y * 0.6, 2)))
