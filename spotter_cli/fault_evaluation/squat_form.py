"""squat-form-evaluation: numbers by repetition that its author measured with MediaPipe, and labels in three grades.

There are no poses: numbers that mean the same as a metric of ours go under its name, the rest keep their own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from spotter_cli.fault_evaluation.examples import Example, Label, LabelledSet, LabelledSetError, Measured, Part
from svc_motion.vocabulary import View

TEST_SHARE: Final = 0.2
SEED: Final = 42
_THEIRS = "no number in writing (random forest, confusion matrices as pictures only)"
SIDE: Final = {
    "squat_depth": Label("shallow", "squat", ("shallow_squat",), _THEIRS),
    "forward_lean": Label("forward lean", "squat", ("leaning_forward",), _THEIRS),
    "lumbar_flexion": Label("lumbar flexion", "squat", ("rounded_back",), _THEIRS),
}
FRONT: Final = {
    "knee_valgus": Label("knee valgus", "squat", ("knees_caving_in",), _THEIRS),
    "lateral_hip_shift": Label("lateral hip shift", "squat", ("uneven_sides",), _THEIRS),
    "torso_lateral_lean": Label("torso lateral lean", "squat", (), _THEIRS),
}
UNLABELLED: Final = ("knee_varus", "foot_stability", "descent_control", "ascent_sticking")
"""Their labels for which the product claims nothing."""
SIDE_NAMES: Final = {"knee_min_angle": "knee_min_deg", "torso_lean_peak": "trunk_lean_max_deg"}
FRONT_NAMES: Final[Mapping[str, str]] = {}


def read(folder: Path) -> tuple[LabelledSet, LabelledSet]:
    """The side view and the front view. Raises LabelledSetError, OSError."""
    return (
        _read(folder / "side_view_merged.csv", View.SIDE, SIDE, SIDE_NAMES),
        _read(folder / "front_view_merged.csv", View.FRONT, FRONT, FRONT_NAMES),
    )


def _read(path: Path, view: View, labels: Mapping[str, Label], names: Mapping[str, str]) -> LabelledSet:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = sorted({*labels, *names, "video_name"} - set(rows[0] if rows else ()))
    if missing:
        raise LabelledSetError(f"{path} lacks {', '.join(missing)}.")
    tested = test_videos([row["video_name"] for row in rows])
    return LabelledSet(
        f"squat-form-evaluation, {view}",
        "Numbers by repetition, measured by the author from MediaPipe poses of pictures squeezed to 640×480 (angles "
        "are bent by that, the films' shape isn't told). Grades 1 and 2 count as the fault; of squat_depth, 0. Only "
        "numbers that mean what a metric of ours means can be judged by our thresholds: "
        + (", ".join(f"{theirs} as {ours}" for theirs, ours in names.items()) or "none in this view")
        + ".",
        "the author's own: 20 % of the videos (GroupShuffleSplit, seed 42)",
        tuple(labels.values()),
        [_example(row, view, labels, names, tested) for row in rows],
    )


def _example(
    row: Mapping[str, str], view: View, labels: Mapping[str, Label], names: Mapping[str, str], tested: set[str]
) -> Example:
    given = {*labels, *UNLABELLED, "video_name"}
    numbers = {names.get(name, name): float(value or "nan") for name, value in row.items() if name not in given}
    shown = {label.name for column, label in labels.items() if _shows(column, int(float(row[column])))}
    part = Part.TEST if row["video_name"] in tested else Part.TRAIN
    return Example(f"video {row['video_name']}", "squat", frozenset(shown), part, Measured(numbers, view))


def _shows(column: str, grade: int) -> bool:
    return grade == 0 if column == "squat_depth" else grade > 0


def test_videos(names: Sequence[str]) -> set[str]:
    """Those that the author tests with: the first of scikit-learn's permutation of the sorted videos for his seed."""
    videos = sorted(set(names), key=int)
    order = np.random.RandomState(SEED).permutation(len(videos))
    return {videos[index] for index in order[: int(np.ceil(TEST_SHARE * len(videos)))]}
