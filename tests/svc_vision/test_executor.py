"""Running the models of a Triton repository in process, and what is said when they are not as they should be."""

import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from svc_vision.blazepose import detector
from svc_vision.errors import ModelError
from svc_vision.executors.local import LocalExecutor, PrecisionChoice
from svc_vision.executors.model_files import find_model
from svc_vision.executors.onnx_engine import OnnxEngine
from svc_vision.executors.openvino_engine import processor_has_bf16
from svc_vision.executors.precision import Verdicts
from svc_vision.inference import RunningModel
from svc_vision.model_config import read_config


@pytest.fixture
def repository(blazepose_repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(blazepose_repository / detector.MODEL, tmp_path / detector.MODEL)
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
    with pytest.raises(ModelError, match="spotter models build") as error:
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


def test_a_batch_answers_as_its_pictures_one_by_one(executor: LocalExecutor) -> None:
    images = np.random.default_rng(0).integers(0, 255, (3, 224, 224, 3), dtype=np.uint8)
    together = executor.infer(detector.MODEL, {"image": images})
    for row in range(3):
        alone = executor.infer(detector.MODEL, {"image": images[row : row + 1]})
        for name, values in alone.items():
            np.testing.assert_array_equal(together[name][row : row + 1], values)


def test_answers_stay_what_they_were_when_others_follow(executor: LocalExecutor) -> None:
    black, white = (np.full((1, 224, 224, 3), value, np.uint8) for value in (0, 255))
    first = executor.infer(detector.MODEL, {"image": black})
    kept = {name: value.copy() for name, value in first.items()}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda image: executor.infer(detector.MODEL, {"image": image}), [white, black] * 8))
    for name, value in kept.items():
        np.testing.assert_array_equal(first[name], value)
        for white_answer, black_answer in zip(answers[::2], answers[1::2], strict=True):
            np.testing.assert_array_equal(black_answer[name], value)
            np.testing.assert_array_equal(white_answer[name], answers[0][name])


def test_openvino_answers_as_onnxruntime_does(blazepose_repository: Path) -> None:
    image = np.random.default_rng(1).integers(0, 255, (1, 224, 224, 3), dtype=np.uint8)
    files = find_model(blazepose_repository / detector.MODEL)
    with_openvino = LocalExecutor(blazepose_repository, [detector.MODEL], "f32")
    assert [(one.device, one.precision) for one in with_openvino.describe()] == [("CPU (openvino)", "f32")]
    found, expected = with_openvino.infer(detector.MODEL, {"image": image}), OnnxEngine(files).run({"image": image})
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=2e-3 * float(np.abs(values).max()))


def free_size_model(folder: Path, operation: str) -> Path:
    """A repository with one model `free` that takes pictures of any size and gives one number a pixel and colour."""
    work = {
        "Mul": helper.make_node("Mul", ["pixels", "two"], ["found"]),
        "Binarizer": helper.make_node("Binarizer", ["pixels"], ["found"], domain="ai.onnx.ml", threshold=100.0),
    }[operation]
    shape: list[str | int | None] = ["n", "h", "w", 3]
    graph = helper.make_graph(
        [helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT), work],
        "free",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("found", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.array(2, np.float32), "two")],
    )
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 2)]
    (folder / "free" / "1").mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=8), folder / "free" / "1" / "model.onnx")
    (folder / "free" / "config.pbtxt").write_text(
        'backend: "onnxruntime"\nmax_batch_size: 8\n'
        'input [ { name: "image" data_type: TYPE_UINT8 dims: [ -1, -1, 3 ] } ]\n'
        'output [ { name: "found" data_type: TYPE_FP32 dims: [ -1, -1, 3 ] } ]\n'
    )
    return folder


def test_a_model_of_free_size_takes_one_size_after_the_other(tmp_path: Path) -> None:
    executor = LocalExecutor(free_size_model(tmp_path, "Mul"), ["free"], "f32")
    for height, width in [(4, 6), (6, 4), (5, 5), (32, 8), (8, 32), (64, 64), (4, 6)]:
        image = np.random.default_rng(height).integers(0, 255, (2, height, width, 3), dtype=np.uint8)
        np.testing.assert_array_equal(executor.infer("free", {"image": image})["found"], image.astype(np.float32) * 2)


@pytest.mark.parametrize("precision", ["auto", "f32"])
def test_what_openvino_can_not_run_runs_with_onnxruntime(tmp_path: Path, precision: PrecisionChoice) -> None:
    executor = LocalExecutor(free_size_model(tmp_path, "Binarizer"), ["free"], precision)
    image = np.array([[[[99, 101, 250]]]], np.uint8)
    assert executor.infer("free", {"image": image})["found"].tolist() == [[[[0, 1, 1]]]]
    assert executor.describe() == [RunningModel("free", "CPU (onnxruntime)", "f32")]


@pytest.mark.skipif(not processor_has_bf16(), reason="this processor has no bf16")
@pytest.mark.parametrize(("tolerance", "precision"), [("0.5", "bf16"), ("1e-9", "f32")])
def test_the_golden_check_decides_on_bf16_and_is_made_once(
    repository: Path, tmp_path: Path, tolerance: str, precision: str
) -> None:
    config = repository / detector.MODEL / "config.pbtxt"
    config.write_text(with_tolerance(config.read_text(), tolerance))

    def chosen() -> str:
        return LocalExecutor(repository, [detector.MODEL], cache=tmp_path / "cache").describe()[0].precision

    assert chosen() == precision
    kept = json.loads((tmp_path / "cache" / "precision.json").read_text())
    assert list(kept.values()) == [precision == "bf16"]
    # A second check would find the first answer again, not this one.
    (tmp_path / "cache" / "precision.json").write_text(json.dumps(dict.fromkeys(kept, precision != "bf16")))
    assert chosen() != precision


def test_a_model_can_be_kept_from_bf16(repository: Path, tmp_path: Path) -> None:
    config = repository / detector.MODEL / "config.pbtxt"
    config.write_text(with_tolerance(config.read_text(), "0"))
    executor = LocalExecutor(repository, [detector.MODEL], cache=tmp_path / "cache")
    assert executor.describe()[0].precision == "f32" and not (tmp_path / "cache").exists()


def with_tolerance(config: str, tolerance: str) -> str:
    without = re.sub(r'parameters \{ key: "bf16_tolerance".*\n', "", config)
    return without + f'parameters {{ key: "bf16_tolerance" value {{ string_value: "{tolerance}" }} }}\n'


@pytest.mark.skipif(processor_has_bf16(), reason="this processor has bf16")
def test_bf16_is_refused_where_the_processor_has_none(blazepose_repository: Path) -> None:
    with pytest.raises(ModelError, match="auto or f32"):
        LocalExecutor(blazepose_repository, [detector.MODEL], "bf16")


def test_a_kept_answer_that_is_no_json_costs_only_the_check(tmp_path: Path) -> None:
    (tmp_path / "precision.json").write_text("{")
    verdicts = Verdicts(tmp_path / "precision.json")
    assert verdicts.of("a") is None
    verdicts.keep("a", True)
    assert Verdicts(tmp_path / "precision.json").of("a") is True
