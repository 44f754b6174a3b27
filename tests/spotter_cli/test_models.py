"""`spotter models` as somebody calls it."""

from pathlib import Path

import pytest

from spotter_cli.commands import models
from triton_models import manifest


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setenv("SPOTTER_MODELS", "")
    monkeypatch.delenv("SPOTTER_MODELS_ACCEPT", raising=False)


def test_the_list_says_what_is_there_and_how_to_get_the_rest(
    model_repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models.list_models(repository=model_repository) == 0
    assert capsys.readouterr().out.count("version 1") == len(manifest.load())
    assert models.list_models(repository=tmp_path) == 0
    out = capsys.readouterr().out
    assert out.count("not built") == len(manifest.load())
    assert "→ spotter models build yolo11_pose --models-dir DIR --accept AGPL-3.0" in out


def test_a_model_is_built_verified_and_left_alone(
    shared_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, names = shared_dir / "models", ("face_detect", "person_embedding")
    assert models.build(*names, models_dir=folder, accept=["MIT,MSMT17-research"], repository=tmp_path) == 0
    assert "building person_embedding" in capsys.readouterr().out
    assert models.build(*names, models_dir=folder, repository=tmp_path, instances=2) == 0
    assert "building" not in capsys.readouterr().out
    assert "count: 2" in (tmp_path / "face_detect" / "config.pbtxt").read_text()
    assert models.verify(*names, repository=tmp_path) == 0
    assert capsys.readouterr().out.count("ok ") == 2


def test_what_can_not_be_built_is_answered_with_a_sentence_and_the_exit_code_1(
    shared_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models.build("yolo11_pose", models_dir=shared_dir / "models", repository=tmp_path) == 1
    assert "To accept it, run `spotter models build yolo11_pose" in capsys.readouterr().out
    assert models.build("yolo99", repository=tmp_path) == 1
    assert 'there is no model "yolo99"' in capsys.readouterr().out
    assert models.verify("yolo11_pose", repository=tmp_path) == 1
    assert "missing   yolo11_pose" in capsys.readouterr().out


def test_a_repository_that_can_not_be_written_is_named(
    shared_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert models.build("face_detect", models_dir=shared_dir / "models", repository=tmp_path / "file") == 1
    assert "can't be put into" in capsys.readouterr().out
