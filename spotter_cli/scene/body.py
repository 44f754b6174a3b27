"""The figure: rigid lofted parts on the bones of a skeleton and a trunk that bends between pelvis and chest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spotter_cli.scene.geometry import (
    Floats,
    Mesh,
    Profile,
    cylinder,
    ellipsoid,
    make_mesh,
    tube,
    unit,
)
from spotter_cli.scene.head import build_head
from spotter_cli.scene.looks import Look
from spotter_cli.scene.skeleton import PELVIS_LENGTH, SIDES, Pose, PosedSkeleton, Side, outward, solve

TRUNK = "trunk"
_INSIDE_OF_CLOTH = 0.45
_CLOTH_SHINE = 0.04
_HEM_BIAS_M = 0.03
_SHORTS_BIAS_M = 0.012

Folds = Callable[[float, Floats], Floats]


@dataclass(frozen=True)
class Part:
    """A mesh in the frame of the bone that carries it."""

    bone: str
    mesh: Mesh


class Figure:
    """The body of one person, built once and posed for each frame."""

    def __init__(self, look: Look) -> None:
        self.dimensions = look.dimensions
        builder = _Builder(look)
        self._parts = builder.trunk()
        for side in SIDES:
            self._parts += builder.leg(side) + builder.arm(side)
        self._parts += [Part("head", mesh) for mesh in build_head(look, self.dimensions.scale)]

    def joints(self, pose: Pose) -> Floats:
        """Joints (17, 3) m in the person's frame, in the order of `skeleton.JOINTS`."""
        return solve(self.dimensions, pose).joints

    def meshes(self, pose: Pose) -> list[Mesh]:
        """All parts in the person's frame, weights included."""
        skeleton = solve(self.dimensions, pose)
        posed = [self._placed(part, skeleton) for part in self._parts]
        if pose.dumbbell_axis is not None:
            for side in SIDES:
                posed += self._dumbbell(skeleton, side, pose.dumbbell_axis)
        if pose.barbell:
            posed += self._barbell(skeleton)
        return posed

    def _placed(self, part: Part, skeleton: PosedSkeleton) -> Mesh:
        if part.bone != TRUNK:
            bone = skeleton.bones[part.bone]
            return part.mesh.moved(bone.axes, bone.origin)
        pelvis, chest = skeleton.bones["pelvis"], skeleton.bones["chest"]
        scale, vertices = self.dimensions.scale, part.mesh.vertices
        weight = np.clip((vertices[:, 2] / scale - 0.04) / 0.24, 0, 1)
        weight = (weight * weight * (3 - 2 * weight))[:, None]
        low = pelvis.origin + vertices @ pelvis.axes.T
        high = chest.origin + (vertices - np.array([0, 0, PELVIS_LENGTH * scale])) @ chest.axes.T
        return part.mesh.with_vertices(low * (1 - weight) + high * weight)

    def _dumbbell(self, skeleton: PosedSkeleton, side: Side, axis: Floats) -> list[Mesh]:
        grip = self._grip(skeleton, side)
        weights = [cylinder(grip + axis * offset, 0.05, 0.065, axis, (36, 36, 40)) for offset in (-0.095, 0.095)]
        return [cylinder(grip, 0.014, 0.13, axis, (170, 170, 176)), *weights]

    def _barbell(self, skeleton: PosedSkeleton) -> list[Mesh]:
        left, right = (self._grip(skeleton, side) for side in SIDES)
        axis, middle = unit(left - right), (left + right) / 2
        plates = [cylinder(middle + axis * offset, 0.19, 0.06, axis, (36, 36, 40)) for offset in (-0.72, 0.72)]
        return [cylinder(middle, 0.014, 1.7, axis, (170, 170, 176)), *plates]

    def _grip(self, skeleton: PosedSkeleton, side: Side) -> Floats:
        hand, scale = skeleton.bones[f"{side}_hand"], self.dimensions.scale
        return np.asarray(hand.origin + (hand.axes[:, 2] * 0.085 + hand.axes[:, 1] * 0.022) * scale)


