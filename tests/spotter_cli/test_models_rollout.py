"""`spotter models status|rollout|rollback` as one calls them, without a server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mesh.launcher.layout import PROJECT_DIR
from tests.triton_models import candidates

NAME = "blazepose_detect"


@pytest.fixture
def repository(model_repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(model_repository / NAME, tmp_path / "repository" / NAME)
    return tmp_path / "repository"


def _spotter(home: Path, *words: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    result = subprocess.run(
        [sys.executable, "-m", "spotter_cli", "models", *words],
        cwd=PROJECT_DIR,
        env=os.environ | {"SPOTTER_HOME": str(home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


def test_a_version_comes_is_listed_and_goes_again(repository: Path, tmp_path: Path) -> None:
    candidate = candidates.with_identity(repository / NAME / "1" / "model.onnx", tmp_path / "new.onnx")
    place = ("--repository", str(repository))
    code, said = _spotter(tmp_path, "rollout", NAME, str(candidate), *place, "--max-slowdown", "4")
    assert (code, f"{NAME} version 2 is in the repository" in said) == (0, True)
    assert "svc_vision takes it up at its next start" in said
    code, said = _spotter(tmp_path, "rollback", NAME, *place)
    assert (code, "version 2 lies beside it as withdrawn-2" in said) == (0, True)
    code, said = _spotter(tmp_path, "status", *place)
    assert (code, "1, 2 withdrawn" in said) == (0, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rollback", NAME), "refused, NOTHING_TO_ROLL_BACK: blazepose_detect has only version 1"),
        (("rollout", NAME, "nosuch.onnx"), "refused, CANDIDATE_MISSING: nosuch.onnx can't be read"),
        (("rollout", "nosuch", "nosuch.onnx"), 'there is no model "nosuch"'),
        (("status", "--triton", "127.0.0.1:1"), "The Triton server gives no answer"),
    ],
)
def test_what_can_not_be_done_is_told_in_one_sentence(
    repository: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    code, said = _spotter(tmp_path, *words, "--repository", str(repository))
    assert code == 1
    assert told in said
    assert "Traceback" not in said
