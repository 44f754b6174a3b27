"""People of one frame as arrays, and the keypoint schemas."""

import math
from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


class Keypoint(IntEnum):
    """BlazePose's 33 keypoints in order; left and right are the person's own."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


COCO17_FROM_BLAZEPOSE33 = (
    Keypoint.NOSE,
    Keypoint.LEFT_EYE,
    Keypoint.RIGHT_EYE,
    Keypoint.LEFT_EAR,
    Keypoint.RIGHT_EAR,
    Keypoint.LEFT_SHOULDER,
    Keypoint.RIGHT_SHOULDER,
    Keypoint.LEFT_ELBOW,
    Keypoint.RIGHT_ELBOW,
    Keypoint.LEFT_WRIST,
    Keypoint.RIGHT_WRIST,
    Keypoint.LEFT_HIP,
    Keypoint.RIGHT_HIP,
    Keypoint.LEFT_KNEE,
    Keypoint.RIGHT_KNEE,
    Keypoint.LEFT_ANKLE,
    Keypoint.RIGHT_ANKLE,
)
"""For each COCO-17 keypoint in COCO's order the BlazePose keypoint it is; the other way round nothing is known."""


class KeypointSchema(Enum):
    """Which joints a finder knows."""

    COCO_17 = 17
    BLAZEPOSE_33 = 33


_ARRAYS: tuple[tuple[str, tuple[int, ...], type[np.generic]], ...] = (
    ("boxes", (4,), np.float32),
    ("scores", (), np.float32),
    ("keypoints", (33, 3), np.float32),
    ("world", (33, 3), np.float32),
    ("regions", (), np.int64),
)
"""Arrays of `People`: name, shape behind the axis of people, type."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """N people seen in one frame; row i of every array is the same person."""

    boxes: Float32
    """(N, 4) px: x0, y0, x1, y1 around the body, inside the image."""
    scores: Float32
    """(N,) probability that a person is there."""
    keypoints: Float32
    """(N, 33, 3): x px, y px, visibility 0..1 (0 outside the image); see `Keypoint`. Zeros where `schema` lacks one."""
    world: Float32
    """(N, 33, 3) m: x right, y down, z away from the camera, origin between the hips; zeros with COCO_17."""
    regions: NDArray[np.int64]
    """(N,) number of the followed image region; the same number in the next frame is very likely the same person; -1
    where no region is followed."""
    schema: KeypointSchema = KeypointSchema.BLAZEPOSE_33
    """Which of the 33 rows are filled: all, or those of `COCO17_FROM_BLAZEPOSE33`."""

    def __post_init__(self) -> None:
        """Raises ValueError when shapes, types or the ranges of probabilities are wrong."""
        n = len(self.boxes)
        for name, shape, wanted in _ARRAYS:
            array = getattr(self, name)
            if array.shape != (n, *shape) or array.dtype != wanted:
                raise ValueError(
                    f"People.{name} must be {np.dtype(wanted)} {(n, *shape)}, is {array.dtype} {array.shape}"
                )
            # One value that isn't finite makes the sum so, at half the price of asking each.
            if n and not math.isfinite(array.sum()):
                raise ValueError(f"People.{name} holds a value that is not finite")
        for name, values in (("scores", self.scores), ("visibility", self.keypoints[:, :, 2])):
            if n and (values.min() < 0 or values.max() > 1):
                raise ValueError(f"People: {name} must be within 0..1")

    def __len__(self) -> int:
        """Number of people."""
        return len(self.boxes)

    @classmethod
    def empty(cls, schema: KeypointSchema = KeypointSchema.BLAZEPOSE_33) -> "People":
        """Nobody."""
        return cls(
            boxes=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
            keypoints=np.zeros((0, 33, 3), np.float32),
            world=np.zeros((0, 33, 3), np.float32),
            regions=np.zeros(0, np.int64),
            schema=schema,
        )

    def rows(self, rows: NDArray[np.intp] | list[int]) -> "People":
        """Some of these people, in this order."""
        if list(rows) == list(range(len(self))):
            return self
        return People(
            self.boxes[rows], self.scores[rows], self.keypoints[rows], self.world[rows], self.regions[rows], self.schema
        )

    def coco17(self) -> Float32:
        """(N, 17, 3) keypoints in COCO order."""
        return self.keypoints[:, COCO17_FROM_BLAZEPOSE33]
