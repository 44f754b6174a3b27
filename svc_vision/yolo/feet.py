"""Feet and depth for those who are large enough in the picture, from BlazePose's keypoint model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose import landmark
from svc_vision.blazepose.geometry import Region
from svc_vision.inference import Inference
from svc_vision.people import COCO17_FROM_BLAZEPOSE33, Keypoint, KeypointSchema, People
from svc_vision.picture import Picture
from svc_vision.yolo.yolo_finder import YoloFinder

MODELS = (landmark.MODEL,)
_JOINTS = list(COCO17_FROM_BLAZEPOSE33)
_SHOULDERS = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]
_HIPS = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
_REACH = 1.25
"""Of the region, relative to the farthest joint or corner; BlazePose's own value."""


@dataclass(frozen=True, slots=True)
class FeetConfig:
    """Who gets feet; what happens when each is raised."""

    min_height_px: float = 160.0
    """Of the person in the picture. Raised: cheaper, feet only of people who are nearer."""
    max_people: int = 6
    """The largest. Raised: each costs a run of the keypoint model."""
    presence_min: float = 0.5
    """Below, the keypoint model sees nobody. Raised: fewer wrong feet, more missing ones."""
    joint_gap_max: float = 0.25
    """Mean distance of the two models' joints, in trunk lengths, above which they don't see the same person."""
    seen_joint: float = 0.5
    """A joint from this confidence on takes part in that comparison."""


class FeetFinder:
    """`PeopleFinder`: YOLO's people, with 33 keypoints where the second model agrees; COCO's joints stay YOLO's."""

    def __init__(self, inference: Inference, finder: YoloFinder, config: FeetConfig | None = None) -> None:
        """`inference` must have loaded `MODELS`; `finder` says where people are."""
        self._inference = inference
        self._finder = finder
        self.sure_score = finder.sure_score
        self._config = config or FeetConfig()

    def update(self, picture: Picture) -> People:
        """See `PeopleFinder.update`."""
        people = self._finder.update(picture)
        keypoints, world = people.keypoints.copy(), people.world.copy()
        rows = self._large(people)
        regions = [_region(people.boxes[row], people.keypoints[row], self._config.seen_joint) for row in rows]
        # Somebody of no clear direction would be turned by chance.
        placed = [(row, region) for row, region in zip(rows, regions, strict=True) if region is not None]
        if placed:
            poses = landmark.estimate(self._inference, picture.bgr(), [region for _, region in placed])
            for (row, _), pose in zip(placed, poses, strict=True):
                if pose.presence >= self._config.presence_min and self._agrees(people.keypoints[row], pose.points):
                    keypoints[row], world[row] = pose.points, pose.world
                    keypoints[row, _JOINTS] = people.keypoints[row, _JOINTS]
        return People(people.boxes, people.scores, keypoints, world, people.regions, schema=KeypointSchema.BLAZEPOSE_33)

    def _large(self, people: People) -> list[int]:
        heights = people.boxes[:, 3] - people.boxes[:, 1]
        largest = np.argsort(-heights, kind="stable")[: self._config.max_people]
        return [int(row) for row in largest if heights[row] >= self._config.min_height_px]

    def _agrees(self, joints: NDArray[np.float32], points: NDArray[np.float32]) -> bool:
        seen = np.minimum(joints[_JOINTS, 2], points[_JOINTS, 2]) >= self._config.seen_joint
        if seen.sum() < 4:
            return False
        trunk = float(np.linalg.norm(points[_SHOULDERS, :2].mean(axis=0) - points[_HIPS, :2].mean(axis=0)))
        gaps = np.linalg.norm(joints[_JOINTS, :2] - points[_JOINTS, :2], axis=1)[seen]
        return float(gaps.mean()) <= self._config.joint_gap_max * max(trunk, 1.0)


def _region(box: NDArray[np.float32], joints: NDArray[np.float32], seen_from: float) -> Region | None:
    """The square around a person, turned upright, as BlazePose's detector would give it: centred between the hips."""
    if joints[_HIPS, 2].max() < seen_from or joints[_SHOULDERS, 2].max() < seen_from:
        return None
    hips, shoulders = _middle(joints, _HIPS, seen_from), _middle(joints, _SHOULDERS, seen_from)
    dx, dy = (shoulders - hips).tolist()
    if math.hypot(dx, dy) < 0.05 * float(np.linalg.norm(box[2:] - box[:2])):
        return None
    seen = joints[_JOINTS][joints[_JOINTS, 2] >= seen_from][:, :2]
    radius = float(np.linalg.norm(seen - hips, axis=1).max())
    half = float(max(box[2] - box[0], box[3] - box[1])) / 2
    return Region(float(hips[0]), float(hips[1]), 2 * max(radius, half) * _REACH, math.atan2(dx, -dy))


def _middle(joints: NDArray[np.float32], pair: list[Keypoint], seen_from: float) -> NDArray[np.float32]:
    seen = [joint for joint in pair if joints[joint, 2] >= seen_from]
    return np.asarray(joints[seen, :2].mean(axis=0), np.float32)
