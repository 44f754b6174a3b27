"""Videos as phones and cameras really write them, drawn for tests: red above, blue below, a white bar that walks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

MILLISECOND = Fraction(1, 1000)
H264 = {"g": "15", "bf": "0", "preset": "ultrafast", "sc_threshold": "0"}
H265 = {"preset": "ultrafast", "x265-params": "keyint=15:min-keyint=15:bframes=0:log-level=none:pools=none"}


def upright_picture(index: int, width: int, height: int) -> Any:
    """(height, width, 3) uint8 BGR: red above, blue below."""
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2], image[height // 2 :] = (20, 20, 220), (220, 20, 20)
    left = index * 5 % (width - 16)
    image[:, left : left + 16] = 255
    return image


def write(
    path: Path,
    pictures: Sequence[Any],
    times_ms: Sequence[int],
    codec: str = "libx264",
    turn_deg: int = 0,
) -> Path:
    """Codes pictures with these presentation times. `turn_deg`: clockwise turn that makes them upright."""
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream(codec, rate=30, options=H265 if codec == "libx265" else H264)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = stream.time_base = MILLISECOND
        if codec == "libx265" and path.suffix == ".mp4":
            stream.codec_context.codec_tag = "hvc1"
        if turn_deg:
            stream.set_display_rotation(-turn_deg)
        for image, time_ms in zip(pictures, times_ms, strict=True):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            frame.pts, frame.time_base = time_ms, MILLISECOND
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def regular_ms(count: int, rate_hz: float = 15.0) -> list[int]:
    """Presentation times of a steady camera."""
    return [round(index * 1000 / rate_hz) for index in range(count)]


def phone_ms(count: int) -> list[int]:
    """Presentation times of a phone that takes longer where it is dark: 33 to 100 ms apart."""
    steps = random.Random(5).choices([33, 34, 50, 67, 100], k=count - 1)
    return [sum(steps[:index]) for index in range(count)]


def steady(path: Path, count: int = 45, width: int = 320, height: int = 240, codec: str = "libx264") -> Path:
    """A film at 15 Hz."""
    return write(path, [upright_picture(index, width, height) for index in range(count)], regular_ms(count), codec)


def rotated(path: Path, turn_deg: int, count: int = 45) -> Path:
    """A film of a phone that was held in another way than its sensor lies: upright it is 240 × 320."""
    upright = [upright_picture(index, 240, 320) for index in range(count)]
    lying = [np.rot90(image, turn_deg // 90) for image in upright]
    return write(path, lying, regular_ms(count), turn_deg=turn_deg)


def variable_rate(path: Path, count: int = 45) -> Path:
    """A film whose pictures are 33 to 100 ms apart."""
    return write(path, [upright_picture(index, 320, 240) for index in range(count)], phone_ms(count))


def resolution_change(path: Path, folder: Path) -> Path:
    """45 pictures of 320 × 240, then 45 of 480 × 640, in one MPEG transport stream."""
    first = steady(folder / "first.ts", 45)
    times_ms = [3000 + time_ms for time_ms in regular_ms(45)]
    second = write(folder / "second.ts", [upright_picture(index, 480, 640) for index in range(45)], times_ms)
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return path


def with_garbage(path: Path, whole: Path, every: int = 9) -> Path:
    """A film in which the coded bytes of every `every`-th picture are noise, beginning in the middle of a group."""
    noise = random.Random(7)
    with av.open(str(whole)) as source, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for index, packet in enumerate(source.demux(source.streams.video[0])):
            if packet.size == 0:
                continue
            if index % every == every // 2:
                damaged = av.Packet(bytes(packet)[:5] + noise.randbytes(packet.size))
                damaged.pts, damaged.dts, damaged.time_base = packet.pts, packet.dts, packet.time_base
                packet = damaged
            packet.stream = stream
            output.mux(packet)
    return path
