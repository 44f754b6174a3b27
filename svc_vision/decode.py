"""Decodes a camera's compressed access units; pictures are converted only when somebody asks for them."""

from dataclasses import dataclass

import av
import av.error
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from svc_vision.convert import Converter, PixelOrder, luma_means, luma_samples
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
    _convert: Converter

    @property
    def width(self) -> int:
        """Of the upright picture, px."""
        return self._frame.height if self._lies else self._frame.width

    @property
    def height(self) -> int:
        """Of the upright picture, px."""
        return self._frame.width if self._lies else self._frame.height

    def bgr(self) -> NDArray[np.uint8]:
        """Converts now: (height, width, 3) uint8, upright, contiguous. Safe from any thread."""
        return self._upright(self._convert.full(self._frame, "bgr24"))

    def scaled(self, width: int, height: int, order: PixelOrder) -> NDArray[np.uint8]:
        """The whole picture in this size, without the detour over a full conversion: (height, width, 3) uint8, upright.

        Args:
            width: px, > 0, of the upright result; the caller sees to the proportions.
            height: px, > 0.
            order: order of the colours.
        """
        size = (height, width) if self._lies else (width, height)
        return self._upright(self._convert.scaled(self._frame, *size, order))

    def luma_thumbnail(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width) uint8 brightness at the middle of each cell of a grid, upright; no conversion, some µs."""
        size = (height, width) if self._lies else (width, height)
        samples = luma_samples(self._frame, *size)
        return np.ascontiguousarray(np.rot90(samples, -(self.rotation_deg // 90)))

    def luma_means(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width) uint8 mean brightness of each cell of a grid over the picture as coded, not upright."""
        return luma_means(self._frame, width, height)

    @property
    def _lies(self) -> bool:
        return self.rotation_deg in (90, 270)

    def _upright(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        turn = _ROTATIONS.get(self.rotation_deg)
        return picture if turn is None else np.asarray(cv2.rotate(picture, turn), np.uint8)


def frame_of(bgr: NDArray[np.uint8]) -> DecodedFrame:
    """A picture that comes from elsewhere, (height, width, 3) uint8 upright, as if it were decoded."""
    return DecodedFrame(0, 0, VideoFrame.from_ndarray(np.ascontiguousarray(bgr), format="bgr24"), Converter())


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
        self._skip_unreferenced = False
        self._context = self._open()
        self._waiting_for_key = name not in _EVERY_PACKET_STARTS
        self._convert = Converter()
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
        self._start()
        return usable

    def skip_unreferenced(self, skip: bool) -> None:
        """Whether pictures that no other refers to are passed over undecoded from now on.

        For a camera that isn't looked at at its full rate. Costs nothing to change; codecs and cameras without such
        pictures go on as before.
        """
        if skip != self._skip_unreferenced:
            self._skip_unreferenced = skip
            self._context.skip_frame = "NONREF" if skip else "DEFAULT"

    def _restart(self) -> None:
        """After bad data what follows refers to pictures that are not there: begin again at a key frame."""
        self.errors += 1
        self._start()

    def _start(self) -> None:
        self._context = self._open()
        self._waiting_for_key = self._name not in _EVERY_PACKET_STARTS

    def _open(self) -> VideoCodecContext:
        context = _open(self._name, self._extradata)
        context.skip_frame = "NONREF" if self._skip_unreferenced else "DEFAULT"
        return context

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
