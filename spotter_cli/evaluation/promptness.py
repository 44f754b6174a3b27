"""How soon a repetition is told after it ended, in capture time: what the counter itself takes, whatever the machine.

python -m spotter_cli.evaluation.promptness [--recordings FOLDER] [--manifest FILE] [--film slow] [--no-drawn] [--each]

Looks at kept recordings of labelled clips (`spotter evaluate-degradation` makes them) and at drawn sets with true
joints. A repetition ended where its movement had come back to within ENDED_SHARE of its return of the extreme at which
it turned or stayed. That is looked for afterwards, in the whole movement smoothed without delay: at drawn people in
their true joints, at filmed ones in what the pose model saw, as nobody labelled ends to a tenth of a second.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from rich.console import Console

from mesh.times import NS_PER_S
from spotter_cli.degradation.conditions import FILM_CHANGES
from spotter_cli.degradation.recording import Recording, recording_path
from spotter_cli.evaluation.manifest import NOTHING, load_manifest
from spotter_cli.fall_evaluation.seeing import Seen
from spotter_cli.scene_evaluation.__main__ import true_joints
from spotter_cli.scene_evaluation.exercises import exercise_films
from svc_motion.counter import PROMINENCE, turning_points
from svc_motion.events import ExerciseRelabelled, MotionEvent, PersonId, RepetitionCounted, SetOpened
from svc_motion.filling import JointMemory
from svc_motion.library import UNKNOWN_EXERCISE, Exercise, Library, load_library
from svc_motion.movement import Movement, movement_in
from svc_motion.observation import FloatArray, KeypointSchema, Observation, body_frame
from svc_motion.person import PersonMotion
from svc_motion.signals import SignalBank

PROMPT_S = 0.3
"""Told within this time of its end, a repetition is prompt."""
ENDED_SHARE = 0.1
"""A return is over where this share of it is left: bodies come to rest slowly, and sway once they stand."""
SMOOTHING_S = 0.06
"""Standard deviation of the centred filter."""
BEFORE_S = 6.0
AFTER_S = 2.5
"""The movement is looked at from so long before a repetition to so long after it was told."""
FINDER = "blazepose"


class Told(StrEnum):
    """When a repetition was told, which says whether it could have been sooner."""

    LIVE = "live"
    OPENING = "opening"
    """With the opening of its set, for which there must be belief enough."""
    CLOSING = "closing"
    """When the stream ended: the return may not have been over."""


@dataclass(frozen=True)
class Repetition:
    """One counted repetition."""

    exercise: str
    told: Told
    start_s: float
    told_s: float
    """Capture time of the observation at which its event was emitted."""
    end_s: float | None = None
    """When it truly ended; None where that can't be seen."""

    @property
    def delay_s(self) -> float | None:
        """How long after its end it was told; negative where it was told before."""
        return None if self.end_s is None else self.told_s - self.end_s


@dataclass(frozen=True)
class Delays:
    """Measures over some repetitions."""

    count: int
    p50_s: float
    p90_s: float
    within: float
    """Share that was told at most PROMPT_S before or after the end."""
    late: float
    """Share that was told later than that."""

    @classmethod
    def of(cls, delays_s: Sequence[float]) -> Delays:
        """Of at least one delay."""
        values = np.array(delays_s)
        p50_s, p90_s = np.percentile(values, (50, 90))
        within, late = (np.abs(values) <= PROMPT_S).mean(), (values > PROMPT_S).mean()
        return cls(len(values), float(p50_s), float(p90_s), float(within), float(late))


def repetitions_told(observations: Iterable[Observation], library: Library) -> list[Repetition]:
    """What is counted in the observations of one person, and when it is told."""
    person = PersonMotion(library, PersonId("promptness"))
    exercise, told_s = "", 0.0
    found: list[Repetition] = []

    def take(events: list[MotionEvent], live: Told) -> None:
        nonlocal exercise
        opened = any(isinstance(event, SetOpened) for event in events)
        for event in events:
            if isinstance(event, SetOpened):
                exercise = event.exercise
            elif isinstance(event, ExerciseRelabelled):
                exercise = event.new
            elif isinstance(event, RepetitionCounted):
                told = Told.OPENING if opened and live is Told.LIVE else live
                found.append(Repetition(exercise, told, event.start_ns / NS_PER_S, told_s))

    last_ns = 0
    for observation in observations:
        last_ns, told_s = observation.capture_time_ns, observation.capture_time_ns / NS_PER_S
        take(person.update(observation), Told.LIVE)
    take(person.flush(last_ns), Told.CLOSING)
    return found


