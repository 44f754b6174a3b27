"""Generated movements of known truth for the property test: any exercise, tempo, body, camera, noise and occlusion.

Poses come from `skeletons.py`; here they are timed, seen by any camera and spoilt.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from svc_motion.counter import RepetitionCounter, Stroke
from svc_motion.filling import JointMemory
from svc_motion.library import Library
from svc_motion.movement import movement
from svc_motion.observation import KeypointSchema, Observation, body_frame
from svc_motion.signals import SignalBank
from svc_motion.window import SignalWindow
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import (
    ANKLE_HEIGHT,
    FOREARM,
    HEIGHT,
    SHANK,
    SIDES,
    SPINE,
    START_NS,
    THIGH,
    UPPER_ARM,
    WIDTH,
    Array,
    Pose,
)


def front_raise(phase: float) -> Array:
    """Straight arms raised to the front."""
    joints = skeletons.standing(0)
    raised = np.radians(8 + 82 * phase)
    skeletons._arms(
        joints,
        lambda out: np.array([out * 0.1, -np.sin(raised), -np.cos(raised)]),
        lambda out: np.array([out * 0.05, -np.sin(raised + 0.1), -np.cos(raised + 0.1)]),
    )
    return joints


def shoulder_press(phase: float) -> Array:
    """Overhead press; phase 0 is overhead, 1 at the shoulders, so that the return is the press."""
    joints = skeletons.standing(0)
    upper = np.radians(165 - 115 * phase)
    fore = np.radians(172 - 2 * phase)
    skeletons._arms(
        joints,
        lambda out: np.array([out * np.sin(upper), -0.15, -np.cos(upper)]),
        lambda out: np.array([out * np.sin(fore) * 0.6, -0.1, -np.cos(fore)]),
    )
    return joints


def deadlift(phase: float) -> Array:
    """Hip hinge from standing to the bar and up."""
    top = ANKLE_HEIGHT + (THIGH + SHANK) * 0.992
    joints = skeletons._body(np.array([0, 0.22 * phase, top - 0.22 * phase]), 68 * phase)
    skeletons._legs(joints, [np.array([out * 0.13, 0, ANKLE_HEIGHT]) for _, out in SIDES], [np.array([0.0, -1, 0])] * 2)
    skeletons._arms(joints, lambda out: np.array([out * 0.12, 0, -1]), lambda out: np.array([out * 0.05, -0.05, -1]))
    return joints


def lunge(phase: float) -> Array:
    """Split stance, the left foot in front."""
    top = ANKLE_HEIGHT + (THIGH + SHANK) * 0.93
    joints = skeletons._body(np.array([0, 0, top - 0.33 * phase]), 6 * phase)
    feet = [np.array([0.1, -0.38, ANKLE_HEIGHT]), np.array([-0.1, 0.42, ANKLE_HEIGHT + 0.08])]
    skeletons._legs(joints, feet, [np.array([0.0, -1, 0]), np.array([0.0, -1, -0.6])])
    skeletons._arms(joints, lambda out: np.array([out * 0.15, 0, -1]), lambda out: np.array([out * 0.05, -0.1, -1]))
    return joints


def jumping_jack(phase: float) -> Array:
    """Arms and legs out and in again, with a hop."""
    hip_height = ANKLE_HEIGHT + (THIGH + SHANK) * 0.97 + 0.05 * np.sin(np.pi * phase)
    joints = skeletons._body(np.array([0, 0, hip_height]), 0)
    spread = 0.12 + 0.33 * phase
    skeletons._legs(
        joints, [np.array([out * spread, 0, ANKLE_HEIGHT]) for _, out in SIDES], [np.array([0.0, -1, 0])] * 2
    )
    raised = np.radians(12 + 145 * phase)
    skeletons._arms(
        joints,
        lambda out: np.array([out * np.sin(raised), -0.05, -np.cos(raised)]),
        lambda out: np.array([out * np.sin(raised - 0.1), -0.05, -np.cos(raised - 0.1)]),
    )
    return joints


def sit_up(phase: float) -> Array:
    """Lying on the back, knees bent, the trunk comes up by 75 degrees."""
    hip = np.array([0, 0, 0.12])
    rise = np.radians(4 + 75 * phase)
    along = np.array([0, np.cos(rise), np.sin(rise)])
    joints = skeletons._body(hip, float(np.degrees(np.arctan2(-along[1], along[2]))))
    skeletons._legs(joints, [np.array([out * 0.12, -0.55, 0.08]) for _, out in SIDES], [np.array([0.0, 0, 1.0])] * 2)
    for place, out in SIDES:
        joints[7 + place] = joints[5 + place] + skeletons._unit(np.array([out * 0.6, 0, 0]) + along * 0.6) * UPPER_ARM
        joints[9 + place] = joints[0] + np.array([out * 0.08, 0, 0])
    return joints


def calf_raise(phase: float, lift_m: float = 0.085) -> Array:
    """On the toes and down; phase 0 is on the toes, so that the return is the lift. Knees stay straight."""
    joints = skeletons.standing(0)
    joints[..., 2] += lift_m * (1 - phase)
    return joints


def one_arm_curl(phase: float) -> Array:
    """A curl of the left arm, the right one hangs."""
    joints, both = skeletons.standing(0), skeletons.curl(phase)
    joints[[7, 9]] = both[[7, 9]]
    return joints


def turns(left: Array, right: Array, pose: Pose) -> Array:
    """The left limbs of one phase, the right ones of another."""
    joints = np.array(left)
    joints[[8, 10, 14, 16]] = right[[8, 10, 14, 16]]
    return joints


POSES: dict[str, tuple[str, Pose]] = {
    "squat": ("squat", skeletons.squat),
    "curl": ("bicep_curl", skeletons.curl),
    "one_arm_curl": ("bicep_curl", one_arm_curl),
    "lateral_raise": ("lateral_raise", skeletons.lateral_raise),
    "front_raise": ("front_raise", front_raise),
    "shoulder_press": ("shoulder_press", shoulder_press),
    "push_up": ("push_up", skeletons.push_up),
    "deadlift": ("deadlift", deadlift),
    "lunge": ("lunge", lunge),
    "jumping_jack": ("jumping_jack", jumping_jack),
    "sit_up": ("sit_up", sit_up),
    "calf_raise": ("calf_raise", calf_raise),
}
"""By movement: the exercise it is counted as, and its pose; phase 0 is the start, 1 the other end."""
EXTENT = THIGH + SHANK + SPINE + UPPER_ARM + FOREARM


@dataclass(frozen=True)
class Cycles:
    """n full cycles and how they are seen."""

    movement: str
    repetitions: int
    period_s: float = 2.4
    jitter: float = 0.0
    """Largest relative difference of a cycle's time from the period."""
    reach: float = 1.0
    """Share of the full range of the movement."""
    pause_s: float = 0.1
    """At both ends of each cycle."""
    azimuth_deg: float = 60.0
    elevation_deg: float = 5.0
    noise: float = 0.015
    """Standard deviation of each joint, in trunk lengths."""
    drop: float = 0.0
    """Share of joints lost at random."""
    occluded: bool = False
    """The side away from the camera is never seen."""
    fps: float = 15.0
    lead_s: float = 1.0
    tail_s: float = 1.5
    size: float = 1.0
    """Of the body."""
    seed: int = 0


