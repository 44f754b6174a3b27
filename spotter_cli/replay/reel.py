"""A film as the eye of its camera decodes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from svc_ingest import media
from svc_ingest.gif import has_picture
from svc_ingest.sources import parse_source
from svc_ingest.timeline import StampRepair
from svc_vision.eye import CameraEye, Unit, VideoFormat, Waiting

NS_PER_S = 1_000_000_000
START_NS = 1_700_000_000 * NS_PER_S
"""Capture time of every film's first frame."""
STILL_RATE_HZ = 15


class Reel:
    """A film as its camera's eye decodes it."""

    def __init__(self, film: Path, make_eye: Callable[[VideoFormat], CameraEye]) -> None:
        """`film` is a file that PyAV opens; `make_eye` gets how it is encoded. Raises what opening a source raises."""
        source = parse_source(str(film), frozenset({"file"}))
        self._container = media.open_source(source, 10.0, 10.0)
        stream = self._container.streams.video[0]
        codec = stream.codec_context
        video = VideoFormat(str(codec.codec.canonical_name), bytes(codec.extradata or b""), media.rotation_deg(film))
        self._stream = stream
        self.eye = make_eye(video)

    def play(self, still_s: float, idle: Callable[[], bool]) -> Iterator[Waiting]:
        """Every decoded picture, and the stills; `idle` says whether undecoded ones would do no harm."""
        stills_ns = [0, media.duration_ns(self._stream) // 2] if still_s else []
        shift_ns = 0
        with self._container:
            for picture in self._decoded(idle):
                while stills_ns and picture.unit.presentation_ns >= stills_ns[0]:
                    stills_ns.pop(0)
                    for step in range(round(still_s * STILL_RATE_HZ)):
                        yield _later(picture, shift_ns + step * NS_PER_S // STILL_RATE_HZ)
                    shift_ns += round(still_s * NS_PER_S)
                yield _later(picture, shift_ns)

    def _decoded(self, idle: Callable[[], bool]) -> Iterator[Waiting]:
        rate_hz = media.frame_rate_hz(self._stream)
        repair = StampRepair(media.first_pts_ns(self._stream), 0, round(NS_PER_S / rate_hz) if rate_hz else 0)
        gif = self._stream.codec_context.name == "gif"
        for number, packet in enumerate(self._container.demux(self._stream), 1):
            data = bytes(packet)
            if not data or (gif and not has_picture(data)):
                continue
            shown_ns = repair.stamp(*media.stamps_ns(packet)).presentation_ns
            time_ns = START_NS + shown_ns
            yield from self.eye.decode([Unit(number, time_ns, time_ns, shown_ns, packet.is_keyframe, data)], idle())
        yield from self.eye.flush()


def _later(picture: Waiting, by_ns: int) -> Waiting:
    time_ns = picture.unit.capture_time_ns + by_ns
    unit = replace(picture.unit, capture_time_ns=time_ns, receive_time_ns=time_ns)
    return Waiting(unit, picture.picture, picture.cut_time_ns and picture.cut_time_ns + by_ns)
