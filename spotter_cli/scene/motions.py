"""The exercises and their faults as poses: how a body stands when a repetition is done by a share of 0 to 1.

Amplitudes follow ordinary technique: squat hips to 0.40 m (knee 176 to 63 degrees), curl elbow 172 to 42, push-up
elbow 153 to 69, lateral raise 21 to 99 degrees between trunk and upper arm.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from spotter_cli.scene.geometry import Floats, axes_along, unit
from spotter_cli.scene.skeleton import (
    PELVIS_LENGTH,
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


class Exercise(StrEnum):
    """What a person can be drawn doing."""

    SQUAT = "squat"
    PUSH_UP = "push_up"
    BICEP_CURL = "bicep_curl"
    LATERAL_RAISE = "lateral_raise"


class Fault(StrEnum):
    """What a person can be drawn doing wrong."""

    SHALLOW_SQUAT = "shallow_squat"
    KNEES_CAVING_IN = "knees_caving_in"
    HIPS_SAGGING = "hips_sagging"
    HALF_CURL = "half_curl"


FAULTS_OF: dict[Exercise, frozenset[Fault]] = {
    Exercise.SQUAT: frozenset({Fault.SHALLOW_SQUAT, Fault.KNEES_CAVING_IN}),
    Exercise.PUSH_UP: frozenset({Fault.HIPS_SAGGING}),
    Exercise.BICEP_CURL: frozenset({Fault.HALF_CURL}),
    Exercise.LATERAL_RAISE: frozenset(),
}
"""Which faults each exercise can show."""

_SHALLOW_DEPTH = 0.22
_HALF_CURL_SHARE = 0.38
_KNEE_CAVE = 0.30
_HIP_SAG_M = 0.17


def pose_at(exercise: Exercise, body: Dimensions, effort: float, fault: Fault | None = None) -> Pose:
    """The pose at an effort of 0 (start of a repetition) to 1 (its turning point).

    Raises ValueError if the exercise cannot show the fault.
    """
    if fault is not None and fault not in FAULTS_OF[exercise]:
        raise ValueError(f"{exercise} cannot show the fault {fault}")
    return _MOTIONS[exercise](body, effort, fault)


def _stance(body: Dimensions, half_width: float, toes_out_deg: float) -> dict[Side, Leg]:
    legs: dict[Side, Leg] = {}
    for side in SIDES:
        turn = np.radians(toes_out_deg) * outward(side)
        toes = np.array([np.sin(turn), -np.cos(turn), 0.0])
        ankle = np.array([outward(side) * half_width * body.scale, 0.0, body.ankle_height])
        legs[side] = Leg(ankle, toes, toes)
    return legs


def _squat(body: Dimensions, effort: float, fault: Fault | None) -> Pose:
    k = body.scale
    depth = effort * (_SHALLOW_DEPTH if fault is Fault.SHALLOW_SQUAT else 1.0)
    cave = depth * (_KNEE_CAVE if fault is Fault.KNEES_CAVING_IN else 0.0)
    top = body.ankle_height + body.leg * 0.992
    hips = np.array([0.0, 0.02 + 0.26 * k * depth, top - depth * (top - 0.40 * k)])
    pelvis, chest_flexion_deg = tilted(UPRIGHT, 34 * depth), 10 * depth
    legs: dict[Side, Leg] = {}
    for side, leg in _stance(body, 0.19, 18).items():
        inwards = np.array([-outward(side) * 1.05 * cave, 0.0, 0.0])
        legs[side] = Leg(leg.ankle, unit(leg.knee_towards + inwards), leg.foot_direction)
    return Pose(
        hip_centre=hips,
        pelvis=pelvis,
        legs=legs,
        arms=_hands_at_chest(body, hips, pelvis, chest_flexion_deg),
        chest_flexion_deg=chest_flexion_deg,
        head_pitch_deg=-26 * depth,
    )


def _hands_at_chest(
    body: Dimensions, hips: Floats, pelvis: Floats, chest_flexion_deg: float
) -> dict[Side, SwungArm | PlantedArm]:
    """Hands together before the breastbone, so that the arms say nothing about the squat."""
    k, chest = body.scale, tilted(pelvis, chest_flexion_deg)
    shoulders = hips + pelvis[:, 2] * PELVIS_LENGTH * k + chest[:, 2] * (body.spine - PELVIS_LENGTH * k)
    arms: dict[Side, SwungArm | PlantedArm] = {}
    for side in SIDES:
        out = outward(side)
        at_chest = shoulders + (chest[:, 1] * 0.24 - chest[:, 2] * 0.15) * k
        arms[side] = PlantedArm(
            at_chest + np.array([out * 0.045 * k, 0.0, 0.0]),
            unit([out * 0.6, 0.1, -1.0]),
            unit(chest[:, 2] + np.array([-out * 0.15, 0.0, 0.0])),
            np.array([-out, 0.0, 0.0]),
        )
    return arms


def _bicep_curl(body: Dimensions, effort: float, fault: Fault | None) -> Pose:
    share = effort * (_HALF_CURL_SHARE if fault is Fault.HALF_CURL else 1.0)
    swing = np.radians(4 + 10 * share)
    flexed = swing + np.radians(8 + 132 * share)
    arms: dict[Side, SwungArm | PlantedArm] = {
        side: SwungArm(
            np.array([outward(side) * 0.13, -np.sin(swing), -np.cos(swing)]),
            np.array([outward(side) * 0.10, -np.sin(flexed), -np.cos(flexed)]),
            np.array([0.0, -np.cos(flexed), np.sin(flexed)]),
        )
        for side in SIDES
    }
    return Pose(
        hip_centre=_standing_hips(body),
        pelvis=UPRIGHT,
        legs=_stance(body, 0.12, 12),
        arms=arms,
        head_pitch_deg=4,
        dumbbell_axis=np.array([1.0, 0.0, 0.0]),
    )


def _lateral_raise(body: Dimensions, effort: float, fault: Fault | None) -> Pose:
    arms: dict[Side, SwungArm | PlantedArm] = {}
    for side in SIDES:
        out, raised = outward(side), np.radians(9 + 80 * effort)
        arms[side] = SwungArm(
            np.array([out * np.sin(raised), -0.10, -np.cos(raised)]),
            np.array([out * np.sin(raised - 0.08), -0.26, -np.cos(raised - 0.08)]),
            np.array([0.0, -1.0, 0.0]),
            palm=np.array([-out * np.cos(raised), 0.0, -np.sin(raised)]),
        )
    return Pose(
        hip_centre=_standing_hips(body),
        pelvis=tilted(UPRIGHT, 3),
        legs=_stance(body, 0.12, 12),
        arms=arms,
        shrug_m=0.02 * effort,
        dumbbell_axis=np.array([0.0, 1.0, 0.0]),
    )


def _push_up(body: Dimensions, effort: float, fault: Fault | None) -> Pose:
    """A plank along y, head towards -y, that turns about the toes over planted hands."""
    k, length = body.scale, body.leg + body.spine
    toes = np.array([0.0, length * 0.5 - 0.03, 0.115 * k])
    high, low = 0.575 * k, 0.34 * k

    def incline(shoulder_height: float) -> float:
        return float(np.arcsin((shoulder_height - toes[2]) / length))

    angle = incline(high - effort * (high - low))
    along, up = np.array([0.0, -np.cos(angle), np.sin(angle)]), np.array([0.0, np.sin(angle), np.cos(angle)])
    sagging = float(np.clip(effort / 0.3, 0, 1)) if fault is Fault.HIPS_SAGGING else 0.0
    sag = _HIP_SAG_M * k * sagging
    hips = toes + along * body.leg * 0.997 - up * sag
    trunk = unit(toes + along * length - hips)
    front = -up + (up @ trunk) * trunk
    hands_y = toes[1] - np.cos(incline(high)) * length - 0.01
    legs: dict[Side, Leg] = {}
    arms: dict[Side, SwungArm | PlantedArm] = {}
    for side in SIDES:
        out = outward(side)
        ankle = toes + np.array([out * 0.09 * k, 0.0, 0.0])
        legs[side] = Leg(ankle, -up, np.array([0.0, -0.42, -1.0]), np.array([0.0, -1.0, 0.4]))
        arms[side] = PlantedArm(
            np.array([out * 0.30 * k, hands_y, 0.055 * k]),
            unit([out * 0.75, 0.8, 0.35]),
            np.array([0.0, -1.0, -0.25]),
            np.array([0.0, 0.0, -1.0]),
        )
    return Pose(
        hip_centre=hips,
        pelvis=axes_along(trunk, front),
        legs=legs,
        arms=arms,
        chest_flexion_deg=-6 * sagging,
        head_pitch_deg=-22,
    )


def _standing_hips(body: Dimensions) -> Floats:
    return np.array([0.0, 0.0, body.ankle_height + body.leg * 0.995])


_MOTIONS: dict[Exercise, Callable[[Dimensions, float, Fault | None], Pose]] = {
    Exercise.SQUAT: _squat,
    Exercise.BICEP_CURL: _bicep_curl,
    Exercise.LATERAL_RAISE: _lateral_raise,
    Exercise.PUSH_UP: _push_up,
}
