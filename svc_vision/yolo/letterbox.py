"""The rectangle that the model looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_vision.picture import Picture

STRIDE_PX = 32
"""Sides of the model's input are multiples of this: its coarsest cells."""
GREY = 114
"""Of the bars, as in training."""
MAX_ENLARGEMENT = 2.0
"""A tiny picture gains nothing from more pixels."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How pictures of one size lie in the model's input: scaled without distortion, with the thinnest bars."""

    width_px: int
    """Of the input, with bars."""
    height_px: int
    """Of the input, with bars."""
    inner_width_px: int
    """Of the picture in it."""
    inner_height_px: int
    """Of the picture in it."""

    @classmethod
    def of(cls, width: int, height: int, long_side_px: int) -> Letterbox:
        """For pictures of `width` x `height` px, with an input at most `long_side_px` long."""
        scale = min(long_side_px / max(width, height), MAX_ENLARGEMENT)
        inner = [max(1, round(side * scale)) for side in (width, height)]
        outer = [-(-side // STRIDE_PX) * STRIDE_PX for side in inner]
        return cls(outer[0], outer[1], inner[0], inner[1])

    @property
    def left_px(self) -> int:
        """Width of the bar on the left."""
        return (self.width_px - self.inner_width_px) // 2

    @property
    def top_px(self) -> int:
        """Height of the bar above."""
        return (self.height_px - self.inner_height_px) // 2

    def image(self, picture: Picture) -> NDArray[np.uint8]:
        """(height_px, width_px, 3) RGB."""
        inner = picture.rgb(self.inner_width_px, self.inner_height_px)
        if inner.shape[:2] == (self.height_px, self.width_px):
            return inner
        image = np.empty((self.height_px, self.width_px, 3), np.uint8)
        bottom, right = self.top_px + self.inner_height_px, self.left_px + self.inner_width_px
        image[: self.top_px], image[bottom:] = GREY, GREY
        image[self.top_px : bottom, : self.left_px], image[self.top_px : bottom, right:] = GREY, GREY
        image[self.top_px : bottom, self.left_px : right] = inner
        return image

    def to_picture(self, x: NDArray[np.float32], y: NDArray[np.float32], width: int, height: int) -> None:
        """Turns px of the input into px of the picture of `width` x `height`, in place."""
        x -= self.left_px
        x *= width / self.inner_width_px
        y -= self.top_px
        y *= height / self.inner_height_px
