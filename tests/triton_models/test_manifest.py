"""The manifest and the configurations that belong to it."""

from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc.model_config_pb2 import ModelConfig, ModelInstanceGroup

from triton_models import configuration, contract, golden, manifest
from triton_models.errors import ManifestError
from triton_models.settings import BUNDLED_REPOSITORY

MODELS = list(manifest.load().values())
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def test_every_folder_of_the_repository_is_in_the_manifest() -> None:
    assert {path.parent.name for path in BUNDLED_REPOSITORY.glob("*/config.pbtxt")} == set(manifest.load())


@each_model
def test_the_configuration_says_what_the_manifest_says(model: manifest.Model) -> None:
    path = BUNDLED_REPOSITORY / model.name / "config.pbtxt"
    assert list(contract.config_problems(path, model)) == []
    config = text_format.Parse(path.read_text(), ModelConfig())
    assert config.backend == "onnxruntime" and config.max_batch_size >= 8
    assert config.version_policy.latest.num_versions == 1
    assert config.dynamic_batching.max_queue_delay_microseconds > 0
    assert [group.kind for group in config.instance_group] == [ModelInstanceGroup.KIND_CPU]
    assert config.parameters["intra_op_thread_count"].string_value == "1"


@each_model
def test_a_server_warms_a_model_up_with_an_input_of_the_size_it_will_see(model: manifest.Model) -> None:
    config = text_format.Parse((BUNDLED_REPOSITORY / model.name / "config.pbtxt").read_text(), ModelConfig())
    (warmup,) = config.model_warmup
    for name, rows in golden.inputs(model.name).items():
        assert tuple(warmup.inputs[name].dims) == rows.shape[1:]


@each_model
def test_golden_numbers_are_kept_for_every_output(model: manifest.Model) -> None:
    assert set(golden.kept_numbers(model.name)) == {output.name for output in model.outputs}


def test_models_that_need_nobodys_consent_are_the_ones_built_by_default() -> None:
    default = {model.name for model in MODELS if model.default}
    assert default == {"blazepose_detect", "blazepose_landmark", "exercise_network"}
    accepted = {model.name: model.hint for model in MODELS if "--accept" in model.hint}
    assert set(accepted) == {"yolo11_pose", "person_embedding", "face_embedding"}


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        ("    permissive: true", "    permissive: perhaps", "    permissive: perhaps", "licence.permissive"),
        ("  image: [224, 224, 3]", "  image: [224, 224, 4]", "  image: [224, 224, 4]", "image.2"),
        ("sha256: 9ba9", "sha256: zz", "sha256: zz", "sha256"),
        ("  default: true", "  default: true\n  colour: red", "  colour: red", "colour"),
        ("Identity_1: scores", "Identity_1: points", "blazepose_detect:", "points"),
        ("  used_by: [", "  used_by: ]", "  used_by: ]", "not valid YAML"),
        ("  build: {kind: copy}", "  build: {kind: copy, mean: [1, 1, 1]}", "  build: {kind: copy", "needs no mean"),
        ("    kind: tflite", "    kind: copy", "  build:", "needs no"),
        ("leg_raise, calf_raise,", "leg_raise,", "exercise_network:", "25 classes need one output"),
        ("  tensor:\n", "  image: [1, 1, 3]\n  tensor:\n", "exercise_network:", "either image or tensor"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, where: str, reason: str) -> None:
    text = manifest.MANIFEST_FILE.read_text()
    assert old in text
    path = tmp_path / "manifest.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ManifestError, match=reason) as error:
        manifest.load(path)
    line = next(number for number, line in enumerate(path.read_text().splitlines(), 1) if where in line)
    assert f"manifest.yaml, line {line}:" in str(error.value)


def test_an_unknown_model_is_told_with_those_there_are() -> None:
    with pytest.raises(ManifestError, match="yolo11_pose"):
        manifest.model("yolo12")


def test_instances_can_be_set_without_touching_anything_else() -> None:
    text = (BUNDLED_REPOSITORY / "yolo11_pose" / "config.pbtxt").read_text()
    one, three = text_format.Parse(text, ModelConfig()), ModelConfig()
    text_format.Parse(configuration.with_instances(text, 3), three)
    assert (one.instance_group[0].count, three.instance_group[0].count) == (1, 3)
    three.instance_group[0].count = 1
    assert one == three
