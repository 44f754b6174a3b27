"""Reads QR codes of badges off people, some at a time, so that it costs little."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mesh.ids import TrackId
from svc_vision.crops import cut_out

MIN_HEIGHT_PX = 250.0
"""A badge of a tenth of a smaller person's height has too few pixels a module."""
CHEST = (0.12, 0.72)
"""Where on a person's box, from the top, a badge is looked for."""
MAX_WIDTH_PX = 400
"""Wider crops are shrunk: near the camera a badge is large."""
PEOPLE_A_SEARCH = 3
"""Whoever was searched longest ago comes first."""
MAX_TEXT = 512
"""Longer texts are no badges."""
_MARGIN = 0.6
"""Around a code that was found and not read, in its own sizes, for a second look."""


@dataclass(frozen=True, slots=True)
class _Code:
    text: str
    """Empty where it was found and could not be read."""
    corners: NDArray[np.float32]
    """(4, 2) px of the crop."""


class BadgeReader:
    """Searches the people of one camera in turn. Not to be shared between threads that run at once."""

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetectorAruco()
        self._searched: dict[TrackId, int] = {}
        self._searches = 0

    def read(
        self,
        bgr: NDArray[np.uint8],
        boxes: NDArray[np.float32],
        track_ids: Sequence[TrackId],
        skip: Collection[TrackId] = (),
    ) -> dict[TrackId, str]:
        """Texts of codes, by whose box alone holds the code.

        Args:
            bgr: (H, W, 3) frame.
            boxes: (N, 4) xyxy px.
            track_ids: of the boxes.
            skip: tracks that are not to be searched.
        """
        self._searched = {track_id: at for track_id, at in self._searched.items() if track_id in track_ids}
        large = [
            row
            for row, track_id in enumerate(track_ids)
            if boxes[row, 3] - boxes[row, 1] >= MIN_HEIGHT_PX and track_id not in skip
        ]
        large.sort(key=lambda row: self._searched.get(track_ids[row], 0))
        found: dict[TrackId, str] = {}
        for row in large[:PEOPLE_A_SEARCH]:
            self._searches += 1
            self._searched[track_ids[row]] = self._searches
            text = self._search(bgr, boxes, row)
            if text:
                found[track_ids[row]] = text
        return found

    def _search(self, bgr: NDArray[np.uint8], boxes: NDArray[np.float32], row: int) -> str:
        box = boxes[row].copy()
        top, height = box[1], box[3] - box[1]
        box[1], box[3] = top + CHEST[0] * height, top + CHEST[1] * height
        crop = cut_out(bgr, box)
        if crop is None:
            return ""
        scale = min(1.0, MAX_WIDTH_PX / crop.shape[1])
        grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
        small = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        for code in self._codes(small):
            middle = np.maximum(box[:2], 0) + code.corners.mean(axis=0) / scale
            if _holders(boxes, middle) == 1:
                text = code.text or self._second_look(np.asarray(grey, np.uint8), code.corners / scale)
                if 0 < len(text) <= MAX_TEXT:
                    return text
        return ""

    def _second_look(self, grey: NDArray[np.uint8], corners: NDArray[np.float32]) -> str:
        """Text of a code after enlarging what is around it twofold; empty where it still can't be read."""
        low, high = corners.min(axis=0), corners.max(axis=0)
        margin = _MARGIN * (high - low)
        view = cut_out(grey, np.concatenate([low - margin, high + margin]).astype(np.float32))
        if view is None:
            return ""
        large = cv2.resize(view, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        return next((code.text for code in self._codes(np.asarray(large, np.uint8)) if code.text), "")

    def _codes(self, grey: NDArray[np.uint8]) -> list[_Code]:
        try:
            found, texts, corners, _ = self._detector.detectAndDecodeMulti(grey)
        except cv2.error:
            # OpenCV's decoder raises on some codes that it takes for damaged.
            return []
        if not found or corners is None:
            return []
        return [_Code(text, points) for text, points in zip(texts, np.asarray(corners, np.float32), strict=True)]


def _holders(boxes: NDArray[np.float32], point: NDArray[np.float32]) -> int:
    """How many boxes hold a point."""
    return int(((boxes[:, :2] <= point) & (point <= boxes[:, 2:])).all(axis=1).sum())
