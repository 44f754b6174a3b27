"""Readers on slices of the real files, and on files that aren't what they should be."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from spotter_cli.fault_evaluation import exercise_correction, pose_trainer, squat_form, wafi
from spotter_cli.fault_evaluation.examples import LabelledSetError, Measured, Part
from spotter_cli.fault_evaluation.judging import judge
from spotter_cli.fault_evaluation.poses import blazepose, openpose, pictures, stretches, trace_of
from svc_motion.form import RepetitionTrace
from svc_motion.library import load_library
from svc_motion.observation import KeypointSchema
from svc_motion.signals import joint_angle_deg
from svc_motion.vocabulary import View

LIBRARY = load_library()


@pytest.fixture
def datasets(shared_dir: Path) -> Path:
    folder = shared_dir / "datasets"
    if not folder.is_dir():
        pytest.skip(f"no labelled sets in {folder}")
    return folder


def sliced(path: Path, rows: range, into: Path) -> Path:
    """The header and some rows of a CSV file, under the same name in another folder."""
    into.mkdir(parents=True, exist_ok=True)
    with path.open(newline="") as file:
        lines = list(islice(file, rows.stop + 1))
    target = into / path.name
    target.write_text("".join([lines[0], *lines[rows.start + 1 :]]))
    return target


def test_stretches_end_where_the_label_or_the_recording_does() -> None:
    labels = ["C", "C", "L", "L", "L", "C"]
    breaks = np.array([False, False, False, False, True, False])
    assert [(one.start, one.stop) for one in stretches(labels, breaks)] == [(0, 2), (2, 4), (4, 5), (5, 6)]


def test_angles_survive_normalised_coordinates_only_with_the_aspect() -> None:
    square_px = np.array([[0.0, 0.0], [300.0, 0.0], [300.0, 300.0]])  # a right angle in a picture of 1280 by 720
    given = np.concatenate([square_px / (1280, 720), np.ones((3, 1))], axis=1)[None]
    right = blazepose(given, [23, 25, 27], 16 / 9)[0, :, :2]
    squeezed = blazepose(given, [23, 25, 27], 4 / 3)[0, :, :2]
    assert joint_angle_deg(right[23], right[25], right[27]) == pytest.approx(90)
    assert np.linalg.norm(right[23] - right[25]) == pytest.approx(np.linalg.norm(right[25] - right[27]))
    assert np.linalg.norm(squeezed[23] - squeezed[25]) < 0.8 * np.linalg.norm(squeezed[25] - squeezed[27])
    assert np.isnan(right[0]).all()


def test_openpose_joints_take_their_places() -> None:
    poses = np.zeros((1, 18, 3))
    poses[0, 3] = (10, 20, 0.15)  # right elbow
    poses[0, 7] = (30, 40, 0.02)  # left wrist, hardly there
    ordered = openpose(poses)
    assert list(ordered[0, 8]) == [10, 20, 1]
    assert np.isnan(ordered[0, 9]).all()
    assert np.isfinite(ordered).all(axis=-1).sum() == 1


def test_curls_are_read_with_their_labels_and_recordings(datasets: Path, tmp_path: Path) -> None:
    path = sliced(datasets / "exercise-correction" / "bicep_model__test.csv", range(60, 175), tmp_path)
    labels, poses = exercise_correction.load(path)
    breaks = exercise_correction.recording_breaks(poses)
    assert Counter(labels) == {"C": 43, "L": 72}
    assert list(np.flatnonzero(breaks)) == [99]
    assert [labels[one.start] for one in stretches(labels, breaks)] == ["C", "L", "C"]
    known = np.isfinite(poses).all(axis=(0, 2))
    assert set(np.flatnonzero(known)) == {0, 11, 12, 13, 14, 15, 16, 23, 24}


def test_leaning_back_is_measured_in_curls_that_are_labelled_so(datasets: Path, tmp_path: Path) -> None:
    for name in ("bicep_model__test.csv", "lunge_model__err.test.csv"):
        sliced(datasets / "exercise-correction" / name, range(0, 159), tmp_path)
    read = exercise_correction.read(tmp_path, LIBRARY)
    curls = [one for one in read.examples if one.exercise == "bicep_curl"]
    clean, leaning = (judge(one, LIBRARY) for one in curls)
    assert [bool(one.labels) for one in curls] == [False, True]
    assert clean.metrics["trunk_lean_back_deg"] < 10 < 30 < leaning.metrics["trunk_lean_back_deg"]


def test_pictures_become_repetitions_around_each_visit_to_the_bottom() -> None:
    stages = ["down", "up", "up", "down", "down", "up", "down", "up", "down"]
    classes = ["a"] * 7 + ["b"] * 2
    assert [(one.start, one.stop) for one in wafi.repetitions(classes, stages)] == [(0, 5), (5, 7), (7, 9)]


def test_squat_pictures_are_read_as_squats(datasets: Path, tmp_path: Path) -> None:
    folder = datasets / "wafi-incorrect"
    classes, stages, poses = wafi.load(sliced(folder / "squat_coords.csv", range(0, 60), tmp_path))
    assert Counter(classes) == {"s_spine_neutral": 41, "s_correct": 19}
    assert set(stages) == {"up", "down"}
    rows = next(iter(wafi.repetitions(classes, stages)))
    trace = trace_of(LIBRARY, "squat", pictures(poses[rows], KeypointSchema.BLAZEPOSE_33, (405, 720)))
    assert isinstance(trace, RepetitionTrace)
    assert trace.feet is not None
    hips_px = trace.points[:, 11, 1]
    assert hips_px.max() - hips_px.min() > 20


def test_films_of_curls_are_split_as_their_authors_did(datasets: Path) -> None:
    files = pose_trainer.in_order(datasets / "pose-trainer" / "bicep")
    assert [path.stem for path in files][8:11] == ["bicep_bad_9", "bicep_bad_10", "bicep_good_1"]
    tested = {path.stem.removeprefix("bicep_") for path in pose_trainer.test_files(files)}
    assert tested == {"bad_1", "bad_2", "bad_6", "good_5", "good_4", "good_2", "bad_9"}


def test_squats_in_numbers_keep_videos_together(datasets: Path) -> None:
    side, front = squat_form.read(datasets / "squat-form-evaluation")
    for one in (side, front):
        parts: dict[str, set[Part]] = {}
        for example in one.examples:
            parts.setdefault(example.name, set()).add(example.part)
        assert all(len(found) == 1 for found in parts.values())
        tested = sum(found == {Part.TEST} for found in parts.values())
        assert tested == pytest.approx(0.2 * len(parts), abs=1)
    first = side.examples[0]
    assert isinstance(first.body, Measured)
    assert first.body.view is View.SIDE
    assert first.body.metrics["knee_min_deg"] == pytest.approx(71.22, abs=0.01)
    assert "squat_depth" not in first.body.metrics


@pytest.mark.parametrize("text", ["label,nose_x\nC,0.1\n", "label,a_x,a_y,a_z,a_v\nC,1,2,3,4\n"])
def test_a_file_that_is_no_table_of_landmarks_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bicep_model__test.csv"
    path.write_text(text)
    with pytest.raises(LabelledSetError, match=r"bicep_model__test\.csv"):
        exercise_correction.load(path)


def test_other_broken_files_are_named_too(tmp_path: Path) -> None:
    with (tmp_path / "squat_coords.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["class", "x1"], ["s_correct_up", "0.5"]])
    with pytest.raises(LabelledSetError, match=r"squat_coords\.csv"):
        wafi.load(tmp_path / "squat_coords.csv")
    (tmp_path / "side_view_merged.csv").write_text("video_name,knee_rom\n1,2\n")
    with pytest.raises(LabelledSetError, match="lacks forward_lean"):
        squat_form.read(tmp_path)
    with pytest.raises(LabelledSetError, match=r"no \.npy"):
        pose_trainer.in_order(tmp_path)
    (tmp_path / "bicep").mkdir()
    np.save(tmp_path / "bicep" / "bicep_bad_1.npy", np.zeros((3, 25, 3)))
    with pytest.raises(LabelledSetError, match="bicep_bad_1"):
        pose_trainer.read(tmp_path, LIBRARY)
