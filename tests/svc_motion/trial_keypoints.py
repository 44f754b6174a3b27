"""Runs the motion domain over the precomputed keypoints of the shared videos and prints a table a clip and totals.

    python -m tests.svc_motion.trial_keypoints [mp|yolo11n_main] [--fps N] [--mirror] [--noise SHARE] [--half]
        [--drop SHARE] [--json FILE] [--quiet]

The counter is told nothing and sees one frame after the other. The evaluation that counts is `spotter evaluate`, which
runs the whole mesh; this one answers in seconds.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from svc_motion.events import ExerciseRelabelled, MotionEvent, PersonId, RepetitionCounted, SetClosed, SetOpened
from svc_motion.library import Library, load_library
from svc_motion.observation import Observation
from svc_motion.person import PersonMotion
from tests.svc_motion.keypoint_clips import START_S, Clip, Degraded, clips, observations

OUTSIDE_S = 0.5
"""A repetition that ends before the labelled span, or so long after it, is outside of it."""


@dataclass(frozen=True)
class Found:
    """What the domain made of one clip."""

    exercise: str | None
    repetitions: int
    hold_s: float
    ends_s: tuple[float, ...]
    """End of each repetition, seconds from the start of the clip."""
    told_s: tuple[float, ...]
    """When each repetition was told, seconds from the start of the clip."""
    events: tuple[MotionEvent, ...]
    ms_per_frame: float

    def outside(self, clip: Clip) -> int:
        """Repetitions that lie before or after the clip's labelled span."""
        if clip.span_s is None:
            return 0 if max(clip.repetitions) else self.repetitions
        begin, end = clip.span_s[0], clip.span_s[1] + OUTSIDE_S
        return sum(not begin <= end_s <= end for end_s in self.ends_s)


def run(library: Library, frames: list[Observation]) -> Found:
    """Count one clip and take the exercise with the most repetitions."""
    person = PersonMotion(library, PersonId("trial"))
    told: list[tuple[float, MotionEvent]] = []
    began = time.perf_counter()
    for frame in frames:
        told += [(frame.capture_time_ns / 1e9 - START_S, event) for event in person.update(frame)]
    told += [(frames[-1].capture_time_ns / 1e9 - START_S, event) for event in person.flush(frames[-1].capture_time_ns)]
    ms_per_frame = (time.perf_counter() - began) * 1000 / len(frames)
    counted = [(time_s, event) for time_s, event in told if isinstance(event, RepetitionCounted)]
    return Found(
        _family(library, _exercise([event for _, event in told])),
        len(counted),
        max((event.hold_s for _, event in told if isinstance(event, SetClosed)), default=0.0),
        tuple(event.end_ns / 1e9 - START_S for _, event in counted),
        tuple(time_s for time_s, _ in counted),
        tuple(event for _, event in told),
        ms_per_frame,
    )


def _family(library: Library, exercise: str | None) -> str | None:
    """What recognition is judged by: a variant is as good as its base."""
    return library[exercise].variant_of or exercise if exercise in library and exercise else exercise


def _exercise(events: list[MotionEvent]) -> str | None:
    """The exercise with the most repetitions, of those that were held where none was counted."""
    labels: dict[int, str] = {}
    counts: dict[int, int] = {}
    for event in events:
        if isinstance(event, SetOpened):
            labels[event.start_ns], counts[event.start_ns] = event.exercise, 0
        elif isinstance(event, ExerciseRelabelled):
            labels[event.set_start_ns] = event.new
        elif isinstance(event, RepetitionCounted):
            counts[event.set_start_ns] += 1
    by_exercise: dict[str, int] = {}
    for start_ns, label in labels.items():
        by_exercise[label] = by_exercise.get(label, 0) + counts[start_ns]
    return max(by_exercise, key=lambda label: by_exercise[label]) if by_exercise else None


