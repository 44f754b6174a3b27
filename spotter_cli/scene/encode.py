"""Writes pictures as an H.264 film that browsers play and that can be cut at any second without re-encoding."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.codec.codec import UnknownCodecError
from av.video.stream import VideoStream

_ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libopenh264", {"b": "4M"}),
    ("libx264", {"preset": "veryfast", "crf": "24", "tune": "zerolatency", "sc_threshold": "0"}),
)
"""Encoders in order of preference: the BSD-licensed one first. Which exist depends on how PyAV's FFmpeg was built."""

_BT601 = 6
_LIMITED_RANGE = 1


class EncoderMissingError(RuntimeError):
    """PyAV's FFmpeg has no H.264 encoder."""


def encode_h264(path: Path, fps: int, size_px: tuple[int, int], pictures: Iterable[npt.NDArray[np.uint8]]) -> None:
    """Write an mp4: H.264, yuv420p, a key frame every second, no B-frames, index at the front.

    size_px is (width, height), both even; each picture is planar YUV 4:2:0 (height * 3 / 2, width), BT.601, as
    `cv2.COLOR_BGR2YUV_I420` makes it. Raises EncoderMissingError where there is no encoder.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        name, options = _choose_encoder()
        stream = cast(VideoStream, container.add_stream(name, rate=fps, options=options))
        _configure(stream, fps, size_px)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _choose_encoder() -> tuple[str, dict[str, str]]:
    for name, options in _ENCODERS:
        try:
            av.codec.Codec(name, "w")
        except UnknownCodecError:
            continue
        return name, dict(options)
    tried = ", ".join(name for name, _ in _ENCODERS)
    raise EncoderMissingError(f"the installed PyAV has no H.264 encoder (tried {tried}); install the wheel from PyPI")


def _configure(stream: VideoStream, fps: int, size_px: tuple[int, int]) -> None:
    stream.width, stream.height = size_px
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = Fraction(1, fps)
    context.gop_size = fps
    context.max_b_frames = 0
    context.thread_count = 1
    context.colorspace, context.color_range = _BT601, _LIMITED_RANGE
