"""What `spotter models verify` says about models that are damaged, replaced, or not what they should be."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mesh.launcher.layout import PROJECT_DIR
from triton_models import golden, manifest
from triton_models.errors import GoldenError
from triton_models.stamp import model_path, stamp_path
from triton_models.verify import verify

NAME = "face_embedding"
MODEL = manifest.model(NAME)


@pytest.fixture
def repository(model_repository: Path, tmp_path: Path) -> Path:
    """A copy with one small model."""
    shutil.copytree(model_repository / NAME, tmp_path / NAME)
    return tmp_path


def _problems(repository: Path) -> str:
    (verdict,) = verify(repository, MODEL)
    return "\n".join(verdict.problems)


def _change(path: Path, change: Callable[[onnx.ModelProto], None]) -> None:
    proto = onnx.load(path)
    change(proto)
    path.write_bytes(proto.SerializeToString())


def _one_weight(proto: onnx.ModelProto) -> None:
    tensor = max(proto.graph.initializer, key=lambda tensor: int(np.prod(tensor.dims)))
    value = numpy_helper.to_array(tensor).copy()
    value.ravel()[:1000] += 0.5
    tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))


def _half_precision(proto: onnx.ModelProto) -> None:
    proto.graph.node[-1].output[0] = "embedding_float"
    proto.graph.node.append(helper.make_node("Cast", ["embedding_float"], ["embedding"], to=TensorProto.FLOAT16))
    proto.graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT16


def _fewer_numbers(proto: onnx.ModelProto) -> None:
    proto.graph.node[-1].output[0] = "embedding_long"
    proto.graph.initializer.append(numpy_helper.from_array(np.arange(64), "kept"))
    proto.graph.node.append(helper.make_node("Gather", ["embedding_long", "kept"], ["embedding"], axis=1))
    proto.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 64


def _fixed_batch(proto: onnx.ModelProto) -> None:
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


def _other_name(proto: onnx.ModelProto) -> None:
    proto.graph.node[-1].output[0] = proto.graph.output[0].name = "features"


def test_a_good_model_has_no_problem(repository: Path) -> None:
    (verdict,) = verify(repository, MODEL)
    assert verdict.ok and verdict.version == "1" and verdict.deviation < 1e-4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_one_weight, "embedding: value"),
        (_half_precision, r"embedding has the type tensor\(float16\), expected tensor\(float\)"),
        (_fewer_numbers, r"embedding has the shape .*64.*expected \(any batch, 128\)"),
        (_fixed_batch, r"image has the shape \(1, 112, 112, 3\), expected \(any batch, 112, 112, 3\)"),
        (_other_name, "there is no tensor embedding; the graph has features, image"),
    ],
    ids=["weight", "type", "shape", "batch", "name"],
)
def test_what_differs_is_said_exactly(repository: Path, change: Callable[[onnx.ModelProto], None], said: str) -> None:
    _change(model_path(repository, NAME), change)
    problems = _problems(repository)
    assert re.search(said, problems), problems
    assert "was changed or damaged" in problems


def test_a_version_without_a_note_is_judged_by_the_kept_numbers(repository: Path) -> None:
    shutil.move(repository / NAME / "1", repository / NAME / "2")
    stamp_path(repository, NAME, "2").unlink()
    assert _problems(repository) == ""
    _change(model_path(repository, NAME, "2"), _one_weight)
    assert "embedding: value" in _problems(repository)


def test_a_truncated_file_is_told_with_its_size(repository: Path) -> None:
    path = model_path(repository, NAME)
    path.write_bytes(path.read_bytes()[:100_000])
    assert "(100000 bytes) can't be loaded" in _problems(repository)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[ 128 ]", "[ 512 ]", "embedding is TYPE_FP32 [512], expected TYPE_FP32 [128]"),
        ("TYPE_UINT8 dims: [ 112", "TYPE_FP32 dims: [ 112", "image is TYPE_FP32 [112, 112, 3], expected TYPE_UINT8"),
        ("output [", "outputs [", "is not a Triton model configuration"),
    ],
)
def test_a_configuration_that_differs_is_said(repository: Path, old: str, new: str, said: str) -> None:
    config = repository / NAME / "config.pbtxt"
    config.write_text(config.read_text().replace(old, new))
    assert said in _problems(repository)


def test_a_model_that_is_not_there_has_no_verdict(tmp_path: Path) -> None:
    assert list(verify(tmp_path, MODEL)) == []


def test_the_check_asks_any_executor_and_says_what_is_missing_or_wrong(repository: Path) -> None:
    session = golden.open_session(model_path(repository, NAME))
    good = golden.check_outputs(NAME, lambda inputs: golden.run_session(session, inputs))
    assert good["embedding"] < 1e-4
    with pytest.raises(GoldenError, match=r"output embedding is missing; there are \['features'\]"):
        golden.check_outputs(NAME, lambda inputs: {"features": np.zeros((2, 128), np.float32)})
    with pytest.raises(GoldenError, match=r"output embedding has the shape \(1, 128\), expected \(2, 128\)"):
        golden.check_outputs(NAME, lambda inputs: {"embedding": np.zeros((1, 128), np.float32)})
    with pytest.raises(GoldenError, match="type float64"):
        golden.check_outputs(NAME, lambda inputs: {"embedding": np.zeros((2, 128))})
    with pytest.raises(GoldenError, match="no numbers"):
        golden.check_outputs(NAME, lambda inputs: {"embedding": np.full((2, 128), np.nan, np.float32)})


def test_less_precise_arithmetic_passes_with_a_looser_tolerance_only(repository: Path) -> None:
    session = golden.open_session(model_path(repository, NAME))

    def infer(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        answer = golden.run_session(session, inputs)["embedding"]
        return {"embedding": (answer.view(np.uint32) & 0xFFFC0000).view(np.float32)}

    with pytest.raises(GoldenError):
        golden.check_outputs(NAME, infer)
    golden.check_outputs(NAME, infer, golden.TOLERANCE_BF16, measure="overall")


@pytest.mark.parametrize(("height", "width"), [(96, 64), (384, 640), (736, 1280)])
def test_golden_pictures_come_in_any_size(height: int, width: int) -> None:
    pictures = golden.pictures("yolo11_pose", height, width)
    assert pictures.shape == (2, height, width, 3) and pictures.dtype == np.uint8
    assert np.ptp(pictures[0]) > 100 and np.ptp(pictures[1]) > 100


def test_the_command_names_what_differs_and_fails(repository: Path) -> None:
    _change(model_path(repository, NAME), _one_weight)
    command = [sys.executable, "-m", "spotter_cli", "models", "verify", NAME, "--repository", str(repository)]
    done = subprocess.run(command, cwd=PROJECT_DIR, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "differs   face_embedding version 1" in done.stdout and "embedding: value" in done.stdout
