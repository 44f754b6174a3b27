"""Whether a camera's picture was cut: an edited film, a camera that jumps to another preset, a switcher before it.

Two steps on thumbnails of the luma. The difference to the picture before must stand out from those of the moments
before, as at every abrupt cut (Yeo and Liu, Rapid scene analysis on compressed video, IEEE Trans. Circuits and Systems
for Video Technology 5, 1995: difference of tiny pictures, compared with its neighbours; here with the past alone, since
a live picture must be told at once). Only then it is asked what became of the picture's parts: each textured block is
looked for near its place in the other picture by normalized correlation, which no lamp changes (block matching after
Shahraray, Scene change detection and content-based sampling of video sequences, SPIE 2419, 1995). Who walks by hides
some blocks and a pan shifts them all; a cut leaves few that are found again, in either direction.

Dissolves and fades take many pictures and aren't told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

THUMBNAIL_PX = (64, 36)
"""Width and height of what is compared: means of the cells, as samples would flicker."""
BLOCK_PX = (8, 9)
"""Width and height of a block. Larger ones tell pans and waving arms for cuts, smaller ones are found everywhere."""
SEARCH_PX = (4, 3)
"""So far from its place a block is looked for: at 15 pictures a second that is a pan by a whole picture in a second."""
TEXTURE_MIN = 3.0
"""Standard deviation of the luma in a block, 0..255, above which it can be told from a wall."""
CHANGE_MIN = 8.0
"""Mean change of the luma, 0..255, without what all cells share; people and noise mostly stay below this."""
SUDDEN_MIN = 1.5
"""So many times the largest change of the pictures before; a camera that is carried changes as much all the time."""
REMEMBERED = 8
"""Pictures before that a change is compared with: half a second at 15 a second."""
MAX_GAP_S = 0.15
"""Pictures further apart can't be told from people who moved meanwhile."""
CHANGE_FLOOR = 1.0
"""What stands still is compared with this change."""
LOST_MIN = 0.35
"""Share of the structure that isn't found again, mean of both directions. Real cuts: 0.36 to 0.74."""
LOST_EACH_MIN = 0.25
"""The same in each direction: who steps before the camera hides much, but what they hide was all there is new."""


class CutDetector:
    """State of one camera; pictures come in order."""

    def __init__(self) -> None:
        self._before: Float32 | None = None
        self._changes: deque[float] = deque(maxlen=REMEMBERED)
        self._last_s = float("-inf")

    def is_cut(self, time_s: float, luma: NDArray[np.uint8]) -> bool:
        """Whether the picture was cut since the one before.

        Args:
            time_s: capture time.
            luma: (36, 64), means over the cells of the whole picture. One without texture (a lens cap, a room whose
                lights are off) is passed over: what comes after it is compared with what was there before.
        """
        late, self._last_s = time_s - self._last_s > MAX_GAP_S, time_s
        _, spread = cv2.meanStdDev(luma)
        if spread[0, 0] < TEXTURE_MIN:
            return False
        now = luma.astype(np.float32)
        before, self._before = self._before, now
        if before is None or late:
            return False
        change = _change(before, now)
        usual = max(max(self._changes, default=0.0), CHANGE_FLOOR)
        self._changes.append(change)
        if change < CHANGE_MIN or change < SUDDEN_MIN * usual or not _is_lost(before, now):
            return False
        self._changes.clear()
        return True


def _change(before: Float32, now: Float32) -> float:
    difference = now - before
    some = difference[::2, ::2].ravel()
    # a lamp, or an exposure that adapts, changes all cells alike
    difference -= np.partition(some, some.size // 2)[some.size // 2]
    return float(cv2.norm(difference, cv2.NORM_L1)) / difference.size


def _is_lost(before: Float32, now: Float32) -> bool:
    forth, back = _lost(before, now), _lost(now, before)
    return min(forth, back) >= LOST_EACH_MIN and forth + back >= 2 * LOST_MIN


def _lost(wanted: Float32, among: Float32) -> float:
    """Share of the variance in the textured blocks of one picture that no place nearby in the other explains."""
    aside, above = SEARCH_PX
    padded = np.asarray(cv2.copyMakeBorder(among, above, above, aside, aside, cv2.BORDER_REPLICATE), np.float32)
    lost = whole = 0.0
    for top, left, variance in _textured(wanted):
        block = wanted[top : top + BLOCK_PX[1], left : left + BLOCK_PX[0]]
        region = padded[top : top + BLOCK_PX[1] + 2 * above, left : left + BLOCK_PX[0] + 2 * aside]
        found = max(0.0, float(cv2.matchTemplate(region, block, cv2.TM_CCOEFF_NORMED).max()))
        lost += variance * (1 - found**2)
        whole += variance
    return lost / whole if whole else 1.0


def _textured(luma: Float32) -> Iterator[tuple[int, int, float]]:
    """Top, left and variance of each textured block."""
    variances = _texture(luma)
    for row, column in np.argwhere(variances).tolist():
        yield row * BLOCK_PX[1], column * BLOCK_PX[0], float(variances[row, column])


def _texture(luma: Float32) -> Float32:
    """(4, 8) variance of each block; 0 where it has no texture."""
    width, height = THUMBNAIL_PX
    blocks = luma.reshape(height // BLOCK_PX[1], BLOCK_PX[1], width // BLOCK_PX[0], BLOCK_PX[0])
    variances: Float32 = blocks.var(axis=(1, 3))
    return np.where(variances >= TEXTURE_MIN**2, variances, np.float32(0))
