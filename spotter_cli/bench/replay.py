"""One film through the real eye, attention, roster and motion in this process, on the clock of its capture times.

Nothing is dropped, however slow the machine is: what differs between two runs is only which frames were looked at.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mesh.ids import PersonId
from spotter_cli.replay.reel import NS_PER_S, START_NS, Reel
from spotter_cli.replay.roll import Roll
from svc_motion.events import ExerciseRelabelled, MotionEvent, RepetitionCounted, SetClosed, SetOpened
from svc_motion.events import PersonId as MotionPersonId
from svc_motion.library import Library
from svc_motion.person import PersonMotion
from svc_vision.deliveries import THUMBNAIL_PX
from svc_vision.eye import CameraEye, Look
from svc_vision.finder import PeopleFinder
from svc_vision.scheduling.attention import Attention
from svc_vision.scheduling.config import ScheduleConfig


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
    reel = Reel(film, lambda video: CameraEye(finder, video))
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
    """What each person does."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._roll = Roll()
        self._motions: dict[PersonId, PersonMotion] = {}
        self._totals: dict[PersonId, _Total] = {}

    def see(self, look: Look) -> None:
        """One look."""
        for person, seen in self._roll.observations(look):
            motion = self._motions.setdefault(person, PersonMotion(self._library, MotionPersonId(person)))
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
