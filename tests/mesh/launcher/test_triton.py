"""The real Triton server as a part of the mesh: what it says, what it survives, what it leaves."""

from __future__ import annotations

import json
import platform
import shutil
import stat
from pathlib import Path

import psutil
import pytest

from mesh.launcher import LauncherSettings, Mesh, MissingTool, triton, triton_install
from mesh.launcher.layout import LOOPBACK, PROJECT_DIR, Layout
from mesh.triton import TritonClient
from tests.mesh.launcher.waiting import until
from tests.triton_models import candidates
from tests.triton_server import TritonServer
from triton_models import served

DETECT, LANDMARK = "blazepose_detect", "blazepose_landmark"


@pytest.fixture
def repository(model_repository: Path, tmp_path: Path) -> Path:
    """One good model, and one whose file is damaged."""
    for model in (DETECT, LANDMARK):
        shutil.copytree(model_repository / model, tmp_path / "repository" / model)
    graph = tmp_path / "repository" / LANDMARK / "1" / "model.onnx"
    candidates.truncated(graph, graph)
    return tmp_path / "repository"


@pytest.fixture
def settings(home: Path, repository: Path) -> LauncherSettings:
    """A mesh with Triton and without services."""
    try:
        triton_install.find_or_install(Layout(PROJECT_DIR / ".spotter"))
    except MissingTool as error:
        pytest.skip(f"no Triton server here: {error}")
    return LauncherSettings(home=home, ports="free", services=(), triton=True, model_repository=repository)


def _prefix(mesh: Mesh) -> str:
    """Beginning of the names of its server's regions."""
    words = psutil.Process(mesh.pid("triton")).cmdline()
    return next(word for word in words if "shm-region-prefix-name" in word).rsplit("=", 1)[1]


def _regions(prefix: str) -> set[Path]:
    return set(Path("/dev/shm").glob(f"{prefix}*"))


async def test_a_damaged_model_is_named_and_the_others_are_served_through_a_kill(
    settings: LauncherSettings,
) -> None:
    said: list[str] = []
    async with Mesh(settings, lambda part, what: said.append(what) if part == "triton" else None) as mesh:
        (told,) = [line for line in said if "answer as they do in process" in line]
        assert told.startswith("1 models")
        assert f"{LANDMARK} isn't ready" in told
        assert "Protobuf parsing failed" in told
        port = json.loads(mesh.layout.mesh_file.read_text())["triton"]["grpc"]
        client = TritonClient(f"{LOOPBACK}:{port}")
        assert (client.is_ready(DETECT), client.is_ready(LANDMARK)) == (True, False)
        prefix, server = _prefix(mesh), psutil.Process(mesh.pid("triton"))
        regions = _regions(prefix)
        await until(lambda: {stat.S_IMODE(region.stat().st_mode) for region in regions} == {0o600})
        stubs = server.children(recursive=True)
        assert stubs
        assert regions
        server.kill()
        await until(lambda: mesh.restarts("triton") == 1)
        await mesh.wait_ready("triton")
        assert client.is_ready(DETECT)
        assert not regions & _regions(prefix)
        stubs += psutil.Process(mesh.pid("triton")).children(recursive=True)
        client.close()
    await until(lambda: not any(stub.is_running() for stub in stubs))
    assert _regions(prefix) == set()


def test_a_server_that_answers_other_than_the_graph_on_disk_is_noticed(
    model_repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(model_repository / DETECT, tmp_path / DETECT)
    with TritonServer(tmp_path) as server:
        assert served.main(server.address, tmp_path) == 0
        assert "1 models answer as they do in process" in capsys.readouterr().out
        graph = tmp_path / DETECT / "1" / "model.onnx"
        candidates.with_other_weights(graph, graph)
        assert served.main(server.address, tmp_path) == 1
        assert f"{DETECT} version 1 answers other than in process" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("system", "machine", "libc", "words"),
    [
        ("Darwin", "arm64", ("", ""), "needs Linux on x86_64, and this is Darwin on arm64"),
        ("Linux", "aarch64", ("glibc", "2.36"), "this is Linux on aarch64"),
        ("Linux", "x86_64", ("glibc", "2.31"), "needs glibc 2.35 or newer, and this system has glibc 2.31"),
        ("Linux", "x86_64", ("", ""), "this system has another"),
    ],
)
def test_a_machine_that_the_wheel_does_not_fit_is_told_what_to_do_instead(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, libc: tuple[str, str], words: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)
    with pytest.raises(MissingTool, match=words) as error:
        triton_install.check_machine()
    assert "Run without --triton" in str(error.value)


def test_only_built_models_are_loaded(repository: Path) -> None:
    (repository / "not_built").mkdir()
    (repository / "not_built" / "config.pbtxt").write_text('name: "not_built"')
    (repository / LANDMARK / "1" / "model.onnx").unlink()
    assert triton.built_models(repository) == [DETECT]
