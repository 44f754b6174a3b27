"""YOLO11 pose weights out of an ONNX file, back into the network that it was exported from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from triton_models.export.errors import ExportError

SIZES = "nsmlx"
LAST_SCORE_LAYER = "model.23.cv3.0.2.weight"


def load_folded(path: Path) -> Any:
    """A fused `PoseModel` with exactly the weights of an ONNX export whose tensors kept their names.

    An export has the normalisation of batches folded into the convolutions, as ultralytics' `fuse` does.

    Raises:
        ExportError: the tensors aren't those of a YOLO11 pose network of any size.
    """
    from ultralytics.nn.tasks import PoseModel

    graph = onnx.load(path).graph
    weights = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    # Another network is told at once, without building all sizes.
    for size in SIZES if LAST_SCORE_LAYER in weights else "":
        classes = len(weights[LAST_SCORE_LAYER])
        network = PoseModel(f"yolo11{size}-pose.yaml", nc=classes, verbose=False).eval().fuse(verbose=False)
        if _shapes(network.state_dict()) == _shapes(weights):
            network.load_state_dict(weights, strict=True)
            return network
    raise ExportError(f"{path.name} doesn't hold the weights of a YOLO11 pose network under their PyTorch names")


def difference_px(network: Any, path: Path, image: np.ndarray[Any, np.dtype[np.uint8]]) -> float:
    """Largest difference between the network's and the ONNX file's predictions on one picture.

    Args:
        network: as `load_folded` gives it.
        path: the ONNX file, with one float32 (N, 3, H, W) input in 0 to 1.
        image: (H, W, 3) RGB; H and W multiples of 32.
    """
    import onnxruntime

    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {session.get_inputs()[0].name: pixels.numpy()})
    with torch.no_grad():
        found = network(pixels)[0].numpy()
    return float(np.abs(found - expected).max())


def _shapes(weights: dict[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in weights.items()}
