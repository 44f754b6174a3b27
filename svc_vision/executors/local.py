"""Runs the models of a Triton repository in this process: OpenVINO where it can, onnxruntime elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import structlog
from numpy.typing import NDArray

from svc_vision.errors import ModelError
from svc_vision.executors.engine import Engine, Precision
from svc_vision.executors.model_files import ModelFiles, find_model
from svc_vision.executors.openvino_engine import OpenVinoEngine, processor, processor_has_bf16
from svc_vision.executors.precision import Verdicts, agrees, may_be_tried, verdict_key
from svc_vision.executors.tensors import check_inputs
from svc_vision.inference import RunningModel

PrecisionChoice = Literal["auto", "f32", "bf16"]
_log = structlog.get_logger()


class LocalExecutor:
    """`Inference` in this process: one thread an inference, so that many threads do as many at the same time."""

    name = "local"

    def __init__(
        self,
        repository: Path,
        models: Sequence[str],
        precision: PrecisionChoice = "auto",
        *,
        streams: int = 0,
        cache: Path | None = None,
    ) -> None:
        """Loads the latest version of each model.

        Args:
            repository: folder in Triton's layout.
            models: folder names to load; a missing one is an error now, not at the first frame.
            precision: auto takes bf16 where the processor has it and the model's golden check allows it.
            streams: how many inferences run at the same time; 0 means one a core.
            cache: folder where answers of golden checks are kept.

        Raises:
            ModelError: a model is absent, damaged, or not what its configuration says; or bf16 was demanded of a
                processor without it.
        """
        if precision == "bf16" and not processor_has_bf16():
            raise ModelError("PRECISION_UNSUPPORTED", f"this processor ({processor()}) has no bf16; choose auto or f32")
        loader = _Loader(precision, streams or os.cpu_count() or 1, Verdicts(cache and cache / "precision.json"))
        self._models: dict[str, tuple[ModelFiles, Engine]] = {}
        for name in models:
            files = find_model(repository / name)
            self._models[name] = (files, loader.load(files))

    def infer(self, model: str, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`."""
        loaded = self._models.get(model)
        if loaded is None:
            raise ModelError("MODEL_NOT_LOADED", f'model "{model}" is not loaded; loaded are {self.models()}')
        files, engine = loaded
        check_inputs(files.config, inputs)
        try:
            return engine.run(inputs)
        except RuntimeError as error:
            if not isinstance(engine, OpenVinoEngine):
                raise ModelError("MODEL_FAILED", f"{model} can't be run on this input ({error})") from error
            # A model of free size is compiled for a size only when it comes.
            replacement = _without_openvino(files, error)
            self._models[model] = (files, replacement)
            return replacement.run(inputs)

    def models(self) -> list[str]:
        """See `Inference.models`."""
        return sorted(self._models)

    def describe(self) -> list[RunningModel]:
        """See `Inference.describe`."""
        return [
            RunningModel(name, f"CPU ({engine.name})", engine.precision)
            for name, (_, engine) in sorted(self._models.items())
        ]

    def close(self) -> None:
        """See `Inference.close`."""
        self._models.clear()


class _Loader:
    """Chooses library and precision for each model."""

    def __init__(self, precision: PrecisionChoice, streams: int, verdicts: Verdicts) -> None:
        self._precision = precision
        self._streams = streams
        self._verdicts = verdicts

    def load(self, files: ModelFiles) -> Engine:
        try:
            return self._with_openvino(files)
        except RuntimeError as error:
            return _without_openvino(files, error)

    def _with_openvino(self, files: ModelFiles) -> Engine:
        if self._precision != "auto":
            return self._engine(files, self._precision)
        if not (processor_has_bf16() and may_be_tried(files)):
            return self._engine(files, "f32")
        key = verdict_key(files, processor())
        verdict = self._verdicts.of(key)
        if verdict is not None:
            return self._engine(files, "bf16" if verdict else "f32")
        exact, quick = self._engine(files, "f32"), self._engine(files, "bf16")
        verdict = agrees(files, exact, quick)
        self._verdicts.keep(key, verdict)
        return quick if verdict else exact

    def _engine(self, files: ModelFiles, precision: Precision) -> OpenVinoEngine:
        return OpenVinoEngine(files, precision, self._streams)


def _without_openvino(files: ModelFiles, error: RuntimeError) -> Engine:
    # Hardly ever needed, and 16 MiB.
    from svc_vision.executors.onnx_engine import OnnxEngine

    engine = OnnxEngine(files)
    # Only now it is certain that the file is good, and OpenVINO the one that can't.
    _log.warning("model_runs_without_openvino", model=files.config.name, error=str(error).splitlines()[0])
    return engine
