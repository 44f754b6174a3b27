"""A jointed figure that acts by key poses, and a camera that hangs somewhere and looks at it.

The person stands at the origin, faces -Y, its left is +X, up is +Z; metres and seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import KeypointSchema, Observation

Array = NDArray[np.float64]
Vector = tuple[float, float, float]
THIGH, SHANK, UPPER_ARM, FOREARM, SPINE = 0.425, 0.415, 0.29, 0.255, 0.50
HIP_HALF, SHOULDER_HALF = 0.09, 0.178
STANDING_HIP_M, ANKLE_M, LYING_M = 0.9, 0.08, 0.12
LEFT, RIGHT = 0, 1
START_NS = 1_000_000_000_000
GRAVITY = 9.81
BODY_M = 1.7


@dataclass(frozen=True)
class Pose:
    """Where the parts of a body are; knees and elbows follow."""

    hip: Vector = (0, 0, STANDING_HIP_M)
    pitch_deg: float = 0.0
    """Of the trunk: 90 is face down, -90 on the back."""
    roll_deg: float = 0.0
    """Of the trunk, to its left."""
    ankles: tuple[Vector, Vector] = ((0.12, 0, ANKLE_M), (-0.12, 0, ANKLE_M))
    wrists: tuple[Vector, Vector] = ((0.25, -0.05, 0.85), (-0.25, -0.05, 0.85))
    knees_to: Vector = (0, -1, 0.2)
    """Where knees point."""
    elbows_to: Vector | None = None
    """Where elbows point; None: outwards and backwards."""

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Pose:
        """The whole pose elsewhere."""
        by = np.array([x, y, z])

        def shift(point: Vector) -> Vector:
            a, b, c = (float(value) for value in np.array(point) + by)
            return a, b, c

        return replace(
            self,
            hip=shift(self.hip),
            ankles=(shift(self.ankles[0]), shift(self.ankles[1])),
            wrists=(shift(self.wrists[0]), shift(self.wrists[1])),
        )


Motion = Callable[[float], Pose]
"""Pose at a time, s."""


def joints(pose: Pose) -> Array:
    """(17, 3) COCO-17 joints."""
    pitch, roll = np.radians(pose.pitch_deg), np.radians(pose.roll_deg)
    up, left = np.array([0, -np.sin(pitch), np.cos(pitch)]), np.array([1.0, 0, 0])
    up, left = up * np.cos(roll) + left * np.sin(roll), left * np.cos(roll) - up * np.sin(roll)
    front = np.array([0, -np.cos(pitch), -np.sin(pitch)])
    found = np.zeros((17, 3))
    hip = np.array(pose.hip)
    neck, head = hip + up * SPINE, hip + up * (SPINE + 0.2)
    found[0], found[1:3], found[3:5] = head + front * 0.1, head + front * 0.08, head
    for side, out in ((LEFT, 1.0), (RIGHT, -1.0)):
        found[1 + side] += left * out * 0.03
        found[3 + side] += left * out * 0.08
        found[5 + side], found[11 + side] = neck + left * out * SHOULDER_HALF, hip + left * out * HIP_HALF
        elbow_to = left * out * 0.6 - front * 0.6 + up * -0.2
        if pose.elbows_to is not None:
            elbow_to = np.array(pose.elbows_to)
        found[7 + side], found[9 + side] = _reach(found[5 + side], pose.wrists[side], UPPER_ARM, FOREARM, elbow_to)
        found[13 + side], found[15 + side] = _reach(
            found[11 + side], pose.ankles[side], THIGH, SHANK, np.array(pose.knees_to)
        )
    found[:, 2] = np.maximum(found[:, 2], 0.04)
    return found


def _reach(start: Array, end: Vector, first: float, second: float, pole: Array) -> tuple[Array, Array]:
    way = np.array(end) - start
    distance = min(max(float(np.linalg.norm(way)), 0.05), (first + second) * 0.999)
    along = way / (np.linalg.norm(way) + 1e-9)
    x = (first**2 - second**2 + distance**2) / (2 * distance)
    across = pole - (pole @ along) * along
    across = across / (np.linalg.norm(across) + 1e-9)
    return start + along * x + across * np.sqrt(max(first**2 - x**2, 0.0)), start + along * distance


def play(*keys: tuple[float, Pose]) -> Motion:
    """Goes smoothly from each key pose to the next; keys come with their time."""
    times = [time_s for time_s, _ in keys]
    values = np.array([_flat(pose) for _, pose in keys])

    def at(time_s: float) -> Pose:
        after = int(np.searchsorted(times, time_s))
        if after == 0:
            return keys[0][1]
        if after == len(keys):
            return keys[-1][1]
        part = (time_s - times[after - 1]) / (times[after] - times[after - 1])
        part = 0.5 - 0.5 * np.cos(np.pi * part)
        return _unflat(values[after - 1] + part * (values[after] - values[after - 1]), keys[after][1])

    return at


def then(first: Motion, at_s: float, second: Motion) -> Motion:
    """One motion until a time, then another that begins there."""
    return lambda time_s: first(time_s) if time_s < at_s else second(time_s - at_s)


def _flat(pose: Pose) -> Array:
    angles = [pose.pitch_deg, pose.roll_deg]
    return np.array([*pose.hip, *angles, *pose.ankles[0], *pose.ankles[1], *pose.wrists[0], *pose.wrists[1]])


def _unflat(values: Array, like: Pose) -> Pose:
    def point(start: int) -> Vector:
        return float(values[start]), float(values[start + 1]), float(values[start + 2])

    return replace(
        like,
        hip=point(0),
        pitch_deg=float(values[3]),
        roll_deg=float(values[4]),
        ankles=(point(5), point(8)),
        wrists=(point(11), point(14)),
    )


@dataclass(frozen=True)
class View:
    """A camera, and what it makes of what it sees."""

    turn_deg: float = 0.0
    """0 looks at the person's front, 90 at their left side."""
    distance_m: float = 5.0
    height_m: float = 2.2
    fps: float = 15.0
    noise_m: float = 0.02
    hidden: tuple[int, ...] = ()
    """Joints that something stands in front of."""
    lost_s: tuple[float, float] = (0.0, 0.0)
    """Span in which the person isn't found."""
    width_px: int = 1280
    height_px: int = 720
    seed: int = 0


def film(motion: Motion, duration_s: float, view: View = View(), start_ns: int = START_NS) -> list[Observation]:
    """What the camera sees of a motion."""
    rng = np.random.default_rng(view.seed)
    turn = np.radians(view.turn_deg)
    # The camera stands in front of the person, turned around them, and looks at the middle of the room.
    eye = np.array([np.sin(turn) * view.distance_m, -np.cos(turn) * view.distance_m, view.height_m])
    forward = np.array([0, 0, 0.7]) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    seen = []
    for place in range(int(duration_s * view.fps)):
        time_s = place / view.fps
        if view.lost_s[0] <= time_s < view.lost_s[1]:
            continue
        points = joints(motion(time_s)) + rng.normal(0, view.noise_m, (17, 3)) - eye
        depth = points @ forward
        focal = view.width_px * 0.9
        x, y = points @ right / depth * focal + view.width_px / 2, points @ down / depth * focal + view.height_px / 2
        keypoints = np.stack([x, y, np.full(17, 0.9)], axis=1)
        keypoints[list(view.hidden), 2] = 0.0
        time_ns = start_ns + round(time_s * 1e9)
        seen.append(Observation(time_ns, keypoints, KeypointSchema.COCO_17, view.width_px, view.height_px))
    return seen