def phases(cycles: Cycles) -> Array:
    """Phase of each frame."""
    rng = np.random.default_rng(cycles.seed)
    parts = [np.zeros(round(cycles.lead_s * cycles.fps))]
    for _ in range(cycles.repetitions):
        period_s = cycles.period_s * (1 + cycles.jitter * rng.uniform(-1, 1))
        half = max(2, round(period_s / 2 * cycles.fps))
        rise = cycles.reach * (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, half)))
        pause = round(cycles.pause_s * cycles.fps)
        parts += [rise, np.full(pause, cycles.reach), rise[::-1], np.zeros(pause)]
    return np.concatenate([*parts, np.zeros(round(cycles.tail_s * cycles.fps))])


def seen(cycles: Cycles, pose_at: Callable[[int], Array] | None = None) -> list[Observation]:
    """What the camera sees of them; `pose_at` gives the joints of a frame where the movement isn't one of POSES."""
    phase = phases(cycles)
    if pose_at is None:
        pose = POSES[cycles.movement][1]
        joints = np.stack([pose(float(value)) for value in phase]) * cycles.size
    else:
        joints = np.stack([pose_at(place) for place in range(len(phase))]) * cycles.size
    points, depth = _projected(joints, cycles)
    rng = np.random.default_rng(cycles.seed + 1)
    trunk_px = float(np.median(np.linalg.norm(points[:, 5] - points[:, 11], axis=-1)))
    scale_px = max(trunk_px, SPINE * cycles.size * 155 * 0.5)
    points = points + rng.normal(0, cycles.noise * scale_px, points.shape)
    confidence = np.full(points.shape[:2], 0.9)
    if cycles.occluded:
        far = [6, 8, 10, 12, 14, 16] if depth[:, 6].mean() > depth[:, 5].mean() else [5, 7, 9, 11, 13, 15]
        confidence[:, far[1:]] = 0.05
    confidence[rng.random(confidence.shape) < cycles.drop] = 0.0
    keypoints = np.concatenate([points, confidence[..., None]], axis=-1)
    return [
        Observation(START_NS + round(place * 1e9 / cycles.fps), one, KeypointSchema.COCO_17, WIDTH, HEIGHT)
        for place, one in enumerate(keypoints)
    ]


