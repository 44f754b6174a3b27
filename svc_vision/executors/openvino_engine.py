"""Runs one model with OpenVINO."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from svc_vision.executors.engine import Precision
from svc_vision.executors.model_files import ModelFiles

MAX_SHAPES = 4
"""Input shapes kept compiled for one model, about 40 MiB each for a pose model: as many as cameras have proportions."""
_Shape = tuple[tuple[int, ...], ...]


class OpenVinoEngine:
    """`Engine` with OpenVINO on the CPU.

    Compiled for each input shape by itself (8 % quicker than one graph for all shapes, 0.3 s each), always for one
    picture: on one thread a batch costs as much as its pictures one by one.
    """

    name = "openvino"

    def __init__(self, files: ModelFiles, precision: Precision, streams: int) -> None:
        """Reads the model, and compiles it where its shape is known.

        Args:
            files: the model.
            precision: in which it multiplies.
            streams: how many inferences run at the same time, each on one thread.

        Raises:
            ModelError: an input or output that the configuration names is not there.
            RuntimeError: OpenVINO can't read or compile the file.
        """
        self.precision = precision
        self._config = files.config
        self._options = {
            "INFERENCE_PRECISION_HINT": precision,
            "NUM_STREAMS": str(streams),
            "INFERENCE_NUM_THREADS": streams,
            # Other processes compute on this machine too: the system spreads all of them better than fixed places.
            "ENABLE_CPU_PINNING": False,
        }
        self._model = core().read_model(files.path)
        files.check_names(_names(self._model.inputs), _names(self._model.outputs))
        self._compiled: OrderedDict[_Shape, _Compiled] = OrderedDict()
        self._lock = threading.Lock()
        if all(min(spec.dims) > 0 for spec in self._config.inputs):
            self._for_shape(tuple(spec.dims for spec in self._config.inputs))

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """See `Engine.run`. Raises RuntimeError where OpenVINO can't take this shape."""
        names = [spec.name for spec in self._config.inputs]
        if not self._config.max_batch_size:
            return self._for_shape(tuple(inputs[name].shape for name in names)).run(inputs)
        compiled = self._for_shape(tuple(inputs[name].shape[1:] for name in names))
        rows = [
            compiled.run({name: inputs[name][row : row + 1] for name in names}) for row in range(len(inputs[names[0]]))
        ]
        return rows[0] if len(rows) == 1 else {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}

    def _for_shape(self, shape: _Shape) -> _Compiled:
        with self._lock:
            compiled = self._compiled.pop(shape, None) or self._compile(shape)
            self._compiled[shape] = compiled
            while len(self._compiled) > MAX_SHAPES:
                self._compiled.popitem(last=False)
            return compiled

    def _compile(self, shape: _Shape) -> _Compiled:
        batch = (1,) if self._config.max_batch_size else ()
        model = self._model.clone()
        model.reshape({spec.name: [*batch, *dims] for spec, dims in zip(self._config.inputs, shape, strict=True)})
        return _Compiled(
            core().compile_model(model, "CPU", self._options), [spec.name for spec in self._config.outputs]
        )


class _Compiled:
    """A model for one shape, with as many requests as ever ran at once."""

    def __init__(self, model: Any, outputs: list[str]) -> None:
        self._model = model
        self._outputs = outputs
        self._idle: deque[Any] = deque()

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._model.create_infer_request()
        answer = request.infer(dict(inputs), share_inputs=True)
        found = {name: np.asarray(answer[name]) for name in self._outputs}
        self._idle.append(request)
        return found


@cache
def core() -> Any:
    """OpenVINO of this process."""
    return openvino.Core()


def processor_has_bf16() -> bool:
    """Whether the processor multiplies bf16 by itself (AMX or AVX512_BF16); elsewhere it would be slower than f32."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def processor() -> str:
    """The processor's name and OpenVINO's version: what a measured result holds for."""
    return f"{core().get_property('CPU', 'FULL_DEVICE_NAME')}, OpenVINO {openvino.__version__}"


def _names(ports: list[Any]) -> set[str]:
    return {name for port in ports for name in port.get_names()}
