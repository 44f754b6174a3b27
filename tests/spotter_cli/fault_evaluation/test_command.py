from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from spotter_cli.commands.evaluate_faults import evaluate_faults
from spotter_cli.evaluation.manifest import load_manifest


@pytest.fixture
def small(shared_dir: Path, tmp_path: Path) -> Path:
    """A folder with one labelled set, two clips and their keypoints."""
    source = shared_dir / "datasets" / "pose-trainer"
    if not source.is_dir() or not (shared_dir / "keypoints" / "mp").is_dir():
        pytest.skip(f"no labelled sets or keypoints in {shared_dir}")
    folder = tmp_path / "shared"
    (folder / "datasets").mkdir(parents=True)
    (folder / "datasets" / "pose-trainer").symlink_to(source)
    names = ("bicep_curl_partial_range_park", "bicep_curl_side_headless")
    entries = json.loads((shared_dir / "MANIFEST.json").read_text())["files"]
    (folder / "MANIFEST.json").write_text(
        json.dumps({"files": [one for one in entries if Path(one["file"]).stem in names]})
    )
    (folder / "keypoints" / "mp").mkdir(parents=True)
    for name in names:
        (folder / "keypoints" / "mp" / f"{name}.npz").symlink_to(shared_dir / "keypoints" / "mp" / f"{name}.npz")
    assert len(load_manifest(folder / "MANIFEST.json")) == 2
    return folder


def test_sets_and_clips_are_judged_and_told(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert evaluate_faults("pose-trainer", "clips", shared=small, out=out) == 0
    assert "pose-trainer: bad curl" in capsys.readouterr().out
    told = json.loads((out / "report.json").read_text())
    (trainer,) = told["sets"]
    curls, raises = trainer["labels"]
    assert (curls["label"], raises["label"]) == ("bad curl", "bad front raise")
    for label, items, wrong in ((curls, 7, 4), (raises, 12, 6)):
        test = label["test"]
        assert test["hits"] + test["misses"] == wrong
        assert wrong + test["false_alarms"] + test["quiet"] == items
        assert test["f1"] > 0.5
    clips = {one["clip"]: one for one in told["clips"]}
    partial = clips["bicep_curl_partial_range_park"]
    assert [bool(one["faults"]) for one in partial["repetitions"]] == [False, True, True, True]
    assert clips["bicep_curl_side_headless"]["marked"] is None
    page = (out / "report.md").read_text()
    assert "the authors report" in page
    assert "| bicep_curl_partial_range_park |" in page
    for chart in ("f1.png", "clips.png"):
        picture = cv2.imread(str(out / chart))
        assert picture is not None
        assert picture.std() > 1


def test_an_unknown_set_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate_faults("mystery") == 1
    assert "There is no set mystery; there are exercise-correction" in capsys.readouterr().out


def test_a_missing_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate_faults("pose-trainer", shared=tmp_path, out=tmp_path / "out") == 1
    said = capsys.readouterr().out
    assert "pose-trainer" in said
    assert "--shared" in said
