"""Sends a film through the service's own eye, frame by frame, and keeps what its finder and its tracker said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from mesh.times import NS_PER_S
from spotter_cli.tracking.tracks import TrackedFrame, Tracks
from svc_vision.eye import CameraEye, Look, Unit, VideoFormat
from svc_vision.finder import FinderMaker, PeopleFinder
from svc_vision.people import People
from svc_vision.picture import Picture

START_NS = NS_PER_S
"""Capture time of a film's first frame; 0 would count as looked at already."""

EyeMaker = Callable[[PeopleFinder, VideoFormat], CameraEye]


@dataclass(frozen=True)
class Watched:
    """What an eye made of a film; one entry a frame."""

    people: list[People]
    """All that the finder found, with or without a track."""
    times_s: list[float]
    tracks: Tracks
    """What the eye said, without what it takes for reflections."""
    sure_score: float
    """Of the finder."""


class _Recorder:
    """Passes a finder's people on and keeps them."""

    def __init__(self, finder: PeopleFinder) -> None:
        self._finder = finder
        self.people: list[People] = []

    @property
    def sure_score(self) -> float:
        return self._finder.sure_score

    def update(self, picture: Picture) -> People:
        found = self._finder.update(picture)
        self.people.append(found)
        return found


class Replay:
    """A finder that says again what another one said of the same film."""

    def __init__(self, people: list[People], sure_score: float) -> None:
        """`sure_score` is that of the other finder."""
        self._left = iter(people)
        self._sure_score = sure_score

    @property
    def sure_score(self) -> float:
        """See `PeopleFinder.sure_score`."""
        return self._sure_score

    def update(self, picture: Picture) -> People:
        """See `PeopleFinder.update`."""
        return next(self._left)


def watch(video: Path, make_finder: FinderMaker, make_eye: EyeMaker) -> Watched:
    """Decodes a film, finds and tracks its people in every frame."""
    recorder = _Recorder(make_finder())
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        extradata = stream.codec_context.extradata or b""
        video_format = VideoFormat(stream.codec_context.name, bytes(extradata), 0)
        eye = make_eye(recorder, video_format)
        looks = [look for unit in units_of(container) for look in eye.look([unit])]
        looks += [eye.look_at(waiting) for waiting in eye.flush()]
    times_s = [look.capture_time_ns / NS_PER_S for look in looks]
    return Watched(recorder.people, times_s, [_tracked(look) for look in looks], recorder.sure_score)


def units_of(container: av.container.InputContainer) -> Iterator[Unit]:
    """The coded pictures of a film, as the service's eye gets them."""
    stream = container.streams.video[0]
    for number, packet in enumerate(container.demux(stream)):
        if packet.size and packet.pts is not None and packet.time_base is not None:
            at_ns = round(packet.pts * packet.time_base * NS_PER_S)
            capture_ns = at_ns + START_NS
            yield Unit(number, capture_ns, capture_ns, at_ns, packet.is_keyframe, bytes(packet))


def _tracked(look: Look) -> TrackedFrame:
    """Who trains here: somebody's image in a mirror, if the eye says so, is nobody."""
    ids = [-1 if track_id in look.reflections else track_id for track_id in look.track_ids]
    return TrackedFrame.of(ids, look.people.boxes)
