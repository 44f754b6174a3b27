"""Finds the people of a picture with YOLO11 pose."""

from __future__ import annotations

import numpy as np

from svc_vision.inference import Inference
from svc_vision.people import COCO17_FROM_BLAZEPOSE33, Float32, KeypointSchema, People
from svc_vision.picture import Picture
from svc_vision.yolo.config import YoloConfig
from svc_vision.yolo.letterbox import Letterbox
from svc_vision.yolo.suppression import greedy, joint_distance, overlap

MODEL = "yolo11_pose"
_SCORE_ROW = 4
_FIRST_JOINT_ROW = 5
_MAX_CANDIDATES = 600
"""The surest are compared with each other; a person has about ten."""
_JOINTS = list(COCO17_FROM_BLAZEPOSE33)


class YoloFinder:
    """`PeopleFinder` that looks at every picture by itself; people who are hardly seen come with a low score."""

    def __init__(self, inference: Inference, config: YoloConfig | None = None) -> None:
        """`inference` must have loaded `MODEL`."""
        self._inference = inference
        self._config = config or YoloConfig()
        self.sure_score = self._config.sure_score
        self._size = (0, 0)
        self._letterbox = Letterbox.of(1, 1, self._config.long_side_px)

    def update(self, picture: Picture) -> People:
        """See `PeopleFinder.update`."""
        size = (picture.width, picture.height)
        if size != self._size:
            self._size, self._letterbox = size, Letterbox.of(*size, self._config.long_side_px)
        image = self._letterbox.image(picture)
        predictions = self._inference.infer(MODEL, {"image": image[None]})["predictions"][0]
        return people_of(predictions, self._letterbox, *size, self._config)


def people_of(predictions: Float32, letterbox: Letterbox, width: int, height: int, config: YoloConfig) -> People:
    """People in the model's answer for one picture, the surest first.

    Args:
        predictions: (56, A) for each anchor cx, cy, w, h in px of the input, score, 17 x (x, y, confidence).
        letterbox: how the picture lay in the input.
        width: of the picture, px.
        height: of the picture, px.
        config: what counts as a person.
    """
    scores = predictions[_SCORE_ROW]
    chosen = np.flatnonzero(scores >= config.score_min)
    if not len(chosen):
        return _nobody()
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")[:_MAX_CANDIDATES]]
    values = predictions[:, chosen].T
    middle, half = values[:, :2], values[:, 2:4] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    kept = np.flatnonzero(greedy(overlap(boxes) > config.same_box))
    boxes, values = boxes[kept], values[kept]
    keypoints = np.ascontiguousarray(values[:, _FIRST_JOINT_ROW:]).reshape(-1, 17, 3)
    kept = np.flatnonzero(greedy(joint_distance(boxes, keypoints, config.seen_joint) < config.same_joints))
    kept = kept[: config.max_people]
    return _in_picture(boxes[kept], values[kept, _SCORE_ROW], keypoints[kept], letterbox, width, height)


def _in_picture(
    boxes: Float32, scores: Float32, keypoints: Float32, letterbox: Letterbox, width: int, height: int
) -> People:
    for x, y in ((boxes[:, 0::2], boxes[:, 1::2]), (keypoints[:, :, 0], keypoints[:, :, 1])):
        letterbox.to_picture(x, y, width, height)
    boxes = np.clip(boxes, 0, np.array([width, height, width, height], np.float32))
    x, y = keypoints[:, :, 0], keypoints[:, :, 1]
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    keypoints[:, :, 2] = np.clip(keypoints[:, :, 2], 0, 1) * inside
    large = np.flatnonzero(((boxes[:, 2:] - boxes[:, :2]) >= 1).all(axis=1))
    all_joints = np.zeros((len(large), 33, 3), np.float32)
    all_joints[:, _JOINTS] = keypoints[large]
    return People(
        boxes=boxes[large].astype(np.float32),
        scores=np.clip(scores[large], 0, 1).astype(np.float32),
        keypoints=all_joints,
        world=np.zeros((len(large), 33, 3), np.float32),
        regions=np.full(len(large), -1, np.int64),
        schema=KeypointSchema.COCO_17,
    )


def _nobody() -> People:
    return People.empty(KeypointSchema.COCO_17)
