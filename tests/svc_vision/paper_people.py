"""People of coloured paper: a picture and the `People` a perfect finder would see in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from svc_vision.people import Keypoint, People
from svc_vision.picture import Picture

WIDTH, HEIGHT = 640, 360
_GRAIN = np.random.default_rng(5).integers(-12, 13, (HEIGHT, WIDTH, 1), dtype=np.int16)
Colour = tuple[int, int, int]
RED, BLUE, GREEN, GREY = (40, 40, 200), (200, 60, 40), (50, 170, 50), (120, 120, 120)


@dataclass(frozen=True)
class Paper:
    """Somebody standing, facing the camera."""

    x: float
    shirt: Colour
    trousers: Colour = (60, 50, 50)
    foot_y: float = 320.0
    tall: float = 200.0
    found: bool = True
    """The finder sees them, though they may be in the picture."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        half = 0.16 * self.tall
        return self.x - half, self.foot_y - self.tall, self.x + half, self.foot_y


# Heights over the floor and offsets to the person's left (the picture's right), in body heights.
_JOINTS = {
    Keypoint.NOSE: (0.93, 0.0),
    Keypoint.LEFT_SHOULDER: (0.8, 0.11), Keypoint.RIGHT_SHOULDER: (0.8, -0.11),
    Keypoint.LEFT_ELBOW: (0.64, 0.14), Keypoint.RIGHT_ELBOW: (0.64, -0.14),
    Keypoint.LEFT_WRIST: (0.5, 0.15), Keypoint.RIGHT_WRIST: (0.5, -0.15),
    Keypoint.LEFT_HIP: (0.52, 0.07), Keypoint.RIGHT_HIP: (0.52, -0.07),
    Keypoint.LEFT_KNEE: (0.28, 0.07), Keypoint.RIGHT_KNEE: (0.28, -0.07),
    Keypoint.LEFT_ANKLE: (0.04, 0.07), Keypoint.RIGHT_ANKLE: (0.04, -0.07),
}  # fmt: skip


def scene(papers: Sequence[Paper]) -> tuple[Picture, People]:
    """The picture, the later ones in front, and the people found in it."""
    image = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    for paper in papers:
        _paint(image, paper)
    image = np.clip(image + _GRAIN, 0, 255).astype(np.uint8)
    found = [paper for paper in papers if paper.found]
    keypoints = np.zeros((len(found), 33, 3), np.float32)
    for row, paper in enumerate(found):
        for joint, (up, left) in _JOINTS.items():
            keypoints[row, joint] = paper.x + left * paper.tall, paper.foot_y - up * paper.tall, 1.0
    boxes = np.array([paper.box for paper in found], np.float32).reshape(-1, 4)
    return Picture.of(image), People(
        np.clip(boxes, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT]).astype(np.float32),
        np.full(len(found), 0.9, np.float32),
        keypoints,
        np.zeros((len(found), 33, 3), np.float32),
        np.full(len(found), -1, np.int64),
    )


def _paint(image: np.ndarray, paper: Paper) -> None:
    x, tall, foot = paper.x, paper.tall, paper.foot_y
    for top, bottom, half, colour in (
        (0.52, 0.0, 0.1, paper.trousers),
        (0.84, 0.5, 0.13, paper.shirt),
        (0.98, 0.84, 0.06, (140, 160, 210)),
    ):
        low = (round(x - half * tall), round(foot - top * tall))
        high = (round(x + half * tall), round(foot - bottom * tall))
        cv2.rectangle(image, low, high, colour, -1)
