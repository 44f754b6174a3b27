"""A recording through the motion domain: the sets that people did, as the evaluation wants them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np

from spotter_cli.degradation.conditions import Condition
from spotter_cli.degradation.recording import Recording
from spotter_cli.evaluation.manifest import Clip
from spotter_cli.evaluation.scoring import DoneSet, Scored, choose, score
from spotter_cli.replay.reel import NS_PER_S, START_NS
from svc_motion.events import ExerciseRelabelled, MotionEvent, PersonId, RepetitionCounted, SetClosed, SetOpened
from svc_motion.library import Library
from svc_motion.person import PersonMotion


@dataclass
class _Set:
    exercise: str
    start_ns: int
    end_ns: int
    hold_s: float = 0.0
    repetitions: list[tuple[float, float]] = field(default_factory=list)


class _Diary:
    """The sets of one person, from the events that tell them."""

    def __init__(self) -> None:
        self._sets: dict[int, _Set] = {}

    def take(self, events: list[MotionEvent]) -> None:
        for event in events:
            if isinstance(event, SetOpened):
                self._sets[event.start_ns] = _Set(event.exercise, event.start_ns, event.start_ns)
            elif isinstance(event, ExerciseRelabelled):
                self._sets[event.set_start_ns].exercise = event.new
            elif isinstance(event, RepetitionCounted):
                self._sets[event.set_start_ns].repetitions.append((_since(event.start_ns), _since(event.end_ns)))
            elif isinstance(event, SetClosed):
                closed = self._sets[event.set_start_ns]
                closed.exercise, closed.end_ns, closed.hold_s = event.exercise, event.end_ns, event.hold_s

    def sets(self, person: int) -> list[DoneSet]:
        return [
            DoneSet(
                str(person), one.exercise, _since(one.start_ns), _since(one.end_ns), one.hold_s, tuple(one.repetitions)
            )
            for one in self._sets.values()
        ]


def sets_in(recording: Recording, library: Library, condition: Condition, seed: int) -> list[DoneSet]:
    """What everybody did, with the keypoints made worse as the condition says; the same seed loses the same joints."""
    rng = np.random.default_rng(seed)
    motions: dict[int, PersonMotion] = {}
    diaries: dict[int, _Diary] = {}
    for person, seen in zip(recording.people, recording.observations, strict=True):
        observation = condition.keypoints(seen, rng) if condition.keypoints else seen
        motion = motions.setdefault(person, PersonMotion(library, PersonId(str(person))))
        diaries.setdefault(person, _Diary()).take(motion.update(observation))
    for person, motion in motions.items():
        diaries[person].take(motion.flush(recording.end_ns))
    return [done for person, diary in diaries.items() for done in diary.sets(person)]


def judge(clip: Clip, recording: Recording, library: Library, condition: Condition) -> Scored:
    """A clip under a condition against the truth."""
    families = {name: library[name].family for name in library.names}
    seed = zlib.crc32(clip.name.encode())
    return score(clip, choose(sets_in(recording, library, condition, seed)), families)


def _since(at_ns: int) -> float:
    return (at_ns - START_NS) / NS_PER_S
