"""From a pose to the frames of the bones and the joints.

A person stands at the origin, faces -y, has the left side at +x and the floor at z = 0; lengths in metres.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from spotter_cli.scene.geometry import Floats, Vector, axes_along, unit

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

_PAIRED_JOINTS = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")

JOINTS: tuple[str, ...] = (
    "nose",
    *(f"{side}_{part}" for part in _PAIRED_JOINTS for side in SIDES),
)
"""Order of the joints: COCO-17."""

UPRIGHT = np.array([[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]])
"""Trunk axes of somebody who stands: columns to the person's right, to the front, up."""

PELVIS_LENGTH = 0.16
"""Hip joints to the joint between pelvis and chest, for a person of 1.75 m."""

_REFERENCE_HEIGHT_M = 1.75


def outward(side: Side) -> int:
    """+1 for the left side, which lies at +x, and -1 for the right."""
    return 1 if side == "left" else -1


@dataclass(frozen=True)
class Dimensions:
    """Segment lengths (m) of a person of a given height; proportions of an average adult of 1.75 m."""

    height_m: float = _REFERENCE_HEIGHT_M
    build: float = 1.0

    @property
    def scale(self) -> float:
        """Size relative to 1.75 m."""
        return self.height_m / _REFERENCE_HEIGHT_M

    @property
    def thigh(self) -> float:
        """Hip joint to knee."""
        return 0.425 * self.scale

    @property
    def shank(self) -> float:
        """Knee to ankle."""
        return 0.415 * self.scale

    @property
    def leg(self) -> float:
        """Hip joint to ankle with the knee straight."""
        return self.thigh + self.shank

    @property
    def upper_arm(self) -> float:
        """Shoulder to elbow."""
        return 0.29 * self.scale

    @property
    def forearm(self) -> float:
        """Elbow to wrist."""
        return 0.255 * self.scale

    @property
    def hip_half_width(self) -> float:
        """Middle of the pelvis to the hip joint."""
        return 0.09 * self.scale

    @property
    def shoulder_half_width(self) -> float:
        """Breastbone to the shoulder joint."""
        return 0.178 * self.scale * (0.5 + 0.5 * self.build)

    @property
    def ankle_height(self) -> float:
        """Floor to ankle joint in the shoe."""
        return 0.075 * self.scale

    @property
    def spine(self) -> float:
        """Level of the hip joints to level of the shoulders."""
        return 0.50 * self.scale


@dataclass(frozen=True)
class Leg:
    """A leg that reaches its ankle: the knee bends towards `knee_towards`."""

    ankle: Floats
    knee_towards: Floats
    foot_direction: Floats
    foot_up: Floats = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))


@dataclass(frozen=True)
class SwungArm:
    """An arm given by the directions of its segments; `flexor` is the side to which the elbow closes."""

    upper: Floats
    fore: Floats
    flexor: Floats
    palm: Floats | None = None


@dataclass(frozen=True)
class PlantedArm:
    """An arm whose wrist is fixed in space; the elbow bends towards `elbow_towards`."""

    wrist: Floats
    elbow_towards: Floats
    hand: Floats
    palm: Floats


@dataclass(frozen=True)
class Pose:
    """All that is needed to place a body."""

    hip_centre: Floats
    pelvis: Floats
    legs: dict[Side, Leg]
    arms: dict[Side, SwungArm | PlantedArm]
    chest_flexion_deg: float = 0.0
    head_pitch_deg: float = 0.0
    shrug_m: float = 0.0
    dumbbell_axis: Floats | None = None
    barbell: bool = False
    """Whether both hands hold one bar."""


@dataclass(frozen=True)
class Bone:
    """Rotation (columns side, front, along the bone) and origin of a rigid part."""

    axes: Floats
    origin: Floats


@dataclass(frozen=True)
class PosedSkeleton:
    """bones by name, joints (17, 3) in the order of JOINTS."""

    bones: dict[str, Bone]
    joints: Floats


def tilted(axes: Floats, deg: float) -> Floats:
    """The axes pitched forwards, about their own side axis."""
    angle = np.radians(deg)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(axes @ np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]]))


def two_bone_reach(
    root: Floats, target: Floats, lengths: tuple[float, float], towards: Vector
) -> tuple[Floats, Floats]:
    """Middle joint of a two-segment limb and its hinge axis; the joint lies on the side of `towards`.

    A target out of reach is approached on a straight line.
    """
    first, second = lengths
    offset = target - root
    distance = min(float(np.linalg.norm(offset)), (first + second) * 0.9995)
    along = unit(offset)
    reach = (first**2 - second**2 + distance**2) / (2 * distance)
    height = np.sqrt(max(first**2 - reach**2, 0.0))
    pole = np.asarray(towards, float)
    pole = unit(pole - np.dot(pole, along) * along)
    return root + along * reach + pole * height, np.cross(along, pole)


