"""One upright picture of a camera; every form of it is made when it is first asked for."""

import numpy as np
from numpy.typing import NDArray

from svc_vision.decode import DecodedFrame, frame_of


class Picture:
    """A decoded frame whose pixels nobody has paid for yet. Safe from any thread."""

    def __init__(self, frame: DecodedFrame) -> None:
        """Keeps the frame's planes alive, half the size of its BGR."""
        self._frame = frame
        self._bgr: NDArray[np.uint8] | None = None

    @classmethod
    def of(cls, bgr: NDArray[np.uint8]) -> "Picture":
        """Of (H, W, 3) uint8 pixels that come from elsewhere, upright."""
        return cls(frame_of(bgr))

    @property
    def width(self) -> int:
        """Of the upright picture, px."""
        return self._frame.width

    @property
    def height(self) -> int:
        """Of the upright picture, px."""
        return self._frame.height

    def bgr(self) -> NDArray[np.uint8]:
        """(height, width, 3) uint8, contiguous; converted once, to be read only."""
        # Two threads at once convert twice and agree; a lock would cost every other call more.
        if self._bgr is None:
            self._bgr = self._frame.bgr()
        return self._bgr

    def rgb(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) uint8: the whole picture scaled to this size, straight from the decoder's planes."""
        return self._frame.scaled(width, height, "rgb24")

    def small_bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """The same as `rgb` in the other order of colours."""
        return self._frame.scaled(width, height, "bgr24")

    def luma_thumbnail(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width) uint8 brightness at the middle of each cell of a grid; costs some µs."""
        return self._frame.luma_thumbnail(width, height)

    def luma_means(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width) uint8 mean brightness of each cell of a grid, as it was coded, not upright; some 10 µs."""
        return self._frame.luma_means(width, height)
