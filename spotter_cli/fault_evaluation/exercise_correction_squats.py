"""The squats of exercise-correction: frames labelled up or down, and widths of four films of correct squats.

No frame carries a fault, so only false alarms can be counted.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from spotter_cli.fault_evaluation.examples import Example, Label, LabelledSet, LabelledSetError, Measured, Part
from spotter_cli.fault_evaluation.exercise_correction import ASPECT, load
from spotter_cli.fault_evaluation.poses import BETWEEN_PICTURES_S, PICTURE_HEIGHT_PX, film, stretches, trace_of
from svc_motion.library import Library
from svc_motion.observation import BodyFrame, FloatArray, KeypointSchema
from svc_motion.vocabulary import View

STANDING_FRAMES: Final = 20
"""So many upright frames before and after a descent belong to its repetition."""
SAME_PLACE: Final = 0.05
"""Feet further apart than this share of the picture are another film's."""
NO_FAULT = Label(
    "none, false alarms only",
    "squat",
    ("knees_caving_in", "shallow_squat", "leaning_forward", "uneven_sides"),
    "no measure of squats' errors, only thresholds (knees over feet by stage, core/squat_model/README.md); for the "
    "stage, up or down, by frame on the test file: logistic regression F1 0.994 (core/squat_model/evaluation.csv)",
)


def read(folder: Path, library: Library) -> LabelledSet:
    """Widths of correct squats, and the films whose frames are labelled with the stage. Raises LabelledSetError."""
    filmed = [
        example
        for name in ("squat_model__train.csv", "squat_model__test.csv")
        for example in _filmed(folder / name, library)
    ]
    return LabelledSet(
        "exercise-correction, squats",
        "Four films of correct squats, of which the set has the widths of shoulders, knees and feet (frames called "
        "down; knees over feet as knee_width_ratio), and BlazePose landmarks of squats labelled up or down, 16:9 "
        "assumed, a descent with the standing around it as one repetition. The author filmed the latter for the stage "
        "and says nothing of their form; stances from very narrow to wide are among them. No frame is labelled with a "
        "fault: what is found here is a false alarm as far as anybody knows.",
        "all test: nothing is fitted",
        (NO_FAULT,),
        [*_measured(folder / "squat_model__analyze_pose.csv"), *filmed],
    )


def _measured(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("stage") == "down"]
    if not rows:
        raise LabelledSetError(f"{path} holds no frames of the stage down.")
    for video in sorted({row["video"] for row in rows}):
        ratios = [float(row["knee_width"]) / float(row["feet_width"]) for row in rows if row["video"] == video]
        widths = Measured({"knee_width_ratio": float(np.median(ratios))}, View.FRONT)
        yield Example(video, "squat", frozenset(), Part.TEST, widths, len(ratios))


def _filmed(path: Path, library: Library) -> Iterator[Example]:
    stages, poses = load(path)
    for rows in descents(stages, poses):
        yield Example(
            f"{path.name} frames {rows[0].start}..{rows[-1].stop - 1}",
            "squat",
            frozenset(),
            Part.TEST,
            trace_of(library, "squat", _joined(poses, rows)),
            sum(one.stop - one.start for one in rows),
        )


def descents(stages: Sequence[str], poses: FloatArray) -> Iterator[list[slice]]:
    """For each stretch of `down` the frames of its repetition: some upright ones of the same place around it."""
    runs = list(stretches(stages, np.zeros(len(stages), dtype=np.bool_)))
    for before, run, after in zip([None, *runs[:-1]], runs, [*runs[1:], None], strict=True):
        if stages[run.start] != "down":
            continue
        parts = [run]
        if before is not None:
            parts.insert(0, slice(max(before.start, before.stop - STANDING_FRAMES), before.stop))
        if after is not None:
            parts.append(slice(after.start, min(after.stop, after.start + STANDING_FRAMES)))
        yield [part for part in parts if _same_place(poses[part], poses[run])]


def _same_place(some: FloatArray, others: FloatArray) -> bool:
    feet = [np.median(poses[:, [27, 28], 0].mean(axis=1)) for poses in (some, others)]
    return bool(abs(feet[0] - feet[1]) < SAME_PLACE * PICTURE_HEIGHT_PX)


def _joined(poses: FloatArray, parts: Sequence[slice]) -> list[BodyFrame]:
    """Frames of the parts, with a moment between them: what lies between stages was left out of the set."""
    frames: list[BodyFrame] = []
    size = (round(ASPECT * PICTURE_HEIGHT_PX), PICTURE_HEIGHT_PX)
    for part in parts:
        start_s = frames[-1].time_s + BETWEEN_PICTURES_S if frames else 1.0
        frames += film(poses[part], KeypointSchema.BLAZEPOSE_33, size, start_s=start_s)
    return frames
