"""A jointed figure that is posed over time by directions and two-bone inverse kinematics.

World: the person faces -Y, its left is +X, up is +Z, metres, the floor at z = 0. A pose over time has T samples at
FPS; joints come in COCO-17 order as (T, 17, 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Value = float | Array

SAMPLES = 30
FPS = 15.0
SIDES: tuple["Side", "Side"] = ("L", "R")
OUTWARD = {"L": 1.0, "R": -1.0}
OTHER: dict["Side", "Side"] = {"L": "R", "R": "L"}
Side = Literal["L", "R"]
FACING = np.array([[-1.0, 0, 0], [0, -1, 0], [0, 0, 1]])
"""Columns: the person's right, front and up in world axes."""


def vector(x: Value, y: Value, z: Value) -> Array:
    """(T, 3) from three numbers or series."""
    still = np.zeros(SAMPLES)
    return np.stack([still + x, still + y, still + z], axis=-1)


def unit(v: Array) -> Array:
    """Vectors of length one."""
    return np.asarray(v / (np.linalg.norm(v, axis=-1, keepdims=True) + 1e-9), dtype=np.float64)


def direction(raise_deg: Value, round_deg: Value) -> Array:
    """(T, 3) out-front-up direction of an arm raised from hanging, towards the front (0°) or the side (90°)."""
    raised, turned = np.radians(raise_deg), np.radians(round_deg)
    return vector(np.sin(raised) * np.sin(turned), np.sin(raised) * np.cos(turned), -np.cos(raised))


def rotation(axis: Literal["pitch", "roll", "yaw"], degrees: Value) -> Array:
    """(T, 3, 3) rotations; a positive pitch leans forwards."""
    angle = np.radians(np.zeros(SAMPLES) + degrees)
    c, s = np.cos(angle), np.sin(angle)
    first, second, sign = {"pitch": (1, 2, 1.0), "roll": (0, 2, 1.0), "yaw": (0, 1, -1.0)}[axis]
    turn = np.tile(np.eye(3), (SAMPLES, 1, 1))
    turn[:, first, first] = turn[:, second, second] = c
    turn[:, first, second], turn[:, second, first] = sign * s, -sign * s
    return turn


class Draw:
    """Random choices of one figure."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def between(self, low: float, high: float) -> float:
        """Uniform."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def pick(self, weights: dict[str, float]) -> str:
        """One of the keys by weight."""
        total = sum(weights.values())
        return str(self.rng.choice(list(weights), p=[weight / total for weight in weights.values()]))

    def side(self) -> Side:
        """Left or right."""
        return SIDES[int(self.rng.integers(2))]

    def sway(self, size: float, cutoff_hz: float = 0.6) -> Array:
        """(T,) smooth random movement of about this standard deviation."""
        kernel = np.exp(-2 * (np.arange(-20, 21) * cutoff_hz * 2 / FPS) ** 2)
        kernel /= np.sqrt((kernel**2).sum())
        return size * np.convolve(self.rng.standard_normal(SAMPLES + 40), kernel, "same")[20 : 20 + SAMPLES]

    def repetitions(
        self, fastest_s: float = 0.8, slowest_s: float = 6.0, hold: float = 0.12, least: float = 0.35
    ) -> tuple[Array, Array]:
        """(T,) phase 0..1 cut out of a series of repetitions, and (T,) the running number of each.

        Tempo is log-uniform, the two halves differ, ends may pause or be held; a window shows at least `least`.
        """
        for _ in range(30):
            phase, number = self._series(fastest_s, slowest_s, hold)
            start = int(self.rng.integers(0, len(phase) - SAMPLES))
            phase, number = phase[start : start + SAMPLES], number[start : start + SAMPLES]
            if phase.max() - phase.min() >= least:
                break
        return phase, number

    def _series(self, fastest_s: float, slowest_s: float, hold: float) -> tuple[Array, Array]:
        tempo_s = float(np.exp(self.between(np.log(fastest_s), np.log(slowest_s))))
        share, power, low_jitter = self.between(0.3, 0.7), self.between(0.7, 1.6), self.between(0, 0.08)
        top_s = 0.0 if self.chance(0.5) else float(self.rng.exponential(0.15 * tempo_s))
        bottom_s = 0.0 if self.chance(0.5) else float(self.rng.exponential(0.15 * tempo_s))
        top_s += self.between(0.3, 2.0) if self.chance(hold) else 0.0
        parts: list[Array] = []
        numbers: list[Array] = []
        length, needed = 0, SAMPLES + int((tempo_s + top_s + bottom_s) * FPS * 2) + 4
        while length < needed:
            high, low = 1 - abs(self.rng.normal(0, 0.07)), abs(self.rng.normal(0, low_jitter))
            this_s = tempo_s * float(np.exp(self.rng.normal(0, 0.1)))
            up, down = (self._ease(max(2, int(this_s * part * FPS)), power) for part in (share, 1 - share))
            top = np.full(int(top_s * FPS * self.between(0.5, 1.5)), high)
            bottom = np.full(int(bottom_s * FPS * self.between(0.5, 1.5)), low)
            stroke = np.concatenate([low + (high - low) * up, top, low + (high - low) * down[::-1], bottom])
            numbers.append(np.full(len(stroke), len(parts), dtype=np.float64))
            parts.append(stroke)
            length += len(stroke)
        return np.concatenate(parts), np.concatenate(numbers)

    @staticmethod
    def _ease(samples: int, power: float) -> Array:
        return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, samples) ** power), dtype=np.float64)


