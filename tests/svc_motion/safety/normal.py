"""What people do in a gym that is no fall: down to the floor and up, quick and slow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.svc_motion.safety.acting import ANKLE_M, Motion, Pose, play
from tests.svc_motion.safety.falls import BOTTOM, RACKED, SITTING, squats, walking

STAND = Pose()
CROUCHED = Pose(
    hip=(0, 0.18, 0.33),
    pitch_deg=62,
    wrists=((0.1, -0.15, 0.12), (-0.1, -0.15, 0.12)),
    knees_to=(0, -1, 0.6),
)
HALF_KNEELING = Pose(
    hip=(0, 0.1, 0.48),
    pitch_deg=55,
    ankles=((0.12, -0.32, ANKLE_M), (-0.1, 0.42, 0.1)),
    wrists=((0.12, -0.4, 0.15), (0.05, -0.4, 0.15)),
    knees_to=(0, -1, -0.1),
)
KNEELING = Pose(hip=(0, 0, 0.5), ankles=((0.1, 0.42, 0.07), (-0.1, 0.42, 0.07)), knees_to=(0, -1, -0.5))
CHILD = Pose(
    hip=(0, 0.3, 0.27),
    pitch_deg=80,
    ankles=((0.1, 0.42, 0.07), (-0.1, 0.42, 0.07)),
    wrists=((0.2, -0.65, 0.06), (-0.2, -0.65, 0.06)),
    knees_to=(0, -1, -0.5),
)
PLANK = Pose(
    hip=(0, 0.1, 0.4),
    pitch_deg=75,
    ankles=((0.1, 0.88, 0.1), (-0.1, 0.88, 0.1)),
    wrists=((0.22, -0.4, 0.05), (-0.22, -0.4, 0.05)),
    knees_to=(0, 0, -1),
)
FOREARM_PLANK = replace(
    PLANK, hip=(0, 0.1, 0.28), pitch_deg=85, wrists=((0.2, -0.62, 0.06), (-0.2, -0.62, 0.06)), elbows_to=(0, 0, -1)
)
PRONE = replace(PLANK, hip=(0, 0.1, 0.13), pitch_deg=88, wrists=((0.32, -0.35, 0.06), (-0.32, -0.35, 0.06)))
HANDS_DOWN = Pose(
    hip=(0, 0.15, 0.45), pitch_deg=75, wrists=((0.22, -0.4, 0.06), (-0.22, -0.4, 0.06)), knees_to=(0, -1, 0.4)
)
SITTING_LOW = Pose(
    hip=(0, 0.2, 0.12),
    pitch_deg=-10,
    ankles=((0.12, -0.5, ANKLE_M), (-0.12, -0.5, ANKLE_M)),
    wrists=((0.3, 0.4, 0.1), (-0.3, 0.4, 0.1)),
    knees_to=(0, -0.2, 1),
)
SUPINE = replace(SITTING_LOW, hip=(0, 0.1, 0.12), pitch_deg=-88, wrists=((0.25, 0.6, 0.2), (-0.25, 0.6, 0.2)))
ON_BENCH = Pose(
    hip=(0, 0.1, 0.53),
    pitch_deg=-89,
    ankles=((0.3, -0.35, ANKLE_M), (-0.3, -0.35, ANKLE_M)),
    wrists=((0.3, 0.55, 1.1), (-0.3, 0.55, 1.1)),
    knees_to=(0, -0.5, 1),
)
BAR_ON_CHEST = replace(ON_BENCH, wrists=((0.38, 0.42, 0.72), (-0.38, 0.42, 0.72)))
HANGING = Pose(hip=(0, 0, 1.35), ankles=((0.1, 0, 0.55), (-0.1, 0, 0.55)), wrists=((0.3, 0, 2.35), (-0.3, 0, 2.35)))
FOLDED = Pose(hip=(0, 0.15, 0.85), pitch_deg=120, wrists=((0.1, -0.15, 0.2), (-0.1, -0.15, 0.2)))


def after(*steps: tuple[float, Pose], stand_s: float = 3.0) -> Motion:
    """Stands, then goes from pose to pose; steps come with their duration."""
    keys, now_s = [(0.0, STAND), (stand_s, STAND)], stand_s
    for duration_s, pose in steps:
        now_s += duration_s
        keys.append((now_s, pose))
    return play(*keys)


def burpees(count: int, chest_down: bool, pace: float = 1.0) -> list[tuple[float, Pose]]:
    """Steps of burpees; pace 1 takes about 2.5 s for each."""
    one = [(0.4, HANDS_DOWN), (0.3, PLANK)]
    if chest_down:
        one += [(0.35, PRONE), (0.25, PRONE), (0.35, PLANK)]
    one += [(0.35, HANDS_DOWN), (0.4, STAND), (0.35, STAND)]
    return [(duration_s / pace, pose) for duration_s, pose in one * count]


def repeated(low: Pose, high: Pose, count: int, period_s: float) -> list[tuple[float, Pose]]:
    """Steps down and up."""
    return [(period_s / 2, low), (period_s / 2, high)] * count


def leaving(speed_m_s: float = 1.5) -> Motion:
    """Walks towards the camera until nothing but the head is in the picture."""
    return lambda time_s: walking(speed_m_s)(time_s + 1.0)


HIGH_KNEES_DOWN = replace(BOTTOM, wrists=((0.2, -0.3, 0.5), (-0.2, -0.3, 0.5)))
NORMAL: dict[str, Motion] = {
    "standing": after((5, STAND)),
    "walking": walking(0.6),
    "leaving": leaving(),
    "sit on a chair": after((0.8, replace(SITTING.moved(y=0.35), ankles=STAND.ankles)), (4, SITTING.moved(y=0.35))),
    "sit on the floor": after((0.7, CROUCHED), (0.8, SITTING_LOW), (4, SITTING_LOW)),
    "lie down": after((0.8, CROUCHED), (0.8, SITTING_LOW), (1.0, SUPINE), (4, SUPINE)),
    "lie down prone": after((0.8, KNEELING), (0.9, PLANK), (0.9, PRONE), (4, PRONE)),
    "tie a shoe, crouched": after((0.8, CROUCHED), (4, CROUCHED), (0.8, STAND)),
    "tie a shoe, quickly down": after((0.6, CROUCHED), (4, CROUCHED), (0.8, STAND)),
    "tie a shoe, kneeling": after((0.9, HALF_KNEELING), (4, HALF_KNEELING), (0.8, STAND)),
    "kneel": after((0.8, KNEELING), (4, KNEELING)),
    "child's pose": after((0.8, KNEELING), (1.2, CHILD), (5, CHILD)),
    "deep squat, held": after((0.7, HIGH_KNEES_DOWN), (5, HIGH_KNEES_DOWN), (0.8, STAND)),
    "squat jumps": after(*repeated(BOTTOM, replace(STAND.moved(z=0.25)), 5, 0.9)),
    "squats": play(*squats(10.0), (13.0, RACKED)),
    "box jump": after((0.3, BOTTOM), (0.3, STAND.moved(y=-0.5, z=0.6)), (0.2, BOTTOM.moved(y=-0.5, z=0.3)), (1, STAND)),
    "drop to a plank": after((0.35, HANDS_DOWN), (0.25, PLANK), (6, PLANK)),
    "drop to a forearm plank": after((0.4, HANDS_DOWN), (0.4, FOREARM_PLANK), (6, FOREARM_PLANK)),
    "push-ups": after((0.5, HANDS_DOWN), (0.4, PLANK), *repeated(PRONE, PLANK, 5, 1.6), (0.8, PRONE), (4, PRONE)),
    "push-ups, paused": after((0.5, HANDS_DOWN), (0.4, PLANK), *[(0.5, PRONE), (1.3, PRONE), (0.6, PLANK)] * 4),
    "burpees": after(*burpees(5, chest_down=False)),
    "burpees, chest down": after(*burpees(5, chest_down=True), (3, STAND)),
    "burpees, quick, then lying": after(*burpees(4, True, 1.4), *burpees(1, True, 1.4)[:3], (6, PRONE), (1, STAND)),
    "sit-ups": after((0.8, CROUCHED), (0.8, SITTING_LOW), *repeated(SUPINE, SITTING_LOW, 5, 1.8), (4, SUPINE)),
    "bench press": play(
        (0, SITTING.moved(y=0.1, z=0.03)),
        (2, SITTING.moved(y=0.1, z=0.03)),
        (3.2, ON_BENCH),
        *[(4.0 + place, BAR_ON_CHEST if place % 2 == 0 else ON_BENCH) for place in range(8)],
        (16, ON_BENCH),
    ),
    "deadlifts": after(*repeated(FOLDED, STAND, 4, 2.0)),
    "touch the toes": after((0.9, FOLDED), (4, FOLDED), (1, STAND)),
    "drop from a bar": play((0, HANGING), (3, HANGING), (3.3, STAND), (3.5, BOTTOM), (4.2, STAND), (8, STAND)),
}


def length_s(name: str) -> float:
    """Long enough for the whole of it."""
    return 24.0 if "burpees" in name or "push-ups" in name or name in ("sit-ups", "bench press", "squats") else 11.0


def jittered(motion: Motion, seed: int) -> Motion:
    """The same by another person: a little slower or quicker, larger or smaller sway."""
    rng = np.random.default_rng(seed)
    pace, sway = float(rng.uniform(0.85, 1.1)), float(rng.uniform(0, 0.02))

    def at(time_s: float) -> Pose:
        pose = motion(time_s * pace)
        return pose.moved(x=sway * float(np.sin(1.3 * time_s)), y=sway * float(np.cos(1.7 * time_s)))

    return at
