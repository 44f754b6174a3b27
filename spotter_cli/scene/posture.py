"""A body given by its joint angles, and how it comes to rest on the floor.

Motions that leave the feet (falls, floor exercises, getting up) are told as angles between segments, because angles can
be blended from one posture to the next with every segment keeping its length. Height isn't told: the body is put
down so that its lowest part touches what is below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache

import numpy as np

from spotter_cli.scene.geometry import Floats, unit
from spotter_cli.scene.skeleton import (
    PELVIS_LENGTH,
    SIDES,
    UPRIGHT,
    Dimensions,
    Leg,
    PlantedArm,
    Pose,
    Side,
    SwungArm,
    outward,
    tilted,
)

_UP = np.array([0.0, 0.0, 1.0])
_PALM_M, _FINGERS_M = 0.05, 0.13
"""Wrist above what the palm lies on; wrist to finger tips."""
_HEEL_M, _TOES_M, _SOLE_M = 0.055, 0.205, 0.055
"""From the ankle back to the heel, forward to the toes, down to the height of both, in the foot's own directions."""
_RADII_M = {"foot": 0.02, "knee": 0.055, "hip": 0.105, "pelvis": 0.115, "chest": 0.118, "shoulder": 0.075} | {
    "elbow": 0.045,
    "wrist": 0.03,
    "fingers": 0.015,
    "head": 0.11,
}
"""How far the surface of a part is from its middle, for a person of 1.75 m."""
_ON_A_SEAT = frozenset({"hip", "pelvis"})
_ON_A_BACK = frozenset({"chest", "shoulder", "head"})


@dataclass(frozen=True)
class LegAngles:
    """Degrees, but for `flat`."""

    hip: float = 0.0
    """Thigh against the trunk, forward."""
    out: float = 5.0
    """Thigh away from the other one."""
    twist: float = 0.0
    """Knee turned outwards about the thigh."""
    knee: float = 1.0
    """0 straight."""
    foot: float = 0.0
    """Toes pointed; 0 is a right angle with the shank."""
    flat: float = 0.0
    """0..1: how far the ankle is led to where it is when the sole is on the floor."""


@dataclass(frozen=True)
class ArmAngles:
    """Degrees, but for `planted`."""

    raised: float = 4.0
    """Upper arm against the trunk, forward; 180 is overhead."""
    out: float = 9.0
    """Upper arm away from the trunk, sideways."""
    twist: float = 0.0
    """Forearm turned inwards about the upper arm."""
    elbow: float = 10.0
    """0 straight."""
    planted: float = 0.0
    """0..1: how far the hand is led onto the floor, or onto `Posture.hand_rest_m`."""


@dataclass(frozen=True)
class Posture:
    """Where every segment of a body points; degrees, and metres where the name says so."""

    pitch: float = 0.0
    """Pelvis tipped forward: 90 is face down, -90 on the back."""
    roll: float = 0.0
    """Pelvis tipped to the left, about a level axis that points to the front: 90 is on the left side."""
    spin: float = 0.0
    """Turned about the own long axis, to the left."""
    turn: float = 0.0
    """Turned about the vertical, to the left."""
    chest: float = 0.0
    """Chest bent forward against the pelvis."""
    head: float = 4.0
    """Head bent forward against the chest."""
    left_leg: LegAngles = field(default_factory=LegAngles)
    right_leg: LegAngles = field(default_factory=LegAngles)
    left_arm: ArmAngles = field(default_factory=ArmAngles)
    right_arm: ArmAngles = field(default_factory=ArmAngles)
    seat_m: float = 0.0
    """Height of what the hips would rest on; limbs always rest on the floor."""
    back_m: float = 0.0
    """Height of what chest, shoulders and head would rest on."""
    hand_rest_m: float = 0.0
    """Height of what planted hands rest on."""
    lift_m: float = 0.0
    """How far the whole body is off the ground: a jump, or a bar that it hangs from."""

    def values(self) -> Floats:
        """All numbers in a fixed order, to blend postures."""
        numbers: list[float] = []
        for one in fields(self):
            value = getattr(self, one.name)
            parts = [value] if isinstance(value, float | int) else [getattr(value, f.name) for f in fields(value)]
            numbers += [float(part) for part in parts]
        return np.array(numbers)

    @classmethod
    def of(cls, values: Floats) -> Posture:
        """The posture with these `values`."""
        left = iter(values.tolist())
        made = {name: _taken(kind, left) for name, kind in _layout()}
        return cls(**made)  # type: ignore[arg-type]


def posture(
    legs: LegAngles | tuple[LegAngles, LegAngles] = LegAngles(flat=1.0),
    arms: ArmAngles | tuple[ArmAngles, ArmAngles] = ArmAngles(),
    **trunk: float,
) -> Posture:
    """A posture with both legs and both arms alike, or (left, right)."""
    left_leg, right_leg = legs if isinstance(legs, tuple) else (legs, legs)
    left_arm, right_arm = arms if isinstance(arms, tuple) else (arms, arms)
    return Posture(**trunk, left_leg=left_leg, right_leg=right_leg, left_arm=left_arm, right_arm=right_arm)


