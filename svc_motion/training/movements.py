"""All classes of the exercise network and the synthetic movements that teach it."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from svc_motion.training import arm_movements, floor_movements, leg_movements
from svc_motion.training.figure import SAMPLES, Draw
from svc_motion.training.idle_movements import Movement, idle

STANDING: dict[str, Movement] = {
    "squat": leg_movements.squat,
    "lunge": leg_movements.lunge,
    "deadlift": leg_movements.deadlift,
    "jumping_jack": leg_movements.jumping_jack,
    "bicep_curl": arm_movements.bicep_curl,
    "shoulder_press": arm_movements.shoulder_press,
    "lateral_raise": arm_movements.lateral_raise,
    "front_raise": arm_movements.front_raise,
    "lat_pulldown": arm_movements.lat_pulldown,
    "row": arm_movements.row,
    "triceps_extension": arm_movements.triceps_extension,
}
MOVEMENTS: dict[str, Movement] = STANDING | {
    "pull_up": arm_movements.pull_up,
    "push_up": floor_movements.push_up,
    "plank": floor_movements.plank,
    "bench_press": floor_movements.bench_press,
    "none": partial(idle, standing_exercises=STANDING),
}
CLASSES = tuple(MOVEMENTS)
SHARE = {
    "squat": 1.3,
    "bicep_curl": 1.1,
    "deadlift": 1.1,
    "jumping_jack": 0.8,
    "shoulder_press": 1.1,
    "row": 1.1,
    "none": 1.8,
}
"""Classes with many variants are drawn more often; the others have share 1."""


def windows(count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(count, T, 17, 3) joints in metres and the class of each window."""
    rng = np.random.default_rng(seed)
    weights = np.array([SHARE.get(name, 1.0) for name in CLASSES])
    chosen = rng.choice(len(CLASSES), size=count, p=weights / weights.sum())
    joints = np.zeros((count, SAMPLES, 17, 3), dtype=np.float32)
    for place, index in enumerate(chosen):
        joints[place] = MOVEMENTS[CLASSES[index]](Draw(rng))
    return joints, chosen.astype(np.int64)
