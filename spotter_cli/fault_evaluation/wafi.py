"""wafi-incorrect: landmarks of squats and bench presses, single pictures labelled with class and stage.

Pictures of one class in a row are one recording. A picture from the far end of the movement and those of the near end
around it stand for a repetition.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from spotter_cli.fault_evaluation.examples import Example, Label, LabelledSet, LabelledSetError, Part
from spotter_cli.fault_evaluation.poses import PICTURE_HEIGHT_PX, blazepose, pictures, stretches, trace_of
from svc_motion.library import Library
from svc_motion.observation import FloatArray, KeypointSchema

ASPECT: Final = 9 / 16
"""Not told. With it, shoulders of standing people who face the camera are 0.78 of the trunk wide, and forearms of
those who lie half as long as the trunk; landscape would make both three times that."""
COLUMNS: Final = 133
_THEIRS = (
    "nothing for these classes; for a later version of theirs (5 classes, front view) accuracy 0.998 with frames of "
    "the same videos in train and test (models/squat/squat_classification.ipynb)"
)
SQUAT: Final = {
    "s_caved_in_knees": Label("caved-in knees", "squat", ("knees_caving_in",), _THEIRS),
    "s_spine_neutral": Label("spine not neutral", "squat", ("rounded_back", "leaning_forward"), _THEIRS),
    "s_feet_spread": Label("feet spread", "squat", (), _THEIRS),
}
BENCH: Final = {
    "b_arms_spread": Label("arms spread", "bench_press", (), _THEIRS),
    "b_excessive_arch": Label("excessive arch", "bench_press", (), _THEIRS),
}
SQUAT_TRAIN_ROWS: Final = 271
"""Up to here two cameras look from the side and obliquely; from here on one looks from the front."""
BENCH_TRAIN_ROWS: Final = 601
"""Up to here cameras look obliquely; from here on others look along the bench."""


def read(folder: Path, library: Library) -> LabelledSet:
    """Both files. Raises LabelledSetError, OSError."""
    squats = _examples(folder / "squat_coords.csv", library, "squat", SQUAT, SQUAT_TRAIN_ROWS)
    presses = _examples(folder / "benchpress_coords.csv", library, "bench_press", BENCH, BENCH_TRAIN_ROWS)
    return LabelledSet(
        "wafi-incorrect",
        "BlazePose landmarks of single pictures, 0..1 of the picture; 9:16 assumed. A picture at the bottom with those "
        "at the top before and after it is taken as one repetition. One file says spine_neutral and means that the "
        "spine is not: the spoken hint for it is to keep it neutral.",
        "by camera: the first ones train (squat: 3 places, side and oblique; bench: oblique), the others test (squat: "
        "one front camera and one person, the same recordings sampled more than once)",
        (*SQUAT.values(), *BENCH.values()),
        [*squats, *presses],
    )


def _examples(
    path: Path, library: Library, exercise: str, labels: dict[str, Label], train_rows: int
) -> Iterator[Example]:
    classes, stages, poses = load(path)
    size = (round(ASPECT * PICTURE_HEIGHT_PX), PICTURE_HEIGHT_PX)
    for rows in repetitions(classes, stages):
        shown = labels.get(classes[rows.start])
        yield Example(
            f"{path.name} rows {rows.start}..{rows.stop - 1}",
            exercise,
            frozenset({shown.name} if shown else ()),
            Part.TRAIN if rows.start < train_rows else Part.TEST,
            trace_of(library, exercise, pictures(poses[rows], KeypointSchema.BLAZEPOSE_33, size)),
            rows.stop - rows.start,
        )


def repetitions(classes: Sequence[str], stages: Sequence[str]) -> Iterator[slice]:
    """Rows of one class that hold one visit to the far end: from `up` over `down` to before the next `up`."""
    for recording in stretches(classes, np.zeros(len(classes), dtype=np.bool_)):
        begin = recording.start
        for row in range(recording.start + 1, recording.stop):
            if stages[row] == "up" and stages[row - 1] == "down" and "up" in stages[begin:row]:
                yield slice(begin, row)
                begin = row
        yield slice(begin, recording.stop)


def load(path: Path) -> tuple[list[str], list[str], FloatArray]:
    """Class and stage of each picture, and its pose (n, 33, 3) in px. Raises LabelledSetError, OSError."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    try:
        if len(header) != COLUMNS:
            raise ValueError(f"{len(header)} columns instead of {COLUMNS}")
        numbers = np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), 33, 4)
    except ValueError as error:
        raise LabelledSetError(f"{path} holds no landmarks as expected: {error}.") from None
    named = [row[0].rsplit("_", 1) for row in rows]
    poses = blazepose(numbers[..., [0, 1, 3]], range(33), ASPECT)
    return [one for one, _ in named], [stage for _, stage in named], poses
