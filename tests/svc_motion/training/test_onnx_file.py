"""The ONNX file answers as the same weights do in NumPy."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from svc_motion.network import DILATIONS, FEATURES, NETWORK_FILE, SAMPLES
from svc_motion.training.onnx_file import onnx_model

CLASSES = ("squat", "none", "unknown")
CHANNELS = 8
COMMITTED, FLOAT16 = NETWORK_FILE, onnx.TensorProto.FLOAT16


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


def test_the_committed_file_written_anew_from_its_own_weights_has_the_same_bytes() -> None:
    model = onnx.load(COMMITTED)
    classes = {entry.key: entry.value for entry in model.metadata_props}["classes"].split(",")
    halves = iter([numpy_helper.to_array(one) for one in model.graph.initializer if one.data_type == FLOAT16])
    weights = {}
    for name in ("input", *(f"block{b}.{part}" for b in range(len(DILATIONS)) for part in ("first", "second"))):
        kernel = next(halves).transpose(2, 1, 0)
        weights[f"{name}.weight"], weights[f"{name}.bias"] = kernel[0] if name == "input" else kernel, next(halves)
    weights["output.weight"], weights["output.bias"] = next(halves), next(halves)
    assert onnx_model(classes, weights).SerializeToString(deterministic=True) == COMMITTED.read_bytes()


def test_the_committed_file_is_small_and_names_its_classes() -> None:
    model = onnx.load(COMMITTED)
    classes = {entry.key: entry.value for entry in model.metadata_props}["classes"].split(",")
    assert COMMITTED.stat().st_size < 1_000_000
    assert "none" in classes
    assert model.graph.output[0].type.tensor_type.shape.dim[1].dim_value == len(classes)
