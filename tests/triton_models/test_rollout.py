"""New versions of a real model, rolled out into a real Triton server while others use it, and taken back."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mesh.triton import TritonClient
from svc_vision.executors.triton import TritonExecutor
from tests.triton_models import candidates
from tests.triton_server import TritonServer, serving
from triton_models import golden, manifest
from triton_models.rollout import Limits, RolledBack, RolledOut, RolloutRefused, roll_back, roll_out, status
from triton_models.rollout.candidate import read_graph
from triton_models.rollout.server import serving_version
from triton_models.rollout.shelf import Shelf
from triton_models.verify import verify

NAME = "blazepose_detect"
MODEL = manifest.model(NAME)


@pytest.fixture(scope="module")
def server(model_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    with serving(model_repository, tmp_path_factory.mktemp("rollout"), [NAME]) as server:
        yield server


@pytest.fixture
def client(server: TritonServer) -> Iterator[TritonClient]:
    """Of the server, which serves version 1 only, before and after."""
    client = TritonClient(server.address)
    yield client
    for folder in (server.repository / NAME).iterdir():
        if folder.is_dir() and folder.name != "1":
            shutil.rmtree(folder)
    client.load(NAME)
    client.close()


@pytest.fixture
def repository(model_repository: Path, tmp_path: Path) -> Path:
    """One that no server serves."""
    shutil.copytree(model_repository / NAME, tmp_path / "repository" / NAME)
    return tmp_path / "repository"


@pytest.fixture(scope="module")
def made(model_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Candidates by the name of what made them."""
    folder, source = tmp_path_factory.mktemp("candidates"), model_repository / NAME / "1" / "model.onnx"
    for make in (
        candidates.with_identity, candidates.with_other_weights, candidates.with_wrong_shape, candidates.truncated,
        candidates.slow,
    ):  # fmt: skip
        make(source, folder / make.__name__)
    return folder


def _roll_out(repository: Path, source: Path, client: TritonClient | None, **limits: float) -> RolledOut:
    return roll_out(repository, MODEL, source, client, Limits(**limits), lambda line: None)  # type: ignore[arg-type]


def _roll_back(repository: Path, client: TritonClient | None) -> RolledBack:
    return roll_back(repository, MODEL, client, lambda line: None)


def _refused(call: Callable[[], object]) -> str:
    with pytest.raises(RolloutRefused) as error:
        call()
    return error.value.reason


@contextmanager
def _traffic(address: str) -> Iterator[list[BaseException]]:
    """Three callers until the end of the block. Fails where they got no answers; collects what failed."""
    executor, failures, answers, over = TritonExecutor(address, [NAME]), [], [0] * 3, threading.Event()
    inputs = {manifest.INPUT_NAME: golden.pictures(NAME)[:1]}

    def call(index: int) -> None:
        while not over.wait(0.01):
            try:
                executor.infer(NAME, inputs)
                answers[index] += 1
            except Exception as error:
                failures.append(error)

    callers = [threading.Thread(target=call, args=(index,)) for index in range(3)]
    for caller in callers:
        caller.start()
    yield failures
    over.set()
    for caller in callers:
        caller.join()
    executor.close()
    assert min(answers) > 10


def test_good_and_bad_versions_and_the_way_back_cost_no_caller_an_answer(
    server: TritonServer, client: TritonClient, made: Path
) -> None:
    repository = server.repository
    with _traffic(server.address) as failures:
        for bad, reason in (
            ("with_wrong_shape", "CANDIDATE_CONTRACT"),
            ("truncated", "CANDIDATE_DAMAGED"),
            ("slow", "CANDIDATE_TOO_SLOW"),
            ("with_other_weights", "CANDIDATE_DIFFERS"),
            ("nosuch", "CANDIDATE_MISSING"),
        ):
            assert _refused(lambda bad=bad: _roll_out(repository, made / bad, client)) == reason
            assert serving_version(client, NAME) == 1
        done = _roll_out(repository, made / "with_identity", client, max_slowdown=4)
        assert (done.version, done.previous) == (2, 1)
        assert done.deviation == pytest.approx(0, abs=1e-4)
        assert serving_version(client, NAME) == 2
        assert _refused(lambda: _roll_out(repository, made / "with_identity", client)) == "CANDIDATE_SAME"
        assert _roll_back(repository, client) == RolledBack(version=1, withdrawn=2)
        assert serving_version(client, NAME) == 1
        assert _refused(lambda: _roll_back(repository, client)) == "NOTHING_TO_ROLL_BACK"
    assert failures == []
    for twin in ("__candidate", "__reference"):
        assert not client.is_ready(NAME + twin)


