"""Draws frame number i of a scene, the same picture each time whatever was drawn before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from spotter_cli.scene.acting import actor_of
from spotter_cli.scene.camera import Camera
from spotter_cli.scene.geometry import Floats, Mesh, merge
from spotter_cli.scene.mirror import MirroredCamera
from spotter_cli.scene.painting import Painter, Painting, visible_boxes
from spotter_cli.scene.props import Cover, draw_behind
from spotter_cli.scene.raster import Image
from spotter_cli.scene.room import draw_room, floor_mask, mirror_masks
from spotter_cli.scene.route import Visitor
from spotter_cli.scene.script import PersonTruth, SceneSpec
from spotter_cli.scene.sight import Sight, clipped
from spotter_cli.scene.skeleton import JOINTS

_NOISE_SHIFT = 32
_DARK_LEVEL = 5.0
"""Grey level of black where the exposure is less than full."""


@dataclass(frozen=True)
class Shot:
    """A BGR picture and what is true about it."""

    picture: Image
    sight: Sight


def draw_background(spec: SceneSpec) -> Image:
    """The room without people, BGR."""
    mats = [person.position_m for person in spec.people if not isinstance(person, Visitor) and person.mat]
    camera = Camera(spec.camera)
    picture = draw_room(camera, spec.room, mats, spec.mirror)
    draw_behind(picture, camera, spec.props)
    return picture


class FrameRenderer:
    """Draws the frames of one scene over its background."""

    def __init__(self, spec: SceneSpec, background: Image) -> None:
        self._spec, self._background = spec, background
        self._camera = Camera(spec.camera)
        self._actors = [actor_of(person) for person in spec.people]
        self._painter = Painter(self._camera, floor_mask(self._camera))
        self._painters = [(self._painter, 0)]
        self._mirrored: MirroredCamera | None = None
        if spec.mirror is not None:
            mask, floor = mirror_masks(self._camera, spec.mirror)
            self._mirrored = MirroredCamera(self._camera, spec.mirror)
            # painted first: a person stands before the own reflection
            self._painters.insert(0, (Painter(self._mirrored, floor * mask, mask), len(spec.people)))
        self._cover = Cover(self._camera, spec.props)
        height, width = background.shape[:2]
        shape = (height + _NOISE_SHIFT, width + _NOISE_SHIFT)
        rng = np.random.default_rng(spec.room)
        grain = rng.normal(0, spec.noise, (*shape, 1)) + rng.normal(0, spec.noise / 2, (*shape, 3))
        self._noise = grain.round().astype(np.int16)

    def frame(self, index: int) -> Image:
        """Frame `index` as a BGR picture."""
        return self.shot(index).picture

    def shot(self, index: int) -> Shot:
        """Frame `index` and what is true about it."""
        people = [actor.meshes(index / self._spec.fps) for actor in self._actors]
        parts = [part for person in people for part in person]
        bodies = [merge(person) for person in people]
        painting = Painting(self._background.copy())
        for painter, _ in self._painters:
            painter.shade(painting, parts)
        for painter, first in self._painters:
            painter.draw(painting, bodies, first)
        self._cover.put_over(painting)
        return Shot(self._exposed(painting.picture, index), self._sight(index, bodies, painting))

    def joints(self, index: int) -> tuple[Floats, Floats]:
        """Joints of all people in frame `index`: (people, 17, 3) m in the room and (people, 17, 2) px."""
        room = np.array([actor.joints(index / self._spec.fps) for actor in self._actors]).reshape(-1, len(JOINTS), 3)
        return room, self._camera.project(room)[0]

    def boxes(self, index: int) -> list[tuple[int, int, int, int]]:
        """Left, top, right, bottom (px) of each person in frame `index`, inside the picture."""
        bodies = [merge(actor.meshes(index / self._spec.fps)) for actor in self._actors]
        return [self._painter.box(body, margin=0) for body in bodies]

    def truths(self) -> list[PersonTruth]:
        """What each person does in the scene."""
        return [actor.truth(box) for actor, box in zip(self._actors, self.boxes(0), strict=True)]

    def floor_homography(self) -> Floats:
        """Matrix (3, 3) from floor metres to homogeneous pixels."""
        return self._camera.floor_homography()

    def _sight(self, index: int, people: Sequence[Mesh], painting: Painting) -> Sight:
        count = len(people)
        visible, pixels = visible_boxes(painting, 2 * count)
        size = np.array([self._camera.width_px, self._camera.height_px], float)
        boxes = np.array([self._painter.whole_box(body) for body in people]).reshape(count, 4)
        uncovered = np.array([pixels[i] / max(painting.areas_px.get(i, 0), 1) for i in range(count)])
        inside = np.array([_share_inside(box, size) for box in boxes])
        joints, keypoints = self.joints(index)
        reflected = np.full_like(keypoints, np.nan) if self._mirrored is None else self._mirrored.project(joints)[0]
        floor = [actor.stance(index / self._spec.fps).position_m for actor in self._actors]
        alone = (
            boxes,
            visible[:count],
            uncovered * inside,
            keypoints,
            np.array(floor).reshape(count, 2),
            visible[count:],
            reflected,
            size,
        )
        return Sight(*(values[None] for values in alone))

    def _exposed(self, picture: Image, index: int) -> Image:
        """As the sensor gives it: darker where there is little light, and with noise."""
        if self._spec.exposure < 1:
            picture = np.asarray(cv2.convertScaleAbs(picture, alpha=self._spec.exposure, beta=_DARK_LEVEL), np.uint8)
        height, width = picture.shape[:2]
        down, across = index * 7 % _NOISE_SHIFT, index * 13 % _NOISE_SHIFT
        grain = self._noise[down : down + height, across : across + width]
        return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), np.uint8)


def _share_inside(box: Floats, size_px: Floats) -> float:
    """Share of a box that lies in the picture."""
    inside = clipped(box, size_px)
    return 0.0 if inside is None else float((inside[2:] - inside[:2]).prod() / (box[2:] - box[:2]).prod())
