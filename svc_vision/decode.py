"""Decodes a camera's compressed access units; pictures are converted only when somebody asks for them."""

import threading
from dataclasses import dataclass

import av
import av.error
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from svc_vision.errors import CodecError

CODECS = {
    "h264": "h264", "avc": "h264", "hevc": "hevc", "h265": "hevc", "mjpeg": "mjpeg", "jpeg": "mjpeg", "gif": "gif",
    "vp8": "vp8", "vp9": "vp9", "av1": "av1", "mpeg4": "mpeg4",
}  # fmt: skip
"""Names a stream may give its codec → FFmpeg's decoder."""
_EVERY_PACKET_STARTS = {"mjpeg"}
"""Codecs whose packets never need the ones before."""
_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_MAX_PIXELS = 8192 * 8192


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """One picture, not yet converted."""

    pts: int
    """As given with its access unit."""
    rotation_deg: int
    """Clockwise turn that makes it upright: 0, 90, 180, 270."""
    _frame: VideoFrame
    _convert: "_Converter"

    @property
    def width(self) -> int:
        """Of the upright picture, px."""
        return self._frame.height if self.rotation_deg in (90, 270) else self._frame.width

    @property
    def height(self) -> int:
        """Of the upright picture, px."""
        return self._frame.width if self.rotation_deg in (90, 270) else self._frame.height

    def bgr(self) -> NDArray[np.uint8]:
        """Converts now: (height, width, 3) uint8, upright, contiguous. Safe from any thread."""
        picture = self._convert(self._frame)
        turn = _ROTATIONS.get(self.rotation_deg)
        return picture if turn is None else np.asarray(cv2.rotate(picture, turn), np.uint8)


class Decoder:
    """One camera's decoder. Bad data costs pictures, never an exception: see `errors`."""

    def __init__(self, codec: str, extradata: bytes = b"", rotation_deg: int = 0) -> None:
        """Opens the decoder.

        Args:
            codec: a key of `CODECS`.
            extradata: the codec's parameter sets as the container holds them; empty when they come in band.
            rotation_deg: clockwise turn that makes the picture upright, a multiple of 90.

        Raises:
            CodecError: the codec is unknown, or the parameters are unusable.
        """
        name = CODECS.get(codec.lower())
        if name is None:
            raise CodecError("CODEC_UNKNOWN", f'codec "{codec}" can\'t be decoded; known are {sorted(CODECS)}')
        if rotation_deg % 90:
            raise CodecError("ROTATION_INVALID", f"rotation {rotation_deg} is not a multiple of 90 degrees")
        self._name, self._extradata, self._rotation_deg = name, extradata, rotation_deg % 360
        self._context = _open(name, extradata)
        self._convert = _Converter()
        self._waiting_for_key = name not in _EVERY_PACKET_STARTS
        self.errors = 0
        """Access units that could not be decoded, and pictures that came out damaged."""
        self.skipped = 0
        """Access units passed over while waiting for a key frame."""

    def decode(self, data: bytes, pts: int, key: bool) -> list[DecodedFrame]:
        """Takes one access unit and returns the pictures that are complete now, in display order.

        Args:
            data: the access unit as demuxed.
            pts: presentation time in any unit; comes back with the picture.
            key: decoding can start here.
        """
        if self._waiting_for_key and not key:
            self.skipped += 1
            return []
        if not data:
            self.errors += 1
            return []
        packet = av.Packet(data)
        packet.pts = packet.dts = pts
        try:
            frames = self._context.decode(packet)
        except (av.error.FFmpegError, ValueError, MemoryError):
            self._restart()
            return []
        self._waiting_for_key = False
        return self._usable(frames)

    def flush(self) -> list[DecodedFrame]:
        """The pictures still held back for reordering, at the end of the stream; decoding starts anew afterwards."""
        try:
            frames = self._context.decode(None)
        except (av.error.FFmpegError, ValueError):
            frames = []
        usable = self._usable(frames)
        self._context = _open(self._name, self._extradata)
        self._waiting_for_key = self._name not in _EVERY_PACKET_STARTS
        return usable

    def _restart(self) -> None:
        """After bad data what follows refers to pictures that are not there: begin again at a key frame."""
        self.errors += 1
        self._context = _open(self._name, self._extradata)
        self._waiting_for_key = self._name not in _EVERY_PACKET_STARTS

    def _usable(self, frames: list[VideoFrame]) -> list[DecodedFrame]:
        usable = []
        for frame in frames:
            if frame.is_corrupt or not 0 < frame.width * frame.height <= _MAX_PIXELS:
                self.errors += 1
                continue
            usable.append(DecodedFrame(frame.pts or 0, self._rotation_deg, frame, self._convert))
        return usable


def _open(name: str, extradata: bytes) -> VideoCodecContext:
    try:
        context = av.CodecContext.create(name, "r")
        assert isinstance(context, VideoCodecContext)
        if extradata:
            context.extradata = extradata
        # Several threads would hold pictures back for the sake of throughput; a live picture must come at once.
        context.thread_count = 1
        context.open()
    except (av.error.FFmpegError, ValueError) as error:
        raise CodecError(
            "CODEC_PARAMETERS_INVALID", f"the {name} decoder refuses the stream's {len(extradata)} bytes of parameters"
        ) from error
    return context


class _Converter:
    """Converts pictures to BGR with one scaling context: opening one per picture would cost four times as much."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._lock = threading.Lock()

    def __call__(self, frame: VideoFrame) -> NDArray[np.uint8]:
        with self._lock:
            picture = self._reformatter.reformat(frame, format="bgr24", threads=1)
        return np.ascontiguousarray(picture.to_ndarray(), np.uint8)
