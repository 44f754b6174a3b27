"""One camera's eye: coded access units in, tracked people out. Runs in worker threads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mesh.ids import TrackId
from mesh.times import NS_PER_S
from svc_vision.cuts import THUMBNAIL_PX, CutDetector
from svc_vision.decode import DecodedFrame, Decoder
from svc_vision.finder import PeopleFinder
from svc_vision.people import People
from svc_vision.picture import Picture
from svc_vision.tracking.gallery import Appearance
from svc_vision.tracking.tracker import PersonTracker, colours_only

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
class Waiting:
    """A decoded picture that nobody has looked at yet."""

    unit: Unit
    picture: Picture
    cut_time_ns: int = 0
    """Capture time of the first picture after the newest cut; 0 where none was seen."""


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
    reflections: frozenset[TrackId] = frozenset()
    """Tracks that are only somebody's image in a mirror."""
    appearances: Mapping[TrackId, Appearance] = field(default_factory=dict)
    """What the people looked like when they were last described."""
    uncertain: frozenset[TrackId] = frozenset()
    """Tracks that may show somebody else, after people were over each other, until they have been compared."""
    cut_time_ns: int = 0
    """Capture time of the first picture after the newest cut; 0 where none was seen."""


class CameraEye:
    """Decoder, finder and tracks of one camera."""

    def __init__(
        self,
        finder: PeopleFinder,
        video: VideoFormat,
        analysed_until_ns: int = 0,
        tracker: PersonTracker | None = None,
    ) -> None:
        """`analysed_until_ns`: capture time up to which pictures were looked at before this stream, and aren't again.

        Without `tracker` people are known again by colours alone, and nobody is a reflection.


        Raises CodecError where the codec isn't known here.
        """
        self._decoder = _decoder(video)
        self._finder = finder
        self._tracker = tracker or colours_only(finder.sure_score)
        self._times: OrderedDict[int, tuple[Unit, bool]] = OrderedDict()
        self._cuts = CutDetector()
        self._cut_time_ns = 0
        self.passed_over = 0
        """Pictures of an idle camera that were not even decoded."""
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

    def decode(self, units: Sequence[Unit], idle: bool = False) -> list[Waiting]:
        """The pictures that these units complete, oldest first; may run beside `look_at`, once at a time.

        `idle`: pictures that no other depends on are passed over where the codec has such; see `passed_over`.
        """
        self._decoder.skip_unreferenced(idle)
        frames: list[DecodedFrame] = []
        for unit in units:
            self._times[unit.presentation_ns] = (unit, idle)
            frames += self._decoder.decode(unit.data, unit.presentation_ns, unit.key)
        new = self._new(frames)
        while len(self._times) > MAX_REORDERED:
            self._times.popitem(last=False)
        return new

    def flush(self) -> list[Waiting]:
        """The pictures that the decoder still holds, at the end of the stream."""
        return self._new(self._decoder.flush())

    def look(self, units: Sequence[Unit]) -> list[Look]:
        """Decodes the units and looks at all of their pictures."""
        return [self.look_at(waiting) for waiting in self.decode(units)]

    def look_at(self, waiting: Waiting) -> Look:
        """Finds the people of a picture; pictures come in order, one at a time."""
        unit, picture = waiting.unit, waiting.picture
        people = self._finder.update(picture)
        tracked = self._tracker.update(picture, people, unit.capture_time_ns / NS_PER_S)
        rows = np.flatnonzero(tracked.numbers > 0)
        return Look(
            unit.sequence,
            unit.capture_time_ns,
            unit.receive_time_ns,
            picture,
            people if len(rows) == len(people) else people.rows(rows),
            tuple(TrackId(int(number)) for number in tracked.numbers[rows]),
            frozenset(TrackId(int(number)) for number in tracked.numbers[tracked.reflections]),
            {TrackId(number): appearance for number, appearance in tracked.appearances.items()},
            frozenset(TrackId(number) for number in tracked.uncertain),
            waiting.cut_time_ns,
        )

    def _new(self, frames: Sequence[DecodedFrame]) -> list[Waiting]:
        new: list[Waiting] = []
        for frame in frames:
            self._count_passed_over(frame.pts)
            unit, _ = self._times.pop(frame.pts, (None, False))
            if unit is not None and unit.capture_time_ns > self._analysed_until_ns:
                new.append(self._told_of_cuts(unit, Picture(frame)))
        return new

    def _told_of_cuts(self, unit: Unit, picture: Picture) -> Waiting:
        """Every decoded picture is compared: between those that are looked at people move far."""
        if self._cuts.is_cut(unit.capture_time_ns / NS_PER_S, picture.luma_means(*THUMBNAIL_PX)):
            self._cut_time_ns = unit.capture_time_ns
        return Waiting(unit, picture, self._cut_time_ns)

    def _count_passed_over(self, until_pts: int) -> None:
        """Pictures come in the order of display: one that is older and hasn't come never will."""
        for pts in [pts for pts, (_, idle) in self._times.items() if idle and pts < until_pts]:
            del self._times[pts]
            self.passed_over += 1


def _decoder(video: VideoFormat) -> Decoder:
    return Decoder(video.codec, video.extradata, video.rotation_deg)
