"""Bodies that do exercises well or with one fault, of known size, seen through a camera: heels and toes too.

The person faces -Y, its left is +X, up is +Z, metres. Phase 0 is the start position of a movement, 1 its other end.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from svc_motion.form import RepetitionTrace, trace_of
from svc_motion.observation import BLAZEPOSE_FEET, BLAZEPOSE_TO_COCO, KeypointSchema, Observation, body_frame
from svc_motion.signals import SignalBank

Array = NDArray[np.float64]
Pose = Callable[..., Array]
Point = Sequence[float] | Array

THIGH, SHANK, UPPER_ARM, FOREARM, SPINE = 0.425, 0.415, 0.29, 0.255, 0.50
HIP_HALF, SHOULDER_HALF, ANKLE_HEIGHT, TOES_M, HEEL_M = 0.09, 0.178, 0.075, 0.16, 0.06
LEG = THIGH + SHANK
OUTWARD = (1.0, -1.0)
"""Left, right."""
WIDTH, HEIGHT, FPS = 1280, 720, 15.0


def bent(start: Array, end: Array, first: float, second: float, pole: Point) -> tuple[Array, Array]:
    """Middle and end of two bones that reach for `end`, bent towards the pole."""
    reach = end - start
    distance = float(np.clip(np.linalg.norm(reach), abs(first - second) + 0.01, (first + second) * 0.9995))
    along = reach / np.linalg.norm(reach)
    x = (first**2 - second**2 + distance**2) / (2 * distance)
    across = np.asarray(pole, dtype=np.float64) - (np.asarray(pole) @ along) * along
    height = np.sqrt(max(first**2 - x**2, 0.0))
    return start + along * x + across / np.linalg.norm(across) * height, start + along * distance


def moved(point: Point, x: float, y: float, z: float) -> Array:
    """A point a little further."""
    return np.asarray(np.asarray(point, dtype=np.float64) + np.array([x, y, z]))


class Body:
    """21 joints: COCO-17, then left heel, right heel, left toes, right toes."""

    def __init__(
        self,
        hip: Point,
        lean_deg: float,
        *,
        shrug_m: float = 0.0,
        rounded: float = 0.0,
        twist_deg: float = 0.0,
    ) -> None:
        lean, turn = np.radians(lean_deg), np.radians(twist_deg)
        self.joints = np.zeros((21, 3))
        self.hip = np.asarray(hip, dtype=np.float64)
        self.up = np.array([0, -np.sin(lean), np.cos(lean)])
        front = np.array([0, -np.cos(lean), -np.sin(lean)])
        side = np.array([np.cos(turn), 0, 0]) + front * np.sin(turn)
        top = self.hip + self.up * SPINE * (1 - 0.14 * rounded)
        nod = np.radians(40 * rounded)
        head_up, head_front = self.up * np.cos(nod) + front * np.sin(nod), front * np.cos(nod) - self.up * np.sin(nod)
        for place, out in enumerate(OUTWARD):
            self.joints[11 + place] = self.hip + np.array([out * HIP_HALF, 0, 0])
            self.joints[5 + place] = top + out * SHOULDER_HALF * side + self.up * shrug_m
            self.joints[3 + place] = top + head_up * 0.2 + out * 0.08 * side
            self.joints[1 + place] = top + head_up * 0.21 + head_front * 0.09 + out * 0.03 * side
        self.joints[0] = top + head_up * 0.19 + head_front * 0.115

    def legs(self, ankles: Sequence[Point], poles: Sequence[Point], heel_lift_m: float = 0.0) -> None:
        """Stand on two ankles; the feet point where the poles do."""
        for place in range(2):
            ankle = moved(ankles[place], 0, 0, 0.8 * heel_lift_m)
            knee, foot = bent(self.joints[11 + place], ankle, THIGH, SHANK, poles[place])
            self.joints[13 + place], self.joints[15 + place] = knee, foot
            ahead = np.array([poles[place][0], poles[place][1] - 1e-6, 0.0])
            ahead /= np.linalg.norm(ahead)
            floor = moved(foot, 0, 0, -ANKLE_HEIGHT - 0.8 * heel_lift_m)
            self.joints[17 + place] = moved(floor - ahead * HEEL_M, 0, 0, heel_lift_m)
            self.joints[19 + place] = floor + ahead * TOES_M

    def hands(self, points: Sequence[Point], poles: Sequence[Point]) -> None:
        """Bring both hands to points of the world."""
        for place in range(2):
            point = np.asarray(points[place], dtype=np.float64)
            elbow, wrist = bent(self.joints[5 + place], point, UPPER_ARM, FOREARM, poles[place])
            self.joints[7 + place], self.joints[9 + place] = elbow, wrist

    def arms(self, upper: Sequence[Point], fore: Sequence[Point]) -> None:
        """Point upper arms and forearms in the world."""
        for place in range(2):
            first, second = (np.asarray(bone[place], dtype=np.float64) for bone in (upper, fore))
            self.joints[7 + place] = self.joints[5 + place] + first / np.linalg.norm(first) * UPPER_ARM
            self.joints[9 + place] = self.joints[7 + place] + second / np.linalg.norm(second) * FOREARM

    def shoulder(self, place: int) -> Array:
        """One shoulder."""
        return np.asarray(self.joints[5 + place], dtype=np.float64)


def both(of: Callable[[float], Point]) -> list[Point]:
    """What a function of the outward direction says of the left and the right."""
    return [of(out) for out in OUTWARD]


def phases(period_s: float = 2.6, hold_s: float = 0.2, rest_s: float = 0.15) -> Array:
    """One repetition: rest, there, a short hold, back."""
    rise = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, round(period_s / 2 * FPS)))
    rest, held = np.zeros(round(rest_s * FPS)), np.ones(round(hold_s * FPS))
    return np.concatenate([rest, rise, held, rise[::-1], rest])


def observations(
    pose: Pose, phase: Array, turn_deg: float, *, feet: bool = True, noise: float = 0.015, seed: int = 0
) -> list[Observation]:
    """What a camera 4 m away sees: turn_deg 0 is the front, 90 the person's left side; noise in trunk lengths."""
    rng = np.random.default_rng(seed)
    ascending = np.arange(len(phase)) > int(np.argmax(phase))
    joints = np.stack([pose(float(p), bool(up)) for p, up in zip(phase, ascending, strict=True)])
    joints = joints - [0, float(joints[:, 11:13, 1].mean()), 0]
    turn = np.radians(turn_deg)
    x = joints[..., 0] * np.cos(turn) - joints[..., 1] * np.sin(turn)
    y = joints[..., 0] * np.sin(turn) + joints[..., 1] * np.cos(turn)
    scale = 620 / (4.0 + y)
    points = np.stack([WIDTH / 2 + x * scale, HEIGHT * 0.52 - (joints[..., 2] - 0.85) * scale], axis=-1)
    points += rng.normal(0, noise * SPINE * 155, points.shape)
    schema = KeypointSchema.BLAZEPOSE_33 if feet else KeypointSchema.COCO_17
    keypoints = np.full((len(phase), schema.value, 3), np.nan)
    places = [*BLAZEPOSE_TO_COCO, *BLAZEPOSE_FEET] if feet else list(range(17))
    keypoints[:, places, :2] = points[:, : len(places)]
    keypoints[:, places, 2] = 0.95
    return [
        Observation(1_000_000_000_000 + round(i * 1e9 / FPS), one, schema, WIDTH, HEIGHT)
        for i, one in enumerate(keypoints)
    ]


def trace(pose: Pose, turn_deg: float, *, feet: bool = True, seed: int = 0, period_s: float = 2.6) -> RepetitionTrace:
    """One repetition as form analysis gets it."""
    phase = phases(period_s)
    frames = [body_frame(one) for one in observations(pose, phase, turn_deg, feet=feet, seed=seed)]
    bank = SignalBank()
    values = np.stack([bank.update(frame).values for frame in frames])
    return trace_of(np.array([frame.time_s for frame in frames]), -100 * phase, values, frames)
