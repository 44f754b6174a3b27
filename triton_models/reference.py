"""Runs a source graph in its own convention, to compare the graph of the repository with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triton_models import golden
from triton_models.manifest import Model


def run_source(data: bytes, model: Model, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """What the source graph says about pictures, under the names of the repository.

    Args:
        data: the source, serialised ONNX.
        model: what the manifest says of it.
        images: (N, H, W, 3) RGB; one is run at a time, because sources may be fixed to one.
    """
    session = golden.open_session(data)
    channels = images[..., ::-1] if model.build.channels == "bgr" else images
    mean, std = np.array(model.build.mean, np.float32), np.array(model.build.std, np.float32)
    values = (channels.astype(np.float32) - mean) / std
    planes = np.ascontiguousarray(values.transpose(0, 3, 1, 2))
    rows = [session.run(list(model.build.outputs), {model.build.input: plane[None]}) for plane in planes]
    found: dict[str, NDArray[np.float32]] = {}
    for name, column in zip(model.build.outputs.values(), zip(*rows, strict=True), strict=True):
        value = np.concatenate(column)
        if name in model.build.normalise:
            value = value / np.linalg.norm(value, axis=1, keepdims=True)
        found[name] = value
    return found
