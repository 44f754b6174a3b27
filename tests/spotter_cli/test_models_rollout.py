"""`spotter models status|rollout|rollback` as one calls them, without a server."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spotter_cli.__main__ import app
from tests.triton_models import candidates

NAME = "blazepose_detect"


@pytest.fixture
def repository(model_repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(model_repository / NAME, tmp_path / "repository" / NAME)
    return tmp_path / "repository"


@pytest.fixture
def spotter(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Calls the command: exit code and what was printed."""
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str) -> tuple[int, str]:
        code = app(["models", *words, "--repository", str(repository)], result_action="return_value")
        return code, capsys.readouterr().out

    return call


def test_a_version_comes_is_listed_and_goes_again(
    spotter: Callable[..., tuple[int, str]], repository: Path, tmp_path: Path
) -> None:
    candidate = candidates.with_identity(repository / NAME / "1" / "model.onnx", tmp_path / "new.onnx")
    code, said = spotter("rollout", NAME, str(candidate), "--max-slowdown", "4")
    assert (code, f"{NAME} version 2 is in the repository" in said) == (0, True)
    assert "svc_vision takes it up at its next start" in said
    code, said = spotter("rollback", NAME)
    assert (code, "version 2 lies beside it as withdrawn-2" in said) == (0, True)
    code, said = spotter("status")
    assert (code, "1, 2 withdrawn" in said) == (0, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rollout", NAME, "nosuch.onnx"), "refused, CANDIDATE_MISSING: nosuch.onnx can't be read"),
        (("rollback", NAME), "refused, NOTHING_TO_ROLL_BACK: blazepose_detect has only version 1"),
        (("rollout", "nosuch", "nosuch.onnx"), 'there is no model "nosuch"'),
        (("status", "--triton", "127.0.0.1:1"), "The Triton server gives no answer"),
    ],
)
def test_what_can_not_be_done_is_told_in_one_sentence(
    spotter: Callable[..., tuple[int, str]], words: tuple[str, ...], told: str
) -> None:
    code, said = spotter(*words)
    assert code == 1
    assert told in said
