"""Builds the model repository: download, verify, convert, check, put in place."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triton_models import golden, onnx_convert, tflite_model, wheel

ENVIRONMENT_VARIABLE = "SPOTTER_MODEL_REPOSITORY"
BUNDLED_REPOSITORY = Path(__file__).with_name("repository")
BUILD_REVISION = 1
"""Raised whenever the converter's result changes, so that models built before are built again."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a model comes from and how it becomes ONNX."""

    name: str
    """Folder in the repository."""
    member: str
    """Path inside the wheel."""
    sha256: str
    """Of the member's bytes."""
    outputs: Mapping[str, str]
    """Source output → name in ONNX; others are dropped."""
    scale: float
    """The network sees `pixel * scale + offset`."""
    offset: float
    """See `scale`."""


MODELS = (
    ModelSource(
        name="blazepose_detect",
        member="mediapipe/modules/pose_detection/pose_detection.tflite",
        sha256="9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        outputs={"Identity": "boxes", "Identity_1": "scores"},
        scale=1 / 127.5,
        offset=-1.0,
    ),
    ModelSource(
        name="blazepose_landmark",
        member="mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        # Identity_2, the segmentation mask, is not wanted and costs half of the time.
        outputs={"Identity": "landmarks", "Identity_1": "presence", "Identity_4": "world", "Identity_3": "heatmap"},
        scale=1 / 255.0,
        offset=0.0,
    ),
)


def default_repository() -> Path:
    """The folder named by SPOTTER_MODEL_REPOSITORY, else the one in the checkout."""
    return Path(os.environ.get(ENVIRONMENT_VARIABLE) or BUNDLED_REPOSITORY)


def is_built(repository: Path) -> bool:
    """Whether every model is there, unchanged since this revision built it."""
    return all(_is_current(repository, source) for source in MODELS)


def build(repository: Path, progress: Progress) -> None:
    """Puts every model into `repository`; models that are there already are left alone.

    Args:
        repository: Triton model repository; made when it is absent.
        progress: told in one line what happens next.

    Raises:
        BuildError: a subclass says what failed and what to do. Nothing half-written is left behind.
    """
    missing = [source for source in MODELS if not _is_current(repository, source)]
    if missing:
        progress(f"downloading {wheel.REQUIREMENT} (36 MB) for {len(missing)} pose models")
        members = wheel.fetch_members({source.member: source.sha256 for source in missing})
        for source in missing:
            progress(f"converting {source.name}")
            _install(repository, source, members[source.member])
    for source in MODELS:
        _copy_config(repository, source.name)
    progress(f"{len(MODELS)} models ready")


def _install(repository: Path, source: ModelSource, data: bytes) -> None:
    """Converts and checks in a scratch file beside the target, then renames: a reader sees all or nothing."""
    proto = onnx_convert.convert(
        tflite_model.read_model(data), source.name, source.outputs, source.scale, source.offset
    ).SerializeToString()
    folder = repository / source.name / "1"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as scratch:
        part = Path(scratch) / "model.onnx"
        part.write_bytes(proto)
        golden.check(source.name, part)
        part.replace(folder / "model.onnx")
    stamp = _stamp_path(repository, source)
    temporary = stamp.with_suffix(".part")
    temporary.write_text(json.dumps(_stamp(source, hashlib.sha256(proto).hexdigest())))
    temporary.replace(stamp)


def _is_current(repository: Path, source: ModelSource) -> bool:
    model = repository / source.name / "1" / "model.onnx"
    try:
        stamp = json.loads(_stamp_path(repository, source).read_text())
        digest = hashlib.sha256(model.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return False
    return bool(stamp == _stamp(source, digest))


def _stamp(source: ModelSource, model_sha256: str) -> dict[str, str | int]:
    return {"revision": BUILD_REVISION, "source_sha256": source.sha256, "model_sha256": model_sha256}


def _stamp_path(repository: Path, source: ModelSource) -> Path:
    return repository / source.name / "1" / "built.json"


def _copy_config(repository: Path, name: str) -> None:
    bundled = BUNDLED_REPOSITORY / name / "config.pbtxt"
    target = repository / name / "config.pbtxt"
    if target.exists() and target.read_bytes() == bundled.read_bytes():
        return
    temporary = target.with_suffix(".part")
    shutil.copyfile(bundled, temporary)
    temporary.replace(target)
