from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spotter_cli.evaluation.manifest import load_manifest
from spotter_cli.fault_evaluation.clips import MARKS, UNCLEAR, Mark, Repetition, look, observations
from svc_motion.library import load_library

LIBRARY = load_library()


def rep(start_s: float, *faults: str) -> Repetition:
    return Repetition(start_s, start_s + 2, frozenset(faults))


def test_a_mark_holds_for_repetitions_whose_middle_it_covers() -> None:
    mark = Mark("wrong", ("half_curl",), from_s=3.0, until_s=6.0)
    assert [mark.holds(rep(start_s)) for start_s in (1.9, 2.1, 4.9, 5.1)] == [False, True, True, False]


def test_a_mark_is_found_by_its_own_faults_only() -> None:
    mark = Mark("wrong", ("half_curl", "elbows_drifting"))
    assert mark.finds(rep(0, "elbows_drifting", "body_swing"))
    assert not mark.finds(rep(0, "body_swing"))
    assert not mark.finds(rep(0))


def test_a_mark_without_a_name_is_found_by_any_fault() -> None:
    mark = Mark("marked wrong", ())
    assert mark.finds(rep(0, "body_swing"))
    assert not mark.finds(rep(0))


def test_every_marked_fault_is_one_of_its_exercise(shared_dir: Path) -> None:
    clips = {clip.name: clip for clip in load_manifest(shared_dir / "MANIFEST.json")}
    known = {fault.name for exercise in LIBRARY.exercises.values() for fault in exercise.faults}
    for name, mark in MARKS.items():
        assert clips[name].reps > 0
        assert not mark.faults or known & set(mark.faults), name
    assert set(UNCLEAR) <= set(clips)


def test_half_curls_are_flagged_where_the_manifest_says_so(shared_dir: Path) -> None:
    clips = [one for one in load_manifest(shared_dir / "MANIFEST.json") if one.name == "bicep_curl_partial_range_park"]
    keypoints = shared_dir / "keypoints"
    if not (keypoints / "mp").is_dir():
        pytest.skip(f"no keypoints in {keypoints}")
    seen = next(iter(look(clips, keypoints, LIBRARY)))
    assert (seen.source, seen.exercise) == ("mp", "bicep_curl")
    assert seen.mark is not None
    flagged = [seen.mark.finds(one) for one in seen.repetitions]
    assert flagged == [seen.mark.holds(one) for one in seen.repetitions]
    assert seen.flags["half_curl"] == 3


def test_keypoints_come_with_their_times_and_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, t=[0.0, 0.5], keypoints=np.ones((2, 17, 2)), conf=np.ones((2, 17)), wh=[640, 360])
    first, second = observations(path, "yolo11n_main")
    assert second.capture_time_ns - first.capture_time_ns == 500_000_000
    assert (first.frame_width_px, first.frame_height_px) == (640, 360)
