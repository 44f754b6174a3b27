"""exercise-correction: landmarks of bicep curls and lunges, frame by frame, from videos of the author's own.

Only the test files of the errors are in the set. A stretch of frames with one label stands for a repetition; several
recordings follow one another, told by a jump of the body.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter_cli.fault_evaluation.examples import Example, Label, LabelledSet, LabelledSetError, Part
from spotter_cli.fault_evaluation.poses import PICTURE_HEIGHT_PX, blazepose, film, stretches, trace_of
from svc_motion.library import Library
from svc_motion.observation import FloatArray, KeypointSchema

ASPECT: Final = 16 / 9
"""Not told. With it, thighs and shanks of the lunges keep one length while they turn (1.6 to 1.7 fits), and shoulders
of standing people who face the camera are 0.70 of the trunk wide."""
JUMP: Final = 0.45
"""A hip that moves this share of the trunk's length between two frames belongs to another recording."""
WRONG: Final = "L"
LANDMARKS: Final = {
    "nose": 0,
    "left_shoulder": 11,
    "right_shoulder": 12,
    "left_elbow": 13,
    "right_elbow": 14,
    "left_wrist": 15,
    "right_wrist": 16,
    "left_hip": 23,
    "right_hip": 24,
    "left_knee": 25,
    "right_knee": 26,
    "left_ankle": 27,
    "right_ankle": 28,
    "left_heel": 29,
    "right_heel": 30,
    "left_foot_index": 31,
    "right_foot_index": 32,
}
LEAN_BACK = Label(
    "lean back",
    "bicep_curl",
    ("body_swing", "leaning_back"),
    "by frame, on this file, with models trained on other videos of theirs: KNN P 0.996 R 0.940 F1 0.967 (best of 11), "
    "logistic regression F1 0.667 (core/bicep_model/evaluation.csv)",
    0.967,
)
KNEE_OVER_TOE = Label(
    "knee over toe",
    "lunge",
    ("knees_past_toes",),
    "by frame, on this file, with models trained on other videos of theirs: logistic regression P 0.998 R 0.947 "
    "F1 0.972 (best of 11), random forest F1 0.828 (core/lunge_model/err.evaluation.csv)",
    0.972,
)
BICEP_TRAIN_RECORDINGS: Final = 2
LUNGE_TRAIN_RECORDINGS: Final = 4


def read(folder: Path, library: Library) -> LabelledSet:
    """Both files of errors. Raises LabelledSetError, OSError."""
    curls = _examples(folder / "bicep_model__test.csv", library, LEAN_BACK, BICEP_TRAIN_RECORDINGS)
    lunges = _examples(folder / "lunge_model__err.test.csv", library, KNEE_OVER_TOE, LUNGE_TRAIN_RECORDINGS)
    return LabelledSet(
        "exercise-correction",
        "BlazePose landmarks of every frame, 0..1 of the picture; 16:9 assumed (limbs keep their length with it), 30 "
        "frames a second assumed. A stretch of one label is taken as one repetition.",
        "by recording (a jump of the body begins another): curls 2 train, 1 test; lunges 4 train, 5 test",
        (LEAN_BACK, KNEE_OVER_TOE),
        [*curls, *lunges],
    )


def _examples(path: Path, library: Library, label: Label, train_recordings: int) -> list[Example]:
    labels, poses = load(path)
    breaks = recording_breaks(poses)
    recording = np.cumsum(breaks)
    size = (round(ASPECT * PICTURE_HEIGHT_PX), PICTURE_HEIGHT_PX)
    return [
        Example(
            f"{path.name} frames {one.start}..{one.stop - 1}",
            label.exercise,
            frozenset({label.name} if labels[one.start] == WRONG else ()),
            Part.TRAIN if recording[one.start] < train_recordings else Part.TEST,
            trace_of(library, label.exercise, film(poses[one], KeypointSchema.BLAZEPOSE_33, size)),
            one.stop - one.start,
        )
        for one in stretches(labels, breaks)
    ]


def load(path: Path) -> tuple[list[str], FloatArray]:
    """The label of each frame, and its pose (n, 33, 3) in px. Raises LabelledSetError, OSError."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    names = [column.removesuffix("_x") for column in header[1::4]]
    try:
        landmarks = [LANDMARKS[name] for name in names]
        numbers = np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), len(names), 4)
    except (KeyError, ValueError) as error:
        raise LabelledSetError(f"{path} holds no landmarks as expected: {error}.") from None
    return [row[0] for row in rows], blazepose(numbers[..., [0, 1, 3]], landmarks, ASPECT)


def recording_breaks(poses: FloatArray) -> NDArray[np.bool_]:
    """(n,) before which frames another recording begins."""
    hip, shoulder = poses[:, [23, 24], :2].mean(axis=1), poses[:, [11, 12], :2].mean(axis=1)
    trunk_px = float(np.median(np.linalg.norm(hip - shoulder, axis=1)))
    moved = np.linalg.norm(np.diff(hip, axis=0), axis=1)
    return np.concatenate([[False], moved > JUMP * trunk_px])
