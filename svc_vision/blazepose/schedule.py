"""Decides which parts of a frame the detector looks at, and when.

The detector finds people whose height is at least a quarter of the window's side. Whole frame and square tiles in
turn keep the cost of a frame even, while everybody large enough in some window is found within one round.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose.detector import Window
from svc_vision.blazepose.geometry import Region

FINE_TILE_SHARE = 0.6
"""Side of a fine tile as a share of the frame's shorter side."""
FINE_TILE_MIN_PX = 320
"""Smaller fine tiles would only enlarge pixels."""
_CUT_DIFFERENCE_MIN = 22.0
"""Mean absolute difference of thumbnails, 0..255, above which a frame may start a new shot."""
_CUT_RATIO_MIN = 4.0
"""How many times the recent difference it also has to be, so that a shaking camera is no series of cuts."""


def coarse_windows(width: int, height: int) -> list[Window]:
    """The whole frame, then square tiles over its long side that overlap by about half."""
    side = min(width, height)
    whole = Window(0, 0, width, height)
    if max(width, height) < 1.2 * side:
        return [whole]
    return [whole, *_tiles(width, height, side)]


def fine_windows(width: int, height: int) -> list[Window]:
    """Smaller tiles for people far away; none where the picture is too small to gain from them."""
    side = round(min(width, height) * FINE_TILE_SHARE)
    return _tiles(width, height, side) if side >= FINE_TILE_MIN_PX else []


def window_around(region: Region, width: int, height: int) -> Window:
    """A square of twice the region's size around it, moved into the frame."""
    side = min(max(round(region.size * 2), 64), min(width, height))
    x = min(max(round(region.x - side / 2), 0), width - side)
    y = min(max(round(region.y - side / 2), 0), height - side)
    return Window(x, y, side, side)


class WindowRound:
    """Endless turn of the windows of one frame size: coarse and fine in alternation."""

    def __init__(self, width: int, height: int) -> None:
        """`width` and `height` of the frames, px."""
        self.coarse = coarse_windows(width, height)
        self.fine = fine_windows(width, height)
        order = self.coarse
        if self.fine:
            turns = max(len(self.coarse), len(self.fine))
            pairs = zip(itertools.cycle(self.coarse), itertools.cycle(self.fine), strict=False)
            order = [window for pair in itertools.islice(pairs, turns) for window in pair]
        self._turn = itertools.cycle(order)
        self._whole_is_next = True

    def next(self) -> Window:
        """The window whose turn it is."""
        return next(self._turn)

    def next_eager(self) -> Window:
        """The same with the whole frame every other time: most who come in are large enough for it."""
        whole, self._whole_is_next = self._whole_is_next, not self._whole_is_next
        return self.coarse[0] if whole else self.next()


class SceneWatch:
    """Notices that a frame shows another scene than the one before: a cut, a camera that was moved, much that changed.

    It only makes the tracker look everywhere, which is cheap to do once too often, between the frames that it is given;
    `svc_vision.cuts` tells everybody else of cuts, and must not be wrong.
    """

    def __init__(self) -> None:
        """Starts without a frame; the first one is no cut."""
        self._thumbnail: NDArray[np.float32] | None = None
        self._usual_difference: float | None = None

    def update(self, bgr: NDArray[np.uint8]) -> bool:
        """Whether this frame starts a new shot."""
        height, width = bgr.shape[:2]
        thumbnail = bgr[height // 48 :: max(1, height // 24), width // 64 :: max(1, width // 32)].astype(np.float32)
        previous, self._thumbnail = self._thumbnail, thumbnail
        if previous is None or previous.shape != thumbnail.shape:
            return False
        difference = float(np.abs(thumbnail - previous).mean())
        usual = self._usual_difference
        if usual is None:
            usual = self._usual_difference = difference
        # A cut counts less towards what is usual, yet it counts: else a shaking camera would be cut for ever.
        self._usual_difference = usual + 0.2 * (min(difference, 3 * usual + 1) - usual)
        cut = difference > _CUT_DIFFERENCE_MIN and difference > _CUT_RATIO_MIN * usual
        return cut


def _tiles(width: int, height: int, side: int) -> list[Window]:
    return [Window(x, y, side, side) for y in _starts(height, side) for x in _starts(width, side)]


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = int(np.ceil((length - side) / (side * 0.5))) + 1
    return [round((length - side) * i / (count - 1)) for i in range(count)]
