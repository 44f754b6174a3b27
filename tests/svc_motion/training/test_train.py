"""A short training lowers the loss and writes a file that answers as PyTorch does; data depend on the seed alone."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from svc_motion.network import ExerciseNetwork
from svc_motion.training.batches import batches, batches_beside
from svc_motion.training.movements import CLASSES

PROJECT_DIR = Path(__file__).parents[3]
ENVIRONMENTS = [PROJECT_DIR / ".spotter" / name / "bin" / "python" for name in ("train", "export")]


@pytest.fixture(scope="module")
def torch_python() -> Path:
    for python in ENVIRONMENTS:
        if python.exists():
            return python
    pytest.skip("no environment with PyTorch; `make train` makes it")


def test_thirty_steps_lower_the_loss_and_the_written_network_answers_as_pytorch_does(
    torch_python: Path, tmp_path: Path
) -> None:
    command = [
        str(torch_python),
        "-m",
        "svc_motion.training.train",
        "--steps",
        "30",
        "--unmeasured",
        "--out",
        str(tmp_path),
    ]
    subprocess.run(command, cwd=PROJECT_DIR, check=True, capture_output=True)
    made_by = json.loads((tmp_path / "exercise_network.json").read_text())
    assert made_by["loss"] < 0.95 * made_by["first_loss"]
    assert made_by["onnx_from_torch"] < 0.02
    assert ExerciseNetwork(tmp_path / "exercise_network.onnx").classes == CLASSES


def test_batches_of_the_second_process_are_those_of_the_first() -> None:
    with batches_beside(seed=2, steps=2, pool=128) as beside:
        for made, again in zip(beside, batches(seed=2, steps=2, pool=128), strict=True):
            assert np.array_equal(made.inputs, again.inputs)
            assert np.array_equal(made.classes, again.classes)


def test_the_committed_network_knows_the_classes_of_the_generator_and_says_what_made_it() -> None:
    made_by = json.loads((PROJECT_DIR / "svc_motion" / "weights" / "exercise_network.json").read_text())
    assert ExerciseNetwork().classes == CLASSES
    assert f"--steps {made_by['steps']} --seed {made_by['seed']}" in made_by["command"]
    assert set(made_by["synthetic_accuracy"]) == {"all", *CLASSES}
