"""One film through the real eye, attention, roster and motion in this process, on the clock of its capture times.

Nothing is dropped, however slow the machine is: what differs between two runs is only which frames were looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mesh.ids import PersonId, TrackId, new_id
from svc_identity.roster import Roster
from svc_identity.sightings import Box, Sighting, SightingBatch
from svc_ingest import media
from svc_ingest.gif import has_picture
from svc_ingest.sources import parse_source
from svc_ingest.timeline import StampRepair
from svc_motion.events import ExerciseRelabelled, MotionEvent, RepetitionCounted, SetClosed, SetOpened
from svc_motion.events import PersonId as MotionPersonId
from svc_motion.library import Library
from svc_motion.observation import KeypointSchema, Observation
from svc_motion.person import PersonMotion
from svc_vision import people as vision_people
from svc_vision.deliveries import THUMBNAIL_PX
from svc_vision.eye import CameraEye, Look, Unit, VideoFormat, Waiting
from svc_vision.finder import PeopleFinder
from svc_vision.scheduling.attention import Attention
from svc_vision.scheduling.config import ScheduleConfig

NS_PER_S = 1_000_000_000
START_NS = 1_700_000_000 * NS_PER_S
SIGHTING_INTERVAL_NS = NS_PER_S
STILL_RATE_HZ = 15
_SCHEMAS = {
    vision_people.KeypointSchema.COCO_17: KeypointSchema.COCO_17,
    vision_people.KeypointSchema.BLAZEPOSE_33: KeypointSchema.BLAZEPOSE_33,
}


@dataclass(frozen=True)
class Replayed:
    """What was made of a film."""

    exercise: str
    """The one with the most repetitions of the person with the most, else the longest held; "none" for nothing."""
    repetitions: int
    held_s: float
    of_others: int
    """Repetitions of everybody else."""
    frames: int
    """Decoded."""
    looks: int
    seconds: float
    """Of capture time."""


def replay(
    film: Path, finder: PeopleFinder, library: Library, schedule: ScheduleConfig | None, still_s: float
) -> Replayed:
    """Plays a film.

    Args:
        film: a file that PyAV opens.
        finder: new, or it would know people of another film.
        library: the exercises.
        schedule: None looks at every frame.
        still_s: for so long the first picture stands before the film goes on, and one in its middle.
    """
    reel = _Reel(film, finder)
    attention = Attention(schedule) if schedule is not None else None
    crowd = _Crowd(library)
    looks = frames = newest_ns = 0
    for picture in reel.play(still_s, lambda: attention is not None and attention.idle):
        frames, newest_ns = frames + 1, picture.unit.capture_time_ns
        time_s = newest_ns / NS_PER_S
        if attention is not None and not attention.wants(time_s, picture.picture.luma_thumbnail(*THUMBNAIL_PX)):
            continue
        looks += 1
        look = reel.eye.look_at(picture)
        if attention is not None:
            attention.saw(time_s, look.track_ids, look.people.keypoints)
        crowd.see(look)
    crowd.end(newest_ns)
    return Replayed(*crowd.best(), frames, looks, max(0, newest_ns - START_NS) / NS_PER_S)


class _Crowd:
    """Whose tracks they are, and what each of them does."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._roster = Roster()
        self._people: dict[TrackId, PersonId] = {}
        self._motions: dict[PersonId, PersonMotion] = {}
        self._totals: dict[PersonId, _Total] = {}
        self._told_ns = 0

    def see(self, look: Look) -> None:
        """One look."""
        unknown = any(track not in self._people for track in look.track_ids)
        if unknown or look.capture_time_ns - self._told_ns >= SIGHTING_INTERVAL_NS:
            self._resolve(look)
        schema = _SCHEMAS[look.people.schema]
        depth = schema is KeypointSchema.BLAZEPOSE_33
        keypoints = look.people.keypoints if depth else look.people.coco17()
        for row, track in enumerate(look.track_ids):
            person = self._people.get(track)
            if person is None:
                continue
            motion = self._motions.setdefault(person, PersonMotion(self._library, MotionPersonId(person)))
            seen = Observation(
                look.capture_time_ns,
                keypoints[row],
                schema,
                look.picture.width,
                look.picture.height,
                look.people.world[row] if depth else None,
            )
            self._totals.setdefault(person, _Total()).take(motion.update(seen))

    def end(self, time_ns: int) -> None:
        """The film is over."""
        for person, motion in self._motions.items():
            self._totals[person].take(motion.flush(time_ns))

    def best(self) -> tuple[str, int, float, int]:
        """Exercise, repetitions and seconds held of the person who did most; repetitions of all others."""
        if not self._totals:
            return "none", 0, 0.0, 0
        total = max(self._totals.values(), key=lambda one: (one.repetitions, one.held_s))
        others = sum(one.repetitions for one in self._totals.values()) - total.repetitions
        return total.exercise, total.repetitions, total.held_s, others

    def _resolve(self, look: Look) -> None:
        self._told_ns = look.capture_time_ns
        width, height = look.picture.width, look.picture.height
        sightings = tuple(
            Sighting(track, Box(box[0] / width, box[1] / height, box[2] / width, box[3] / height))
            for track, box in zip(look.track_ids, look.people.boxes.tolist(), strict=True)
        )
        batch = SightingBatch("film", look.capture_time_ns, sightings)
        resolution = self._roster.resolve(batch)
        for newcomer in resolution.newcomers:
            person = PersonId(new_id())
            self._roster.admit(batch, newcomer, person)
            self._people[TrackId(newcomer.track_id)] = person
        for track, (person, _) in resolution.assigned.items():
            self._people[TrackId(track)] = person


class _Total:
    """Repetitions and holds of one person."""

    def __init__(self) -> None:
        self._labels: dict[int, str] = {}
        self._counts: Counter[int] = Counter()
        self._held: Counter[str] = Counter()

    def take(self, events: list[MotionEvent]) -> None:
        """What happened."""
        for event in events:
            if isinstance(event, SetOpened):
                self._labels[event.start_ns] = event.exercise
            elif isinstance(event, ExerciseRelabelled):
                self._labels[event.set_start_ns] = event.new
            elif isinstance(event, RepetitionCounted):
                self._counts[event.set_start_ns] += 1
            elif isinstance(event, SetClosed):
                self._held[event.exercise] += round(event.hold_s)

    @property
    def repetitions(self) -> int:
        """Of all sets."""
        return self._counts.total()

    @property
    def held_s(self) -> float:
        """Of all sets."""
        return float(self._held.total())

    @property
    def exercise(self) -> str:
        """With the most repetitions; where there are none, held for longest."""
        weights = Counter(self._held)
        for start_ns, label in self._labels.items():
            weights[label] += 10_000 * self._counts[start_ns]
        return weights.most_common(1)[0][0] if weights else "none"


class _Reel:
    """A film as its camera's eye decodes it."""

    def __init__(self, film: Path, finder: PeopleFinder) -> None:
        source = parse_source(str(film), frozenset({"file"}))
        self._container = media.open_source(source, 10.0, 10.0)
        stream = self._container.streams.video[0]
        codec = stream.codec_context
        video = VideoFormat(str(codec.codec.canonical_name), bytes(codec.extradata or b""), media.rotation_deg(film))
        self._stream = stream
        self.eye = CameraEye(finder, video)

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
    return Waiting(replace(picture.unit, capture_time_ns=time_ns, receive_time_ns=time_ns), picture.picture)
