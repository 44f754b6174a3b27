"""One person in one frame, as the motion domain sees it, and the one mapping from BlazePose-33 to COCO-17."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MIN_CONFIDENCE = 0.3
"""A joint below this confidence counts as not seen. Raising it loses far-side limbs, lowering it lets guesses in."""

OUT_OF_FRAME_MARGIN = 0.1
"""A joint further outside the picture than this share of its size is a guess of the pose model, not a sight."""


class KeypointSchema(Enum):
    """Order of the joints in an observation."""

    COCO_17 = 17
    BLAZEPOSE_33 = 33


BLAZEPOSE_TO_COCO = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""BlazePose index of each COCO-17 joint. Feet exist in BlazePose only."""

BLAZEPOSE_FEET = (29, 30, 31, 32)
"""BlazePose index of the left heel, right heel, left toes, right toes."""

NOSE = 0
LEFT_EAR, RIGHT_EAR = 3, 4
LEFT_SHOULDER, RIGHT_SHOULDER = 5, 6
LEFT_ELBOW, RIGHT_ELBOW = 7, 8
LEFT_WRIST, RIGHT_WRIST = 9, 10
LEFT_HIP, RIGHT_HIP = 11, 12
LEFT_KNEE, RIGHT_KNEE = 13, 14
LEFT_ANKLE, RIGHT_ANKLE = 15, 16

SHOULDERS = (LEFT_SHOULDER, RIGHT_SHOULDER)
ELBOWS = (LEFT_ELBOW, RIGHT_ELBOW)
WRISTS = (LEFT_WRIST, RIGHT_WRIST)
HIPS = (LEFT_HIP, RIGHT_HIP)
KNEES = (LEFT_KNEE, RIGHT_KNEE)
ANKLES = (LEFT_ANKLE, RIGHT_ANKLE)
LIMB_JOINTS = SHOULDERS + ELBOWS + WRISTS + HIPS + KNEES + ANKLES
LIMBS = slice(min(LIMB_JOINTS), max(LIMB_JOINTS) + 1)
"""The same in COCO-17 order, where they are the last twelve."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Keypoints of one person at one capture time.

    Raises ValueError when the array does not fit the schema: a wrong shape must never be counted from.
    """

    capture_time_ns: int
    keypoints: NDArray[np.floating]
    """(K, 3): x px, y px (down), confidence 0..1; K is the schema's value. NaN means not found."""
    schema: KeypointSchema
    frame_width_px: int
    frame_height_px: int
    world: NDArray[np.floating] | None = None
    """(33, 3) metres around the hips, where the pose model gives them."""
    after_cut: bool = False
    """The camera's picture was cut since the person's observation before: places and sizes don't join across it."""

    def __post_init__(self) -> None:
        if self.keypoints.shape != (self.schema.value, 3):
            raise ValueError(
                f"keypoints of {self.schema.name} need shape ({self.schema.value}, 3), got {self.keypoints.shape}"
            )
        if self.frame_width_px <= 0 or self.frame_height_px <= 0:
            raise ValueError("frame size must be positive")


@dataclass(frozen=True, slots=True)
class BodyFrame:
    """The joints that were really seen, in COCO-17 order."""

    time_s: float
    points: FloatArray
    """(17, 2) px; NaN where the joint was not seen."""
    confidence: FloatArray
    """(17,) 0..1; 0 where the joint was not seen."""
    feet: FloatArray | None = None
    """(4, 2) px: left heel, right heel, left toes, right toes; NaN where not seen. None where the schema has none."""

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(17,) which joints were seen."""
        return self.confidence > 0

    @property
    def limbs_seen(self) -> int:
        """How many of the twelve body joints were seen."""
        return int(np.count_nonzero(self.confidence[LIMBS]))


def stacked(arrays: list[FloatArray]) -> FloatArray:
    """Arrays of one shape as one array; np.stack takes several times as long for many small ones."""
    return np.concatenate(arrays).reshape(len(arrays), *arrays[0].shape)


def body_frame(observation: Observation) -> BodyFrame:
    """Keep the joints that were seen inside the picture, as COCO-17, and the feet where the schema has them."""
    keypoints = np.asarray(observation.keypoints, dtype=np.float64)
    size = np.array([observation.frame_width_px, observation.frame_height_px], dtype=np.float64)
    points, confidence = keypoints[:, :2], np.nan_to_num(keypoints[:, 2])
    margin = OUT_OF_FRAME_MARGIN * size
    inside = ((points >= -margin) & (points <= size + margin)).all(axis=1)
    confidence = np.where((confidence >= MIN_CONFIDENCE) & inside, confidence, 0.0)
    points = np.where(confidence[:, None] > 0, points, np.nan)
    time_s = observation.capture_time_ns * 1e-9
    if observation.schema is KeypointSchema.COCO_17:
        return BodyFrame(time_s, points, confidence)
    body = list(BLAZEPOSE_TO_COCO)
    return BodyFrame(time_s, points[body], confidence[body], points[list(BLAZEPOSE_FEET)])
