"""Runs the models of a Triton repository in this process with onnxruntime, one thread an inference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime
from numpy.typing import NDArray

from svc_vision.errors import ModelError
from svc_vision.executors.tensors import check_inputs
from svc_vision.model_config import ModelConfig, TensorSpec, read_config

_BUILD_HINT = "run `python -m triton_models` to build it"


@dataclass(frozen=True, slots=True)
class _Loaded:
    config: ModelConfig
    session: onnxruntime.InferenceSession


class LocalExecutor:
    """`Inference` in this process. Sessions are thread-safe; onnxruntime releases the interpreter lock."""

    def __init__(self, repository: Path, models: Sequence[str]) -> None:
        """Loads the latest version of each model.

        Args:
            repository: folder in Triton's layout.
            models: folder names to load; a missing one is an error now, not at the first frame.

        Raises:
            ModelError: a model is absent, damaged, or not what its configuration says.
        """
        self._models = {name: _load(repository / name) for name in models}

    def infer(self, model: str, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`."""
        loaded = self._models.get(model)
        if loaded is None:
            raise ModelError("MODEL_NOT_LOADED", f'model "{model}" is not loaded; loaded are {self.models()}')
        check_inputs(loaded.config, inputs)
        names = [spec.name for spec in loaded.config.outputs]
        return dict(zip(names, loaded.session.run(names, dict(inputs)), strict=True))

    def models(self) -> list[str]:
        """See `Inference.models`."""
        return sorted(self._models)

    def close(self) -> None:
        """See `Inference.close`."""
        self._models.clear()


def _load(folder: Path) -> _Loaded:
    if not folder.is_dir():
        raise ModelError("MODEL_MISSING", f"there is no model in {folder}; {_BUILD_HINT}")
    config = read_config(folder / "config.pbtxt")
    path = _latest_version(folder) / "model.onnx"
    if not path.is_file():
        raise ModelError("MODEL_MISSING", f"{path} is missing; {_BUILD_HINT}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(config.parameters.get("intra_op_thread_count", "1"))
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base class but Exception
        raise ModelError(
            "MODEL_DAMAGED", f"{path} can't be loaded ({type(error).__name__}); delete it and {_BUILD_HINT}"
        ) from error
    _check_names(path, "input", config.inputs, [i.name for i in session.get_inputs()])
    _check_names(path, "output", config.outputs, [o.name for o in session.get_outputs()])
    return _Loaded(config, session)


def _latest_version(folder: Path) -> Path:
    versions = [child for child in folder.iterdir() if child.is_dir() and child.name.isdigit()]
    if not versions:
        raise ModelError("MODEL_MISSING", f"{folder} holds no version (a folder with a number); {_BUILD_HINT}")
    return max(versions, key=lambda child: int(child.name))


def _check_names(path: Path, kind: str, specs: Sequence[TensorSpec], found: Sequence[str]) -> None:
    absent = sorted({spec.name for spec in specs} - set(found))
    if absent:
        raise ModelError(
            "MODEL_DAMAGED",
            f"{path} has no {kind} {absent} that config.pbtxt names; delete it and {_BUILD_HINT}",
        )
