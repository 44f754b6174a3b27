"""Cuts a clip: packets into an MP4 that browsers play, without re-encoding where they play the codec."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from svc_ingest.packets import AccessUnit, VideoFormat

NS_PER_S = 1_000_000_000
TIME_BASE = Fraction(1, 90_000)
# What browsers play in an MP4; anything else is encoded anew.
REMUXED = frozenset({"h264", "hevc", "av1", "vp9"})
DEFAULT_FRAME_NS = NS_PER_S // 15
FASTSTART = {"movflags": "+faststart"}


class ClipError(Exception):
    """The packets can't be made a clip; the message says why."""


@dataclass(frozen=True)
class ClipFile:
    """A finished clip."""

    data: bytes
    """The MP4 file, its index in front."""
    start_time_ns: int
    """Capture time of its first frame."""
    duration_ns: int
    """From its first frame to the end of its last."""


def cut(units: Sequence[AccessUnit], encoders: Sequence[str]) -> ClipFile:
    """A clip of packets in decoding order that begin with a key frame. Raises ClipError.

    `encoders` are tried in order for codecs that must be encoded anew. Takes some ms (remux) or up to about a second
    (encoding): call it in a thread.
    """
    if not units or not units[0].key_frame:
        raise ClipError("nothing that could be shown is kept of that time")
    found = units[0].format
    with tempfile.TemporaryDirectory(prefix="spotter-clip-") as folder:
        path = Path(folder) / "clip.mp4"
        try:
            if found.codec in REMUXED and found.header:
                _remux(units, found, path)
            else:
                _encode(units, found, path, encoders)
        except (av.error.FFmpegError, ValueError) as error:
            raise ClipError(f"{found.codec} packets can't be made an MP4 ({type(error).__name__})") from error
        data = path.read_bytes()
    start_ns = min(unit.capture_time_ns for unit in units)
    end_ns = max(unit.capture_time_ns + (unit.duration_ns or DEFAULT_FRAME_NS) for unit in units)
    return ClipFile(data, start_ns, end_ns - start_ns)


def _remux(units: Sequence[AccessUnit], found: VideoFormat, path: Path) -> None:
    with (
        av.open(io.BytesIO(found.header)) as template,
        av.open(str(path), "w", format="mp4", options=FASTSTART) as output,
    ):
        stream = output.add_stream_from_template(template.streams.video[0], time_base=TIME_BASE)
        if found.rotation_deg:
            stream.set_display_rotation(-found.rotation_deg)
        first_ns = min(unit.presentation_ns for unit in units)
        last_dts: int | None = None
        for unit in units:
            packet: Any = av.Packet(unit.data)
            packet.stream = stream
            packet.time_base = TIME_BASE
            packet.pts = _ticks(unit.presentation_ns - first_ns)
            dts = min(_ticks(unit.decode_ns - first_ns), packet.pts)
            last_dts = packet.dts = dts if last_dts is None else max(dts, last_dts + 1)
            packet.pts = max(packet.pts, packet.dts)
            packet.duration = _ticks(unit.duration_ns)
            packet.is_keyframe = unit.key_frame
            output.mux(packet)


def _encode(units: Sequence[AccessUnit], found: VideoFormat, path: Path, encoders: Sequence[str]) -> None:
    encoder = next((name for name in encoders if _available(name)), None)
    if encoder is None:
        raise ClipError(f"{found.codec} must be encoded anew, and none of {', '.join(encoders)} is installed")
    decoder = av.CodecContext.create(found.codec, "r")
    if found.extradata:
        decoder.extradata = found.extradata
    first_ns = units[0].presentation_ns
    with av.open(str(path), "w", format="mp4", options=FASTSTART) as output:
        stream: Any = None
        for unit in [*units, None]:
            for frame in _decoded(decoder, unit, first_ns):
                if stream is None:
                    stream = _encoded_stream(output, encoder, found, frame)
                frame = frame.reformat(width=stream.width, height=stream.height, format="yuv420p")
                frame.pict_type = 0
                output.mux(stream.encode(frame))
        if stream is None:
            raise ClipError("none of its pictures can be decoded")
        output.mux(stream.encode(None))


def _decoded(decoder: Any, unit: AccessUnit | None, first_ns: int) -> list[Any]:
    if unit is None:
        frames = decoder.decode(None)
    else:
        packet: Any = av.Packet(unit.data)
        packet.time_base = TIME_BASE
        packet.pts = packet.dts = _ticks(unit.presentation_ns - first_ns)
        try:
            frames = decoder.decode(packet)
        except av.error.InvalidDataError:
            return []
    for frame in frames:
        frame.time_base = TIME_BASE
    return list(frames)


def _encoded_stream(output: Any, encoder: str, found: VideoFormat, frame: Any) -> Any:
    rate = Fraction(found.frame_rate_hz or 15.0).limit_denominator(1000)
    options = {"preset": "veryfast", "crf": "26"} if encoder == "libx264" else {"deadline": "realtime", "cpu-used": "8"}
    stream = output.add_stream(encoder, rate=rate, options=options)
    # 4:2:0 pictures have even sides.
    stream.width, stream.height = frame.width // 2 * 2 or 2, frame.height // 2 * 2 or 2
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = TIME_BASE
    if found.rotation_deg:
        stream.set_display_rotation(-found.rotation_deg)
    return stream


def _available(encoder: str) -> bool:
    try:
        av.Codec(encoder, "w")
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _ticks(time_ns: int) -> int:
    return round(time_ns * TIME_BASE.denominator / NS_PER_S)
