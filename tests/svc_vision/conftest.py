"""The real models, built once, and the clips that are kept beside the checkout."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from svc_vision.blazepose.pose_tracker import MODELS
from svc_vision.executors.local import LocalExecutor
from svc_vision.yolo import yolo_finder
from triton_models.build import build, default_repository
from triton_models.errors import DownloadError


@pytest.fixture(scope="session")
def blazepose_repository() -> Path:
    repository = default_repository()
    try:
        build(repository, lambda line: None)
    except DownloadError as error:
        pytest.skip(f"the pose models can't be had: {error}")
    return repository


@pytest.fixture(scope="session")
def executor(blazepose_repository: Path) -> Iterator[LocalExecutor]:
    local = LocalExecutor(blazepose_repository, MODELS, "f32")
    yield local
    local.close()


@pytest.fixture(scope="session")
def yolo(model_repository: Path) -> Iterator[LocalExecutor]:
    local = LocalExecutor(model_repository, [yolo_finder.MODEL], "f32")
    yield local
    local.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    default = Path(__file__).resolve().parents[2].parent / "shared"
    folder = Path(os.environ.get("SPOTTER_SHARED") or default)
    if not (folder / "videos").is_dir():
        pytest.skip(f"no test videos in {folder}; name their folder in SPOTTER_SHARED")
    return folder
