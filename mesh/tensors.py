"""Arrays in messages: packed little-endian bytes with shape and type beside them, read without a copy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mesh.errors import InvalidArgument
from spotter.common.v1 import tensor_pb2

_DTYPES: dict[int, np.dtype[np.generic]] = {
    tensor_pb2.DATA_TYPE_FLOAT32: np.dtype("<f4"),
    tensor_pb2.DATA_TYPE_UINT8: np.dtype("u1"),
}


def to_tensor(array: NDArray[np.float32]) -> tensor_pb2.Tensor:
    """A float32 array of 1 to 4 axes as a message."""
    packed = np.ascontiguousarray(array, dtype="<f4")
    return tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FLOAT32, shape=packed.shape, data=packed.tobytes())


def from_tensor(tensor: tensor_pb2.Tensor, field: str = "tensor") -> NDArray[np.float32]:
    """The array of a float32 message, read-only, sharing the message's bytes.

    Raises InvalidArgument that names `field` where type, shape and size don't agree.
    """
    dtype = _DTYPES.get(tensor.data_type)
    shape = tuple(tensor.shape)
    if dtype is None or dtype.kind != "f":
        raise InvalidArgument(field, f"{field} must hold float32 elements.")
    if not 1 <= len(shape) <= 4 or min(shape) < 0:
        raise InvalidArgument(field, f"{field} must have 1 to 4 axes of length >= 0.")
    if len(tensor.data) != math.prod(shape) * dtype.itemsize:
        raise InvalidArgument(field, f"{field} holds {len(tensor.data)} bytes, which don't fill its shape {shape}.")
    return np.frombuffer(tensor.data, dtype).reshape(shape)
