"""Small videos drawn for tests: a bar that moves one step a frame, so that pictures can be told apart."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
import numpy as np
from av.video.frame import VideoFrame

RATE_HZ = 25


def open_video(source: str | IO[bytes]) -> Any:
    """A container to read; PyAV's types can't tell it from one to write."""
    return av.open(source)


def picture(index: int, width: int = 160, height: int = 120) -> Any:
    image = np.full((height, width, 3), 40, np.uint8)
    left = index * 3 % (width - 16)
    image[:, left : left + 16] = 220
    return image


def write_video(
    path: Path, frames: int = 100, gop: int = 25, b_frames: int = 2, codec: str = "libx264", turn_deg: int = 0
) -> Path:
    """`turn_deg`: clockwise turn that makes it upright."""
    with av.open(str(path), "w", options={"movflags": "+faststart"} if path.suffix == ".mp4" else {}) as output:
        options = {"g": str(gop), "bf": str(b_frames), "preset": "ultrafast", "sc_threshold": "0"}
        stream: Any = output.add_stream(codec, rate=RATE_HZ, options=options if codec == "libx264" else {})
        stream.width, stream.height = 160, 120
        stream.pix_fmt = {"gif": "rgb8", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
        if turn_deg:
            stream.set_display_rotation(-turn_deg)
        for index in range(frames):
            frame = VideoFrame.from_ndarray(picture(index), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, RATE_HZ)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def jpeg(index: int = 0, width: int = 160, height: int = 120) -> bytes:
    context: Any = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuvj420p"
    context.time_base = Fraction(1, RATE_HZ)
    frame = VideoFrame.from_ndarray(picture(index, width, height), format="bgr24").reformat(format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
