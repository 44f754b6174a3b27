"""One camera's eye: coded access units in, tracked people out. Runs in a worker thread, one call at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mesh.ids import TrackId
from svc_vision.decode import DecodedFrame, Decoder
from svc_vision.finder import PeopleFinder
from svc_vision.people import People
from svc_vision.picture import Picture
from svc_vision.tracking.bytetrack import ByteTrack

MAX_REORDERED = 64
"""Access units whose pictures a decoder may hold back for reordering; older ones were damaged."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What the decoder has to know."""

    codec: str
    extradata: bytes
    rotation_deg: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One coded picture with its times."""

    sequence: int
    capture_time_ns: int
    receive_time_ns: int
    presentation_ns: int
    key: bool
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One analysed picture."""

    sequence: int
    capture_time_ns: int
    receive_time_ns: int
    picture: Picture
    people: People
    """People with a track; row i belongs to track_ids[i]."""
    track_ids: tuple[TrackId, ...]


class CameraEye:
    """Decoder, finder and tracks of one camera."""

    def __init__(self, finder: PeopleFinder, video: VideoFormat, analysed_until_ns: int = 0) -> None:
        """`analysed_until_ns`: capture time up to which pictures were looked at before this stream, and aren't again.

        Raises CodecError where the codec isn't known here.
        """
        self._decoder = _decoder(video)
        self._finder = finder
        self._tracks = ByteTrack()
        self._times: OrderedDict[int, Unit] = OrderedDict()
        self._corrupt_before = 0
        self._analysed_until_ns = analysed_until_ns

    @property
    def corrupt(self) -> int:
        """Access units that could not be decoded so far."""
        return self._corrupt_before + self._decoder.errors

    def change_format(self, video: VideoFormat) -> None:
        """What follows is coded differently. Raises CodecError where the codec isn't known here."""
        self._corrupt_before += self._decoder.errors
        self._decoder = _decoder(video)
        self._times.clear()

    def look(self, units: Sequence[Unit], every: bool) -> tuple[list[Look], int]:
        """Decodes the units and analyses all of their pictures, or the newest one only.

        Returns the looks and how many pictures were skipped.
        """
        frames: list[DecodedFrame] = []
        for unit in units:
            self._times[unit.presentation_ns] = unit
            frames += self._decoder.decode(unit.data, unit.presentation_ns, unit.key)
        while len(self._times) > MAX_REORDERED:
            self._times.popitem(last=False)
        return self._analyse(frames, every)

    def finish(self, every: bool) -> tuple[list[Look], int]:
        """The same for the pictures that the decoder still holds, at the end of the stream."""
        return self._analyse(self._decoder.flush(), every)

    def _analyse(self, frames: Sequence[DecodedFrame], every: bool) -> tuple[list[Look], int]:
        new: list[tuple[Unit, DecodedFrame]] = []
        for frame in frames:
            unit = self._times.pop(frame.pts, None)
            if unit is not None and unit.capture_time_ns > self._analysed_until_ns:
                new.append((unit, frame))
        wanted = new if every else new[-1:]
        return [self._look_at(unit, frame) for unit, frame in wanted], len(new) - len(wanted)

    def _look_at(self, unit: Unit, frame: DecodedFrame) -> Look:
        picture = Picture(frame)
        people = self._finder.update(picture)
        tracks = self._tracks.update(people.boxes, people.scores, unit.capture_time_ns / 1e9, people.regions)
        tracked = np.flatnonzero(tracks > 0)
        return Look(
            unit.sequence,
            unit.capture_time_ns,
            unit.receive_time_ns,
            picture,
            people if len(tracked) == len(people) else people.rows(tracked),
            tuple(TrackId(int(track)) for track in tracks[tracked]),
        )


def _decoder(video: VideoFormat) -> Decoder:
    return Decoder(video.codec, video.extradata, video.rotation_deg)
