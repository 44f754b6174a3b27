"""Moving skeletons of known truth: joints in metres posed by angles, seen through a pinhole camera as COCO-17 px.

The person faces -Y, its left is +X, up is +Z. Phase 0 is the start position of a movement, 1 its other end.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import KeypointSchema, Observation

Array = NDArray[np.float64]
Pose = Callable[[float], Array]

THIGH, SHANK, UPPER_ARM, FOREARM, SPINE = 0.425, 0.415, 0.29, 0.255, 0.50
HIP_HALF, SHOULDER_HALF, ANKLE_HEIGHT = 0.09, 0.178, 0.075
WIDTH, HEIGHT = 1280, 720
START_NS = 1_000_000_000_000
SIDES = ((0, 1.0), (1, -1.0))


def _unit(v: Array) -> Array:
    return v / (np.linalg.norm(v) + 1e-12)


def _bend(start: Array, end: Array, first: float, second: float, pole: Array) -> tuple[Array, Array]:
    reach = end - start
    distance = min(float(np.linalg.norm(reach)), (first + second) * 0.9995)
    along = _unit(reach)
    x = (first**2 - second**2 + distance**2) / (2 * distance)
    across = _unit(pole - (pole @ along) * along)
    middle = start + along * x + across * np.sqrt(max(first**2 - x**2, 0.0))
    return middle, start + along * distance


def _body(hip: Array, lean_deg: float) -> Array:
    """(17, 3) with head, shoulders and hips in place."""
    lean = np.radians(lean_deg)
    up, front = np.array([0, -np.sin(lean), np.cos(lean)]), np.array([0, -np.cos(lean), -np.sin(lean)])
    joints = np.zeros((17, 3))
    top = hip + up * SPINE
    for place, out in SIDES:
        joints[5 + place] = top + np.array([out * SHOULDER_HALF, 0, 0])
        joints[11 + place] = hip + np.array([out * HIP_HALF, 0, 0])
    head = top + up * 0.2
    joints[0] = head + front * 0.11
    for place, out in SIDES:
        joints[1 + place] = head + front * 0.09 + np.array([out * 0.03, 0, 0.03])
        joints[3 + place] = head + np.array([out * 0.08, 0, 0])
    return joints


def _legs(joints: Array, ankles: list[Array], poles: list[Array]) -> None:
    for place, _ in SIDES:
        knee, ankle = _bend(joints[11 + place], ankles[place], THIGH, SHANK, poles[place])
        joints[13 + place], joints[15 + place] = knee, ankle


def _arms(joints: Array, upper: Callable[[float], Array], fore: Callable[[float], Array]) -> None:
    for place, out in SIDES:
        joints[7 + place] = joints[5 + place] + _unit(upper(out)) * UPPER_ARM
        joints[9 + place] = joints[7 + place] + _unit(fore(out)) * FOREARM


def _standing(width: float = 0.12) -> Array:
    joints = _body(np.array([0, 0, ANKLE_HEIGHT + (THIGH + SHANK) * 0.995]), 0)
    ankles = [np.array([out * width, 0, ANKLE_HEIGHT]) for _, out in SIDES]
    _legs(joints, ankles, [np.array([0.0, -1, 0])] * 2)
    return joints


def squat(phase: float, depth: float = 1.0, cave: float = 0.0) -> Array:
    """Air squat, arms raised; depth 1 has a knee angle of 63°, 0.22 of 121°; cave moves the knees inwards."""
    phase *= depth
    top = ANKLE_HEIGHT + (THIGH + SHANK) * 0.992
    joints = _body(np.array([0, 0.02 + 0.26 * phase, top - phase * (top - 0.40)]), 44 * phase)
    toes = np.radians(18)
    poles = [np.array([out * (np.sin(toes) - 1.05 * cave * phase), -np.cos(toes), 0]) for _, out in SIDES]
    _legs(joints, [np.array([out * 0.19, 0, ANKLE_HEIGHT]) for _, out in SIDES], poles)
    raised = np.radians(12 + 72 * min(1, phase * 1.4))
    _arms(
        joints,
        lambda out: np.array([out * 0.12, -np.sin(raised), -np.cos(raised)]),
        lambda out: np.array([-out * 0.10, -np.sin(raised + 0.18), -np.cos(raised + 0.18)]),
    )
    return joints


def curl(phase: float, lowest_deg: float = 8.0, closing_deg: float = 132.0) -> Array:
    """Two-armed curl; lowest_deg is how far the elbow stays bent at the bottom."""
    joints = _standing()
    upper = np.radians(4 + 10 * phase)
    fore = upper + np.radians(lowest_deg + closing_deg * phase)
    _arms(
        joints,
        lambda out: np.array([out * 0.13, -np.sin(upper), -np.cos(upper)]),
        lambda out: np.array([out * 0.10, -np.sin(fore), -np.cos(fore)]),
    )
    return joints


def lateral_raise(phase: float) -> Array:
    """Straight arms raised to the sides, to shoulder height."""
    joints = _standing()
    raised = np.radians(9 + 80 * phase)
    _arms(
        joints,
        lambda out: np.array([out * np.sin(raised), -0.10, -np.cos(raised)]),
        lambda out: np.array([out * np.sin(raised - 0.08), -0.26, -np.cos(raised - 0.08)]),
    )
    return joints


def push_up(phase: float, sag: float = 0.0, flare: bool = False) -> Array:
    """Push-up along Y, head towards -Y; sag 0.7: a body line of 148°; flare: elbows straight out."""
    leg, length = THIGH + SHANK, THIGH + SHANK + SPINE
    ankle = np.array([0, length / 2, 0.115])
    slope = np.arcsin((0.575 - phase * 0.235 - ankle[2]) / length)
    along, up = np.array([0, -np.cos(slope), np.sin(slope)]), np.array([0, np.sin(slope), np.cos(slope)])
    hip = ankle + along * leg * 0.997 - up * 0.24 * sag
    spine = _unit(ankle + along * length - hip)
    joints = _body(hip, float(np.degrees(np.arctan2(-spine[1], spine[2]))))
    _legs(joints, [ankle + np.array([out * 0.09, 0, 0]) for _, out in SIDES], [-up] * 2)
    hands_y = float((ankle + np.array([0, -np.cos(np.arcsin((0.575 - 0.115) / length)), 0]) * length)[1])
    for place, out in SIDES:
        hand = np.array([out * (0.42 if flare else 0.25), hands_y, 0.055])
        pole = np.array([out, 0.0, 0.35]) if flare else np.array([out * 0.35, 1.0, 0.35])
        elbow, wrist = _bend(joints[5 + place], hand, UPPER_ARM, FOREARM, pole)
        joints[7 + place], joints[9 + place] = elbow, wrist
    return joints


def standing(_: float) -> Array:
    """Upright, arms hanging."""
    joints = _standing()
    _arms(joints, lambda out: np.array([out * 0.15, 0, -1]), lambda out: np.array([out * 0.05, -0.1, -1]))
    return joints


def walking(cycle: float, stride_deg: float = 22.0) -> Array:
    """Walking on the spot of a picture; one cycle is two steps."""
    joints = _body(np.array([0, 0, ANKLE_HEIGHT + (THIGH + SHANK) * 0.965 + 0.015 * np.cos(4 * np.pi * cycle)]), 4)
    for place, out in SIDES:
        turn = 2 * np.pi * cycle + np.pi * place
        hip, knee = np.radians(stride_deg) * np.sin(turn), np.radians(50) * max(0.0, np.cos(turn)) ** 1.2 + 0.1
        joints[13 + place] = joints[11 + place] + np.array([0, -np.sin(hip), -np.cos(hip)]) * THIGH
        joints[15 + place] = joints[13 + place] + np.array([0, -np.sin(hip - knee), -np.cos(hip - knee)]) * SHANK
        arm = -np.radians(18) * np.sin(turn)
        joints[7 + place] = joints[5 + place] + _unit(np.array([out * 0.1, -np.sin(-arm), -np.cos(arm)])) * UPPER_ARM
        joints[9 + place] = joints[7 + place] + _unit(np.array([0, -np.sin(0.3 - arm), -np.cos(0.3 - arm)])) * FOREARM
    return joints


def phases(
    repetitions: int,
    period_s: float = 2.4,
    fps: float = 15.0,
    lead_s: float = 0.8,
    tail_s: float = 1.2,
    hold_s: float = 0.2,
) -> Array:
    """Phase of each frame: rest, smooth repetitions with a short hold at both ends, rest."""
    half = max(2, round(period_s / 2 * fps))
    rise = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, half))
    held = np.full(round(hold_s * fps), 1.0)
    one = np.concatenate([rise, held, rise[::-1], 0 * held])
    return np.concatenate([np.zeros(round(lead_s * fps)), np.tile(one, repetitions), np.zeros(round(tail_s * fps))])


def seen(
    pose: Pose,
    phase: Array,
    fps: float = 15.0,
    turn_deg: float = 0.0,
    noise: float = 0.02,
    start_ns: int = START_NS,
    seed: int = 0,
) -> list[Observation]:
    """What a camera 4 m away sees: turn_deg 0 is the front, 90 the person's left side; noise in trunk lengths."""
    rng = np.random.default_rng(seed)
    joints = np.stack([pose(float(value)) for value in phase])
    turn = np.radians(turn_deg)
    x = joints[..., 0] * np.cos(turn) - joints[..., 1] * np.sin(turn)
    y = joints[..., 0] * np.sin(turn) + joints[..., 1] * np.cos(turn)
    scale = 620 / (4.0 + y)
    points = np.stack([WIDTH / 2 + x * scale, HEIGHT * 0.52 - (joints[..., 2] - 0.85) * scale], axis=-1)
    points += rng.normal(0, noise * SPINE * 155, points.shape)
    keypoints = np.concatenate([points, np.full((*points.shape[:2], 1), 0.95)], axis=-1)
    return [
        Observation(start_ns + round(place * 1e9 / fps), pose_px, KeypointSchema.COCO_17, WIDTH, HEIGHT)
        for place, pose_px in enumerate(keypoints)
    ]
