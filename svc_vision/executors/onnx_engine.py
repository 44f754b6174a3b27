"""Runs one model with onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnxruntime
from numpy.typing import NDArray

from svc_vision.executors.engine import Precision
from svc_vision.executors.model_files import ModelFiles, damaged


class OnnxEngine:
    """`Engine` with onnxruntime: takes every ONNX file, and is slower than OpenVINO where that can do bf16."""

    name = "onnxruntime"
    precision: Precision = "f32"

    def __init__(self, files: ModelFiles) -> None:
        """Raises ModelError where the file can't be loaded or isn't what its configuration says."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(files.path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions share no base class but Exception
            raise damaged(files.path, f"can't be loaded ({type(error).__name__})") from error
        files.check_names(
            (one.name for one in self._session.get_inputs()), (one.name for one in self._session.get_outputs())
        )
        self._names = [spec.name for spec in files.config.outputs]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """See `Engine.run`."""
        return dict(zip(self._names, self._session.run(self._names, dict(inputs)), strict=True))