def test_wanted_other_numbers_serve_and_are_what_later_checks_expect(
    server: TritonServer, client: TritonClient, made: Path
) -> None:
    done = _roll_out(server.repository, made / "with_other_weights", client, new_golden=True, max_slowdown=4)
    assert (done.version, done.deviation) == (2, None)
    assert serving_version(client, NAME) == 2
    assert [verdict.problems for verdict in verify(server.repository, MODEL)] == [[], []]


def test_a_server_of_another_repository_is_noticed_and_nothing_stays(
    client: TritonClient, repository: Path, made: Path
) -> None:
    reason = _refused(lambda: _roll_out(repository, made / "with_identity", client, max_slowdown=4))
    assert reason == "OTHER_REPOSITORY"
    assert Shelf(repository / NAME).versions() == [1]
    assert serving_version(client, NAME) == 1


def test_a_server_that_is_gone_is_told_before_anything_changes(repository: Path, made: Path) -> None:
    client = TritonClient("127.0.0.1:1")
    assert _refused(lambda: _roll_out(repository, made / "with_identity", client)) == "SERVER_UNREACHABLE"
    assert Shelf(repository / NAME).versions() == [1]
    client.close()


def test_without_a_server_the_file_is_checked_and_waits_for_the_next_start(repository: Path, made: Path) -> None:
    for bad, reason in (("slow", "CANDIDATE_TOO_SLOW"), ("with_other_weights", "CANDIDATE_DIFFERS")):
        assert _refused(lambda bad=bad: _roll_out(repository, made / bad, None)) == reason
    assert _roll_out(repository, made / "with_identity", None, max_slowdown=4).version == 2
    assert [one.versions for one in status(repository, None)] == [(1, 2)]
    assert _roll_back(repository, None) == RolledBack(version=1, withdrawn=2)
    assert [(one.versions, one.withdrawn) for one in status(repository, None)] == [((1,), (2,))]
    assert _roll_out(repository, made / "with_identity", None, max_slowdown=4).version == 3, "no number comes twice"


def test_a_rollout_that_was_cut_off_is_undone_by_the_next_command(
    server: TritonServer, client: TritonClient, made: Path
) -> None:
    shelf = Shelf(server.repository / NAME)
    with shelf.locked():
        assert shelf.place(read_graph(MODEL, made / "with_identity")) == 2
        client.load(NAME)  # And here the process dies.
    assert serving_version(client, NAME) == 2
    said: list[str] = []
    assert _refused(lambda: roll_back(server.repository, MODEL, client, said.append)) == "NOTHING_TO_ROLL_BACK"
    assert said == ["removed version 2, whose rollout was cut off"]
    done = _roll_out(server.repository, made / "with_identity", client, max_slowdown=4)
    assert (done.version, done.previous) == (2, 1)


@pytest.mark.parametrize("rest", ["scratch folder", "half a journal"])
def test_what_a_dead_rollout_left_half_written_is_removed(repository: Path, rest: str) -> None:
    shelf = Shelf(repository / NAME)
    if rest == "scratch folder":
        (shelf.folder / ".rollout-2").mkdir()
        (shelf.folder / ".rollout-2" / "model.onnx").write_bytes(b"half")
    else:
        (shelf.folder / ".rollout.json").write_text('{"vers')
    with shelf.locked() as unfinished:
        assert unfinished is None
    assert sorted(path.name for path in shelf.folder.iterdir()) == [".rollout.lock", "1", "config.pbtxt"]


def test_two_changes_at_the_same_time_are_one_too_many(repository: Path, made: Path) -> None:
    with Shelf(repository / NAME).locked():
        assert _refused(lambda: _roll_out(repository, made / "with_identity", None)) == "ROLLOUT_RUNNING"


def test_a_model_without_a_first_version_is_to_be_built(tmp_path: Path, made: Path) -> None:
    assert _refused(lambda: _roll_out(tmp_path, made / "with_identity", None)) == "MODEL_NOT_BUILT"


def test_status_tells_the_batches_that_ran(server: TritonServer, client: TritonClient) -> None:
    client.infer_arrays(NAME, {manifest.INPUT_NAME: golden.pictures(NAME)}, 10)
    (found,) = status(server.repository, client)
    assert (found.serving, found.reason) == (1, "")
    assert found.statistics is not None
    assert found.statistics.batches[2] >= 1
    assert found.statistics.mean_ms > 0
