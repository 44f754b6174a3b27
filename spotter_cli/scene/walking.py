"""How somebody walks: the pose at a share of the gait cycle.

Ordinary level walking: a foot stands for 60 % of the cycle, the heel rises late in stance, the arms swing against the
legs, the hips rise and fall twice a cycle and lean over the foot that stands (Perry and Burnfield, Gait Analysis,
2010).
"""

from __future__ import annotations

import numpy as np

from spotter_cli.scene.skeleton import (
    SIDES,
    UPRIGHT,
    Dimensions,
    Leg,
    PlantedArm,
    Pose,
    Side,
    SwungArm,
    outward,
    tilted,
)

_STRIDE_M = 1.24
"""Two steps of a person of 1.75 m."""
_STANCE = 0.6
_HALF_STEP = 0.3
_LIFT_M = 0.10
_TOE_OFF_DEG, _TOE_UP_DEG = 48.0, 14.0


def stride_m(body: Dimensions) -> float:
    """The way a person goes in one gait cycle."""
    return _STRIDE_M * body.scale


def walking_pose(body: Dimensions, phase: float, pace: float) -> Pose:
    """The pose at a phase of the gait cycle (0..1, left heel strike at 0).

    pace scales all movement: 0 is somebody who stands, 1 somebody who walks.
    """
    k, turn = body.scale, 2 * np.pi * phase
    legs: dict[Side, Leg] = {}
    arms: dict[Side, SwungArm | PlantedArm] = {}
    for side in SIDES:
        share = (phase if side == "left" else phase + 0.5) % 1.0
        legs[side] = _leg(body, side, share, pace)
        arms[side] = _arm(side, share, pace)
    hips = np.array(
        [
            0.022 * k * pace * np.sin(turn),
            0.0,
            body.ankle_height + body.leg * (0.992 - 0.042 * pace) - 0.016 * k * pace * np.cos(2 * turn),
        ]
    )
    return Pose(
        hip_centre=hips, pelvis=tilted(UPRIGHT, 1 + 3 * pace), legs=legs, arms=arms, head_pitch_deg=4 - 4 * pace
    )


def _leg(body: Dimensions, side: Side, share: float, pace: float) -> Leg:
    """A foot that stands goes back at the speed of walking; one that swings comes forward in a soft arc."""
    stride = stride_m(body)
    if share < _STANCE:
        ahead = stride * (_HALF_STEP - share)
        rise = _soft((share - 0.36) / (_STANCE - 0.36))
        lift = 0.085 * body.scale * rise
        pitch_deg = _TOE_OFF_DEG * rise - _TOE_UP_DEG * (1 - _soft(share / 0.1))
    else:
        swung = (share - _STANCE) / (1 - _STANCE)
        ahead = stride * _HALF_STEP * (2 * _soft(swung) - 1)
        lift = body.scale * (0.085 * (1 - _soft(swung * 1.4)) + _LIFT_M * np.sin(np.pi * swung) * 0.8)
        pitch_deg = _TOE_OFF_DEG + (-_TOE_UP_DEG - _TOE_OFF_DEG) * _soft(swung * 1.25)
    pitch = np.radians(pitch_deg * pace)
    out = outward(side)
    width = (0.10 - 0.03 * pace) * body.scale
    ankle = np.array([out * width, -ahead * pace, body.ankle_height + lift * pace])
    foot = np.array([0.14 * out, -np.cos(pitch), -np.sin(pitch)])
    return Leg(ankle, np.array([0.06 * out, -1.0, 0.05]), foot)


def _arm(side: Side, share: float, pace: float) -> SwungArm:
    out = outward(side)
    swing = np.radians(3 - 21 * pace * np.cos(2 * np.pi * (share - 0.05)))
    flexed = swing + np.radians(10 + 14 * pace)
    return SwungArm(
        np.array([out * 0.15, -np.sin(swing), -np.cos(swing)]),
        np.array([out * 0.09, -np.sin(flexed), -np.cos(flexed)]),
        np.array([0.0, -np.cos(flexed), np.sin(flexed)]),
        palm=np.array([-out * 1.0, 0.0, 0.0]),
    )


def _soft(share: float) -> float:
    """0 to 1 with a soft start and end."""
    bounded = min(max(share, 0.0), 1.0)
    return bounded * bounded * (3 - 2 * bounded)
