"""Where the files come from that models are built of: a folder, an own export, an address; and what is refused."""

import hashlib
import shutil
import socket
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from triton_models import download, graph, manifest
from triton_models.build import build, is_current
from triton_models.errors import (
    BuildError,
    ConversionError,
    DownloadError,
    GoldenError,
    IntegrityError,
    LicenceNotAccepted,
    ManifestError,
    SourceMissing,
)
from triton_models.stamp import expected_numbers, model_path
from triton_models.verify import verify

OSNET = manifest.model("person_embedding")
OSNET_FILE = OSNET.sources[0].file


def _quiet(_: str) -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of models."""
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    return tmp_path / "repository"


def test_a_file_is_recognised_whatever_its_name(shared_dir: Path, folder: Path, repository: Path) -> None:
    shutil.copy(shared_dir / "models" / OSNET_FILE, folder / "reid.onnx")
    report = build(repository, _quiet, ["person_embedding"], folder, [OSNET.licence.id])
    assert report.built == ["person_embedding"]
    again = build(repository, _quiet, ["person_embedding"], folder, [OSNET.licence.id])
    assert again.built == [] and again.unchanged == ["person_embedding"]


def test_once_built_a_model_needs_neither_its_file_nor_the_licence_again(
    shared_dir: Path, folder: Path, repository: Path
) -> None:
    build(repository, _quiet, ["person_embedding"], shared_dir / "models", [OSNET.licence.id])
    assert build(repository, _quiet, ["person_embedding"], folder).unchanged == ["person_embedding"]


def test_a_licence_that_is_not_permissive_must_be_accepted(shared_dir: Path, repository: Path) -> None:
    with pytest.raises(LicenceNotAccepted, match=r"AGPL-3.0 is not permissive.*--accept AGPL-3.0"):
        build(repository, _quiet, ["yolo11_pose"], shared_dir / "models", ["MSMT17-research"])
    assert not repository.exists()


def test_an_unknown_licence_is_told_with_those_there_are(repository: Path) -> None:
    with pytest.raises(ManifestError, match=r"GPL-2.0; there are AGPL-3.0"):
        build(repository, _quiet, ["yolo11_pose"], accepted=["GPL-2.0"])


def test_no_file_and_no_address_is_answered_with_what_to_do(folder: Path, repository: Path) -> None:
    with pytest.raises(SourceMissing, match=r"yolo11n-pose.onnx: not in .*spotter models export"):
        build(repository, _quiet, ["yolo11_pose"], folder, ["AGPL-3.0"])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, repository: Path) -> None:
    with pytest.raises(SourceMissing, match="nowhere"):
        build(repository, _quiet, ["yolo11_pose"], tmp_path / "nowhere", ["AGPL-3.0"])


def test_a_truncated_file_is_refused_with_both_digests(shared_dir: Path, folder: Path, repository: Path) -> None:
    whole = (shared_dir / "models" / OSNET_FILE).read_bytes()
    (folder / OSNET_FILE).write_bytes(whole[:100_000])
    with pytest.raises(IntegrityError, match=OSNET.sources[0].sha256) as error:
        build(repository, _quiet, ["person_embedding"], folder, [OSNET.licence.id])
    assert hashlib.sha256(whole[:100_000]).hexdigest() in str(error.value)
    assert not model_path(repository, "person_embedding").exists()


def _exported(
    shared_dir: Path, target: Path, licence: str, change: float = 1.0, changed: str = "fc.0.weight", outputs: int = 512
) -> None:
    """What triton_models/export writes: a graph with the contract that says of itself where it is from."""
    source = onnx.load(shared_dir / "models" / OSNET_FILE)
    for tensor in source.graph.initializer:
        if tensor.name.startswith("fc."):
            value = numpy_helper.to_array(tensor)
            factor = np.float32(change if tensor.name == changed else 1)
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value[:outputs] * factor), tensor.name))
    output = OSNET.outputs[0].model_copy(update={"dims": (outputs,)})
    said = {"licence": licence, "architecture": "osnet_x0_25", "exporter": "test"}
    model = OSNET.model_copy(update={"outputs": (output,)})
    target.write_bytes(graph.convert(source.SerializeToString(), model, said).SerializeToString())


def test_an_own_export_is_taken_and_checked_against_its_own_numbers(
    shared_dir: Path, folder: Path, repository: Path
) -> None:
    _exported(shared_dir, folder / "trained_here.onnx", "own", change=-0.7)
    assert build(repository, _quiet, folder=folder, names=["person_embedding"]).built == ["person_embedding"]
    assert [verdict.problems for verdict in verify(repository, OSNET)] == [[]]
    (folder / "trained_here.onnx").unlink()
    assert is_current(repository, OSNET)
    first = expected_numbers(repository, "person_embedding")
    _exported(shared_dir, folder / "trained_again.onnx", "own", change=0.5)
    assert build(repository, _quiet, folder=folder, names=["person_embedding"]).built == ["person_embedding"]
    assert expected_numbers(repository, "person_embedding") != first


def test_an_own_export_of_others_weights_needs_their_licence(shared_dir: Path, folder: Path, repository: Path) -> None:
    _exported(shared_dir, folder / "exported.onnx", "for-museums-only")
    with pytest.raises(LicenceNotAccepted, match="--accept for-museums-only"):
        build(repository, _quiet, ["person_embedding"], folder, [OSNET.licence.id])
    assert build(repository, _quiet, ["person_embedding"], folder, ["for-museums-only"]).built


def test_a_graph_that_answers_with_no_numbers_does_not_get_in(shared_dir: Path, folder: Path, repository: Path) -> None:
    _exported(shared_dir, folder / "exported.onnx", "own", change=-1, changed="fc.1.running_var")
    with pytest.raises(GoldenError, match="embedding holds values that are no numbers"):
        build(repository, _quiet, ["person_embedding"], folder)
    assert not model_path(repository, "person_embedding").exists()


def test_an_export_with_another_output_does_not_get_in(shared_dir: Path, folder: Path, repository: Path) -> None:
    _exported(shared_dir, folder / "exported.onnx", "own", outputs=256)
    with pytest.raises(ConversionError, match=r"embedding has the shape .*256.*expected \(any batch, 512\)"):
        build(repository, _quiet, ["person_embedding"], folder)
    assert not model_path(repository, "person_embedding").exists()


def test_a_bad_file_of_one_model_keeps_no_other_from_being_built(
    model_repository: Path, shared_dir: Path, folder: Path, repository: Path
) -> None:
    for name in ("blazepose_detect", "blazepose_landmark", "exercise_network"):
        shutil.copytree(model_repository / name, repository / name)
    (folder / "yolo11n-pose.onnx").write_bytes(b"no model")
    shutil.copy(shared_dir / "models" / OSNET_FILE, folder)
    lines: list[str] = []
    report = build(repository, lines.append, folder=folder, accepted=["AGPL-3.0", OSNET.licence.id])
    assert report.built == ["person_embedding"] and set(report.failed) == {"yolo11_pose"}
    assert any("SHA-256" in line for line in lines)


@pytest.mark.parametrize("data", [b"", b"not onnx at all", b"\x08\x07"])
def test_what_is_no_onnx_is_told_so(data: bytes) -> None:
    with pytest.raises(ConversionError, match="no ONNX"):
        graph.convert(data, OSNET, {})


def test_an_address_that_can_not_be_reached_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DownloadError, match=r"is this machine online\? .*--models-dir"):
        download.fetch(f"https://127.0.0.1:{port}/model.onnx", 1000, _quiet)
    assert issubclass(DownloadError, BuildError)


def test_building_says_that_a_later_version_stays_in_use(shared_dir: Path, repository: Path) -> None:
    lines: list[str] = []
    build(repository, lines.append, ["person_embedding"], shared_dir / "models", [OSNET.licence.id])
    (repository / "person_embedding" / "1").rename(repository / "person_embedding" / "2")
    build(repository, lines.append, ["person_embedding"], shared_dir / "models", [OSNET.licence.id])
    assert [line for line in lines if "version 2 stays in use; what was built is version 1" in line]