class WholeMovement:
    """The signals of one person as a whole, smoothed with as much of what follows as of what was before."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        bank, joints = SignalBank(), JointMemory()
        frames = [bank.update(joints.fill(body_frame(one))) for one in observations]
        self._times = np.array([frame.time_s for frame in frames])
        self._values = _smoothed(self._times, np.array([frame.values for frame in frames]))
        self._weights = np.array([frame.confidence for frame in frames])

    def end_s(self, repetition: Repetition, exercise: Exercise) -> float | None:
        """When a repetition really ended; None where its return can't be seen."""
        move = self._around(repetition, exercise)
        if move is None:
            return None
        doing = np.flatnonzero((move.times_s >= repetition.start_s) & (move.times_s <= repetition.told_s))
        if not len(doing):
            return None
        bottom = int(doing[np.argmin(move.values[doing])])
        after = move.values[bottom:]
        threshold = PROMINENCE * float(np.ptp(move.values[doing[0] :]))
        tops = [place for place, kind in turning_points(after, threshold) if kind > 0]
        top = tops[0] if tops else int(np.argmax(after))
        if top == 0:
            return None
        ended = after[top] - ENDED_SHARE * (after[top] - after[0])
        return float(move.times_s[bottom + int(np.argmax(after[: top + 1] >= ended))])

    def _around(self, repetition: Repetition, exercise: Exercise) -> Movement | None:
        begin_s = min(repetition.start_s, repetition.told_s - BEFORE_S)
        inside = (self._times >= begin_s) & (self._times <= repetition.told_s + AFTER_S)
        primary = exercise.primary_movement
        for signals in (primary.signal_indices, primary.hidden_signal_indices):
            paired = primary.alternation == "pair"
            seen = self._times[inside], self._values[inside], self._weights[inside]
            move = movement_in(*seen, signals, primary.min_range_deg, paired) if signals else None
            if move is not None:
                return move
        return None


def _smoothed(times: FloatArray, values: FloatArray) -> FloatArray:
    """(n, c) the weighted mean around each moment, of what was seen; NaN where the value itself is."""
    seen = np.isfinite(values)
    known = np.where(seen, values, 0.0)
    smooth = np.full(values.shape, np.nan)
    for place, time_s in enumerate(times):
        near = slice(*np.searchsorted(times, (time_s - 3 * SMOOTHING_S, time_s + 3 * SMOOTHING_S)))
        weights = np.exp(-0.5 * ((times[near] - time_s) / SMOOTHING_S) ** 2)[:, None] * seen[near]
        smooth[place] = (weights * known[near]).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-9)
    return np.where(seen, smooth, np.nan)


def measured(
    observations: Sequence[Observation], library: Library, truth: Sequence[Observation] | None = None
) -> list[Repetition]:
    """What is counted in the observations of one person, with its ends: from the true joints where they are known."""
    told = repetitions_told(observations, library)
    whole = WholeMovement(truth or observations) if told else None
    return [
        Repetition(one.exercise, one.told, one.start_s, one.told_s, whole.end_s(one, library[one.exercise]))
        for one in told
        if whole is not None and one.exercise != UNKNOWN_EXERCISE
    ]


def in_recordings(folder: Path, manifest: Path, change: str, library: Library) -> dict[str, list[Repetition]]:
    """By clip: what is counted in the kept recordings of clips in which somebody exercises."""
    found: dict[str, list[Repetition]] = {}
    for clip in load_manifest(manifest):
        path = recording_path(folder, clip.path, change, FINDER)
        if clip.exercise == NOTHING or not path.is_file():
            continue
        recording = Recording.load(path)
        people: dict[int, list[Observation]] = {}
        for person, observation in zip(recording.people, recording.observations, strict=True):
            people.setdefault(person, []).append(observation)
        found[clip.name] = [one for seen in people.values() for one in measured(seen, library)]
    return found


