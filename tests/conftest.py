"""Real PostgreSQL and NATS for the whole run, on free ports, and where shared test data lies."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mesh.launcher.layout import PROJECT_DIR, LauncherSettings
from mesh.launcher.mesh import Mesh
from tests.triton_server import TritonServer, serving
from triton_models import manifest
from triton_models.build import build, is_built
from triton_models.settings import BUNDLED_REPOSITORY


@dataclass(frozen=True)
class Floor:
    """What services stand on."""

    nats_url: str
    database_url: str


@pytest.fixture(scope="session")
def floor() -> Iterator[Floor]:
    """PostgreSQL and NATS, running on a thread of their own so that every test's event loop can use them."""
    # Not pytest's own folder: PostgreSQL runs as another user where we are root, and pytest closes it for others.
    home = Path(tempfile.mkdtemp(prefix="spotter-floor-"))
    unpacked = PROJECT_DIR / ".spotter" / "bin"
    if unpacked.is_dir():
        shutil.copytree(unpacked, home / "bin")
    started, stop = threading.Event(), threading.Event()
    found: list[Floor | BaseException] = []

    async def run() -> None:
        try:
            async with Mesh(LauncherSettings(home=home, ports="free", services=())) as mesh:
                found.append(Floor(mesh.nats_url, mesh.database_url))
                started.set()
                await asyncio.to_thread(stop.wait)
        except BaseException as error:
            found.append(error)
            started.set()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="floor")
    thread.start()
    started.wait()
    if isinstance(found[0], BaseException):
        thread.join()
        raise found[0]
    yield found[0]
    stop.set()
    thread.join()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def nats_url(floor: Floor) -> str:
    """A real NATS server with JetStream."""
    return floor.nats_url


@pytest.fixture(scope="session")
def postgres_url(floor: Floor) -> str:
    """A real PostgreSQL server; every service makes its own schema in it."""
    return floor.database_url


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Test data that isn't part of the project; what needs it is skipped where it is absent."""
    folder = Path(os.environ.get("SPOTTER_SHARED", PROJECT_DIR.parent / "shared"))
    if not (folder / "MANIFEST.json").is_file():
        pytest.skip(f"no shared test data in {folder}; set SPOTTER_SHARED")
    return folder


@pytest.fixture(scope="session")
def model_repository(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every model of the manifest, all licences accepted, in Triton's layout; nothing is downloaded."""
    if not is_built(BUNDLED_REPOSITORY):
        pytest.skip("the pose models are not built; run `make models`")
    repository = tmp_path_factory.mktemp("model_repository")
    models = manifest.load().values()
    for model in models:
        if model.default:
            shutil.copytree(BUNDLED_REPOSITORY / model.name, repository / model.name)
    licences = {model.licence.id for model in models}
    report = build(repository, lambda line: None, folder=shared_dir / "models", accepted=licences)
    missing = sorted({model.name for model in models} - {*report.built, *report.unchanged})
    if missing:
        pytest.skip(f"{shared_dir / 'models'} lacks the files of {', '.join(missing)}")
    return repository


@pytest.fixture(scope="session")
def triton(model_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A real Triton server with copies of the models that find people."""
    models = ["blazepose_detect", "blazepose_landmark", "yolo11_pose"]
    with serving(model_repository, tmp_path_factory.mktemp("served"), models) as server:
        yield server