class Body:
    """Segment lengths of one person, metres; averages of an adult of 1.75 m, varied by 6 %."""

    def __init__(self, draw: Draw) -> None:
        def varied(length: float, spread: float = 0.06) -> float:
            return length * float(np.exp(draw.rng.normal(0, spread)))

        self.k = k = draw.between(0.9, 1.1)
        self.thigh, self.shank = varied(0.425 * k), varied(0.415 * k)
        self.upper_arm, self.forearm = varied(0.29 * k), varied(0.255 * k)
        self.hip_half, self.shoulder_half = varied(0.10 * k, 0.12), varied(0.175 * k, 0.1)
        self.spine, self.ankle_height = varied(0.50 * k), 0.08 * k
        self.leg, self.arm = self.thigh + self.shank, self.upper_arm + self.forearm


def two_bones(start: Array, end: Array, first: float, second: float, pole: Array) -> tuple[Array, Array]:
    """Middle and end joints of two bones that reach for `end`, bent towards the pole."""
    reach = end - start
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    along = reach / (distance + 1e-9)
    distance = np.clip(distance, abs(first - second) + 0.03, (first + second) * 0.9995)
    x = (first**2 - second**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(first**2 - x**2, 0))
    # a pole along the limb says nothing: any direction across does then
    pole = unit(pole) + 1e-3 * np.cross(along, np.array([0.48, 0.6, 0.64]))
    across = unit(pole - (pole * along).sum(-1, keepdims=True) * along)
    return start + along * x + across * height, start + along * distance


@dataclass(frozen=True)
class Limb:
    """One arm or leg over time: two directions, or a reached-for point with a pole."""

    kind: Literal["directions", "reach"]
    first: Array
    second: Array


