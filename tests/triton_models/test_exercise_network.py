"""The exercise network in the model repository: built from svc_motion's own file, rolled out, taken back."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from svc_motion.network import FEATURES, INPUT, NETWORK_FILE, OUTPUT, SAMPLES, ExerciseNetwork
from svc_motion.served_network import newest_version
from triton_models import golden, manifest, sources
from triton_models.build import build, is_current
from triton_models.errors import IntegrityError, SourceMissing
from triton_models.rollout import Limits, RolledOut, RolloutRefused, roll_back, roll_out, status
from triton_models.verify import verify

MODEL = manifest.model("exercise_network")


def quiet(_: str) -> None:
    pass


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Only the exercise network, built."""
    build(tmp_path / "repository", quiet, [MODEL.name])
    return tmp_path / "repository"


def candidate(target: Path, change: str) -> Path:
    """A new file, made of the real one."""
    model = onnx.load(NETWORK_FILE)
    classes = next(entry for entry in model.metadata_props if entry.key == "classes")
    names = classes.value.split(",")
    bias = next(one for one in reversed(model.graph.initializer) if list(one.dims) == [len(names)])
    if change == "newer weights":
        values = numpy_helper.to_array(bias).copy()
        values[names.index("squat")] -= 1
        bias.CopyFrom(numpy_helper.from_array(values, bias.name))
    elif change == "a renamed class":
        classes.value = classes.value.replace("squat", "kniebeuge")
    elif change == "another order":
        classes.value = ",".join([names[1], names[0], *names[2:]])
    elif change == "no classes":
        del model.metadata_props[:]
    elif change == "a class less":
        classes.value = ",".join(names[:-1])
        for tensor in model.graph.initializer:
            if tensor.dims and tensor.dims[-1] == len(names):
                values = np.ascontiguousarray(numpy_helper.to_array(tensor)[..., :-1])
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
        model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = len(names) - 1
    elif change == "scores instead of shares":
        model.graph.node[-1].op_type = "Identity"
        del model.graph.node[-1].attribute[:]
    elif change == "another window":
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 15
    onnx.save(model, target)
    return target


def rolled_out(repository: Path, source: Path, new_golden: bool = False) -> RolledOut:
    limits = Limits(new_golden=new_golden, max_slowdown=10)  # beside other load a third of a millisecond varies
    return roll_out(repository, MODEL, source, None, limits, quiet)


def test_the_manifest_says_what_svc_motion_feeds_and_reads() -> None:
    assert MODEL.tensor is not None
    assert (MODEL.tensor.name, MODEL.tensor.dims) == (INPUT, (SAMPLES, FEATURES))
    assert [output.name for output in MODEL.outputs] == [OUTPUT]
    assert MODEL.classes == ExerciseNetwork().classes


def test_the_golden_windows_show_a_squat_and_a_push_up() -> None:
    (answers,) = golden.run_session(golden.open_session(NETWORK_FILE), golden.inputs(MODEL.name)).values()
    assert [MODEL.classes[best] for best in answers.argmax(axis=1)] == ["squat", "push_up"]


def test_what_is_built_is_the_committed_file_byte_for_byte(repository: Path) -> None:
    placed = newest_version(repository)
    assert placed is not None
    assert placed.read_bytes() == NETWORK_FILE.read_bytes()
    assert is_current(repository, MODEL)
    assert [verdict.problems for verdict in verify(repository, MODEL)] == [[]]
    lines: list[str] = []
    build(repository, lines.append, [MODEL.name])
    assert not any("building" in line for line in lines)


def test_a_damaged_one_is_noticed_and_built_again(repository: Path) -> None:
    path = repository / MODEL.name / "1" / "model.onnx"
    path.write_bytes(path.read_bytes()[:5000])
    (verdict,) = verify(repository, MODEL)
    assert any("changed or damaged" in problem for problem in verdict.problems)
    build(repository, quiet, [MODEL.name])
    assert path.read_bytes() == NETWORK_FILE.read_bytes()


@pytest.mark.parametrize("damage", ["missing", "trained anew"])
def test_a_source_that_is_not_the_committed_file_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(sources, "PACKAGES", tmp_path)
    if damage == "trained anew":
        weights = tmp_path / "svc_motion" / "weights"
        weights.mkdir(parents=True)
        candidate(weights / "exercise_network.onnx", "newer weights")
    reason, told = (
        (SourceMissing, "restore it") if damage == "missing" else (IntegrityError, "rollout exercise_network")
    )
    with pytest.raises(reason, match=told):
        build(tmp_path / "repository", quiet, [MODEL.name])
    assert newest_version(tmp_path / "repository") is None


def test_a_newer_network_is_rolled_out_and_taken_back(repository: Path, tmp_path: Path) -> None:
    newer = candidate(tmp_path / "newer.onnx", "newer weights")
    with pytest.raises(RolloutRefused, match="--new-golden"):
        rolled_out(repository, newer)
    assert rolled_out(repository, newer, new_golden=True).version == 2
    assert newest_version(repository) == repository / MODEL.name / "2" / "model.onnx"
    assert [verdict.problems for verdict in verify(repository, MODEL)] == [[], []]
    assert roll_back(repository, MODEL, None, quiet).withdrawn == 2
    assert newest_version(repository) == repository / MODEL.name / "1" / "model.onnx"
    assert [(one.versions, one.withdrawn) for one in status(repository, None)] == [((1,), (2,))]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("a renamed class", "its classes lack squat and have kniebeuge instead"),
        ("another order", "its classes are in another order; expected squat,lunge"),
        ("no classes", "no property classes"),
        ("a class less", r"probabilities has the shape \('N', 25\), expected \(any batch, 26\).*lack unknown"),
        ("another window", "windows has the shape"),
        ("scores instead of shares", "no shares"),
    ],
)
def test_a_candidate_that_svc_motion_would_misread_is_refused_with_what_to_do(
    repository: Path, tmp_path: Path, change: str, reason: str
) -> None:
    with pytest.raises(RolloutRefused, match=reason) as error:
        rolled_out(repository, candidate(tmp_path / "candidate.onnx", change), new_golden=True)
    assert error.value.reason in {"CANDIDATE_CONTRACT", "CANDIDATE_DAMAGED"}
    assert "make train" in str(error.value)
    assert newest_version(repository) == repository / MODEL.name / "1" / "model.onnx"
