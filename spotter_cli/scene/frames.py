"""Draws frame number i of a scene, the same picture each time whatever was drawn before."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from spotter_cli.scene.body import Figure
from spotter_cli.scene.camera import Camera
from spotter_cli.scene.geometry import Floats, Mesh, merge
from spotter_cli.scene.looks import LOOKS
from spotter_cli.scene.raster import LIGHT, Image, draw, shadow_mask
from spotter_cli.scene.room import draw_room, floor_mask
from spotter_cli.scene.script import PersonSpec, Repetition, SceneSpec, pose_of, schedule, to_room
from spotter_cli.scene.skeleton import JOINTS

_SUPERSAMPLING = 2
_SHADOW_SCALE = 0.25
_CONTACT_HEIGHT_M = 0.25
_MARGIN_PX = 6
_NOISE_SHIFT = 32
_STRAIGHT_DOWN = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class _Actor:
    spec: PersonSpec
    figure: Figure
    repetitions: tuple[Repetition, ...]

    def meshes(self, time_s: float) -> list[Mesh]:
        pose = pose_of(self.spec, self.figure.dimensions, self.repetitions, time_s)
        return [part.with_vertices(to_room(self.spec, part.vertices)) for part in self.figure.meshes(pose)]

    def joints(self, time_s: float) -> Floats:
        pose = pose_of(self.spec, self.figure.dimensions, self.repetitions, time_s)
        return to_room(self.spec, self.figure.joints(pose))


def draw_background(spec: SceneSpec) -> Image:
    """The room without people, BGR."""
    return draw_room(Camera(spec.camera), spec.room, [person.position_m for person in spec.people])


class FrameRenderer:
    """Draws the frames of one scene over its background."""

    def __init__(self, spec: SceneSpec, background: Image) -> None:
        self._spec, self._background = spec, background
        self._camera = Camera(spec.camera)
        self._actors = [_Actor(person, Figure(LOOKS[person.look]), schedule(person)) for person in spec.people]
        height, width = background.shape[:2]
        self._floor = floor_mask(self._camera)
        shape = (height + _NOISE_SHIFT, width + _NOISE_SHIFT)
        rng = np.random.default_rng(spec.room)
        grain = rng.normal(0, spec.noise, (*shape, 1)) + rng.normal(0, spec.noise / 2, (*shape, 3))
        self._noise = grain.round().astype(np.int16)

    def frame(self, index: int) -> Image:
        """Frame `index` as a BGR picture."""
        time_s = index / self._spec.fps
        people = [actor.meshes(time_s) for actor in self._actors]
        picture = self._shaded_background([part for parts in people for part in parts])
        bodies = [merge(parts) for parts in people]
        for body in sorted(bodies, key=self._distance, reverse=True):
            self._draw_body(picture, body)
        return self._with_noise(picture, index)

    def joints(self, index: int) -> tuple[Floats, Floats]:
        """Joints of all people in frame `index`: (people, 17, 3) m in the room and (people, 17, 2) px."""
        room = np.array([actor.joints(index / self._spec.fps) for actor in self._actors]).reshape(-1, len(JOINTS), 3)
        return room, self._camera.project(room)[0]

    def boxes(self, index: int) -> list[tuple[int, int, int, int]]:
        """Left, top, right, bottom (px) of each person in frame `index`."""
        return [self._box(merge(actor.meshes(index / self._spec.fps)), margin=0) for actor in self._actors]

    def floor_homography(self) -> Floats:
        """Matrix (3, 3) from floor metres to homogeneous pixels."""
        return self._camera.floor_homography()

    def _distance(self, body: Mesh) -> float:
        return float(np.linalg.norm(body.vertices.mean(0) - self._camera.position))

    def _box(self, mesh: Mesh, margin: int) -> tuple[int, int, int, int]:
        pixels, _ = self._camera.project(mesh.vertices)
        left, top = (int(v) - margin for v in np.floor(pixels.min(0)))
        right, bottom = (int(v) + margin for v in np.ceil(pixels.max(0)))
        return max(left, 0), max(top, 0), min(right, self._camera.width_px), min(bottom, self._camera.height_px)

    def _shaded_background(self, parts: list[Mesh]) -> Image:
        """The room with the shadow of the main light and a dark contact where feet and hands touch the floor."""
        height, width = self._background.shape[:2]
        small = (height // 4, width // 4)
        cast = shadow_mask(small, self._camera, parts, LIGHT, _SHADOW_SCALE)
        low = [part for part in parts if part.vertices[:, 2].max() < _CONTACT_HEIGHT_M]
        contact = shadow_mask(small, self._camera, low, _STRAIGHT_DOWN, _SHADOW_SCALE)
        soft_cast = cv2.GaussianBlur(cast, (0, 0), 2.5).astype(np.float32) * (0.42 / 255)
        soft_contact = cv2.GaussianBlur(contact, (0, 0), 2.0).astype(np.float32) * (0.45 / 255)
        picture = self._background.copy()
        rows, columns = np.nonzero(np.maximum(soft_cast, soft_contact) > 0.01)
        if not len(rows):
            return picture
        top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
        shade = 1 - (1 - soft_cast) * (1 - soft_contact)
        region = np.s_[top * 4 : bottom * 4, left * 4 : right * 4]
        size = (int(right - left) * 4, int(bottom - top) * 4)
        dark = 1 - cv2.resize(shade[top:bottom, left:right], size) * self._floor[region]
        picture[region] = cv2.multiply(picture[region], cv2.merge([dark] * 3), dtype=cv2.CV_8U)
        return picture

    def _draw_body(self, picture: Image, body: Mesh) -> None:
        """Draw a person twice as large and shrink it, only inside the person's own box."""
        left, top, right, bottom = self._box(body, _MARGIN_PX)
        if right <= left or bottom <= top:
            return
        size = ((right - left) * _SUPERSAMPLING, (bottom - top) * _SUPERSAMPLING)
        canvas = np.asarray(
            cv2.resize(picture[top:bottom, left:right], size, interpolation=cv2.INTER_NEAREST), np.uint8
        )
        draw(canvas, self._camera, body, zoom=_SUPERSAMPLING, origin=(left, top))
        picture[top:bottom, left:right] = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)

    def _with_noise(self, picture: Image, index: int) -> Image:
        height, width = picture.shape[:2]
        down, across = index * 7 % _NOISE_SHIFT, index * 13 % _NOISE_SHIFT
        grain = self._noise[down : down + height, across : across + width]
        return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), np.uint8)