def _projected(joints: Array, cycles: Cycles) -> tuple[Array, Array]:
    """(n, 17, 2) px and (n, 17) depths in m of joints seen by a camera 4.5 m away that looks at the body's middle."""
    turn, tilt = np.radians(cycles.azimuth_deg), np.radians(cycles.elevation_deg)
    centred = joints - np.array([0, 0, float(joints[..., 2].mean())])
    x = centred[..., 0] * np.cos(turn) - centred[..., 1] * np.sin(turn)
    away = centred[..., 0] * np.sin(turn) + centred[..., 1] * np.cos(turn)
    up = centred[..., 2] * np.cos(tilt) + away * np.sin(tilt)
    depth = 4.5 + away * np.cos(tilt) - centred[..., 2] * np.sin(tilt)
    scale = 700 / depth
    return np.stack([WIDTH / 2 + x * scale, HEIGHT / 2 - up * scale], axis=-1), depth


def ends_s(cycles: Cycles, left: float = 0.1) -> list[float]:
    """Capture time at which each repetition is back to within a share of its range of where it began."""
    there = phases(cycles) <= left * cycles.reach
    back = np.flatnonzero(there[1:] & ~there[:-1]) + 1
    return [START_NS / 1e9 + float(place) / cycles.fps for place in back]


def told(library: Library, exercise: str, frames: list[Observation]) -> list[tuple[float, Stroke]]:
    """Repetitions that are counted when the exercise is known, with when they are, the frames coming one by one."""
    bank, joints, window, counter = SignalBank(), JointMemory(), SignalWindow(), RepetitionCounter()
    primary = library[exercise].primary_movement
    found: list[tuple[float, Stroke]] = []
    for place, frame in enumerate(frames):
        body = joints.fill(body_frame(frame))
        if not window.push(bank.update(body)):
            continue
        since_s = body.time_s - counter.window_s
        paired = primary.alternation == "pair"
        move = movement(window, primary.signal_indices, since_s, primary.min_range_deg, paired)
        if move is not None:
            found += [(body.time_s, stroke) for stroke in counter.count(move, at_end=place == len(frames) - 1)]
    return found


def counted(library: Library, exercise: str, frames: list[Observation]) -> list[Stroke]:
    """The repetitions alone."""
    return [stroke for _, stroke in told(library, exercise, frames)]
