from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from spotter_cli.degradation import report
from spotter_cli.degradation.command import run
from spotter_cli.degradation.recording import Recording, recording_path
from spotter_cli.evaluation.manifest import load_manifest
from spotter_cli.evaluation.scoring import choose, score
from spotter_cli.replay.reel import START_NS
from svc_motion.observation import KeypointSchema, Observation
from tests.spotter_cli.evaluation.done import clip, one_set
from tests.svc_motion.keypoint_clips import shared_folder


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    keypoints = np.random.default_rng(0).random((33, 3)).astype(np.float32)
    seen = Observation(START_NS + 5, keypoints, KeypointSchema.BLAZEPOSE_33, 640, 360, keypoints + 1)
    recording = Recording((0, 1), (seen, replace(seen, capture_time_ns=START_NS + 9, after_cut=True)), START_NS + 11)
    recording.save(tmp_path / "a.npz")
    read = Recording.load(tmp_path / "a.npz")
    assert (read.people, read.end_ns) == ((0, 1), START_NS + 11)
    assert [one.capture_time_ns for one in read.observations] == [START_NS + 5, START_NS + 9]
    assert [one.after_cut for one in read.observations] == [False, True]
    np.testing.assert_array_equal(read.observations[0].keypoints, keypoints)
    assert read.observations[1].world is not None


def test_a_film_without_people_is_recorded_too(tmp_path: Path) -> None:
    Recording((), (), START_NS).save(tmp_path / "a.npz")
    assert Recording.load(tmp_path / "a.npz").observations == ()


def test_another_film_of_the_same_name_has_another_recording(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    film.write_bytes(b"1")
    before = recording_path(tmp_path, film, "whole", "blazepose")
    film.write_bytes(b"12")
    assert recording_path(tmp_path, film, "whole", "blazepose") != before


def test_the_report_shows_what_a_condition_changes() -> None:
    truth = clip("squat", 3)
    right, wrong = (score(truth, choose([one_set("p", "squat", reps)]), {}) for reps in (3, 1))
    text = report.as_markdown("blazepose", {"as it is": [right], "10 fps": [wrong]})
    assert "| as it is | 1.000 | 1.000 | 0.000 | 1.000 | 0 | 0 of 0 |" in text
    assert "| squat | squat 3 | squat 3 | squat 1 |" in text


def test_a_real_clip_is_counted_under_every_condition(tmp_path: Path) -> None:
    manifest = shared_folder() / "MANIFEST.json"
    if not manifest.is_file():
        pytest.skip("the labelled clips aren't here; set SPOTTER_SHARED to their folder")
    pytest.importorskip("matplotlib", reason="the chart needs matplotlib")
    clips = [one for one in load_manifest(manifest) if one.name == "squat_front_fault_no_depth"]
    assert run(Console(quiet=True), clips, tmp_path) == 0
    assert "| as it is |" in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert (tmp_path / "degradation.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.glob("recordings/*/*.npz"))) == 4
