"""Runs the motion domain over the precomputed keypoints of the shared videos and prints a table a clip and totals.

    python -m tests.svc_motion.trial_keypoints [mp|yolo11n_main] [--fps N] [--mirror] [--noise SHARE]

The counter is told nothing and sees one frame after the other. The evaluation that counts is `spotter evaluate`, which
runs the whole mesh; this one answers in seconds.
"""

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from svc_motion.events import ExerciseRelabelled, MotionEvent, PersonId, RepetitionCounted, SetOpened
from svc_motion.library import Library, load_library
from svc_motion.observation import KeypointSchema, Observation
from svc_motion.person import PersonMotion


def _swapped(pairs: list[tuple[int, int]], count: int) -> list[int]:
    """Order of the joints after left and right changed places."""
    order = list(range(count))
    for left, right in pairs:
        order[left], order[right] = right, left
    return order


BLAZEPOSE_MIRROR = _swapped([(1, 4), (2, 5), (3, 6), *((left, left + 1) for left in range(7, 33, 2))], 33)
COCO_MIRROR = _swapped([(left, left + 1) for left in range(1, 17, 2)], 17)
FAMILY = {
    "barbell_squat": "squat",
    "goblet_squat": "squat",
    "bulgarian_split_squat": "lunge",
    "dumbbell_row": "row",
    "barbell_row": "row",
}


@dataclass(frozen=True)
class Clip:
    """One video of the manifest."""

    name: str
    exercise: str
    repetitions: tuple[int, ...]
    """Accepted counts."""


@dataclass(frozen=True)
class Found:
    """What the domain made of one clip."""

    exercise: str | None
    repetitions: int
    events: tuple[MotionEvent, ...]
    ms_per_frame: float


def shared_folder() -> Path:
    """Where the shared test data lies; it may be absent."""
    return Path(os.environ.get("SPOTTER_SHARED", Path(__file__).parents[3] / "shared"))


def clips() -> list[Clip]:
    """All videos of the manifest."""
    files = json.loads((shared_folder() / "MANIFEST.json").read_text())["files"]
    return [
        Clip(
            Path(file["file"]).stem,
            FAMILY.get(file["exercise"], file["exercise"]),
            tuple(file.get("reps_accepted") or [file["reps"]]),
        )
        for file in files
        if file["kind"] == "video" and isinstance(file.get("reps"), int)
    ]


def observations(
    name: str, source: str = "mp", fps: float | None = None, mirror: bool = False, noise: float = 0.0
) -> list[Observation]:
    """Keypoints of one clip; optionally thinned to fps, mirrored, or with noise (share of the body's height)."""
    data = np.load(shared_folder() / "keypoints" / source / f"{name}.npz")
    if source == "mp":
        keypoints, schema = data["kp"].astype(np.float64), KeypointSchema.BLAZEPOSE_33
    else:
        keypoints = np.concatenate([data["keypoints"], data["conf"][..., None]], axis=2).astype(np.float64)
        schema = KeypointSchema.COCO_17
    width, height = (int(size) for size in data["wh"])
    if mirror:
        keypoints = keypoints[:, BLAZEPOSE_MIRROR if source == "mp" else COCO_MIRROR]
        keypoints[..., 0] = width - keypoints[..., 0]
    if noise:
        found = keypoints[np.isfinite(keypoints[..., 1]).all(axis=1), :, 1]
        size = np.median(np.ptp(found, axis=1)) if len(found) else 0.0
        keypoints[..., :2] += np.random.default_rng(0).normal(0, noise * size, keypoints[..., :2].shape)
    taken: list[Observation] = []
    for time_s, pose in zip(data["t"].astype(float), keypoints, strict=True):
        time_ns = int((1000 + time_s) * 1e9)
        if fps and taken and time_ns - taken[-1].capture_time_ns < 1e9 / fps - 1e6:
            continue
        taken.append(Observation(time_ns, pose, schema, width, height))
    return taken


def run(library: Library, frames: list[Observation]) -> Found:
    """Count one clip and take the exercise with the most repetitions."""
    person = PersonMotion(library, PersonId("trial"))
    began = time.perf_counter()
    events = [event for frame in frames for event in person.update(frame)]
    events += person.flush(frames[-1].capture_time_ns)
    ms_per_frame = (time.perf_counter() - began) * 1000 / len(frames)
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
    best = max(by_exercise, key=lambda label: by_exercise[label]) if by_exercise else None
    return Found(best, sum(counts.values()), tuple(events), ms_per_frame)


@dataclass(frozen=True)
class Totals:
    """The numbers that the project promises."""

    label_accuracy: float
    obo: float
    exact: float
    mae: float
    repetitions_without_exercise: int


def totals(rows: list[tuple[Clip, Found]]) -> Totals:
    """OBO, exact and MAE over clips with at least 3 repetitions; labels over all clips with an exercise."""
    real = [(clip, found) for clip, found in rows if clip.exercise != "none"]
    long = [(clip, found) for clip, found in real if max(clip.repetitions) >= 3]
    errors = [min(abs(found.repetitions - count) for count in clip.repetitions) for clip, found in long]
    return Totals(
        float(np.mean([clip.exercise == found.exercise for clip, found in real])),
        float(np.mean([error <= 1 for error in errors])),
        float(np.mean([error == 0 for error in errors])),
        float(np.mean([error / max(clip.repetitions) for error, (clip, _) in zip(errors, long, strict=True)])),
        sum(found.repetitions for clip, found in rows if clip.exercise == "none"),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="mp")
    parser.add_argument("--fps", type=float)
    parser.add_argument("--mirror", action="store_true")
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    library = load_library()
    rows = []
    for clip in clips():
        frames = observations(clip.name, options.source, options.fps, options.mirror, options.noise)
        found = run(library, frames)
        rows.append((clip, found))
        if not options.quiet:
            off = " " if found.repetitions in clip.repetitions else "*"
            wrong = " " if clip.exercise == (found.exercise or "none") else "X"
            faults = sorted({reason for e in found.events if isinstance(e, RepetitionCounted) for reason in e.reasons})
            accepted = "/".join(map(str, clip.repetitions))
            print(
                f"{wrong}{off} {clip.name:42} {clip.exercise:15} {accepted:>6}  "
                f"{found.exercise or '-':15} {found.repetitions:3}  {found.ms_per_frame:.2f} ms  {','.join(faults)}"
            )
    print(totals(rows), f"max {max(found.ms_per_frame for _, found in rows):.2f} ms a frame")


if __name__ == "__main__":
    main()