@dataclass(frozen=True)
class Grounded:
    """A body on the ground, hips above the origin of the floor."""

    pose: Pose
    places: dict[str, Floats]
    """(2,) m on the floor, of what a body can stand or lie on: feet, each foot, hands, knees, hips, head."""


def grounded(body: Dimensions, wanted: Posture, held: str | None = None) -> Grounded:
    """The body in that posture, with its lowest part on the floor (or trunk on the seat), seen from above at (0, 0)."""
    k, pelvis = body.scale, _pelvis_axes(wanted)
    chest = tilted(pelvis, wanted.chest)
    neck = pelvis[:, 2] * PELVIS_LENGTH * k + chest[:, 2] * (body.spine - PELVIS_LENGTH * k)
    points: list[tuple[str, Floats, float]] = [
        ("pelvis", pelvis[:, 2] * 0.05 * k, 1.0),
        ("chest", pelvis[:, 2] * PELVIS_LENGTH * k + chest[:, 2] * 0.2 * k, 1.0),
        ("head", neck + tilted(chest, wanted.head)[:, 2] * 0.215 * k, 1.0),
    ]
    legs = {side: _Leg.of(body, side, pelvis, _leg_of(wanted, side)) for side in SIDES}
    arms = {side: _Arm.of(body, side, chest, neck, _arm_of(wanted, side)) for side in SIDES}
    for side in SIDES:
        points += [*legs[side].touching(k), *arms[side].touching(k)]
    heights = [_clearance(name, at, share, k, wanted) for name, at, share in points]
    height = wanted.lift_m - min(heights)
    pose = Pose(
        hip_centre=_UP * height,
        pelvis=pelvis,
        legs={side: legs[side].led(height - wanted.lift_m, body, wanted.lift_m) for side in SIDES},
        arms={side: arms[side].led(height, wanted.hand_rest_m, k) for side in SIDES},
        chest_flexion_deg=wanted.chest,
        head_pitch_deg=wanted.head,
        dumbbell_axis=pelvis[:, 0] if held == "dumbbells" else None,
        barbell=held == "barbell",
    )
    return Grounded(pose, _places(legs, arms, neck))


def _places(legs: dict[Side, _Leg], arms: dict[Side, _Arm], neck: Floats) -> dict[str, Floats]:
    feet = [legs[side].ankle[:2] for side in SIDES]
    return {
        "feet": np.mean(feet, 0),
        "left_foot": feet[0],
        "right_foot": feet[1],
        "toes": np.mean([legs[side].toes[:2] for side in SIDES], 0),
        "hands": np.mean([arms[side].wrist[:2] for side in SIDES], 0),
        "knees": np.mean([legs[side].knee[:2] for side in SIDES], 0),
        "hips": np.zeros(2),
        "head": neck[:2],
    }


@dataclass(frozen=True)
class _Leg:
    angles: LegAngles
    hip: Floats
    knee: Floats
    ankle: Floats
    toes: Floats
    heel: Floats
    front: Floats
    foot: Floats
    """Columns: up the instep, along the foot."""

    @classmethod
    def of(cls, body: Dimensions, side: Side, pelvis: Floats, angles: LegAngles) -> _Leg:
        k, to_side = body.scale, -outward(side) * pelvis[:, 0]
        thigh, front = _swung(pelvis, to_side, angles.hip, angles.out, angles.twist)
        hip = to_side * body.hip_half_width
        knee = hip + thigh * body.thigh
        bend, point = np.radians(angles.knee), np.radians(angles.foot)
        shank = thigh * np.cos(bend) - front * np.sin(bend)
        instep = front * np.cos(bend) + thigh * np.sin(bend)
        ankle = knee + shank * body.shank
        along, up = instep * np.cos(point) + shank * np.sin(point), instep * np.sin(point) - shank * np.cos(point)
        sole = ankle - up * _SOLE_M * k
        toes, heel = sole + along * _TOES_M * k, sole - along * _HEEL_M * k
        return cls(angles, hip, knee, ankle, toes, heel, front, np.stack([up, along], 1))

    def touching(self, k: float) -> Iterator[tuple[str, Floats, float]]:
        yield from (("hip", self.hip, 1.0), ("knee", self.knee, 1.0))
        level = self.ankle - _UP * _SOLE_M * k
        yield from (("foot", end + (level - end) * self.angles.flat, 1.0) for end in (self.toes, self.heel))

    def led(self, height: float, body: Dimensions, lift_m: float) -> Leg:
        """The leg as it is drawn: its ankle led to the floor as far as the sole is to be flat."""
        flat, up, along = self.angles.flat, self.foot[:, 0], self.foot[:, 1]
        ankle = self.ankle + _UP * height
        ankle = ankle + _UP * (flat * (body.ankle_height - ankle[2]) + lift_m)
        level = unit(along * np.array([1.0, 1.0, 0.0]) + 1e-6)
        direction = unit(along * (1 - flat) + level * flat)
        return Leg(ankle, self.front, direction, unit(up * (1 - flat) + _UP * flat))