def in_drawings(library: Library) -> dict[str, list[Repetition]]:
    """By film: what is counted in the drawn sets, joints a little off, against where the joints truly are."""
    drawn = {film.name: true_joints(film.scene) for film in exercise_films()}
    return {
        name: measured(observations_of(seen), library, observations_of(seen, true=True)) for name, seen in drawn.items()
    }


def observations_of(seen: Seen, true: bool = False) -> list[Observation]:
    """A drawn person, alone in the picture, as motion would get them; `true`: with the joints where they really are."""
    width_px, height_px = (int(size) for size in seen.size_px)
    keypoints = seen.keypoints
    if true:
        sure = np.full((*seen.true_joints.shape[:2], 1), 0.9, dtype=np.float32)
        keypoints = np.concatenate([seen.true_joints, sure], axis=2)
    schema = KeypointSchema(keypoints.shape[1])
    return [
        Observation(round(float(time_s) * NS_PER_S) + NS_PER_S, one, schema, width_px, height_px)
        for time_s, one in zip(seen.times_s, keypoints, strict=True)
    ]


def table(repetitions: Sequence[Repetition], key: Callable[[Repetition], str]) -> list[str]:
    """A line for each value of a key, and one for all; live repetitions only."""
    live = [one for one in repetitions if one.told is Told.LIVE and one.delay_s is not None]
    lines = ["| | live | p50 s | p90 s | within 0.3 s | later |", "|---|---|---|---|---|---|"]
    groups = {name: [one for one in live if key(one) == name] for name in sorted({key(one) for one in live})}
    for name, ones in [*groups.items(), ("all", live)]:
        if ones:
            delays = Delays.of([one.delay_s for one in ones if one.delay_s is not None])
            lines.append(
                f"| {name} | {delays.count} | {delays.p50_s:.2f} | {delays.p90_s:.2f} "
                f"| {delays.within:.2f} | {delays.late:.2f} |"
            )
    opening = [one.delay_s for one in repetitions if one.told is Told.OPENING and one.delay_s is not None]
    if opening:
        delays = Delays.of(opening)
        p50, p90 = f"{delays.p50_s:.2f} s", f"{delays.p90_s:.2f} s"
        lines += [
            "",
            f"With the opening of their set: {delays.count}, p50 {p50}, p90 {p90}, later than 0.3 s {delays.late:.2f}.",
        ]
    closing = sum(one.told is Told.CLOSING for one in repetitions)
    return [*lines, f"When the stream ended: {closing}."]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m spotter_cli.evaluation.promptness", description=__doc__)
    parser.add_argument("--recordings", type=Path, default=Path("out/degradation/recordings"))
    parser.add_argument("--manifest", type=Path, default=Path("../shared/MANIFEST.json"))
    parser.add_argument("--film", choices=tuple(FILM_CHANGES), default="whole", help="which recordings")
    parser.add_argument("--no-drawn", action="store_true", help="recordings only")
    parser.add_argument("--each", action="store_true", help="every repetition")
    options = parser.parse_args(arguments)
    console, library = Console(highlight=False), load_library()
    sources = {"Labelled clips": in_recordings(options.recordings, options.manifest, options.film, library)}
    if not options.no_drawn:
        sources["Drawn sets"] = in_drawings(library)
    for title, found in sources.items():
        if not found:
            console.print(f"{options.recordings} holds nothing; `spotter evaluate-degradation` makes recordings.")
            continue
        lines = [
            f"## {title}",
            "",
            *table([one for ones in found.values() for one in ones], lambda one: one.exercise),
            "",
        ]
        if options.each:
            lines += [f"{name}: {_told(one)}" for name, ones in found.items() for one in ones]
        console.print("\n".join(lines), markup=False, soft_wrap=True)
    return 0


def _told(one: Repetition) -> str:
    delay = "end not seen" if one.delay_s is None else f"{one.delay_s:+.2f} s"
    return f"{one.exercise} {one.told} from {one.start_s % 1000:.2f}, told {one.told_s % 1000:.2f}, {delay}"


if __name__ == "__main__":
    raise SystemExit(main())
