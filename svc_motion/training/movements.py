"""All classes of the exercise network and the synthetic movements that teach it."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from svc_motion.training import (
    arm_movements,
    core_movements,
    floor_movements,
    leg_movements,
    power_movements,
    support_movements,
)
from svc_motion.training.figure import SAMPLES, Draw
from svc_motion.training.idle_movements import Movement, idle
from svc_motion.training.unknown_movements import unknown

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
    "hip_thrust": support_movements.hip_thrust,
    "dip": support_movements.dip,
    "side_plank": core_movements.side_plank,
    "sit_up": core_movements.sit_up,
    "burpee": power_movements.burpee,
    "mountain_climber": core_movements.mountain_climber,
    "leg_raise": core_movements.leg_raise,
    "calf_raise": power_movements.calf_raise,
    "kettlebell_swing": power_movements.kettlebell_swing,
    "none": partial(idle, standing_exercises=STANDING),
    "unknown": unknown,
}
CLASSES = tuple(MOVEMENTS)
SHARE = {
    "squat": 1.5,
    "lunge": 1.1,
    "deadlift": 1.6,
    "jumping_jack": 0.9,
    "bicep_curl": 1.2,
    "shoulder_press": 1.3,
    "row": 1.4,
    "lat_pulldown": 0.9,
    "hip_thrust": 0.45,
    "dip": 0.45,
    "side_plank": 0.3,
    "sit_up": 0.5,
    "burpee": 0.35,
    "mountain_climber": 0.35,
    "leg_raise": 0.4,
    "calf_raise": 0.2,
    "kettlebell_swing": 0.3,
    "none": 3.0,
    "unknown": 1.5,
}
"""Classes with many variants are drawn more often, rare ones less; the others have share 1."""


def windows(count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(count, T, 17, 3) joints in metres and the class of each window."""
    rng = np.random.default_rng(seed)
    weights = np.array([SHARE.get(name, 1.0) for name in CLASSES])
    chosen = rng.choice(len(CLASSES), size=count, p=weights / weights.sum())
    joints = np.zeros((count, SAMPLES, 17, 3), dtype=np.float32)
    for place, index in enumerate(chosen):
        joints[place] = MOVEMENTS[CLASSES[index]](Draw(rng))
    return joints, chosen.astype(np.int64)
