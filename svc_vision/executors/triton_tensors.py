"""The two ways on which tensors reach a Triton server and come back: in the messages, or through shared memory."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
import numpy as np
import psutil
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2

from mesh.triton import DTYPES, WIRE_TYPES, TritonClient
from svc_vision.executors.shared_memory import FOLDER, Region, RegionPool, sweep

ALIGNMENT_BYTES = 64
UNKNOWN_REGION = "Unable to find shared memory region"
"""In what a server says that was restarted and has mapped nothing yet."""
OUTPUT_TOO_SMALL = "shared memory size specified"
"""In what a server says where an output is larger than it used to be, because another version serves now."""
UNANSWERED = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE)

Shapes = tuple[tuple[str, tuple[int, ...]], ...]


class Tensors(Protocol):
    """Runs one request; raises `grpc.RpcError` where the server refuses."""

    def run(self, model: str, inputs: Mapping[str, NDArray[Any]], timeout_s: float) -> dict[str, NDArray[Any]]:
        """Inputs by name → outputs by name. Safe to call from several threads."""
        ...

    def close(self) -> None:
        """Frees what it holds."""
        ...


class MessageTensors:
    """Tensors inside the messages: works everywhere, copies each byte a few times more."""

    def __init__(self, client: TritonClient) -> None:
        self._client = client

    def run(self, model: str, inputs: Mapping[str, NDArray[Any]], timeout_s: float) -> dict[str, NDArray[Any]]:
        """See `Tensors.run`."""
        return self._client.infer_arrays(model, inputs, timeout_s)

    def close(self) -> None:
        """See `Tensors.close`."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where one tensor lies in a region."""

    name: str
    offset: int
    size: int


class SharedTensors:
    """Tensors in regions that this process and the server map; the messages only say where.

    How large the outputs are is learned from the first answer for each shape of the inputs, which travels in a message.
    """

    def __init__(self, client: TritonClient) -> None:
        """Removes what processes that are gone have left in /dev/shm."""
        self._client = client
        self._messages = MessageTensors(client)
        self._pool = RegionPool()
        self._output_sizes: dict[tuple[str, Shapes], tuple[tuple[str, int], ...]] = {}
        self._forget(sweep())

    def try_out(self) -> None:
        """Maps a first region. Raises OSError where there is no room, `grpc.RpcError` where the server can't map it."""
        with self._pool.borrow(1) as region:
            self._register(region)

    def run(self, model: str, inputs: Mapping[str, NDArray[Any]], timeout_s: float) -> dict[str, NDArray[Any]]:
        """See `Tensors.run`."""
        key = (model, tuple((name, array.shape) for name, array in inputs.items()))
        sizes = self._output_sizes.get(key)
        if sizes is None:
            outputs = self._messages.run(model, inputs, timeout_s)
            self._output_sizes[key] = tuple((name, array.nbytes) for name, array in outputs.items())
            return outputs
        slots, total = _layout([*((name, array.nbytes) for name, array in inputs.items()), *sizes])
        try:
            with self._pool.borrow(total) as region:
                return self._run_in(region, model, inputs, slots, timeout_s)
        except grpc.RpcError as error:
            if OUTPUT_TOO_SMALL in (error.details() or ""):
                self._output_sizes.pop(key, None)
                return self.run(model, inputs, timeout_s)
            raise

    def close(self) -> None:
        """See `Tensors.close`."""
        self._forget(self._pool.close())

    def _run_in(
        self, region: Region, model: str, inputs: Mapping[str, NDArray[Any]], slots: list[_Slot], timeout_s: float
    ) -> dict[str, NDArray[Any]]:
        request = service_pb2.ModelInferRequest(model_name=model)
        for slot, array in zip(slots[: len(inputs)], inputs.values(), strict=True):
            np.ndarray(array.shape, array.dtype, region.memory, slot.offset)[...] = array
            _place(request.inputs.add(datatype=WIRE_TYPES[array.dtype.name], shape=array.shape), slot, region)
        for slot in slots[len(inputs) :]:
            _place(request.outputs.add(), slot, region)
        response = self._infer(region, request, timeout_s)
        places = {slot.name: slot.offset for slot in slots[len(inputs) :]}
        return {
            one.name: np.ndarray(tuple(one.shape), DTYPES[one.datatype], region.memory, places[one.name]).copy()
            for one in response.outputs
        }

    def _infer(
        self, region: Region, request: service_pb2.ModelInferRequest, timeout_s: float
    ) -> service_pb2.ModelInferResponse:
        """Sends a request; registers the region first, and once more where a new server doesn't know it."""
        was_registered = region.is_registered
        if not was_registered:
            self._register(region)
        try:
            return self._client.infer(request, timeout_s)
        except grpc.RpcError as error:
            region.is_uncertain = error.code() in UNANSWERED
            if UNKNOWN_REGION not in (error.details() or ""):
                raise
            region.is_registered = False
            if not was_registered:
                raise
            return self._infer(region, request, timeout_s)

    def _register(self, region: Region) -> None:
        self._client.register_memory(region.name, region.key, region.size)
        region.is_registered = True

    def _forget(self, names: list[str]) -> None:
        """Lets the server unmap regions; one that is gone or busy is no reason to fail, its file is removed already."""
        for name in names:
            with contextlib.suppress(grpc.RpcError):
                self._client.unregister_memory(name)


def is_on_this_machine(address: str) -> bool:
    """Whether host:port names this machine and it has POSIX shared memory as a folder (Linux)."""
    if not FOLDER.is_dir():
        return False
    host = address.rsplit(":", 1)[0].strip("[]")
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    own = {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}
    return all(one in own or ipaddress.ip_address(one.split("%")[0]).is_loopback for one in found)


def _layout(tensors: list[tuple[str, int]]) -> tuple[list[_Slot], int]:
    """Tensors one after another, each on a boundary of a cache line; and the bytes that all take."""
    slots, offset = [], 0
    for name, size in tensors:
        slots.append(_Slot(name, offset, size))
        offset += -(-size // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    return slots, offset


def _place(tensor: Any, slot: _Slot, region: Region) -> None:
    tensor.name = slot.name
    tensor.parameters["shared_memory_region"].string_param = region.name
    tensor.parameters["shared_memory_byte_size"].int64_param = slot.size
    tensor.parameters["shared_memory_offset"].int64_param = slot.offset