@dataclass(frozen=True)
class _Arm:
    angles: ArmAngles
    shoulder: Floats
    elbow: Floats
    wrist: Floats
    front: Floats

    @classmethod
    def of(cls, body: Dimensions, side: Side, chest: Floats, neck: Floats, angles: ArmAngles) -> _Arm:
        to_side = -outward(side) * chest[:, 0]
        upper, front = _swung(chest, to_side, angles.raised, angles.out, -angles.twist)
        shoulder = neck + to_side * body.shoulder_half_width - chest[:, 2] * 0.012 * body.scale
        elbow = shoulder + upper * body.upper_arm
        bend = np.radians(angles.elbow)
        return cls(angles, shoulder, elbow, elbow + (upper * np.cos(bend) + front * np.sin(bend)) * body.forearm, front)

    def touching(self, k: float) -> Iterator[tuple[str, Floats, float]]:
        free = 1 - self.angles.planted
        fingers = self.wrist + unit(self.wrist - self.elbow) * _FINGERS_M * k
        yield from (("shoulder", self.shoulder, 1.0), ("elbow", self.elbow, free))
        yield from (("wrist", self.wrist, free), ("fingers", fingers, free))

    def led(self, height: float, rest_m: float, k: float) -> SwungArm | PlantedArm:
        """The arm as it is drawn: swung freely, or with its hand led onto something."""
        planted, fore = self.angles.planted, unit(self.wrist - self.elbow)
        if planted <= 0:
            return SwungArm(unit(self.elbow - self.shoulder), fore, self.front)
        wrist = self.wrist + _UP * height
        wrist = wrist + _UP * (planted * (rest_m + _PALM_M * k - wrist[2]))
        ahead = unit(self.front * np.array([1.0, 1.0, 0.0]) + 1e-6)
        return PlantedArm(wrist, -self.front, unit(fore * (1 - planted) + ahead * planted), -_UP)


def _clearance(name: str, at: Floats, share: float, k: float, wanted: Posture) -> float:
    """How far a part is above what it would rest on, with the hips at height 0; parts that don't count are far."""
    surface = wanted.seat_m if name in _ON_A_SEAT else wanted.back_m if name in _ON_A_BACK else 0.0
    return float(at[2]) - _RADII_M[name] * k - surface + (1 - share) * 2.0


def _swung(trunk: Floats, to_side: Floats, forward: float, out: float, twist: float) -> tuple[Floats, Floats]:
    """Direction of a limb that hangs from the trunk and is swung forward and out; where its front points."""
    ahead, aside, turned = np.radians(forward), np.radians(out), np.radians(twist)
    down, front = -trunk[:, 2], trunk[:, 1]
    along = (down * np.cos(ahead) + front * np.sin(ahead)) * np.cos(aside) + to_side * np.sin(aside)
    facing = -down * np.sin(ahead) + front * np.cos(ahead)
    beside = to_side * np.cos(aside) - (down * np.cos(ahead) + front * np.sin(ahead)) * np.sin(aside)
    return along, facing * np.cos(turned) + beside * np.sin(turned)


def _pelvis_axes(wanted: Posture) -> Floats:
    pitch, roll, spin, turn = np.radians([wanted.pitch, wanted.roll, wanted.spin, wanted.turn])
    rolled = np.array([[np.cos(roll), 0, np.sin(roll)], [0, 1, 0], [-np.sin(roll), 0, np.cos(roll)]])
    pitched = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    return np.asarray(_about_vertical(turn) @ rolled @ pitched @ _about_vertical(spin) @ UPRIGHT)


def _about_vertical(angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


def _leg_of(wanted: Posture, side: Side) -> LegAngles:
    return wanted.left_leg if side == "left" else wanted.right_leg


def _arm_of(wanted: Posture, side: Side) -> ArmAngles:
    return wanted.left_arm if side == "left" else wanted.right_arm


@cache
def _layout() -> tuple[tuple[str, type[float] | type[LegAngles] | type[ArmAngles]], ...]:
    kinds: dict[str, type[float] | type[LegAngles] | type[ArmAngles]] = {"LegAngles": LegAngles, "ArmAngles": ArmAngles}
    return tuple((one.name, kinds.get(str(one.type), float)) for one in fields(Posture))


def _taken(
    kind: type[float] | type[LegAngles] | type[ArmAngles], left: Iterator[float]
) -> float | LegAngles | ArmAngles:
    return next(left) if kind is float else kind(*(next(left) for _ in fields(kind)))  # type: ignore[arg-type]
