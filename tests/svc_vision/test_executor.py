"""Running the models of a Triton repository in process, and what is said when they are not as they should be."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from svc_vision.blazepose import detector
from svc_vision.errors import ModelError
from svc_vision.executors.local import LocalExecutor
from svc_vision.model_config import read_config


@pytest.fixture
def repository(model_repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(model_repository / detector.MODEL, tmp_path / detector.MODEL)
    return tmp_path


def test_a_batch_gives_the_outputs_that_the_configuration_names(executor: LocalExecutor) -> None:
    out = executor.infer(detector.MODEL, {"image": np.zeros((2, 224, 224, 3), np.uint8)})
    assert {name: value.shape for name, value in out.items()} == {"boxes": (2, 2254, 12), "scores": (2, 2254, 1)}


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"image": np.zeros((1, 224, 224, 3), np.float32)}, "TYPE_UINT8"),
        ({"image": np.zeros((1, 100, 224, 3), np.uint8)}, "224, 224, 3"),
        ({"picture": np.zeros((1, 224, 224, 3), np.uint8)}, "image"),
        ({"image": np.zeros((9, 224, 224, 3), np.uint8)}, "1 to 8"),
        ({"image": np.zeros((0, 224, 224, 3), np.uint8)}, "1 to 8"),
    ],
)
def test_wrong_inputs_are_refused_with_what_is_wanted(
    executor: LocalExecutor, inputs: dict[str, np.ndarray], words: str
) -> None:
    with pytest.raises(ModelError, match=words) as error:
        executor.infer(detector.MODEL, inputs)
    assert error.value.reason == "MODEL_INPUT_INVALID"


def test_the_highest_version_runs(repository: Path) -> None:
    folder = repository / detector.MODEL
    shutil.copytree(folder / "1", folder / "10")
    (folder / "2").mkdir()
    (folder / "2" / "model.onnx").write_bytes(b"not loaded")
    executor = LocalExecutor(repository, [detector.MODEL])
    assert executor.models() == [detector.MODEL]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [("absent", "MODEL_MISSING"), ("no version", "MODEL_MISSING"), ("truncated", "MODEL_DAMAGED"),
     ("garbage", "MODEL_DAMAGED"), ("empty", "MODEL_DAMAGED"), ("no config", "MODEL_CONFIG_MISSING"),
     ("other outputs", "MODEL_DAMAGED")],
)  # fmt: skip
def test_a_bad_model_is_told_with_what_to_do(repository: Path, damage: str, reason: str) -> None:
    folder = repository / detector.MODEL
    model, config = folder / "1" / "model.onnx", folder / "config.pbtxt"
    actions: dict[str, Callable[[], object]] = {
        "absent": lambda: model.unlink(),
        "no version": lambda: shutil.rmtree(folder / "1"),
        "truncated": lambda: model.write_bytes(model.read_bytes()[:50_000]),
        "garbage": lambda: model.write_bytes(b"\x08\x01 this is not onnx" * 20),
        "empty": lambda: model.write_bytes(b""),
        "no config": lambda: config.unlink(),
        "other outputs": lambda: config.write_text(config.read_text().replace('"scores"', '"points"')),
    }
    actions[damage]()
    with pytest.raises(ModelError, match="python -m triton_models") as error:
        LocalExecutor(repository, [detector.MODEL])
    assert error.value.reason == reason


def test_a_model_that_was_not_loaded_is_named(executor: LocalExecutor) -> None:
    with pytest.raises(ModelError, match="nosuch"):
        executor.infer("nosuch", {})


@pytest.mark.parametrize(
    "text",
    ['name: "m"', 'backend: "tensorrt"', 'backend: "onnxruntime" input [ { name: "a" } ]', "input { ", "@!"],
)
def test_a_configuration_that_can_not_be_used_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.pbtxt").write_text(text)
    with pytest.raises(ModelError):
        read_config(tmp_path / "config.pbtxt")


def test_the_forms_of_text_format_mean_the_same(tmp_path: Path) -> None:
    forms = [
        'backend: "onnxruntime" max_batch_size: 4 input [ { name: "a" data_type: TYPE_FP32 dims: [ 3, -1 ] } ]',
        'backend: "onnxruntime", max_batch_size: 4; input { name: "a", data_type: TYPE_FP32, dims: 3, dims: -1 }',
        '# text\nbackend: "onnxruntime"\nmax_batch_size: 4\ninput: [{name: "a" data_type: TYPE_FP32 dims: [3,-1]}]',
    ]
    configs = []
    for form in forms:
        (tmp_path / "config.pbtxt").write_text(form)
        configs.append(read_config(tmp_path / "config.pbtxt"))
    assert configs[0] == configs[1] == configs[2]
    assert configs[0].inputs[0].dims == (3, -1) and configs[0].max_batch_size == 4