def solve(body: Dimensions, pose: Pose) -> PosedSkeleton:
    """Place every bone and joint of a body in a pose."""
    k = body.scale
    pelvis_top = pose.hip_centre + pose.pelvis[:, 2] * PELVIS_LENGTH * k
    chest = tilted(pose.pelvis, pose.chest_flexion_deg)
    bones = {"pelvis": Bone(pose.pelvis, pose.hip_centre), "chest": Bone(chest, pelvis_top)}
    points: dict[str, Floats] = {}
    shoulders = pelvis_top + chest[:, 2] * (body.spine - PELVIS_LENGTH * k)
    for side in SIDES:
        to_side = -outward(side)
        hip = pose.hip_centre + pose.pelvis[:, 0] * to_side * body.hip_half_width
        raised = chest[:, 2] * (pose.shrug_m - 0.012 * k)
        shoulder = shoulders + chest[:, 0] * to_side * body.shoulder_half_width + raised
        _place_leg(body, side, hip, pose.legs[side], bones, points)
        _place_arm(body, side, shoulder, pose.arms[side], bones, points)
    _place_head(body, shoulders, chest, pose.head_pitch_deg, bones, points)
    return PosedSkeleton(bones, np.array([points[name] for name in JOINTS]))


def _place_leg(
    body: Dimensions, side: Side, hip: Floats, leg: Leg, bones: dict[str, Bone], points: dict[str, Floats]
) -> None:
    knee, hinge = two_bone_reach(hip, leg.ankle, (body.thigh, body.shank), leg.knee_towards)
    shin = unit(leg.ankle - knee)
    ankle = knee + shin * body.shank
    thigh = unit(knee - hip)
    bones[f"{side}_thigh"] = Bone(axes_along(thigh, np.cross(hinge, thigh)), hip)
    bones[f"{side}_shank"] = Bone(axes_along(shin, np.cross(hinge, shin)), knee)
    foot = axes_along(leg.foot_direction, leg.foot_up)
    heel = ankle - foot[:, 1] * (body.ankle_height - 0.02 * body.scale) - unit(leg.foot_direction) * 0.055 * body.scale
    bones[f"{side}_foot"] = Bone(foot, heel)
    points |= {f"{side}_hip": hip, f"{side}_knee": knee, f"{side}_ankle": ankle}


def _place_arm(
    body: Dimensions,
    side: Side,
    shoulder: Floats,
    arm: SwungArm | PlantedArm,
    bones: dict[str, Bone],
    points: dict[str, Floats],
) -> None:
    if isinstance(arm, PlantedArm):
        elbow, _ = two_bone_reach(shoulder, arm.wrist, (body.upper_arm, body.forearm), arm.elbow_towards)
        wrist = elbow + unit(arm.wrist - elbow) * body.forearm
        flexor, hand, palm = -arm.elbow_towards, arm.hand, arm.palm
    else:
        elbow = shoulder + unit(arm.upper) * body.upper_arm
        wrist = elbow + unit(arm.fore) * body.forearm
        flexor, hand = arm.flexor, wrist - elbow
        palm = arm.flexor if arm.palm is None else arm.palm
    nudge = 1e-3  # keeps the frame defined where a segment points exactly along the flexor side
    bones[f"{side}_upper_arm"] = Bone(axes_along(elbow - shoulder, flexor + nudge), shoulder)
    bones[f"{side}_forearm"] = Bone(axes_along(wrist - elbow, flexor + nudge), elbow)
    bones[f"{side}_hand"] = Bone(axes_along(hand, palm + nudge), wrist)
    points |= {f"{side}_shoulder": shoulder, f"{side}_elbow": elbow, f"{side}_wrist": wrist}


def _place_head(
    body: Dimensions,
    shoulders: Floats,
    chest: Floats,
    pitch_deg: float,
    bones: dict[str, Bone],
    points: dict[str, Floats],
) -> None:
    k = body.scale
    head, neck = tilted(chest, pitch_deg), tilted(chest, pitch_deg / 2)
    neck_base = shoulders + chest[:, 2] * 0.055 * k - chest[:, 1] * 0.008 * k
    centre = neck_base + (neck[:, 2] * 0.085 + head[:, 2] * 0.075 + head[:, 1] * 0.012) * k
    bones |= {"neck": Bone(neck, neck_base), "head": Bone(head, centre)}
    points["nose"] = centre + head @ np.array([0.0, 0.118, -0.022]) * k
    for side in SIDES:
        to_side = -outward(side)
        points[f"{side}_eye"] = centre + head @ np.array([to_side * 0.031, 0.088, 0.01]) * k
        points[f"{side}_ear"] = centre + head @ np.array([to_side * 0.082, -0.002, -0.005]) * k
