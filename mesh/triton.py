"""A thin typed client of Triton's gRPC API, for whoever runs models or looks after them.

The calls are those of the KServe v2 protocol with Triton's extensions (model repository, statistics, system shared
memory), made with the stubs of the `tritonclient` package. That package's own client class says of itself that it isn't
safe for several threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2, service_pb2_grpc

CONTROL_TIMEOUT_S = 5.0
LOAD_TIMEOUT_S = 60.0
WIRE_TYPES = {
    "uint8": "UINT8", "int8": "INT8", "int32": "INT32", "int64": "INT64",
    "float16": "FP16", "float32": "FP32", "float64": "FP64", "bool": "BOOL",
}  # fmt: skip
"""numpy's name of a type → the protocol's."""
DTYPES = {wire: np.dtype(name) for name, wire in WIRE_TYPES.items()}
"""The protocol's name of a type → numpy's."""
_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One version of a model as the server's repository index tells it."""

    name: str
    version: int | None
    """None where the server holds no version, only the name."""
    is_ready: bool
    reason: str
    """Why it isn't ready; empty where it is, or was never loaded."""


@dataclass(frozen=True, slots=True)
class ModelStatistics:
    """What one version of a model did since it was loaded."""

    version: int
    inferences: int
    """Rows, the batches counted out."""
    executions: int
    """Runs; inferences / executions is the mean batch."""
    failures: int
    mean_ms: float
    """Time of a request in the server, queue included; 0 before the first."""
    mean_queue_ms: float
    batches: dict[int, int]
    """Size of a batch → how many ran."""


class TritonClient:
    """One server; safe to use from several threads. Every call raises `grpc.RpcError` where the server refuses."""

    def __init__(self, address: str) -> None:
        """`address`: host:port of the server's gRPC. Connects with the first call."""
        self.address = address
        self._channel = grpc.insecure_channel(address, options=_OPTIONS)
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)

    def close(self) -> None:
        """Ends the connection; calls under way fail with CANCELLED."""
        self._channel.close()

    def infer(self, request: service_pb2.ModelInferRequest, timeout_s: float) -> service_pb2.ModelInferResponse:
        """Runs one request."""
        return self._stub.ModelInfer(request, timeout=timeout_s)

    def infer_arrays(
        self, model: str, inputs: Mapping[str, NDArray[Any]], timeout_s: float, version: str = ""
    ) -> dict[str, NDArray[Any]]:
        """Runs one request whose tensors travel in the messages. `version`: empty means what the policy serves."""
        request = service_pb2.ModelInferRequest(model_name=model, model_version=version)
        for name, array in inputs.items():
            request.inputs.add(name=name, datatype=WIRE_TYPES[array.dtype.name], shape=array.shape)
            request.raw_input_contents.append(array.tobytes())
        return arrays_of(self.infer(request, timeout_s))

    def is_ready(self, model: str) -> bool:
        """Whether a version of the model takes requests. A model whose stub has died still counts as ready."""
        request = service_pb2.ModelReadyRequest(name=model)
        return bool(self._stub.ModelReady(request, timeout=CONTROL_TIMEOUT_S).ready)

    def is_live(self) -> bool:
        """Whether the server answers."""
        try:
            return bool(self._stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=CONTROL_TIMEOUT_S).live)
        except grpc.RpcError:
            return False

    def config(self, model: str) -> Any:
        """The configuration with which a model is loaded, as tritonclient's `ModelConfig` message."""
        request = service_pb2.ModelConfigRequest(name=model)
        return self._stub.ModelConfig(request, timeout=CONTROL_TIMEOUT_S).config

    def load(self, model: str, config_json: str = "", files: Mapping[str, bytes] | None = None) -> None:
        """Loads a model, or looks for new versions of it; returns when it is ready.

        `config_json` and `files` ("1/model.onnx" → content) replace what lies in the server's repository.
        """
        request = service_pb2.RepositoryModelLoadRequest(model_name=model)
        if config_json:
            request.parameters["config"].string_param = config_json
        for path, content in (files or {}).items():
            request.parameters[f"file:{path}"].bytes_param = content
        self._stub.RepositoryModelLoad(request, timeout=LOAD_TIMEOUT_S)

    def unload(self, model: str) -> None:
        """Stops serving a model; what is under way is finished."""
        request = service_pb2.RepositoryModelUnloadRequest(model_name=model)
        self._stub.RepositoryModelUnload(request, timeout=CONTROL_TIMEOUT_S)

    def index(self) -> list[ModelStatus]:
        """Every model of the server's repository."""
        answer = self._stub.RepositoryIndex(service_pb2.RepositoryIndexRequest(), timeout=CONTROL_TIMEOUT_S)
        return [
            ModelStatus(one.name, int(one.version) if one.version else None, one.state == "READY", one.reason)
            for one in answer.models
        ]

    def statistics(self, model: str) -> list[ModelStatistics]:
        """What each loaded version of a model did."""
        request = service_pb2.ModelStatisticsRequest(name=model)
        answer = self._stub.ModelStatistics(request, timeout=CONTROL_TIMEOUT_S)
        return [_statistics(one) for one in answer.model_stats]

    def register_memory(self, name: str, key: str, size: int) -> None:
        """Lets the server map a region of this machine's shared memory (`key`: its POSIX name)."""
        request = service_pb2.SystemSharedMemoryRegisterRequest(name=name, key=key, offset=0, byte_size=size)
        self._stub.SystemSharedMemoryRegister(request, timeout=CONTROL_TIMEOUT_S)

    def unregister_memory(self, name: str) -> None:
        """Lets the server forget a region."""
        request = service_pb2.SystemSharedMemoryUnregisterRequest(name=name)
        self._stub.SystemSharedMemoryUnregister(request, timeout=CONTROL_TIMEOUT_S)

    def registered_memory(self) -> dict[str, str]:
        """Regions that the server has mapped: name → key."""
        request = service_pb2.SystemSharedMemoryStatusRequest()
        answer = self._stub.SystemSharedMemoryStatus(request, timeout=CONTROL_TIMEOUT_S)
        return {name: region.key for name, region in answer.regions.items()}


def arrays_of(response: service_pb2.ModelInferResponse) -> dict[str, NDArray[Any]]:
    """Outputs that travelled in the message."""
    contents: Sequence[bytes] = response.raw_output_contents
    return {
        output.name: np.frombuffer(content, DTYPES[output.datatype]).reshape(tuple(output.shape)).copy()
        for output, content in zip(response.outputs, contents, strict=True)
    }


def _statistics(one: Any) -> ModelStatistics:
    done = one.inference_stats.success.count
    return ModelStatistics(
        version=int(one.version),
        inferences=one.inference_count,
        executions=one.execution_count,
        failures=one.inference_stats.fail.count,
        mean_ms=one.inference_stats.success.ns / done / 1e6 if done else 0.0,
        mean_queue_ms=one.inference_stats.queue.ns / done / 1e6 if done else 0.0,
        batches={batch.batch_size: batch.compute_infer.count for batch in one.batch_stats},
    )
