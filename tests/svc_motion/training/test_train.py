"""Training lowers the loss, does the same again for the same seed, and what it writes answers as it does."""

from pathlib import Path

import numpy as np
import pytest

from svc_motion.training.batches import Batch, batches, batches_beside

torch = pytest.importorskip("torch", reason="PyTorch is in the environment of `make train` only")

STEPS = 30


@pytest.fixture(scope="module")
def data() -> list[Batch]:
    return list(batches(seed=5, steps=STEPS, pool=256))


def test_thirty_steps_lower_the_loss_and_the_onnx_file_agrees(data: list[Batch], tmp_path: Path) -> None:
    import onnxruntime

    from svc_motion.training.model import folded_weights
    from svc_motion.training.movements import CLASSES
    from svc_motion.training.onnx_file import write_onnx
    from svc_motion.training.train import train

    network, losses = train(data, STEPS, seed=5)
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    write_onnx(tmp_path / "network.onnx", CLASSES, folded_weights(network))
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx")
    inputs = data[-1].inputs[:32].astype(np.float32)
    with torch.no_grad():
        expected = torch.softmax(network(torch.from_numpy(inputs)), dim=-1).numpy()
    assert session.run(None, {"windows": inputs})[0] == pytest.approx(expected, abs=0.02)


def test_batches_of_the_second_process_are_those_of_the_first() -> None:
    with batches_beside(seed=2, steps=2, pool=128) as beside:
        for made, again in zip(beside, batches(seed=2, steps=2, pool=128), strict=True):
            assert np.array_equal(made.inputs, again.inputs)
            assert np.array_equal(made.classes, again.classes)
