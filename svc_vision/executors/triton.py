"""Runs models on a Triton server: through shared memory where it is on this machine, through gRPC where it isn't.

Batching over cameras happens in the server: every caller sends its own request, and Triton's dynamic batching puts
together what arrives within the queue delay of `config.pbtxt`.

Three failures are repaired before a caller hears of them, each once for all threads:
* a dead stub of Triton's python backend, which the server never restarts and still calls ready: unload, load;
* a server that was restarted: waiting until the model is ready again, and registering the memory again;
* a model that is being loaded, for instance by another process that repairs it: waiting.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import grpc
import structlog
from numpy.typing import NDArray
from tritonclient.grpc import model_config_pb2

from mesh.triton import TritonClient
from svc_vision.errors import ModelError
from svc_vision.executors.tensors import check_inputs
from svc_vision.executors.triton_repair import Repair
from svc_vision.executors.triton_tensors import MessageTensors, SharedTensors, Tensors, is_on_this_machine
from svc_vision.inference import RunningModel
from svc_vision.model_config import ModelConfig, TensorSpec, read_config

SharedMemory = Literal["auto", "on", "off"]

_log = structlog.get_logger()


class TritonExecutor:
    """`Inference` on a Triton server. Safe to call from any number of threads; each call is one request."""

    name = "triton"

    def __init__(
        self,
        address: str,
        models: Sequence[str],
        repository: Path | None = None,
        shared_memory: SharedMemory = "auto",
        *,
        deadline_s: float = 5.0,
        recovery_s: float = 20.0,
    ) -> None:
        """Waits until the server is there and every model is ready.

        Args:
            address: host:port of the server's gRPC.
            models: names of the models that will be run.
            repository: the repository that the server should be serving; where given, inputs, outputs and batch size
                of each model are compared with it.
            shared_memory: auto uses it where the server is on this machine and can map it.
            deadline_s: longest one attempt of an inference may take; raised, a busy server is waited for longer.
            recovery_s: longest an inference waits for a server or a model to come back; raised, frames are held
                back longer before they fail.

        Raises:
            ModelError: the server isn't there, a model isn't ready or differs from the repository, or shared memory
                was demanded and can't be had.
        """
        self._client = TritonClient(address)
        self._deadline_s = deadline_s
        self._recovery_s = recovery_s
        self._repair = Repair(self._client)
        try:
            self._repair.wait_until_ready(models, time.monotonic() + recovery_s)
            self._configs = {name: _checked(self._client, name, repository) for name in models}
            self._tensors = _tensors(self._client, shared_memory)
        except BaseException:
            self._client.close()
            raise

    @property
    def shares_memory(self) -> bool:
        """Whether tensors travel through shared memory."""
        return isinstance(self._tensors, SharedTensors)

    def infer(self, model: str, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`."""
        config = self._configs.get(model)
        if config is None:
            raise ModelError("MODEL_NOT_LOADED", f'model "{model}" is not loaded; loaded are {self.models()}')
        check_inputs(config, inputs)
        give_up_s = time.monotonic() + self._recovery_s
        while True:
            generation = self._repair.generation(model)
            try:
                return self._tensors.run(model, inputs, self._deadline_s)
            except grpc.RpcError as error:
                self._repair.after(error, model, generation, give_up_s)

    def models(self) -> list[str]:
        """See `Inference.models`."""
        return sorted(self._configs)

    def describe(self) -> list[RunningModel]:
        """See `Inference.describe`; in which precision it multiplies is the server's affair."""
        return [RunningModel(name, f"Triton at {self._client.address}", "") for name in self.models()]

    def ready(self) -> dict[str, bool]:
        """Model → whether the server has it ready just now."""
        return {model: self._repair.is_ready(model) for model in self.models()}

    def close(self) -> None:
        """See `Inference.close`. Nothing of ours stays in the server or in /dev/shm."""
        self._tensors.close()
        self._client.close()


def _checked(client: TritonClient, model: str, repository: Path | None) -> ModelConfig:
    served = _served(client, model)
    if repository is not None:
        wanted = read_config(repository / model / "config.pbtxt")
        for what in ("max_batch_size", "inputs", "outputs"):
            if getattr(served, what) != getattr(wanted, what):
                raise ModelError(
                    "MODEL_CONTRACT_DIFFERS",
                    f"{model}: the server at {client.address} has {what} {getattr(served, what)}, the repository "
                    f"{getattr(wanted, what)}; let the server load it again, or point both to the same repository",
                )
    return served


def _served(client: TritonClient, model: str) -> ModelConfig:
    """The configuration with which the server has loaded a model."""
    found = client.config(model)
    name_of = model_config_pb2.DataType.Name
    return ModelConfig(
        name=model,
        backend=found.backend,
        max_batch_size=found.max_batch_size,
        inputs=tuple(TensorSpec(one.name, name_of(one.data_type), tuple(one.dims)) for one in found.input),
        outputs=tuple(TensorSpec(one.name, name_of(one.data_type), tuple(one.dims)) for one in found.output),
        parameters={key: value.string_value for key, value in found.parameters.items()},
    )


def _tensors(client: TritonClient, wish: SharedMemory) -> Tensors:
    if wish == "off" or (wish == "auto" and not is_on_this_machine(client.address)):
        return MessageTensors(client)
    shared = SharedTensors(client)
    try:
        shared.try_out()
    except (OSError, grpc.RpcError) as error:
        shared.close()
        reason = error.details() if isinstance(error, grpc.Call) else str(error)
        if wish == "on":
            raise ModelError(
                "SHARED_MEMORY_UNUSABLE",
                f"Triton at {client.address} can't use this machine's shared memory ({reason}); enlarge /dev/shm or "
                "share it with the server, or set SPOTTER_TRITON_SHARED_MEMORY=auto",
            ) from error
        _log.warning("no shared memory with Triton, tensors travel in messages", reason=reason)
        return MessageTensors(client)
    return shared
