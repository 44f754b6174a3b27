"""Golden check: a built model must answer a fixed input with the numbers kept beside this file.

The numbers were produced from graphs compared with the original .tflite models; the input is a formula, so that
nothing but a few numbers has to be kept.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.errors import GoldenError

GOLDEN_FILE = Path(__file__).with_name("golden.json")
RELATIVE_TOLERANCE = 2e-3
"""Kernels differ between processors in the last bits; a wrong weight or axis differs by far more."""

SAMPLES = 24


def test_image(height: int, width: int) -> NDArray[np.uint8]:
    """A smooth coloured pattern with edges, (1, H, W, 3), the same on every host (integer arithmetic only)."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [(3 * x + 5 * y) % 256, (x * x // 64 + y) % 256, np.where((x // 32 + y // 32) % 2, 200, 40)]
    return np.stack(waves, axis=-1).astype(np.uint8)[None]


def summarise(session: onnxruntime.InferenceSession) -> dict[str, list[float]]:
    """Evenly spaced values of each output for the test image, then the mean of its absolute values."""
    _, height, width, _ = session.get_inputs()[0].shape
    names = [output.name for output in session.get_outputs()]
    values = session.run(names, {session.get_inputs()[0].name: test_image(height, width)})
    return {name: _sample(np.asarray(value)) for name, value in zip(names, values, strict=True)}


def check(model: str, path: Path) -> None:
    """Compares a model file with its golden numbers.

    Raises:
        GoldenError: names the output that differs and by how much.
    """
    expected: dict[str, list[float]] = json.loads(GOLDEN_FILE.read_text())[model]
    found = summarise(open_session(path))
    if set(found) != set(expected):
        raise GoldenError(f"{model}: outputs are {sorted(found)}, expected {sorted(expected)}")
    for output, numbers in expected.items():
        _compare(f"{model}: output {output}", np.array(found[output]), np.array(numbers))


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A one-thread session on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _sample(value: NDArray[Any]) -> list[float]:
    flat = value.astype(np.float64).ravel()
    picks = np.linspace(0, flat.size - 1, min(SAMPLES, flat.size)).astype(int)
    return [round(float(v), 5) for v in (*flat[picks], np.abs(flat).mean())]


def _compare(what: str, found: NDArray[np.float64], expected: NDArray[np.float64]) -> None:
    if found.shape != expected.shape:
        raise GoldenError(f"{what} has {found.size} sampled values, expected {expected.size}")
    tolerance = RELATIVE_TOLERANCE * max(float(np.abs(expected).max()), 1e-3)
    difference = np.abs(found - expected)
    worst = int(difference.argmax())
    if not difference[worst] <= tolerance:
        raise GoldenError(
            f"{what} differs from the golden numbers: sample {worst} is {found[worst]:.5f}, expected "
            f"{expected[worst]:.5f} (tolerance {tolerance:.5f}). Delete the model's folder `1` and build again; "
            "if it stays, this processor or onnxruntime version computes wrongly"
        )
