"""From a network to the repository's ONNX file: traced, given the contract, compared with PyTorch, put in place."""

from __future__ import annotations

import hashlib
import itertools
import logging
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from triton_models import graph, manifest
from triton_models.errors import ModelRepositoryError
from triton_models.export.errors import ExportError
from triton_models.export.network import SOURCE_INPUT, SOURCE_OUTPUT, Network

OPSET = 18
"""What torch's exporter writes without converting; onnxruntime, OpenVINO and TensorRT read it."""
MAX_BATCH = 256
MAX_SIDE_PX = 4096
TOLERANCE = 1e-4
"""Of the largest value, or of 1 where all are smaller; float32 in another order of sums differs by 1e-6."""
SIZES_TRIED_PX = ((64, 96), (384, 640), (640, 384))
"""Height and width of pictures for comparing, where any size is right."""
BATCHES_TRIED = (1, 3)


@dataclass(frozen=True)
class Exported:
    """What was written."""

    path: Path
    model: manifest.Model
    """With the network's own normalisation and size of output."""
    sha256: str
    difference: float
    """Largest difference from PyTorch."""


def export(network: Network, source: Path, out: Path, licence: str) -> Exported:
    """Writes a network as a model of the repository: uint8 NHWC `image` in, normalisation in the graph.

    Args:
        network: as a loader of this package gives it.
        source: the checkpoint; its digest is kept in the file.
        out: appears only when the file is whole and answers as PyTorch does.
        licence: kept in the file.

    Raises:
        ExportError: the network can't be traced, or the file answers otherwise than PyTorch.
    """
    model = network.fit(manifest.model(network.model))
    metadata = {
        "architecture": network.architecture,
        "licence": licence,
        "source": source.name,
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "exporter": f"torch {version('torch')}",
    }
    try:
        proto = graph.convert(_trace(network, model), model, metadata).SerializeToString()
    except ModelRepositoryError as error:
        raise ExportError(f"the exported graph of {network.architecture} doesn't fit the contract: {error}") from error
    difference = _compare(network, model, proto)
    part = out.with_name(f"{out.name}.part")
    part.write_bytes(proto)
    part.replace(out)
    return Exported(out, model, hashlib.sha256(proto).hexdigest(), difference)


def _trace(network: Network, model: manifest.Model) -> bytes:
    """ONNX with float32 NCHW pixels, of any batch and, where the contract says so, any size."""
    height, width, channels = model.picture
    axes: dict[int, Any] = {0: torch.export.Dim("batch", max=MAX_BATCH)}
    if model.takes_any_size:
        steps = MAX_SIDE_PX // model.multiple_of
        axes |= {2: model.multiple_of * torch.export.Dim("rows", min=2, max=steps)}
        axes |= {3: model.multiple_of * torch.export.Dim("columns", min=2, max=steps)}
        height, width = SIZES_TRIED_PX[0]
    example = torch.zeros(2, channels, height, width)
    # Its progress and its deprecated inner workings are of no use to whoever exports.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            program = torch.onnx.export(
                network.module, (example,), input_names=[SOURCE_INPUT], output_names=[SOURCE_OUTPUT],
                dynamic_shapes=(axes,), dynamo=True, opset_version=OPSET, verbose=False,
            )  # fmt: skip
        except (torch.onnx.errors.OnnxExporterError, RuntimeError) as error:
            raise ExportError(f"PyTorch can't export {network.architecture}: {error}") from error
    return bytes(program.model_proto.SerializeToString())


def _compare(network: Network, model: manifest.Model, proto: bytes) -> float:
    """Largest difference between the file and PyTorch, over batches and sizes other than the traced one."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(proto, options, providers=["CPUExecutionProvider"])
    numbers = np.random.default_rng(0)
    worst = 0.0
    for batch, (height, width) in itertools.product(BATCHES_TRIED, _sizes(model)):
        images = numbers.integers(0, 256, (batch, height, width, 3), np.uint8)
        (found,) = session.run(None, {manifest.INPUT_NAME: images})
        expected = reference(network, model, images)
        if found.shape != expected.shape:
            raise ExportError(f"the file answers in the shape {found.shape}, PyTorch in {expected.shape}")
        difference = float(np.abs(found - expected).max())
        if not difference <= TOLERANCE * max(1.0, float(np.abs(expected).max())):
            raise ExportError(
                f"the file differs from PyTorch by {difference:.3g} for {batch} pictures of {height}×{width} px, which "
                f"is more than rounding; this version of PyTorch exports {network.architecture} wrongly"
            )
        worst = max(worst, difference)
    return worst


def reference(network: Network, model: manifest.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What PyTorch makes of (N, H, W, 3) RGB bytes: normalised before the network, of unit length behind it."""
    pixels = (torch.from_numpy(images).float() - torch.tensor(network.mean)) / torch.tensor(network.std)
    with torch.no_grad():
        features = network.module(pixels.permute(0, 3, 1, 2).contiguous())
    if model.build.normalise:
        features = torch.nn.functional.normalize(features, dim=1)
    return np.asarray(features.numpy(), np.float32)


def _sizes(model: manifest.Model) -> tuple[tuple[int, int], ...]:
    return SIZES_TRIED_PX if model.takes_any_size else (model.picture[:2],)
