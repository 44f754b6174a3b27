"""pose-trainer: OpenPose joints of bicep curls and front raises, one repetition a film, labelled good or bad."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from spotter_cli.fault_evaluation.examples import Example, Label, LabelledSet, LabelledSetError, Part
from spotter_cli.fault_evaluation.poses import film, openpose, trace_of
from svc_motion.library import Library
from svc_motion.observation import KeypointSchema

TEST_SHARE: Final = 0.4
SEED: Final = 42
PICTURE_PX: Final = (1280, 720)
"""At most; it only matters as the frame that joints must lie in."""
CURL = Label(
    "bad curl",
    "bicep_curl",
    ("half_curl", "elbows_drifting", "body_swing", "leaning_back"),
    "on the same films: nearest by dynamic time warping, bad P 0.80 R 1.00 F1 0.89 of 4 "
    "(DTW-and-KNN-BicepCurl.ipynb, whose table names the rows the wrong way round)",
    0.89,
)
RAISE = Label(
    "bad front raise",
    "front_raise",
    ("low_raise", "body_swing", "leaning_back"),
    "on the same films: nearest by dynamic time warping, P 1.00 R 1.00 F1 1.00 of 6 (DTW-FrontRaise.ipynb)",
    1.0,
)
FOLDERS: Final = {"bicep": CURL, "frontraise": RAISE}


def read(folder: Path, library: Library) -> LabelledSet:
    """Both folders. Raises LabelledSetError, OSError."""
    examples = [one for name, label in FOLDERS.items() for one in _examples(folder / name, library, label)]
    return LabelledSet(
        "pose-trainer",
        "OpenPose (18 joints, px) of every frame of films with one repetition each; 30 frames a second assumed. A film "
        "is only called good or bad: any fault that the table names counts as bad. By their rules bad is, for the "
        "curl, an upper arm that turns more than 35° or an elbow never below 70°; for the raise, a back that moves or "
        "an arm never up to 90° (evaluate.py).",
        "the authors' own: 40 % of the films, seed 42",
        tuple(FOLDERS.values()),
        examples,
    )


def _examples(folder: Path, library: Library, label: Label) -> Iterator[Example]:
    files = in_order(folder)
    tested = test_files(files)
    for path in files:
        yield Example(
            path.stem,
            label.exercise,
            frozenset({label.name} if "_bad_" in path.stem else ()),
            Part.TEST if path in tested else Part.TRAIN,
            trace_of(library, label.exercise, film(_poses(path), KeypointSchema.COCO_17, PICTURE_PX)),
        )


def in_order(folder: Path) -> list[Path]:
    """The films of a folder, bad ones first, by number. Raises LabelledSetError where there are none."""
    files = sorted(folder.glob("*.npy"), key=lambda path: (re.sub(r"\d+$", "", path.stem), _number(path)))
    if not files:
        raise LabelledSetError(f"{folder} holds no .npy files.")
    return files


def test_files(files: Sequence[Path]) -> set[Path]:
    """Those that the authors test with: the first of scikit-learn's permutation (ShuffleSplit) for their seed."""
    order = np.random.RandomState(SEED).permutation(len(files))
    return {files[index] for index in order[: int(np.ceil(TEST_SHARE * len(files)))]}


def _poses(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    poses = np.load(path, allow_pickle=False)
    if poses.ndim != 3 or poses.shape[1:] != (18, 3):
        raise LabelledSetError(f"{path} has the shape {poses.shape}, not (frames, 18, 3).")
    return openpose(poses.astype(np.float64))


def _number(path: Path) -> int:
    found = re.search(r"\d+$", path.stem)
    return int(found.group()) if found else 0
