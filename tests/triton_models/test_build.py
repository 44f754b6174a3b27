"""The model repository: built once from the real wheel, checked, and left alone afterwards."""

import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from triton_models import build, golden, manifest, onnx_convert, tflite_model, wheel
from triton_models.errors import ConversionError, DownloadError, IntegrityError
from triton_models.sources import Sources

POSE_MODELS = [model for model in manifest.load().values() if model.build.kind == "tflite"]


@pytest.fixture(scope="module")
def tflite_files() -> dict[str, bytes]:
    """The sources of the pose models that are built by default, out of the real wheel."""
    try:
        with Sources(None, lambda line: None) as sources:
            return {model.name: sources.fetch(model).data for model in POSE_MODELS}
    except DownloadError as error:
        pytest.skip(f"no package index can be reached: {error}")


@pytest.fixture(scope="module")
def repository(tflite_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from files that lie in a folder, so that the wheel is fetched once for all tests."""
    files, built = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("models")
    for name, data in tflite_files.items():
        (files / f"{name}.tflite").write_bytes(data)
    build.build(built, lambda line: None, folder=files)
    return built


def test_a_built_repository_has_the_layout_triton_wants(repository: Path) -> None:
    for source in POSE_MODELS:
        assert (repository / source.name / "config.pbtxt").is_file()
        assert (repository / source.name / "1" / "model.onnx").is_file()
    assert not list(repository.rglob("*.part")) and not list(repository.rglob(".building-*"))
    assert build.is_built(repository)


def test_building_again_changes_nothing_and_downloads_nothing(repository: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*") if path.is_file()}
    lines: list[str] = []
    build.build(repository, lines.append)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not [line for line in lines if "download" in line]


def test_a_truncated_model_is_built_again(repository: Path, tflite_files: dict[str, bytes], tmp_path: Path) -> None:
    model = repository / "blazepose_detect" / "1" / "model.onnx"
    model.write_bytes(model.read_bytes()[:1000])
    assert not build.is_built(repository)
    (tmp_path / "any name.tflite").write_bytes(tflite_files["blazepose_detect"])
    build.build(repository, lambda line: None, folder=tmp_path)
    assert build.is_built(repository)


def test_normalising_inside_the_graph_equals_normalising_before_it(tflite_files: dict[str, bytes]) -> None:
    for model in POSE_MODELS:
        source = tflite_model.read_model(tflite_files[model.name])
        scale, offset = 1 / model.build.std[0], -model.build.mean[0] / model.build.std[0]
        inside = onnx_convert.convert(source, "inside", model.build.outputs, scale, offset)
        raw = onnx_convert.convert(source, "raw", model.build.outputs, 1.0, 0.0)
        raw.graph.input[0].type.tensor_type.elem_type = 1
        image = golden.pictures(model.name)
        normalised = image.astype(np.float32) * np.float32(scale) + np.float32(offset)
        for a, b in zip(
            onnxruntime.InferenceSession(inside.SerializeToString()).run(None, {"image": image}),
            onnxruntime.InferenceSession(raw.SerializeToString()).run(None, {"image": normalised}),
            strict=True,
        ):
            np.testing.assert_allclose(a, b, atol=1e-3, rtol=1e-4)


def test_rows_of_a_batch_do_not_influence_each_other(repository: Path) -> None:
    session = golden.open_session(repository / "blazepose_landmark" / "1" / "model.onnx")
    image = golden.pattern(256, 256)
    single = session.run(["landmarks"], {"image": image})[0]
    pair = session.run(["landmarks"], {"image": np.concatenate([image, 255 - image])})[0]
    np.testing.assert_allclose(pair[0], single[0], atol=1e-3)


def test_a_wheel_without_the_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mediapipe.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.tflite", b"something else")
    with pytest.raises(IntegrityError, match="does not hold b"):
        wheel.read_member(path, "b.tflite")


def test_a_package_index_that_is_gone_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(DownloadError, match="package index"):
        build.build(tmp_path / "repository", lambda line: None)
    assert not build.is_built(tmp_path / "repository")


def test_a_file_that_is_no_tflite_model_is_refused() -> None:
    with pytest.raises(ConversionError, match="TFL3"):
        tflite_model.read_model(b"not a model at all")