@dataclass(frozen=True)
class Totals:
    """The numbers that the project promises."""

    label_accuracy: float
    obo: float
    exact: float
    mae: float
    all_exact: float
    """Share of exact counts among all clips of exercises, short ones too."""
    repetitions_without_exercise: int
    repetitions_outside: int
    """Before or after the labelled span."""
    hold_error: float
    """Largest relative error of a labelled hold."""
    late_share: float
    """Of the labelled tops that were matched, the share told more than 0.3 s after them."""


def totals(rows: list[tuple[Clip, Found]]) -> Totals:
    """OBO, exact and MAE over clips with at least 3 repetitions; labels over all clips with an exercise."""
    real = [(clip, found) for clip, found in rows if clip.exercise != "none"]
    errors = {clip.name: min(abs(found.repetitions - count) for count in clip.repetitions) for clip, found in real}
    long = [(clip, errors[clip.name]) for clip, _ in real if max(clip.repetitions) >= 3]
    held = [abs(found.hold_s / clip.hold_s - 1) for clip, found in real if clip.hold_s]
    delays = [delay for clip, found in real for delay in delays_s(clip, found)]
    return Totals(
        float(np.mean([clip.exercise == found.exercise for clip, found in real])),
        float(np.mean([error <= 1 for _, error in long])),
        float(np.mean([error == 0 for _, error in long])),
        float(np.mean([error / max(clip.repetitions) for clip, error in long])),
        float(np.mean([error == 0 for error in errors.values()])),
        sum(found.repetitions for clip, found in rows if clip.exercise == "none"),
        sum(found.outside(clip) for clip, found in real),
        max(held, default=0.0),
        float(np.mean([delay > 0.3 for delay in delays])) if delays else 0.0,
    )


def delays_s(clip: Clip, found: Found) -> list[float]:
    """How long after each labelled top the repetition that ends there was told; presses, pulls and raises alike."""
    if len(clip.tops_s) != len(found.told_s) or clip.exercise not in ("deadlift", "shoulder_press"):
        return []
    return [told - top for top, told in zip(clip.tops_s, found.told_s, strict=True)]


def row_of(clip: Clip, found: Found) -> str:
    """One clip as a line of the table."""
    off = " " if found.repetitions in clip.repetitions else "*"
    wrong = " " if clip.exercise == (found.exercise or "none") else "X"
    held = f"{found.hold_s:.1f}/{clip.hold_s:.1f} s" if clip.hold_s else ""
    outside = f"{found.outside(clip)} outside" if found.outside(clip) else ""
    reasons = sorted({reason for e in found.events if isinstance(e, RepetitionCounted) for reason in e.reasons})
    return (
        f"{wrong}{off} {clip.name:42} {clip.exercise:15} {'/'.join(map(str, clip.repetitions)):>6}  "
        f"{found.exercise or '-':15} {found.repetitions:3} {held:12} {outside:10} {found.ms_per_frame:.2f} ms  "
        f"{','.join(reasons)}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="mp")
    parser.add_argument("--fps", type=float)
    parser.add_argument("--mirror", action="store_true")
    parser.add_argument("--noise", type=float, default=0.0, help="share of the body's height")
    parser.add_argument("--half", action="store_true", help="as if the picture had half the size")
    parser.add_argument("--drop", type=float, default=0.0, help="share of joints lost at random")
    parser.add_argument("--json", type=Path, help="write the rows and the totals there, too")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    degraded = Degraded(options.fps, options.mirror, options.noise, options.half, options.drop)
    library = load_library()
    rows = []
    for clip in clips():
        found = run(library, observations(clip.name, options.source, degraded))
        rows.append((clip, found))
        if not options.quiet:
            print(row_of(clip, found))
    result = totals(rows)
    print(result, f"max {max(found.ms_per_frame for _, found in rows):.2f} ms a frame")
    if options.json:
        table = [
            {"clip": clip.name, "expected": clip.repetitions, "exercise": found.exercise, "found": found.repetitions}
            for clip, found in rows
        ]
        options.json.write_text(json.dumps({"totals": asdict(result), "clips": table}, indent=1))


if __name__ == "__main__":
    main()
