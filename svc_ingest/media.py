"""Everything that asks PyAV about a source: opening it, its format, its times."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import av
import av.error

from svc_ingest.packets import VideoFormat
from svc_ingest.sources import Source

NS_PER_S = 1_000_000_000
PROBED_FRAMES = 32
# Short analysis opens a camera in 0.1 to 0.5 s; TCP, because lost UDP packets look like broken pictures.
_RTSP_OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "300000", "probesize": "100000"}
_DEVICE_FORMATS = {"linux": "video4linux2,v4l2", "darwin": "avfoundation", "win32": "dshow"}


def open_source(source: Source, open_timeout_s: float, read_timeout_s: float) -> Any:
    """The opened container. Raises FFmpegError, OSError or ValueError where it can't be opened."""
    timeout = (open_timeout_s, read_timeout_s)
    if source.scheme == "file":
        path = Path(source.address)
        if path.is_dir():
            raise IsADirectoryError(source.address)
        path.open("rb").close()
        # The protocol list keeps a playlist in a file from opening addresses.
        return av.open(str(path), timeout=timeout, options={"protocol_whitelist": "file"})
    if source.scheme == "device":
        # A webcam's own JPEG keeps the rule that nothing is decoded here.
        return av.open(
            source.address,
            format=_DEVICE_FORMATS.get(sys.platform, ""),
            timeout=timeout,
            options={"input_format": "mjpeg"},
        )
    return av.open(source.address, timeout=timeout, options=_RTSP_OPTIONS)


def describe(stream: Any, packet: Any, source: Source) -> VideoFormat:
    """Format of an open stream; `packet` is its first one."""
    context = stream.codec_context
    return VideoFormat(
        codec=str(context.codec.canonical_name),
        extradata=bytes(context.extradata or b""),
        width_px=int(stream.width or 0),
        height_px=int(stream.height or 0),
        rotation_deg=rotation_deg(Path(source.address)) if source.scheme == "file" else 0,
        frame_rate_hz=frame_rate_hz(stream),
        header=header_of(stream, packet),
    )


def rotation_deg(path: Path) -> int:
    """Clockwise turn that makes a file's pictures upright. Decodes one picture: only there PyAV tells the turn."""
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.video[0]
            for _, packet in zip(range(PROBED_FRAMES), container.demux(stream), strict=False):
                for frame in packet.decode():
                    return round(-frame.rotation / 90) * 90 % 360
    except (av.error.FFmpegError, OSError, ValueError):
        return 0
    return 0


def frame_rate_hz(stream: Any) -> float:
    """Rate that a stream announces; 0 where it says none, or one that no camera has."""
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate and 0 < rate <= 1000 else 0.0


def first_pts_ns(stream: Any) -> int | None:
    """Timestamp of a stream's first picture; None where only the first packet tells."""
    if stream.start_time is None:
        return None
    return int(stream.start_time * stream.time_base * NS_PER_S)


def duration_ns(stream: Any) -> int:
    """Length that a stream announces; 0 where it says none."""
    if stream.duration is None:
        return 0
    return int(stream.duration * stream.time_base * NS_PER_S)


def stamps_ns(packet: Any) -> tuple[int | None, int | None, int | None]:
    """Presentation time, decoding time and duration of a packet in ns."""
    base = packet.time_base
    return (
        None if packet.pts is None else round(packet.pts * base * NS_PER_S),
        None if packet.dts is None else round(packet.dts * base * NS_PER_S),
        round(packet.duration * base * NS_PER_S) if packet.duration else None,
    )


def seek(container: Any, stream: Any, position_ns: int) -> None:
    """Goes to the key frame at or before `position_ns` from the file's beginning."""
    target = round(position_ns / NS_PER_S / stream.time_base) + (stream.start_time or 0)
    container.seek(target, stream=stream, backward=True)


def coded_size_px(codec: str, key_frame: bytes) -> tuple[int, int] | None:
    """Width and height of a key frame that carries its own parameter sets; None where it can't be decoded."""
    try:
        decoder: Any = av.CodecContext.create(codec, "r")
        frames = [*decoder.decode(av.Packet(key_frame)), *decoder.decode(None)]
    except (av.error.FFmpegError, ValueError):
        return None
    return (int(frames[0].width), int(frames[0].height)) if frames else None


def header_of(stream: Any, packet: Any, size_px: tuple[int, int] | None = None, extradata: bytes = b"") -> bytes:
    """The stream as a NUT file of one packet: the one container that keeps every codec's configuration as it is.

    `size_px` and `extradata` replace those of the stream where it has changed since it was opened.
    """
    target = io.BytesIO()
    try:
        with av.open(target, "w", format="nut") as output:
            copy = av.Packet(bytes(packet))
            copied: Any = output.add_stream_from_template(stream)
            if size_px is not None:
                copied.codec_context.width, copied.codec_context.height = size_px
                copied.codec_context.extradata = extradata or None
            copy.stream = copied
            copy.pts = copy.dts = 0
            copy.time_base = stream.time_base
            copy.is_keyframe = True
            output.mux(copy)
    except (av.error.FFmpegError, ValueError):
        return b""
    return target.getvalue()
