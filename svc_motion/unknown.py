"""The class-agnostic counter: finds a cycle that keeps coming back in the movement of a body whose exercise is unknown.

Legs, hips, arms and raises of the arms are looked at apart: within each, all signals rise together, so that the cycle
has one direction. Walking, on a treadmill too, moves the legs by turns or the body through the picture and is no cycle.
"""

from typing import Final, Literal

import numpy as np

from svc_motion.counter import Stroke, strokes
from svc_motion.history import History
from svc_motion.library import UNKNOWN_EXERCISE, Exercise
from svc_motion.movement import Movement

CYCLES = 3
"""So many similar cycles in a row make a set; a member of the library is recognised sooner."""
SIZE_TOLERANCE = 0.3
"""Their sizes differ from the median by this share at most."""
PERIOD_TOLERANCE = 0.35
PERIOD_LIMITS_S: Final = (0.8, 8.0)
FRESH_S = 1.5
"""The last cycle ended at most so long ago."""
TRAVEL_TRUNKS = 0.8
"""A body that is moved further than this meanwhile, in trunk lengths, is on its way somewhere."""

_GROUPS: Final[tuple[tuple[tuple[str, ...], Literal["knee", "hip", "elbow", "arm_raise"]], ...]] = (
    (("knee_angle", "leg_extension"), "knee"),
    (("hip_angle", "hip_extension", "body_extension"), "hip"),
    (("elbow_angle", "arm_extension"), "elbow"),
    (("arm_lowering", "wrist_lowering"), "arm_raise"),
)


def _exercise(kinds: tuple[str, ...], angle: str) -> Exercise:
    return Exercise.model_validate(
        {
            "name": UNKNOWN_EXERCISE,
            "display_name": "Unknown exercise",
            "description": "A movement that keeps coming back and that the library has no name for.",
            "family": UNKNOWN_EXERCISE,
            "muscle_groups": ["unknown"],
            "difficulty": "beginner",
            "kind": "counted",
            "primary_movement": {"signals": list(kinds), "angle": angle, "views": [], "return_is": "concentric"},
            "phases": [
                {"name": "out", "part": "out", "text": "Away from the start"},
                {"name": "back", "part": "back", "text": "Back to the start"},
            ],
            "recognition": [{"feature": "trunk_tilt_deg", "low": 0, "tolerance": 10}],
            "cues": ["Keep the same range"],
        }
    )


UNKNOWN_MOVEMENTS: Final = tuple(_exercise(kinds, angle) for kinds, angle in _GROUPS)
"""One for each part of the body that may lead."""


def dominant_cycle(history: History, since_s: float) -> tuple[Exercise, Movement, list[Stroke]] | None:
    """The largest movement that has just come back three times alike, with those strokes; None where there is none."""
    best: tuple[Exercise, Movement, list[Stroke]] | None = None
    for exercise in UNKNOWN_MOVEMENTS:
        move = history.movement(exercise, since_s)
        if move is None or (move.by_turns and exercise.primary_movement.angle in ("knee", "hip")):
            continue
        cycles = alike(strokes(move), history.last_s)
        if cycles and (best is None or move.range > best[1].range):
            best = exercise, move, cycles
    if best is None or history.travel(best[2][0].start_s, best[2][-1].top_s) > TRAVEL_TRUNKS:
        return None
    return best


def alike(found: list[Stroke], now_s: float) -> list[Stroke]:
    """The last strokes when they are cycles of one size and one period, else nothing."""
    last = [stroke for stroke in found if stroke.drop is not None][-CYCLES:]
    if len(last) < CYCLES or now_s - last[-1].top_s > FRESH_S:
        return []
    rises = np.array([min(stroke.rise, stroke.drop or 0.0) for stroke in last])
    if np.ptp(rises) > SIZE_TOLERANCE * 2 * float(np.median(rises)):
        return []
    periods_s = np.diff([stroke.bottom_s for stroke in last])
    low, high = PERIOD_LIMITS_S
    regular = float(np.ptp(periods_s)) <= PERIOD_TOLERANCE * float(periods_s.mean())
    return last if regular and low <= float(periods_s.min()) and float(periods_s.max()) <= high else []


def leading_movement(history: History, since_s: float) -> Exercise:
    """The part of the body that moves most since a time."""
    moves = [(history.movement(exercise, since_s), exercise) for exercise in UNKNOWN_MOVEMENTS]
    return max(moves, key=lambda pair: pair[0].range if pair[0] else 0.0)[1]
