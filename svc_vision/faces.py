"""Describes the face of one person who has agreed to it, and of nobody else.

Detector: YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 2023).
Alignment and embedding as in ArcFace (Deng et al., CVPR 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.crops import cut_out, sharpness
from svc_vision.inference import Inference
from svc_vision.people import Keypoint, People

DETECTOR, EMBEDDER = "face_detect", "face_embedding"
SIZE_PX = 112
"""Side of an aligned face."""
MIN_EYES_PX = 20.0
"""Between the eyes; smaller faces are not described."""
GOOD_EYES_PX = 40.0
MIN_SCORE = 0.7
MAX_YAW = 0.35
"""How far the nose may be beside the middle of the eyes, in distances of the eyes."""
MIN_QUALITY = 0.25
_HEAD = 0.32
"""Upper share of a person's box in which the face is looked for."""
_DETECT_PX = 224
"""Side at which faces are looked for, a multiple of 32; always the same, as executors compile for each size."""
_STRIDES = (8, 16, 32)
_NEAR = 0.8
"""The face must be so near to where the pose has the nose, in widths of the face."""
_FACE = (Keypoint.NOSE, Keypoint.LEFT_EYE, Keypoint.RIGHT_EYE)
_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""ArcFace's five points in an aligned face: eyes, nose, corners of the mouth, the picture's left first."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face as the network sees it."""

    vector: NDArray[np.float32]
    """(128,) float32 of length 1."""
    quality: float
    """0..1: size, sharpness, how frontal."""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    box: NDArray[np.float32]
    """(4,) xyxy px of the crop."""
    points: NDArray[np.float32]
    """(5, 2) px: right eye, left eye, nose, right and left corner of the mouth."""


class FaceDescriber:
    """Safe from several threads."""

    def __init__(self, inference: Inference) -> None:
        """`inference` has `DETECTOR` and `EMBEDDER`; see `available`."""
        self._inference = inference

    @staticmethod
    def available(inference: Inference) -> bool:
        """Whether the repository has both models."""
        return {DETECTOR, EMBEDDER} <= set(inference.models())

    def describe(self, bgr: NDArray[np.uint8], people: People, row: int) -> Face | None:
        """The face of the person in this row, who must have agreed to it.

        None where it is too small, turned away, blurred, or where somebody else's face may be in the way: then no model
        is run at all.

        Raises:
            ModelError: the models can't be run.
        """
        region = _head_region(people, row)
        if region is None:
            return None
        crop = cut_out(bgr, region)
        if crop is None:
            return None
        nose = people.keypoints[row, Keypoint.NOSE, :2] - np.maximum(np.floor(region[:2]), 0)
        found = self._detect(crop, nose)
        if found is None:
            return None
        aligned = _aligned(crop, found.points)
        quality = _quality(found.points, aligned)
        if quality < MIN_QUALITY:
            return None
        image = np.ascontiguousarray(aligned[None, :, :, ::-1])
        vector = self._inference.infer(EMBEDDER, {"image": image})["embedding"][0]
        return Face(vector.astype(np.float32), quality)

    def _detect(self, crop: NDArray[np.uint8], nose: NDArray[np.float32]) -> _Found | None:
        """The face nearest to the nose of the pose."""
        scale = _DETECT_PX / max(crop.shape[:2])
        size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
        image = np.zeros((_DETECT_PX, _DETECT_PX, 3), np.uint8)
        image[: size[1], : size[0]] = cv2.resize(crop, size, interpolation=cv2.INTER_LINEAR)[:, :, ::-1]
        outputs = self._inference.infer(DETECTOR, {"image": image[None]})
        faces = [face for stride in _STRIDES for face in _decode(outputs, stride, scale)]
        near = []
        for face in faces:
            off = float(np.linalg.norm(face.points[2] - nose))
            if off <= _NEAR * float(face.box[2] - face.box[0]):
                near.append((off, face))
        return min(near, key=lambda pair: pair[0])[1] if near else None


def _head_region(people: People, row: int) -> NDArray[np.float32] | None:
    """(4,) xyxy px of a person's head; None where it isn't seen, too small, or another head is in it."""
    box, keypoints = people.boxes[row], people.keypoints[row]
    eyes = float(np.linalg.norm(keypoints[Keypoint.LEFT_EYE, :2] - keypoints[Keypoint.RIGHT_EYE, :2]))
    if (keypoints[list(_FACE), 2] < 0.5).any() or eyes < 0.7 * MIN_EYES_PX:
        return None
    nose = keypoints[Keypoint.NOSE, :2]
    reach = 3.0 * eyes
    region = np.array(
        [
            max(box[0], nose[0] - reach),
            max(box[1] - 0.5 * eyes, nose[1] - reach),
            min(box[2], nose[0] + reach),
            min(box[1] + _HEAD * (box[3] - box[1]), nose[1] + reach),
        ],
        np.float32,
    )
    if (region[2:] - region[:2] < 2 * eyes).any():
        return None
    others = np.delete(people.keypoints[:, list(_FACE), :], row, axis=0)
    inside = ((others[:, :, :2] >= region[:2] - eyes) & (others[:, :, :2] <= region[2:] + eyes)).all(axis=2)
    return None if (inside & (others[:, :, 2] > 0.05)).any() else region


def _decode(outputs: dict[str, NDArray[np.float32]], stride: int, scale: float) -> list[_Found]:
    """Faces of one of YuNet's grids, px of the crop that was scaled by `scale`."""
    score = np.sqrt(np.clip(outputs[f"cls_{stride}"][0, :, 0], 0, 1) * np.clip(outputs[f"obj_{stride}"][0, :, 0], 0, 1))
    found = []
    for cell in np.flatnonzero(score >= MIN_SCORE).tolist():
        corner = np.array(divmod(cell, _DETECT_PX // stride)[::-1], np.float32)
        box = outputs[f"bbox_{stride}"][0, cell]
        middle, size = corner + box[:2], np.exp(box[2:])
        points = corner + outputs[f"kps_{stride}"][0, cell].reshape(5, 2)
        edges = np.concatenate([middle - size / 2, middle + size / 2])
        found.append(_Found((edges * stride / scale).astype(np.float32), (points * stride / scale).astype(np.float32)))
    return found


def _aligned(crop: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(112, 112, 3) face with its points where the network expects them (Umeyama, TPAMI 1991: least squares)."""
    source, target = points - points.mean(axis=0), _TEMPLATE - _TEMPLATE.mean(axis=0)
    u, sizes, vt = np.linalg.svd(target.T @ source)
    turn = np.diag([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ turn @ vt
    scale = float((sizes * np.diag(turn)).sum() / max(float((source**2).sum()), 1e-9))
    shift = _TEMPLATE.mean(axis=0) - scale * rotation @ points.mean(axis=0)
    transform = np.hstack([scale * rotation, shift[:, None]])
    return np.asarray(cv2.warpAffine(crop, transform, (SIZE_PX, SIZE_PX), flags=cv2.INTER_LINEAR), np.uint8)


def _quality(points: NDArray[np.float32], aligned: NDArray[np.uint8]) -> float:
    """0..1; 0 for a face that is too small or turned away."""
    eyes = points[1] - points[0]
    apart = float(np.linalg.norm(eyes))
    if apart < MIN_EYES_PX:
        return 0.0
    yaw = abs(float((points[2] - points[:2].mean(axis=0)) @ eyes)) / apart**2
    if yaw > MAX_YAW:
        return 0.0
    return min(apart / GOOD_EYES_PX, 1.0) * (1 - yaw / MAX_YAW) * (0.3 + 0.7 * sharpness(aligned))
