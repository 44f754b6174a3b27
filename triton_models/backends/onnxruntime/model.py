"""Triton's `onnxruntime` backend for the CPU, written for its `python` backend.

The server in the `nvidia-pytriton` wheel has no other backend than `python`. A folder beside that one, named as
`config.pbtxt` names a backend and holding this file, makes the models of the repository load unchanged; in NVIDIA's
own image the C++ backend of the same name serves them.

Runs inside Triton's stub, in the server's own environment, and imports nothing of Spotter. numpy must stay below 2
there: the stub was built before it, and with numpy 2 it silently hands over wrong inputs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils  # type: ignore[import-not-found]
from numpy.typing import NDArray

DEFAULT_FILE = "model.onnx"
# Types of an ONNX graph as onnxruntime spells them → as Triton does.
GRAPH_TYPES = {
    "tensor(uint8)": "TYPE_UINT8", "tensor(int8)": "TYPE_INT8", "tensor(int32)": "TYPE_INT32",
    "tensor(int64)": "TYPE_INT64", "tensor(float16)": "TYPE_FP16", "tensor(float)": "TYPE_FP32",
    "tensor(double)": "TYPE_FP64", "tensor(bool)": "TYPE_BOOL",
}  # fmt: skip


class TritonPythonModel:
    """One instance of one version of a model; Triton makes it, and calls it from one thread."""

    def initialize(self, args: dict[str, str]) -> None:
        """Loads the graph. Raises TritonModelException where it isn't what the configuration says."""
        if int(np.__version__.split(".")[0]) >= 2:
            raise pb_utils.TritonModelException(f"numpy {np.__version__} gives wrong tensors in this stub; use 1.26")
        config = json.loads(args["model_config"])
        name = config.get("default_model_filename") or DEFAULT_FILE
        path = Path(args["model_repository"]) / args["model_version"] / name
        self._session = onnxruntime.InferenceSession(
            str(path), _options(config.get("parameters", {})), providers=["CPUExecutionProvider"]
        )
        self._inputs = [tensor["name"] for tensor in config["input"]]
        self._outputs = [tensor["name"] for tensor in config["output"]]
        self._is_batched = config.get("max_batch_size", 0) > 0
        _check("input", config["input"], self._session.get_inputs(), self._is_batched)
        _check("output", config["output"], self._session.get_outputs(), self._is_batched)

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Runs the requests that Triton's scheduler put together as one batch; one response each, in their order."""
        if not self._is_batched:
            return [self._run([request])[0] for request in requests]
        return self._run(requests)

    def finalize(self) -> None:
        """Frees the graph."""
        del self._session

    def _run(self, requests: Sequence[Any]) -> list[Any]:
        try:
            feed, sizes = self._gather(requests)
            results = self._session.run(self._outputs, feed)
        except Exception as error:  # onnxruntime's own exceptions share no other base; the others must still be served
            failure = pb_utils.TritonError(f"onnxruntime: {error}")
            return [pb_utils.InferenceResponse(output_tensors=[], error=failure) for _ in requests]
        if not self._is_batched:
            return [self._response(requests[0], results)]
        ends = np.cumsum(sizes)
        return [
            self._response(request, [result[end - size : end] for result in results])
            for request, size, end in zip(requests, sizes, ends, strict=True)
        ]

    def _gather(self, requests: Sequence[Any]) -> tuple[dict[str, NDArray[Any]], list[int]]:
        """All inputs, those of several requests joined along the batch, and how many rows each request brought."""
        feed, sizes = {}, [0] * len(requests)
        for name in self._inputs:
            arrays = [pb_utils.get_input_tensor_by_name(request, name).as_numpy() for request in requests]
            sizes = [len(array) if array.ndim else 0 for array in arrays]
            feed[name] = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
        return feed, sizes

    def _response(self, request: Any, results: Sequence[NDArray[Any]]) -> Any:
        wanted = set(request.requested_output_names())
        tensors = [
            pb_utils.Tensor(name, np.ascontiguousarray(result))
            for name, result in zip(self._outputs, results, strict=True)
            if name in wanted
        ]
        return pb_utils.InferenceResponse(output_tensors=tensors)


def _options(parameters: dict[str, dict[str, str]]) -> onnxruntime.SessionOptions:
    """Threads as the parameters of the C++ backend name them; one where they say nothing."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(parameters.get("intra_op_thread_count", {}).get("string_value", "1"))
    options.inter_op_num_threads = int(parameters.get("inter_op_thread_count", {}).get("string_value", "1"))
    options.log_severity_level = 3
    return options


def _check(kind: str, specs: Sequence[dict[str, Any]], nodes: Sequence[Any], is_batched: bool) -> None:
    """Compares names, types and fixed dimensions of a graph with the configuration's, as the C++ backend does."""
    found = {node.name: node for node in nodes}
    for spec in specs:
        node = found.get(spec["name"])
        if node is None:
            raise pb_utils.TritonModelException(f"the graph has no {kind} {spec['name']}; it has {sorted(found)}")
        if GRAPH_TYPES.get(node.type) != spec["data_type"]:
            raise pb_utils.TritonModelException(f"{kind} {node.name} is {node.type}, not {spec['data_type']}")
        wanted = [*([-1] if is_batched else []), *(int(size) for size in spec["dims"])]
        fits = len(wanted) == len(node.shape) and all(
            want == -1 or not isinstance(size, int) or want == size
            for want, size in zip(wanted, node.shape, strict=True)
        )
        if not fits:
            raise pb_utils.TritonModelException(f"{kind} {node.name} has the shape {node.shape}, not {wanted}")