class _Builder:
    """Builds the parts of one look; all profiles are those of a person of 1.75 m."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._body = look.dimensions
        self._scale = look.dimensions.scale
        self._limb = self._scale * (0.6 + 0.4 * look.build)
        self._phase = np.random.default_rng(look.fold_seed).uniform(0, 2 * np.pi, 3)

    def leg(self, side: Side) -> list[Part]:
        look, thigh, shank = self._look, f"{side}_thigh", f"{side}_shank"
        length = self._body.thigh
        skin = self._tube(
            length,
            [0, 0.12, 0.45, 0.8, 1],
            [0.083, 0.086, 0.072, 0.054, 0.052],
            [0.078, 0.084, 0.074, 0.056, 0.054],
            [0.078, 0.085, 0.07, 0.052, 0.05],
        )
        shorts = self._tube(
            length,
            [-0.02, 0.2, 0.45, 0.62],
            [0.098, 0.1, 0.094, 0.092],
            [0.092, 0.098, 0.092, 0.09],
            [0.1, 0.099, 0.09, 0.088],
        )
        inside = self._tube(length, [0.6, 0.622], [0.07, 0.0905], [0.07, 0.0885], [0.07, 0.0865])
        calf = self._tube(
            self._body.shank,
            [0, 0.07, 0.3, 0.62, 0.88, 1],
            [0.051, 0.05, 0.056, 0.045, 0.033, 0.035],
            [0.053, 0.05, 0.043, 0.038, 0.032, 0.034],
            [0.05, 0.05, 0.066, 0.05, 0.036, 0.038],
        )
        sock = self._tube(
            self._body.shank, [0.84, 0.93, 1.02], [0.038, 0.038, 0.04], [0.037, 0.037, 0.04], [0.04, 0.041, 0.042]
        )
        return [
            Part(thigh, make_mesh(tube(skin, rings=18, columns=22), look.skin)),
            # drawn a little nearer, or the shirt would cover the lap of somebody who squats
            *self._cloth(thigh, shorts, inside, np.array(look.shorts), 0.022, bias=_SHORTS_BIAS_M),
            Part(shank, make_mesh(tube(calf, rings=20, columns=22), look.skin)),
            Part(shank, make_mesh(tube(sock, rings=4, columns=16, capped=(False, False)), look.sock, shine=0.03)),
            Part(f"{side}_foot", self._shoe()),
        ]

    def arm(self, side: Side) -> list[Part]:
        look, upper = self._look, f"{side}_upper_arm"
        length = self._body.upper_arm
        skin = self._tube(
            length,
            [0, 0.2, 0.5, 0.85, 1],
            [0.05, 0.052, 0.048, 0.04, 0.038],
            [0.05, 0.053, 0.052, 0.04, 0.038],
            [0.05, 0.053, 0.05, 0.041, 0.04],
        )
        sleeve = self._tube(
            length,
            [-0.01, 0.15, 0.42, 0.58],
            [0.062, 0.067, 0.066, 0.067],
            [0.06, 0.066, 0.066, 0.066],
            [0.062, 0.068, 0.067, 0.067],
        )
        inside = self._tube(length, [0.55, 0.582], [0.05, 0.0655], [0.05, 0.065], [0.05, 0.066])
        forearm = self._tube(
            self._body.forearm,
            [0, 0.2, 0.5, 0.85, 1],
            [0.039, 0.045, 0.041, 0.03, 0.027],
            [0.039, 0.043, 0.038, 0.026, 0.022],
            [0.039, 0.042, 0.037, 0.026, 0.022],
        )
        return [
            Part(upper, make_mesh(tube(skin, rings=14, columns=20), look.skin)),
            *self._cloth(upper, sleeve, inside, np.array(look.shirt), 0.02, bias=0.0),
            Part(f"{side}_forearm", make_mesh(tube(forearm, rings=16, columns=20), look.skin)),
            *self._hand(side),
        ]

    def trunk(self) -> list[Part]:
        look, scale, width = self._look, self._scale, self._limb
        shirt, shorts = np.array(look.shirt), np.array(look.shorts)
        torso = Profile(
            np.array([-0.14, -0.06, 0.0, 0.10, 0.24, 0.38, 0.485, 0.535, 0.575, 0.605]) * scale,
            [0.10, 0.158, 0.172, 0.160, 0.143, 0.158, 0.186, 0.168, 0.112, 0.070],
            [0.07, 0.10, 0.105, 0.108, 0.104, 0.116, 0.108, 0.088, 0.070, 0.060],
            [0.075, 0.118, 0.128, 0.104, 0.09, 0.110, 0.108, 0.092, 0.076, 0.066],
        ).scaled(width)
        folds = self._folds(0.011)
        vertices, faces = tube(torso, rings=40, columns=40, roundness=2.35, capped=(True, False), folds=folds)
        below_waist = vertices[faces].mean(1)[:, 2] < 0
        colours = np.where(below_waist[:, None], shorts, shirt)
        hem = Profile(
            np.array([-0.035, 0.0, 0.05, 0.12]) * scale,
            [0.187, 0.185, 0.172, 0.152],
            [0.126, 0.122, 0.116, 0.106],
            [0.142, 0.14, 0.124, 0.10],
        ).scaled(width)
        inside = Profile(np.array([-0.034, -0.01]) * scale, [0.178, 0.15], [0.118, 0.09], [0.133, 0.10]).scaled(width)
        hem_shape = tube(hem, rings=12, columns=44, roundness=2.3, capped=(False, False), folds=self._folds(0.016))
        inside_shape = tube(inside, rings=2, columns=44, roundness=2.3, capped=(False, False))
        neck = Profile(
            np.array([-0.035, 0.0, 0.06, 0.12]) * scale,
            [0.072, 0.058, 0.054, 0.054],
            [0.064, 0.055, 0.052, 0.05],
            [0.07, 0.060, 0.056, 0.058],
        ).scaled(width)
        return [
            Part(TRUNK, make_mesh((vertices, faces), colours, shine=_CLOTH_SHINE)),
            # drawn nearer, or the shorts would show through where the two surfaces nearly touch
            Part(TRUNK, make_mesh(hem_shape, shirt, shine=_CLOTH_SHINE, bias=_HEM_BIAS_M)),
            Part(TRUNK, make_mesh(inside_shape, shirt * _INSIDE_OF_CLOTH, shine=0)),
            Part("neck", make_mesh(tube(neck, rings=8, columns=18), look.skin)),
        ]

    def _tube(
        self, length: float, at: list[float], side: list[float], front: list[float], back: list[float]
    ) -> Profile:
        return Profile(np.array(at) * length, side, front, back).scaled(self._limb)

    def _folds(self, depth: float) -> Folds:
        first, second, third = self._phase
        scale = self._scale

        def folds(z: float, angle: Floats) -> Floats:
            wide = np.sin(23 * z / scale + 3 * angle + first) * np.sin(2 * angle + second + 9 * z)
            return np.asarray(depth * (wide + 0.6 * np.sin(41 * z / scale - 2 * angle + third)))

        return folds

    def _cloth(
        self, bone: str, outside: Profile, inside: Profile, colour: Floats, fold: float, bias: float
    ) -> list[Part]:
        shape = tube(outside, rings=14, columns=26, capped=(True, False), folds=self._folds(fold))
        lining = tube(inside, rings=2, columns=28, capped=(False, False))
        return [
            Part(bone, make_mesh(shape, colour, shine=_CLOTH_SHINE, bias=bias)),
            Part(bone, make_mesh(lining, colour * _INSIDE_OF_CLOTH, shine=0)),
        ]

    def _shoe(self) -> Mesh:
        look, scale = self._look, self._scale
        length = 0.27 * scale
        profile = Profile(
            np.array([0, 0.12, 0.35, 0.7, 0.93]) * length,
            [0.036, 0.04, 0.04, 0.05, 0.038],
            [0.075, 0.085, 0.085, 0.05, 0.035],
            [0.02, 0.02, 0.02, 0.02, 0.018],
        ).scaled(self._limb)
        vertices, faces = tube(profile, rings=16, columns=18, roundness=2.4)
        x, y, z = (vertices[faces].mean(1) / scale).T
        colours = np.where((y < -0.004)[:, None], np.array(look.sole), np.array(look.shoes))
        beside = (np.abs(x) > 0.03) & (y > 0.012) & (z > 0.08) & (z < 0.17)
        colours[beside & (np.abs(z % 0.05 - 0.02) < 0.008)] = look.sole
        return make_mesh((vertices, faces), colours, shine=0.15)

    def _hand(self, side: Side) -> list[Part]:
        """A palm, four curled fingers of two segments and a thumb."""
        scale, skin, bone = self._scale, np.array(self._look.skin), f"{side}_hand"
        blobs = [((0.0, 0.002, 0.045), (0.042, 0.017, 0.055), 8, 12, skin)]
        for finger, x in enumerate((-0.03, -0.01, 0.011, 0.03)):
            shorter = 0.004 * abs(finger - 1.5)
            blobs.append(((x, 0.006, 0.103 - shorter), (0.0095, 0.0125, 0.024), 5, 6, skin * 0.97))
            blobs.append(((x, 0.036, 0.106 - shorter), (0.0095, 0.022, 0.017), 5, 6, skin * 0.97))
        blobs.append(((outward(side) * 0.04, 0.018, 0.055), (0.011, 0.013, 0.034), 5, 6, skin * 0.98))
        return [
            Part(bone, make_mesh(ellipsoid(np.array(c) * scale, np.array(r) * scale, rings, columns), colour))
            for c, r, rings, columns, colour in blobs
        ]
