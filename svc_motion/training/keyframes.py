"""Whole-body poses in the world and the way between them, for movements that change their support.

A pose names where hips, hands and feet are; what lies between is solved by inverse kinematics, so that bones keep
their lengths however poses are mixed. The same poses serve exercises (burpee), getting into place, and the unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from svc_motion.training.figure import FPS, OUTWARD, SAMPLES, SIDES, Array, Body, Draw, Figure

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Pose:
    """Hips, trunk, hands and feet; points are (out, front, up) metres from the middle of the feet on the floor."""

    hip: Point
    lean: float
    hands: tuple[Point, Point]
    """Left and right; out is away from the body's middle."""
    feet: tuple[Point, Point]
    elbows: Point = (0.6, -0.6, -0.6)
    knees: Point = (0.2, 1.0, 0.1)
    bend: float = 0.0
    roll: float = 0.0
    twist: float = 0.0
    head_pitch: float = 0.0

    def numbers(self) -> Array:
        """All of it in one row."""
        points = (self.hip, *self.hands, *self.feet, self.elbows, self.knees)
        turns = (self.lean, self.bend, self.roll, self.twist, self.head_pitch)
        return np.array([value for point in points for value in point] + list(turns))

    def moved(self, forward: float, up: float = 0.0) -> "Pose":
        """The same pose elsewhere."""

        def shifted(point: Point) -> Point:
            return (point[0], point[1] + forward, point[2] + up)

        return replace(
            self,
            hip=shifted(self.hip),
            hands=(shifted(self.hands[0]), shifted(self.hands[1])),
            feet=(shifted(self.feet[0]), shifted(self.feet[1])),
        )


def both(out: float, front: float, up: float) -> tuple[Point, Point]:
    """The same point for left and right."""
    return (out, front, up), (out, front, up)


def posed(figure: Figure, poses: Sequence[Pose], place: Array, unrest_m: float = 0.004) -> Array:
    """(T, 17, 3) joints on the way along the poses; `place` (T,) counts them, 0 the first."""
    keys = np.stack([pose.numbers() for pose in poses])
    row = np.stack([np.interp(place, np.arange(len(keys)), column) for column in keys.T])
    draw = figure.draw
    points = [row[3 * index : 3 * index + 3].T for index in range(7)]
    hip, hands, feet, elbow, knee = points[0], points[1:3], points[3:5], points[5], points[6]
    figure.hip = hip * [-1, -1, 1] + np.stack([draw.sway(unrest_m) for _ in range(3)], axis=-1)
    figure.lean, figure.bend, figure.roll, figure.twist = row[21], row[22], row[23], row[24]
    figure.head_pitch = figure.head_pitch + row[25]
    figure.trunk()
    for index, side in enumerate(SIDES):
        world = np.array([OUTWARD[side], -1, 1])
        unrest = np.stack([draw.sway(unrest_m) for _ in range(3)], axis=-1)
        figure.hand_at(side, hands[index] * world + unrest, elbow * world)
        figure.foot(side, np.maximum(feet[index], [-9, -9, 0.05]) * world, knee * world)
    return figure.joints()


def passage(draw: Draw, poses: int) -> Array:
    """(T,) one way along the poses, once, with waits: no rhythm."""
    start, speed = draw.between(-1.2, 0.6), draw.between(0.6, 2.2)
    time = np.arange(SAMPLES) / FPS - start
    place = np.clip(time * speed, 0, poses - 1)
    whole = np.floor(place)
    share = place - whole
    eased = whole + share * share * (3 - 2 * share)
    return np.asarray(eased if draw.chance(0.5) else poses - 1 - eased, dtype=np.float64)


def standing(draw: Draw, body: Body) -> Pose:
    """Upright, arms hanging."""
    hip = body.ankle_height + body.leg * 0.98
    width, reach = draw.between(0.06, 0.2) * body.k, draw.between(0.88, 0.97) * body.arm
    hands = both(draw.between(0.02, 0.14) + body.shoulder_half, draw.between(0, 0.12), hip + body.spine - reach)
    return Pose((0, 0, hip), draw.between(-4, 6), hands, both(width, 0, body.ankle_height))


def arms_up(draw: Draw, pose: Pose, body: Body, hop: float = 0.0) -> Pose:
    """A standing pose with the hands overhead, perhaps off the floor."""
    top = pose.hip[2] + body.spine + body.arm * draw.between(0.75, 0.97)
    lifted = replace(pose, hands=both(draw.between(0.05, 0.35), draw.between(-0.05, 0.15), top), elbows=(1, -0.2, -0.3))
    return lifted.moved(0, hop)


def crouch(draw: Draw, body: Body) -> Pose:
    """Deep, the hands on the floor before the feet."""
    width = draw.between(0.06, 0.26) * body.k
    hands = both(draw.between(0.1, 0.3), draw.between(0.35, 0.6) * body.k, 0.05)
    hip = (0.0, -draw.between(0.12, 0.3) * body.k, draw.between(0.33, 0.6) * body.k)
    return Pose(hip, draw.between(55, 88), hands, both(width, 0, draw.between(0.08, 0.14)), head_pitch=-20)


