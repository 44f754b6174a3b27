from __future__ import annotations

import json
from pathlib import Path

import pytest

from spotter_cli.evaluation.manifest import ManifestError, load_manifest


def write(folder: Path, value: object) -> Path:
    path = folder / "m.json"
    path.write_text(json.dumps(value))
    return path


def test_only_videos_are_clips_and_files_lie_beside_the_manifest(tmp_path: Path) -> None:
    files = [
        {"file": "models/a.onnx", "kind": "model"},
        {"file": "videos/a.mp4", "kind": "video", "exercise": "squat", "reps": 9, "reps_accepted": [7, 8, 9]},
        {"file": "videos/b.gif", "kind": "video", "exercise": "none", "reps": 0},
    ]
    first, second = load_manifest(write(tmp_path, {"files": files}))
    assert (first.path, first.accepted, first.name) == (tmp_path / "videos" / "a.mp4", (7, 8, 9), "a")
    assert second.accepted == (0,)


@pytest.mark.parametrize(
    "value", [[], {"clips": []}, {"files": [{"file": "a", "kind": "video", "reps": 1}]}, {"files": 3}]
)
def test_what_is_no_manifest_is_a_sentence(tmp_path: Path, value: object) -> None:
    with pytest.raises(ManifestError):
        load_manifest(write(tmp_path, value))


def test_a_missing_manifest_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="can't be read"):
        load_manifest(tmp_path / "gone.json")


def test_the_shared_manifest_is_one(shared_dir: Path) -> None:
    clips = load_manifest(shared_dir / "MANIFEST.json")
    assert len(clips) > 40 and all(clip.path.is_file() for clip in clips)
