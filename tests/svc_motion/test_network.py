"""The exercise network as a file: what it sees, and what becomes of a file that can't be used."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from svc_motion.library import load_library
from svc_motion.network import (
    FEATURES,
    NETWORK_FILE,
    SAMPLES,
    Array32,
    ExerciseNetwork,
    NetworkFileError,
    features,
    mirrored,
)
from svc_motion.observation import body_frame
from svc_motion.training.calibrate import with_temperature
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import Pose, phases, seen


def window(pose: Pose, turn_deg: float) -> tuple[Array32, Array32]:
    frames = seen(pose, phases(2, lead_s=0.2, tail_s=0.2), turn_deg=turn_deg, noise=0.01)[:SAMPLES]
    points = np.stack([body_frame(frame).points for frame in frames]).astype(np.float32)[None]
    return points, np.full(points.shape[:3], 0.9, dtype=np.float32)


def test_the_network_sees_no_place_and_no_size() -> None:
    points, confidence = window(skeletons.squat, 30)
    here, there = features(points, confidence), features(points * 0.5 + 200, confidence)
    assert here.shape == (1, SAMPLES, FEATURES)
    np.testing.assert_allclose(here, there, atol=2e-3)


def test_a_mirror_image_is_the_same_exercise() -> None:
    network, shown = ExerciseNetwork(), window(skeletons.curl, 60)
    np.testing.assert_allclose(
        network.probabilities(*shown), network.probabilities(*mirrored(*shown)), atol=1e-5
    )  # fmt: skip


def test_probabilities_add_up_for_each_window() -> None:
    network, (points, confidence) = ExerciseNetwork(), window(skeletons.curl, 60)
    shares = network.probabilities(np.repeat(points, 3, axis=0), np.repeat(confidence, 3, axis=0))
    assert shares.shape == (3, len(network.classes))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)


def test_every_class_of_the_network_is_an_exercise_or_none_or_unknown() -> None:
    recognised = {exercise.name for exercise in load_library().recognised}
    assert set(ExerciseNetwork().classes) <= recognised | {"none", "unknown"}


def test_a_temperature_of_the_file_changes_how_sure_it_is_and_not_what_it_says(tmp_path: Path) -> None:
    shown = window(skeletons.squat, 30)
    plain = ExerciseNetwork().probabilities(*shown)
    for temperature, surer in ((0.7, True), (1.6, False)):
        path = tmp_path / f"{temperature}.onnx"
        path.write_bytes(with_temperature(NETWORK_FILE.read_bytes(), temperature))
        shares = ExerciseNetwork(path).probabilities(*shown)
        assert (shares.max() > plain.max()) == surer
        assert shares.argmax() == plain.argmax()
        assert shares.sum() == pytest.approx(1, abs=1e-5)


def test_the_committed_file_answers_as_it_was_trained() -> None:
    assert ExerciseNetwork().temperature == 1.0


def spoilt(folder: Path, what: str) -> Path:
    path = folder / f"{what}.onnx"
    model = onnx.load(NETWORK_FILE)
    if what == "truncated":
        path.write_bytes(NETWORK_FILE.read_bytes()[:50_000])
    elif what == "unnamed classes":
        del model.metadata_props[:]
        onnx.save(model, path)
    elif what == "a class missing":
        next(entry for entry in model.metadata_props if entry.key == "classes").value = "squat,none"
        onnx.save(model, path)
    elif what == "no temperature":
        onnx.helper.set_model_props(model, {"classes": ",".join(ExerciseNetwork().classes), "temperature": "warm"})
        onnx.save(model, path)
    elif what == "another input":
        model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = FEATURES - 1
        onnx.save(model, path)
    return path


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("missing", "no such file"),
        ("truncated", "damaged"),
        ("unnamed classes", "expected"),
        ("a class missing", "probabilities is"),
        ("another input", ""),
        ("no temperature", "'warm'"),
    ],
)
def test_a_file_that_can_not_be_used_is_named_with_the_reason(tmp_path: Path, what: str, reason: str) -> None:
    path = spoilt(tmp_path, what)
    with pytest.raises(NetworkFileError, match="can't be used as the exercise network") as caught:
        ExerciseNetwork(path)
    assert str(path) in str(caught.value)
    assert reason in caught.value.reason
