"""The exercise network in the model repository."""

from pathlib import Path

import onnx
import pytest

from svc_motion.network import ExerciseNetwork
from svc_motion.served_network import choose_network, newest_version
from triton_models.errors import BuildError, ConversionError
from triton_models.exercise_network import SOURCE, place


def test_it_is_placed_once_and_motion_takes_it_from_there(tmp_path: Path) -> None:
    assert place(tmp_path)
    assert not place(tmp_path)
    placed = newest_version(tmp_path)
    assert placed is not None
    assert ExerciseNetwork(placed).classes == ExerciseNetwork().classes
    assert choose_network(None, tmp_path) is not None


def test_another_network_replaces_the_one_that_is_there(tmp_path: Path) -> None:
    model = onnx.load(SOURCE)
    model.producer_name = "somebody else"
    onnx.save(model, tmp_path / "other.onnx")
    place(tmp_path, tmp_path / "other.onnx")
    assert place(tmp_path)
    assert (tmp_path / "exercise_network" / "1" / "model.onnx").read_bytes() == SOURCE.read_bytes()


@pytest.mark.parametrize("damage", ["truncated", "another input", "missing"])
def test_a_file_that_is_no_exercise_network_is_not_placed(tmp_path: Path, damage: str) -> None:
    source = tmp_path / "source.onnx"
    if damage == "truncated":
        source.write_bytes(SOURCE.read_bytes()[:5000])
    elif damage == "another input":
        model = onnx.load(SOURCE)
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 15
        onnx.save(model, source)
    with pytest.raises(BuildError if damage == "missing" else ConversionError):
        place(tmp_path / "repository", source)
    assert newest_version(tmp_path / "repository") is None
