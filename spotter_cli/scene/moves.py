"""Movements that are put together from postures: walking, repetitions, keeping still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from spotter_cli.scene.performance import Anchor, Held, Move, Pace
from spotter_cli.scene.posture import ArmAngles, LegAngles, Posture, posture
from spotter_cli.scene.postures import STANDING

_STEP_S = 0.52
"""Two steps of 0.6 m take a second at an ordinary pace."""


def still(at: Posture, seconds: float, held: Held | None = None) -> Move:
    """Stay as one is."""
    return Move(at, seconds, "even", "hips", held=held)


def steps(count: int, *, turn: float = 0.0, step_s: float = _STEP_S, held: Held | None = None) -> list[Move]:
    """Walk so many steps of 0.6 m, left foot first, from standing; ends with one foot before the other."""
    moves: list[Move] = []
    for number in range(count):
        left_swings = number % 2 == 0
        stance: Anchor = "right_foot" if left_swings else "left_foot"
        moves.append(Move(_passing(left_swings, turn), step_s / 2, "even", stance, held=held))
        moves.append(Move(_striding(left_swings, turn), step_s / 2, "even", stance, held=held))
    return moves


def repeated(
    there: Sequence[Move], count: int, seed: int = 0, label: str = "rep"
) -> tuple[list[Move], tuple[float, ...]]:
    """The moves of one repetition again and again, each time a little quicker or slower.

    Returns the moves, the first of each repetition with the label, and how long after the first begins each ends, s.
    """
    rng = np.random.default_rng(seed)
    moves: list[Move] = []
    ends_s: list[float] = []
    for _ in range(count):
        slower = float(rng.uniform(0.9, 1.1))
        one = [replace(move, seconds=round(move.seconds * slower, 3)) for move in there]
        moves += [replace(one[0], label=label), *one[1:]]
        ends_s.append(round(sum(move.seconds for move in moves), 3))
    return moves, tuple(ends_s)


def cycle(
    down: Posture,
    up: Posture,
    seconds: float,
    *,
    anchor: Anchor = "feet",
    held: Held | None = None,
    pace: Pace = "soft",
) -> list[Move]:
    """One repetition: to one posture, a moment there, back to the other, a moment there."""
    moving, pausing = seconds * 0.44, seconds * 0.06
    return [
        Move(down, moving, pace, anchor, held=held),
        Move(down, pausing, "even", anchor, held=held),
        Move(up, moving, pace, anchor, held=held),
        Move(up, pausing, "even", anchor, held=held),
    ]


def turned(at: Posture, turn: float) -> Posture:
    """The same posture facing elsewhere."""
    return replace(at, turn=turn)


def mirrored(at: Posture) -> Posture:
    """Left and right exchanged."""
    return replace(
        at,
        roll=-at.roll,
        spin=-at.spin,
        turn=-at.turn,
        left_leg=at.right_leg,
        right_leg=at.left_leg,
        left_arm=at.right_arm,
        right_arm=at.left_arm,
    )


def _striding(left_ahead: bool, turn: float) -> Posture:
    ahead, behind = LegAngles(hip=24, knee=5, foot=-4), LegAngles(hip=-17, knee=14, foot=12)
    forward, back = ArmAngles(raised=20, elbow=22), ArmAngles(raised=-20, elbow=12)
    one = posture((ahead, behind), (back, forward), pitch=3)
    return turned(one if left_ahead else mirrored(one), turn)


def _passing(left_swings: bool, turn: float) -> Posture:
    swinging, standing = LegAngles(hip=24, knee=56, foot=4), LegAngles(hip=3, knee=5, flat=1.0)
    arms = ArmAngles(raised=2, elbow=16)
    one = posture((swinging, standing), arms, pitch=3)
    return turned(one if left_swings else mirrored(one), turn)


def standing_up(turn: float = 0.0, seconds: float = 0.6) -> Move:
    """Both feet side by side, upright."""
    return Move(turned(STANDING, turn), seconds)
