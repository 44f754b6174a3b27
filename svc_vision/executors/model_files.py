"""Finds a model in a repository of Triton's layout and compares it with its configuration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from svc_vision.errors import ModelError
from svc_vision.model_config import ModelConfig, TensorSpec, read_config

BUILD_HINT = "run `spotter models build` to build it"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """One version of a model as it lies in the repository."""

    config: ModelConfig
    path: Path
    """Its `model.onnx`."""

    def check_names(self, inputs: Iterable[str], outputs: Iterable[str]) -> None:
        """Raises ModelError where the graph lacks an input or output that the configuration names."""
        _check_names(self.path, "input", self.config.inputs, inputs)
        _check_names(self.path, "output", self.config.outputs, outputs)


def find_model(folder: Path) -> ModelFiles:
    """The highest version of a model. Raises ModelError where the folder isn't what Triton wants."""
    if not folder.is_dir():
        raise ModelError("MODEL_MISSING", f"there is no model in {folder}; {BUILD_HINT}")
    config = read_config(folder / "config.pbtxt")
    path = _latest_version(folder) / "model.onnx"
    if not path.is_file():
        raise ModelError("MODEL_MISSING", f"{path} is missing; {BUILD_HINT}")
    return ModelFiles(config, path)


def is_present(folder: Path) -> bool:
    """Whether a version of the model lies there; says nothing about whether it works."""
    return any(folder.glob("[0-9]*/model.onnx"))


def damaged(path: Path, what: str) -> ModelError:
    """The error for a file that can't be used."""
    return ModelError("MODEL_DAMAGED", f"{path} {what}; delete it and {BUILD_HINT}")


def _latest_version(folder: Path) -> Path:
    versions = [child for child in folder.iterdir() if child.is_dir() and child.name.isdigit()]
    if not versions:
        raise ModelError("MODEL_MISSING", f"{folder} holds no version (a folder with a number); {BUILD_HINT}")
    return max(versions, key=lambda child: int(child.name))


def _check_names(path: Path, kind: str, specs: Sequence[TensorSpec], found: Iterable[str]) -> None:
    absent = sorted({spec.name for spec in specs} - set(found))
    if absent:
        raise damaged(path, f"has no {kind} {absent} that config.pbtxt names")
