"""Falls of eight kinds. Each begins at FALL_S, after the person stood, walked, sat or trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.svc_motion.safety.acting import ANKLE_M, GRAVITY, STANDING_HIP_M, Motion, Pose, Vector, play

FALL_S = 4.0
LENGTH_S = 9.0
ROD_M = 1.7
STEP_S = 0.002


def topple_deg(lever_m: float = ROD_M, start_deg: float = 6.0, end_deg: float = 86.0) -> list[float]:
    """Angle of a falling rod, every STEP_S, until it lies: theta'' = 3 g / (2 l) sin(theta)."""
    angle, speed, found = np.radians(start_deg), 0.0, [start_deg]
    while found[-1] < end_deg:
        speed += 1.5 * GRAVITY / lever_m * np.sin(angle) * STEP_S
        angle += speed * STEP_S
        found.append(float(np.degrees(angle)))
    return found


def _toppled(pose: Pose, angle_deg: float, side: str, push_m: float = 0.0) -> Pose:
    """The whole body turned about its feet."""
    angle = np.radians(angle_deg)
    towards = {"forward": (0, -1), "backward": (0, 1), "left": (1, 0), "right": (-1, 0)}[side]

    def turned(point: Vector) -> Vector:
        x, y, z = point
        along = x * towards[0] + y * towards[1]
        across = np.array([x - along * towards[0], y - along * towards[1]])
        height = z - ANKLE_M
        far = along * np.cos(angle) + height * np.sin(angle) + push_m
        up = height * np.cos(angle) - along * np.sin(angle) + ANKLE_M
        return float(across[0] + far * towards[0]), float(across[1] + far * towards[1]), max(0.1, float(up))

    signs = {"forward": (1, 0), "backward": (-1, 0), "left": (0, 1), "right": (0, -1)}[side]
    return replace(
        pose,
        hip=turned(pose.hip),
        pitch_deg=pose.pitch_deg + signs[0] * angle_deg,
        roll_deg=pose.roll_deg + signs[1] * angle_deg,
        ankles=(turned(pose.ankles[0]), turned(pose.ankles[1])),
        wrists=(turned(pose.wrists[0]), turned(pose.wrists[1])),
    )


def topple(side: str, before: Motion | None = None, slide_m_s: float = 0.0) -> Motion:
    """Falls over like a tree, from what was before."""
    angles = topple_deg()
    start = before or play((0, Pose()))

    def at(time_s: float) -> Pose:
        if time_s < FALL_S:
            return start(time_s)
        place = min(int((time_s - FALL_S) / STEP_S), len(angles) - 1)
        slid = slide_m_s * min(time_s - FALL_S, len(angles) * STEP_S)
        return _toppled(start(FALL_S), angles[place] - angles[0], side, slid)

    return at


LYING_LEFT = Pose(
    hip=(0.35, 0.0, 0.14),
    pitch_deg=10,
    roll_deg=84,
    ankles=((0.0, 0.3, 0.1), (0.05, 0.35, 0.2)),
    wrists=((0.9, -0.3, 0.08), (0.8, -0.4, 0.15)),
)
HEAP = Pose(
    hip=(0, 0.12, 0.18),
    pitch_deg=20,
    ankles=((0.15, 0.1, ANKLE_M), (-0.15, 0.1, ANKLE_M)),
    wrists=((0.3, 0, 0.2), (-0.3, 0, 0.2)),
    knees_to=(0, -1, 0.1),
)


def collapse() -> Motion:
    """Knees give way; the trunk follows to one side."""
    return play((0, Pose()), (FALL_S, Pose()), (FALL_S + 0.5, HEAP), (FALL_S + 1.0, LYING_LEFT))


SITTING = Pose(
    hip=(0, 0, 0.47),
    pitch_deg=8,
    ankles=((0.12, -0.42, ANKLE_M), (-0.12, -0.42, ANKLE_M)),
    wrists=((0.15, -0.35, 0.55), (-0.15, -0.35, 0.55)),
    knees_to=(0, -1, 1),
)
ON_BACK = Pose(
    hip=(0, -0.45, 0.12),
    pitch_deg=-86,
    ankles=((0.15, -1.2, ANKLE_M), (-0.15, -1.15, ANKLE_M)),
    wrists=((0.5, -0.5, 0.08), (-0.5, -0.4, 0.08)),
    knees_to=(0, -0.3, 1),
)


def slip_from_bench() -> Motion:
    """Slides off a bench and ends on the back, the head on the floor."""
    slipping = replace(SITTING, hip=(0, -0.25, 0.25), pitch_deg=-25, wrists=((0.4, -0.1, 0.5), (-0.4, -0.1, 0.5)))
    return play((0, SITTING), (FALL_S, SITTING), (FALL_S + 0.35, slipping), (FALL_S + 0.8, ON_BACK))


def walking(speed_m_s: float = 1.2) -> Motion:
    """Comes along, towards -Y, and is at the origin at FALL_S."""

    def at(time_s: float) -> Pose:
        y = -speed_m_s * (max(time_s, FALL_S - 2.0) - FALL_S)
        swing = np.sin(2 * np.pi * time_s * 0.9)
        feet = (
            (0.1, float(y - 0.3 * swing), ANKLE_M + 0.1 * max(0.0, float(np.cos(2 * np.pi * time_s * 0.9)))),
            (-0.1, float(y + 0.3 * swing), ANKLE_M + 0.1 * max(0.0, float(-np.cos(2 * np.pi * time_s * 0.9)))),
        )
        wrists = ((0.27, float(y + 0.2 * swing), 0.85), (-0.27, float(y - 0.2 * swing), 0.85))
        return Pose(hip=(0, y, STANDING_HIP_M - 0.03), pitch_deg=4, ankles=feet, wrists=wrists)

    return at


BOTTOM = Pose(
    hip=(0, 0.25, 0.42),
    pitch_deg=42,
    ankles=((0.18, 0, ANKLE_M), (-0.18, 0, ANKLE_M)),
    wrists=((0.3, -0.1, 0.75), (-0.3, -0.1, 0.75)),
    knees_to=(0.2, -1, 0.2),
)
RACKED = Pose(wrists=((0.35, -0.05, 1.38), (-0.35, -0.05, 1.38)), ankles=BOTTOM.ankles)


def squats(until_s: float, period_s: float = 2.0) -> list[tuple[float, Pose]]:
    """Keys of squats with a bar on the shoulders."""
    keys: list[tuple[float, Pose]] = [(0.0, RACKED)]
    while keys[-1][0] + period_s <= until_s + 1e-6:
        keys += [(keys[-1][0] + period_s / 2, BOTTOM), (keys[-1][0] + period_s, RACKED)]
    return keys


def from_squat() -> Motion:
    """Falls backwards under a bar, halfway down."""
    down = replace(BOTTOM, hip=(0, 0.3, 0.55), pitch_deg=25)
    on_back = replace(ON_BACK.moved(y=1.0), wrists=((0.4, 0.9, 0.2), (-0.4, 0.9, 0.2)))
    landing = replace(down, hip=(0, 0.5, 0.2), pitch_deg=-20)
    start = squats(FALL_S - 0.4, period_s=1.8)
    return play(*start, (FALL_S, down), (FALL_S + 0.35, landing), (FALL_S + 0.75, on_back))


KINDS: dict[str, Motion] = {
    "forward": topple("forward"),
    "backward": topple("backward"),
    "left": topple("left"),
    "right": topple("right"),
    "collapse": collapse(),
    "slip": slip_from_bench(),
    "trip": topple("forward", walking(), slide_m_s=0.8),
    "weight": from_squat(),
}
