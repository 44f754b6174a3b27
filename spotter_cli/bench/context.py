"""What every section of the bench works with: the film, the models, how long it may take, whom to tell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mesh.launcher import LauncherSettings
from mesh.launcher.layout import PROJECT_DIR
from spotter_cli.bench.baseline import PoseModel
from spotter_cli.scene import PersonTruth
from svc_vision.executors.model_files import is_present
from svc_vision.executors.openvino_engine import processor_has_bf16
from svc_vision.yolo import yolo_finder
from triton_models.build import build
from triton_models.errors import BuildError
from triton_models.settings import ModelSettings

YOLO_LICENCE = "AGPL-3.0"


@dataclass(frozen=True)
class Context:
    """One run of the bench."""

    film: Path
    truth: tuple[PersonTruth, ...]
    """Who is in the film; empty where nobody knows."""
    repository: Path
    quick: bool
    tell: Callable[[str], None]

    @property
    def has_yolo(self) -> bool:
        """Whether YOLO11 pose can be run."""
        return is_present(self.repository / yolo_finder.MODEL)

    @property
    def ways(self) -> tuple[tuple[PoseModel, str], ...]:
        """Pose models and precisions that can be measured here. BlazePose stays in f32: bf16 spoils its depth."""
        yolo = (("yolo11", "f32"), ("yolo11", "bf16"))[: 1 + processor_has_bf16()] if self.has_yolo else ()
        return (("blazepose", "f32"), *yolo)  # type: ignore[arg-type]


def no_yolo(repository: Path) -> str:
    """Why there is no YOLO11 pose, and what to do."""
    return (
        f"{repository.name} holds no {yolo_finder.MODEL}; build it (`spotter models build --accept {YOLO_LICENCE}`), "
        f"or set SPOTTER_MODELS_ACCEPT={YOLO_LICENCE} and SPOTTER_MODELS to a folder with its file"
    )


def find_repository(scratch: Path, tell: Callable[[str], None]) -> Path:
    """The repository of this machine; one in `scratch` where it lacks YOLO11, whose licence was accepted."""
    configured = LauncherSettings().model_repository.absolute()
    settings = ModelSettings()
    if is_present(configured / yolo_finder.MODEL) or YOLO_LICENCE not in settings.accepted:
        return configured
    if is_present(scratch / yolo_finder.MODEL):
        return scratch
    tell("building the models whose licences are accepted, once …")
    try:
        shutil.copytree(configured, scratch, dirs_exist_ok=True)
        build(scratch, tell, folder=settings.models or _shared_models(), accepted=settings.accepted)
    except (BuildError, OSError) as error:
        tell(f"{error}; measuring with what {configured} has")
        return configured
    return scratch if is_present(scratch / yolo_finder.MODEL) else configured


def _shared_models() -> Path | None:
    folder = Path(os.environ.get("SPOTTER_SHARED") or PROJECT_DIR.parent / "shared") / "models"
    return folder if folder.is_dir() else None
