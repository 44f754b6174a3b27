"""What a person looks like as a vector of a re-identification network, from a crop of the body."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.inference import Inference

MODEL = "person_embedding"
"""OSNet x0.25 (Zhou et al., "Omni-Scale Feature Learning for Person Re-Identification", ICCV 2019), MSMT17."""
NAME = "osnet_x0_25_msmt17"
"""What vectors of `MODEL` are called where they leave this process: only vectors of one name may be compared."""
WIDTH_PX, HEIGHT_PX = 128, 256
MAX_BATCH = 8


class PersonEmbedder:
    """Describes crops of people, several in one call."""

    def __init__(self, inference: Inference) -> None:
        """`inference` has `MODEL`; see `available`."""
        self._inference = inference

    @staticmethod
    def available(inference: Inference) -> bool:
        """Whether the repository has the model; without it colours must do."""
        return MODEL in inference.models()

    def describe(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """(N, 512) float32 of length 1 each, of N crops (h, w, 3) BGR of any size.

        Raises:
            ModelError: the model can't be run.
        """
        images = [_fit(crop) for crop in crops]
        parts = [
            self._inference.infer(MODEL, {"image": np.stack(images[start : start + MAX_BATCH])})["embedding"]
            for start in range(0, len(images), MAX_BATCH)
        ]
        return np.concatenate(parts).astype(np.float32)


def _fit(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shrinks = crop.shape[0] > HEIGHT_PX
    sized = cv2.resize(crop, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.ascontiguousarray(sized[:, :, ::-1], np.uint8)
