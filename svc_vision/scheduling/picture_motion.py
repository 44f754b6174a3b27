"""Whether a picture moves, told from thumbnails of its luma: cheap enough for every decoded frame.

Background subtraction with a mean deviation for each cell, after Σ-Δ (Manzanera and Richefeu, A new motion detection
algorithm based on Σ-Δ background estimation, Pattern Recognition Letters 28, 2007); the background here is simply the
picture of a moment ago, since people who stand are not movement.
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from svc_vision.scheduling.config import ScheduleConfig

MAX_KEPT = 64
"""Thumbnails kept for comparison: enough for 150 frames a second."""


class PictureMotion:
    """State of one camera."""

    def __init__(self, config: ScheduleConfig) -> None:
        self._config = config
        self._recent: deque[tuple[float, NDArray[np.float32]]] = deque(maxlen=MAX_KEPT)
        self._usual: NDArray[np.float32] | None = None

    def moved(self, time_s: float, thumbnail: NDArray[np.uint8], learn: bool) -> bool:
        """Whether something moved since a moment ago.

        Args:
            time_s: capture time; must not run backwards.
            thumbnail: (h, w) luma of the frame, always of the same size; another size begins anew.
            learn: nobody is known to move, so what changes now is usual: noise, key frames, a screen, a fan.
        """
        luma = thumbnail.astype(np.float32)
        if self._recent and self._recent[-1][1].shape != luma.shape:
            self._recent.clear()
            self._usual = None
        while len(self._recent) > 1 and time_s - self._recent[1][0] >= self._config.compare_s:
            self._recent.popleft()
        before = self._recent[0] if self._recent else None
        self._recent.append((time_s, luma))
        if before is None:
            return False
        return self._changed(luma - before[1], time_s - self._recent[-2][0], learn)

    def _changed(self, difference: NDArray[np.float32], elapsed_s: float, learn: bool) -> bool:
        config = self._config
        # Noise differs from cell to cell; what moves covers some side by side.
        smooth: NDArray[np.float32] = np.asarray(cv2.blur(difference, (3, 3)), np.float32)
        # A lamp that is switched on, or an exposure that adapts, changes all cells alike.
        size = np.abs(smooth - np.float32(_middle(smooth)))
        if self._usual is None:
            self._usual = np.zeros(size.shape, np.float32)
        least = max(config.cell_change_min, config.cell_change_noise * _middle(size))
        limit = np.maximum(least, config.cell_change_usual * self._usual)
        changed = int(np.count_nonzero(size > limit)) >= config.cells_min
        if learn:
            self._usual += np.float32(min(1.0, elapsed_s / config.usual_s)) * (size - self._usual)
        return changed


def _middle(cells: NDArray[np.float32]) -> float:
    """The median of a quarter of the cells: near enough, and a quarter of the cost."""
    some = cells[::2, ::2].ravel()
    return float(np.partition(some, some.size // 2)[some.size // 2])