@dataclass
class Figure:
    """A body being posed: set the hips and the trunk's angles, call `trunk()`, then place arms and legs."""

    draw: Draw
    body: Body
    hip: Array = field(default_factory=lambda: vector(0, 0, 0))
    lean: Value = 0.0
    bend: Value = 0.0
    roll: Value = 0.0
    twist: Value = 0.0
    head_pitch: Value = 0.0
    head_yaw: Value = 0.0
    shrug: Value = 0.0
    legs: dict[Side, Limb] = field(default_factory=dict)
    arms: dict[Side, Limb] = field(default_factory=dict)

    @classmethod
    def new(cls, draw: Draw) -> "Figure":
        """A figure of a new body, its head not quite straight."""
        return cls(draw, Body(draw), head_pitch=draw.between(-10, 20), head_yaw=draw.sway(5))

    def trunk(self) -> None:
        """Fix pelvis, chest and shoulders from hip position and angles."""
        body, draw = self.body, self.draw
        tremble = draw.sway(draw.between(0, 1.5))
        pelvis = FACING @ rotation("pitch", self.lean + tremble) @ rotation("roll", self.roll)
        self.chest = pelvis @ rotation("pitch", self.bend) @ rotation("yaw", self.twist)
        waist = self.hip + pelvis[:, :, 2] * 0.16 * body.k
        self.neck = waist + self.chest[:, :, 2] * (body.spine - 0.16 * body.k)
        lift = self.chest[:, :, 2] * (np.zeros(SAMPLES) + self.shrug)[:, None]
        self.hips = {side: self.hip - pelvis[:, :, 0] * OUTWARD[side] * body.hip_half for side in SIDES}
        self.shoulders = {
            side: self.neck - self.chest[:, :, 0] * OUTWARD[side] * body.shoulder_half + lift for side in SIDES
        }

    def local(self, side: Side, out_front_up: Array, of_world: bool = False) -> Array:
        """An out-front-up vector of one side in world axes, seen from the chest or from an upright person."""
        frame = np.broadcast_to(FACING, (SAMPLES, 3, 3)) if of_world else self.chest
        turned = out_front_up * np.array([-OUTWARD[side], 1, 1])
        return np.asarray((frame @ turned[..., None])[..., 0], dtype=np.float64)

    def arm(self, side: Side, upper: Array, fore: Array, of_world: bool = False) -> None:
        """Point upper arm and forearm."""
        self.arms[side] = Limb("directions", self.local(side, upper, of_world), self.local(side, fore, of_world))

    def hand(self, side: Side, offset: Array, pole: Array, of_world: bool = False) -> None:
        """Bring the hand to an offset from the shoulder, the elbow towards the pole."""
        point = self.shoulders[side] + self.local(side, offset, of_world)
        self.arms[side] = Limb("reach", point, self.local(side, pole, of_world))

    def hand_at(self, side: Side, point: Array, pole: Array) -> None:
        """Bring the hand to a point of the world."""
        self.arms[side] = Limb("reach", point, pole)

    def foot(self, side: Side, point: Array, pole: Array) -> None:
        """Put the ankle at a point of the world, the knee towards the pole."""
        self.legs[side] = Limb("reach", point, pole)

    def leg(self, side: Side, thigh: Array, shank: Array) -> None:
        """Point thigh and shank in the world."""
        self.legs[side] = Limb("directions", thigh, shank)

    def feet(self, width_m: float | None = None, toes_deg: float | None = None) -> None:
        """Both feet flat on the floor, turned out by some degrees."""
        draw, body = self.draw, self.body
        width = draw.between(0.08, 0.22) * body.k if width_m is None else width_m
        toes = np.radians(draw.between(0, 35) if toes_deg is None else toes_deg)
        step = draw.between(-0.05, 0.05) if draw.chance(0.3) else 0.0
        for side in SIDES:
            out = OUTWARD[side]
            self.foot(
                side,
                vector(out * width, out * step, body.ankle_height),
                vector(out * np.sin(toes), -np.cos(toes), 0.05),
            )

    def joints(self) -> Array:
        """(T, 17, 3) joints in COCO-17 order, metres."""
        found = np.zeros((SAMPLES, 17, 3))
        found[:, :5] = self._head()
        body = self.body
        for place, side in enumerate(SIDES):
            found[:, 5 + place], found[:, 11 + place] = self.shoulders[side], self.hips[side]
            found[:, 7 + place], found[:, 9 + place] = self._solve(
                self.shoulders[side], self.arms[side], body.upper_arm, body.forearm
            )
            found[:, 13 + place], found[:, 15 + place] = self._solve(
                self.hips[side], self.legs[side], body.thigh, body.shank
            )
        return found

    @staticmethod
    def _solve(start: Array, limb: Limb, first: float, second: float) -> tuple[Array, Array]:
        if limb.kind == "reach":
            return two_bones(start, limb.first, first, second, limb.second)
        middle = start + unit(limb.first) * first
        return middle, middle + unit(limb.second) * second

    def _head(self) -> Array:
        k = self.body.k
        head = self.chest @ rotation("yaw", self.head_yaw) @ rotation("pitch", self.head_pitch)
        centre = self.neck + self.chest[:, :, 2] * 0.14 * k + head[:, :, 2] * 0.06 * k
        face: Sequence[tuple[float, float, float]] = (
            (0, 0.115, -0.02),
            (-0.031, 0.09, 0.015),
            (0.031, 0.09, 0.015),
            (-0.08, 0, 0),
            (0.08, 0, 0),
        )
        return np.stack([centre + head @ (np.array(place) * k) for place in face], axis=1)
