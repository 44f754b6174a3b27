"""The ONNX file answers as the same weights do in NumPy."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

import svc_motion
from svc_motion.network import DILATIONS, FEATURES, SAMPLES
from svc_motion.training.onnx_file import onnx_model

CLASSES = ("squat", "none", "unknown")
CHANNELS = 8


def _weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    def some(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.3, shape).astype(np.float16)

    weights = {"input.weight": some(FEATURES, CHANNELS), "input.bias": some(CHANNELS)}
    for block in range(len(DILATIONS)):
        for name in ("first", "second"):
            weights[f"block{block}.{name}.weight"] = some(3, CHANNELS, CHANNELS)
            weights[f"block{block}.{name}.bias"] = some(CHANNELS)
    weights["output.weight"], weights["output.bias"] = some(2 * CHANNELS, len(CLASSES)), some(len(CLASSES))
    return weights


def _gelu(x: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * x * (1 + np.tanh(0.79788456 * (x + 0.044715 * x**3))))


def _convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, dilation: int) -> np.ndarray:
    """(T, C) convolved tap by tap, zeros outside."""
    out = np.tile(bias, (len(x), 1))
    for tap, shift in enumerate((-dilation, 0, dilation)):
        for sample in range(len(x)):
            if 0 <= sample + shift < len(x):
                out[sample] += x[sample + shift] @ weight[tap]
    return out


def _expected(window: np.ndarray, half: dict[str, np.ndarray]) -> np.ndarray:
    w = {name: value.astype(np.float64) for name, value in half.items()}
    x = _gelu(window @ w["input.weight"] + w["input.bias"])
    for block, dilation in enumerate(DILATIONS):
        first, second = f"block{block}.first", f"block{block}.second"
        y = _gelu(_convolved(x, w[f"{first}.weight"], w[f"{first}.bias"], dilation))
        x = _gelu(x + _convolved(y, w[f"{second}.weight"], w[f"{second}.bias"], 1))
    scores = np.concatenate([x.mean(axis=0), x.max(axis=0)]) @ w["output.weight"] + w["output.bias"]
    share = np.exp(scores - scores.max())
    return np.asarray(share / share.sum())


def test_the_onnx_graph_agrees_with_the_plain_arithmetic_of_its_weights() -> None:
    rng = np.random.default_rng(0)
    weights = _weights(rng)
    session = onnxruntime.InferenceSession(onnx_model(CLASSES, weights).SerializeToString())
    windows = rng.normal(0, 1, (5, SAMPLES, FEATURES)).astype(np.float32)
    (found,) = session.run(["probabilities"], {"windows": windows})
    assert found == pytest.approx(np.stack([_expected(window, weights) for window in windows]), abs=1e-4)


def test_the_committed_file_is_small_and_names_its_classes() -> None:
    path = Path(svc_motion.__file__).parent / "weights" / "exercise_network.onnx"
    model = onnx.load(path)
    classes = {entry.key: entry.value for entry in model.metadata_props}["classes"].split(",")
    assert path.stat().st_size < 1_000_000
    assert "none" in classes
    assert model.graph.output[0].type.tensor_type.shape.dim[1].dim_value == len(classes)
