"""What both executors check before a model runs: names, types and shapes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svc_vision.errors import ModelError
from svc_vision.model_config import ModelConfig

DTYPES: dict[str, type[np.generic]] = {
    "TYPE_UINT8": np.uint8, "TYPE_INT8": np.int8, "TYPE_INT32": np.int32, "TYPE_INT64": np.int64,
    "TYPE_FP16": np.float16, "TYPE_FP32": np.float32, "TYPE_FP64": np.float64, "TYPE_BOOL": np.bool_,
}  # fmt: skip
"""Types that `config.pbtxt` may name → numpy's."""


def check_inputs(config: ModelConfig, inputs: Mapping[str, NDArray[Any]]) -> None:
    """Compares inputs with a model's configuration. Raises ModelError MODEL_INPUT_INVALID with what is wanted."""
    wanted = {spec.name for spec in config.inputs}
    if set(inputs) != wanted:
        raise _invalid(f"{config.name} takes the inputs {sorted(wanted)}, not {sorted(inputs)}")
    for spec in config.inputs:
        value = inputs[spec.name]
        shape = value.shape[1:] if config.max_batch_size else value.shape
        fits = len(shape) == len(spec.dims) and all(d in (-1, n) for d, n in zip(spec.dims, shape, strict=True))
        if not fits or value.dtype != DTYPES.get(spec.data_type):
            raise _invalid(
                f"{config.name}.{spec.name} takes {spec.data_type} {spec.dims} behind the batch axis, "
                f"got {value.dtype} {value.shape}"
            )
        if config.max_batch_size and not 1 <= len(value) <= config.max_batch_size:
            raise _invalid(f"{config.name} takes batches of 1 to {config.max_batch_size}, got {len(value)}")


def _invalid(message: str) -> ModelError:
    return ModelError("MODEL_INPUT_INVALID", message)