def prone(draw: Draw, body: Body, pose: Pose, low: bool = False) -> Pose:
    """A plank on the hands of a pose, or lowered to the floor."""
    front = pose.hands[0][1]
    shoulder = draw.between(0.1, 0.24) * body.k if low else body.arm * draw.between(0.92, 0.98) + 0.05
    length, heel = body.leg + body.spine, 0.115 * body.k
    across = float(np.sqrt(length**2 - (shoulder - heel) ** 2))
    share = body.leg / length
    rise = draw.between(-0.04, 0.08)
    hip = (0.0, front - across * (1 - share), heel + (shoulder - heel) * share + rise)
    lean = 90 - float(np.degrees(np.arcsin((shoulder - hip[2]) / body.spine)))
    feet = both(pose.feet[0][0], front - across, heel)
    return replace(pose, hip=hip, lean=lean, feet=feet, elbows=(0.7, -0.7, 0.3), knees=(0, 0.1, -1), head_pitch=-25)


def bent_over(draw: Draw, body: Body) -> Pose:
    """Hinged at the hips, hands at a bar or a weight on the floor."""
    width, reach = draw.between(0.08, 0.3) * body.k, draw.between(0.03, 0.35)
    hip = (0.0, -draw.between(0.1, 0.3) * body.k, draw.between(0.45, 0.82) * body.k)
    hands = both(draw.between(0.02, 0.4), draw.between(0, 0.3), reach)
    return Pose(hip, draw.between(45, 85), hands, both(width, 0, body.ankle_height), head_pitch=-draw.between(0, 40))


def kneeling(draw: Draw, body: Body, one: bool = False) -> Pose:
    """On both knees, or one foot in front."""
    back = (draw.between(0.06, 0.18), -body.shank * draw.between(0.85, 1), 0.06)
    foot = (draw.between(0.06, 0.18), body.thigh, body.ankle_height)
    feet = (foot, back) if one and draw.chance(0.5) else (back, foot) if one else (back, back)
    hip = (0.0, draw.between(-0.1, 0.05), body.thigh + draw.between(-0.08, 0.07))
    hands = both(draw.between(0, 0.3), draw.between(0, 0.35), draw.between(0.15, 0.6))
    return Pose(hip, draw.between(-5, 40), hands, feet, knees=(0.1, 1, 0.3 if one else -0.7))


def all_fours(draw: Draw, body: Body) -> Pose:
    """Hands and knees on the floor."""
    front = body.spine * draw.between(0.85, 1.1)
    hip = (0.0, 0.0, body.thigh + 0.06)
    feet = both(draw.between(0.06, 0.18), -body.shank * 0.98, 0.06)
    hands = both(draw.between(0.1, 0.25), front, 0.05)
    return Pose(hip, draw.between(72, 92), hands, feet, knees=(0.1, 0.6, -1), head_pitch=-draw.between(0, 50))


def seated(draw: Draw, body: Body, height: float | None = None) -> Pose:
    """On a bench, a box or the floor, hands on the thighs."""
    up = draw.between(0.42, 0.55) * body.k if height is None else height
    front = draw.between(0.3, 0.5) if up > 0.3 else draw.between(0.45, 0.75)
    hands = both(draw.between(0.05, 0.2), draw.between(0.15, 0.4), up + draw.between(0.08, 0.25))
    feet = both(draw.between(0.08, 0.25), front * body.k, body.ankle_height)
    return Pose((0, 0, up), draw.between(-18, 30), hands, feet, knees=(0.2, 0.6, 1))


def supine(draw: Draw, body: Body, height: float | None = None) -> Pose:
    """On the back on a bench or the floor."""
    up = (draw.between(0.45, 0.55) if draw.chance(0.5) else 0.1) * body.k if height is None else height
    front = draw.between(0.35, 0.85) * body.k
    hands = both(draw.between(0.0, 0.3), draw.between(-0.5, 0.1), up + draw.between(0.05, 0.6))
    feet = both(draw.between(0.08, 0.25), front, body.ankle_height)
    return Pose((0, 0, up), draw.between(-92, -80), hands, feet, knees=(0.2, 0.3, 1), head_pitch=draw.between(0, 20))


def gripping(draw: Draw, body: Body) -> Pose:
    """Standing at a bar in a rack or on a machine, both hands on it."""
    pose = standing(draw, body)
    height = pose.hip[2] + body.spine + draw.between(-0.6, 0.35)
    hands = both(draw.between(0.15, 0.45), draw.between(0.1, 0.45), height)
    sunk = (0.0, -draw.between(0, 0.1), pose.hip[2] - draw.between(0, 0.12))
    return replace(pose, hands=hands, hip=sunk, lean=draw.between(0, 25), elbows=(0.6, -0.4, -1))
