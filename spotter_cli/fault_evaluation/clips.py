"""Faults in recorded clips: which repetitions are flagged, against the times that the manifest tells.

The clips' precomputed keypoints go through `PersonMotion`, which is told nothing: not even the exercise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from spotter_cli.evaluation.manifest import NOTHING, Clip
from svc_motion.events import ExerciseRelabelled, MotionEvent, PersonId, RepetitionCounted, SetOpened
from svc_motion.library import Library
from svc_motion.observation import KeypointSchema, Observation
from svc_motion.person import PersonMotion

SOURCES: Final = {"mp": KeypointSchema.BLAZEPOSE_33, "yolo11n_main": KeypointSchema.COCO_17}
"""Folders of keypoints: MediaPipe's, and those of the main person of YOLO11n-pose."""
START_S: Final = 1000.0
ANY_FAULT: Final = ()
"""The clip marks repetitions as wrong without saying what is wrong with them."""


@dataclass(frozen=True)
class Mark:
    """What a clip's manifest entry says is wrong, and when."""

    says: str
    faults: tuple[str, ...]
    """Faults of ours that mean it."""
    from_s: float = 0.0
    until_s: float = float("inf")

    def holds(self, repetition: Repetition) -> bool:
        """Whether the middle of a repetition lies within the marked time."""
        return self.from_s <= (repetition.start_s + repetition.end_s) / 2 < self.until_s

    def finds(self, repetition: Repetition) -> bool:
        """Whether a repetition was flagged with a fault that means this."""
        return bool(repetition.faults & set(self.faults)) if self.faults else bool(repetition.faults)


MARKS: Final[Mapping[str, Mark]] = {
    "squat_side_incorrect_navyaman": Mark("knees far past the toes", ("knees_past_toes",)),
    "squat_barbell_quarter_bgpeople": Mark("shallow", ("shallow_squat",)),
    "squat_front_fault_bending_forward": Mark("bending forward", ("leaning_forward",)),
    "squat_front_fault_no_depth": Mark("insufficient depth", ("shallow_squat",)),
    "pushup_side_good_then_sag": Mark("hips sag, worm (reps 10 to 14)", ("hips_sagging", "worm_push_up"), from_s=27.0),
    "pushup_side_incorrect": Mark("worm, hips sag", ("hips_sagging", "worm_push_up")),
    "bicep_curl_partial_range_park": Mark("arms not extended (from rep 2)", ("half_curl", "no_lockout"), from_s=2.9),
    "bicep_curl_fault_then_good": Mark(
        "elbows drift, arms stay bent (reps 1 and 2)",
        ("elbows_drifting", "half_curl", "no_lockout"),
        until_s=5.85,
    ),
    "lateral_raise_back_fault_then_good": Mark("shrugged (reps 1 and 2)", ("shrugging",), until_s=6.0),
    "shoulder_press_back_fault_then_good": Mark("path of the arms (reps 1 and 2)", ANY_FAULT, until_s=4.85),
    "deadlift_side_bad005": Mark("rounded back, incomplete lockout", ("rounded_back", "incomplete_lockout")),
    "lat_pulldown_back_fault_then_good": Mark("shrugged (reps 1 and 2)", ("shrugging",), until_s=3.65),
    "dumbbell_row_front_fault_then_good": Mark(
        "trunk turns (reps 1 and 2)", ("trunk_rotation", "body_swing"), until_s=4.3
    ),
}
"""From the manifest's texts; where it only tells which repetitions, the time between them."""
UNCLEAR: Final = ("pushup_side_fulldepth", "pull_up_back_long_hold", "plank_side3q_39s")
"""Clips with a remark that names no fault of ours, or one of low confidence: neither right nor wrong."""


@dataclass(frozen=True)
class Repetition:
    """A counted repetition; seconds since the clip's first frame."""

    start_s: float
    end_s: float
    faults: frozenset[str]


@dataclass(frozen=True)
class SeenClip:
    """What was found in a clip."""

    clip: Clip
    source: str
    exercise: str
    """The one with the most repetitions; `none` where nothing was counted."""
    repetitions: Sequence[Repetition]

    @property
    def mark(self) -> Mark | None:
        """What the manifest says is wrong with it."""
        return MARKS.get(self.clip.name)

    @property
    def flags(self) -> Counter[str]:
        """How many repetitions carry each fault."""
        return Counter(fault for one in self.repetitions for fault in one.faults)


def look(clips: Sequence[Clip], keypoints: Path, library: Library) -> Iterator[SeenClip]:
    """Every clip of counted repetitions whose keypoints are there, from each source."""
    for source in SOURCES:
        for clip in clips:
            path = keypoints / source / f"{clip.name}.npz"
            if clip.reps > 0 and clip.name not in UNCLEAR and path.is_file():
                yield _look(clip, source, path, library)


def _look(clip: Clip, source: str, path: Path, library: Library) -> SeenClip:
    person = PersonMotion(library, PersonId("clip"))
    frames = observations(path, source)
    events: list[MotionEvent] = [event for frame in frames for event in person.update(frame)]
    events += person.flush(frames[-1].capture_time_ns)
    counted = judged_last(events)
    names = exercises_of(events)
    kinds = Counter(names[event.set_start_ns] for event in counted)
    return SeenClip(
        clip,
        source,
        kinds.most_common(1)[0][0] if kinds else NOTHING,
        [
            Repetition(_clip_s(event.start_ns), _clip_s(event.end_ns), frozenset(one.name for one in event.faults))
            for event in counted
        ],
    )


def judged_last(events: Sequence[MotionEvent]) -> list[RepetitionCounted]:
    """The repetitions as they were judged last: those of a set that was relabelled are judged anew."""
    counted: dict[tuple[int, int], RepetitionCounted] = {}
    for event in events:
        if isinstance(event, RepetitionCounted):
            counted[event.set_start_ns, event.index] = event
        elif isinstance(event, ExerciseRelabelled):
            for anew in event.repetitions:
                place = event.set_start_ns, anew.index
                counted[place] = replace(counted[place], faults=anew.faults)
    return list(counted.values())


def exercises_of(events: Sequence[MotionEvent]) -> dict[int, str]:
    """The exercise of each set, as it was called last."""
    names: dict[int, str] = {}
    for event in events:
        if isinstance(event, SetOpened):
            names[event.start_ns] = event.exercise
        elif isinstance(event, ExerciseRelabelled):
            names[event.set_start_ns] = event.new
    return names


def observations(path: Path, source: str) -> list[Observation]:
    """Keypoints of a clip as the motion domain takes them."""
    with np.load(path) as data:
        times_s, size = data["t"].astype(np.float64), (int(data["wh"][0]), int(data["wh"][1]))
        if SOURCES[source] is KeypointSchema.BLAZEPOSE_33:
            keypoints = data["kp"].astype(np.float64)
        else:
            keypoints = np.concatenate([data["keypoints"], data["conf"][..., None]], axis=2).astype(np.float64)
    return [
        Observation(round((START_S + time_s) * 1e9), pose, SOURCES[source], *size)
        for time_s, pose in zip(times_s, keypoints, strict=True)
    ]


def _clip_s(time_ns: int) -> float:
    return time_ns * 1e-9 - START_S
