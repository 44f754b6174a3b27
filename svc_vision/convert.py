"""From a decoder's planes to arrays of pixels.

Measured with FFmpeg 8 and OpenCV 5, one thread, 1280x720 → 640x360 RGB: swscale alone 1.15 ms (its scaler has no quick
way to RGB), the whole picture to BGR and then OpenCV 0.63 ms, OpenCV on the planes and then swscale at equal size 0.41.
"""

import threading
from collections import OrderedDict
from typing import Literal, cast

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

PixelOrder = Literal["rgb24", "bgr24"]
_PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}
"""Eight bits, one plane a component: each can be scaled by itself."""
_LUMA_FIRST = _PLANAR | {"nv12", "nv21", "gray"}
_MAX_SCALERS = 4


class Converter:
    """Converts one camera's pictures; keeps the scaling contexts, as opening one costs more than using it."""

    def __init__(self) -> None:
        self._scalers: OrderedDict[tuple[str, int, int], VideoReformatter] = OrderedDict()
        self._lock = threading.Lock()

    def full(self, frame: VideoFrame, order: PixelOrder) -> NDArray[np.uint8]:
        """(H, W, 3), contiguous."""
        with self._lock:
            return self._pixels(frame, order)

    def scaled(self, frame: VideoFrame, width: int, height: int, order: PixelOrder) -> NDArray[np.uint8]:
        """(height, width, 3), contiguous."""
        if (frame.width, frame.height) == (width, height):
            return self.full(frame, order)
        if frame.format.name not in _PLANAR:
            return _resize(self.full(frame, order), width, height)
        # Half of an odd side is no whole pixel: there the colours get as many pixels as the brightness.
        layout = "444p" if width % 2 or height % 2 else "420p"
        small = VideoFrame(width, height, ("yuvj" if frame.format.name.startswith("yuvj") else "yuv") + layout)
        small.colorspace, small.color_range = frame.colorspace, frame.color_range
        for source, target in zip(frame.planes, small.planes, strict=True):
            view = _view(target)
            _resize(_view(source), view.shape[1], view.shape[0], view)
        with self._lock:
            return self._pixels(small, order)

    def _pixels(self, frame: VideoFrame, order: PixelOrder) -> NDArray[np.uint8]:
        key = (order, frame.width, frame.height)
        scaler = self._scalers.pop(key, None) or VideoReformatter()
        self._scalers[key] = scaler
        while len(self._scalers) > _MAX_SCALERS:
            self._scalers.popitem(last=False)
        return np.ascontiguousarray(scaler.reformat(frame, format=order, threads=1).to_ndarray(), np.uint8)


def luma_samples(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width) brightness at the middle of each cell of a grid over the picture, as it was coded."""
    if frame.format.name not in _LUMA_FIRST:
        grey = frame.reformat(width, height, "gray", interpolation=Interpolation.POINT, threads=1)
        return np.array(_view(grey.planes[0]))
    luma = _view(frame.planes[0])
    rows = (np.arange(height) * 2 + 1) * frame.height // (2 * height)
    columns = (np.arange(width) * 2 + 1) * frame.width // (2 * width)
    return luma[rows[:, None], columns]


def luma_means(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width) brightness of each cell of a grid over the picture, as it was coded: mean of four of its pixels.

    The mean of all costs many times as much; single ones flicker where something fine moves.
    """
    if frame.format.name not in _LUMA_FIRST:
        grey = frame.reformat(width, height, "gray", interpolation=Interpolation.AREA, threads=1)
        return np.array(_view(grey.planes[0]))
    some = cv2.resize(_view(frame.planes[0]), (2 * width, 2 * height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.resize(some, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _view(plane: VideoPlane) -> NDArray[np.uint8]:
    """The plane's own memory, without the padding of its lines."""
    return np.frombuffer(cast(memoryview, plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]


def _resize(
    image: NDArray[np.uint8], width: int, height: int, target: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Bilinear, after halving while more than that would jump over pixels: as smooth as areas, a fifth of the cost."""
    while image.shape[1] > 2 * width and image.shape[0] > 2 * height:
        halves = (image.shape[1] // 2, image.shape[0] // 2)
        image = np.asarray(
            cv2.resize(image[: 2 * halves[1], : 2 * halves[0]], halves, interpolation=cv2.INTER_AREA), np.uint8
        )
    return np.asarray(cv2.resize(image, (width, height), dst=target, interpolation=cv2.INTER_LINEAR), np.uint8)
