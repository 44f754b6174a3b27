"""Running models on a real Triton server: same answers, many callers, and what happens when something dies."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mesh.launcher.layout import PROJECT_DIR
from mesh.triton import TritonClient
from svc_vision.errors import ModelError
from svc_vision.executors.shared_memory import FOLDER, PREFIX, Region, RegionPool, sweep
from svc_vision.executors.triton import SharedMemory, TritonExecutor
from tests.triton_server import TritonServer
from triton_models import golden

DETECT, LANDMARK, YOLO = "blazepose_detect", "blazepose_landmark", "yolo11_pose"
MODELS = [DETECT, LANDMARK, YOLO]
InProcess = Callable[[str, dict[str, np.ndarray]], dict[str, np.ndarray]]
SHAPES = {DETECT: (224, 224, 3), LANDMARK: (256, 256, 3), YOLO: (192, 320, 3)}


def _pictures(model: str, count: int = 1, seed: int = 0) -> dict[str, np.ndarray]:
    return {"image": np.random.default_rng(seed).integers(0, 256, (count, *SHAPES[model]), dtype=np.uint8)}


@pytest.fixture(scope="module", params=["on", "off"])
def executor(triton: TritonServer, request: pytest.FixtureRequest) -> Iterator[TritonExecutor]:
    shared_memory: SharedMemory = request.param
    executor = TritonExecutor(triton.address, MODELS, triton.repository, shared_memory)
    assert executor.shares_memory is (shared_memory == "on")
    yield executor
    executor.close()


@pytest.fixture(scope="module")
def in_process(triton: TritonServer) -> InProcess:
    """The same graphs under the same onnxruntime, here."""
    sessions = {model: golden.open_session(triton.repository / model / "1" / "model.onnx") for model in MODELS}
    return lambda model, inputs: golden.run_session(sessions[model], inputs)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 3])
def test_the_same_pictures_give_the_same_outputs_as_in_process(
    executor: TritonExecutor, in_process: InProcess, model: str, count: int
) -> None:
    inputs = _pictures(model, count)
    wanted = in_process(model, inputs)
    for _ in range(2):  # The first answer travels in a message, whose size the second one's region has.
        found = executor.infer(model, inputs)
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            assert found[name].dtype == value.dtype
            np.testing.assert_allclose(found[name], value, atol=2e-4 * np.abs(value).max())


def test_pictures_of_two_sizes_at_the_same_time_keep_apart(executor: TritonExecutor, in_process: InProcess) -> None:
    inputs = [{"image": np.full((1, 32 * k, 64, 3), 40 * k, np.uint8)} for k in (1, 2, 3, 4)] * 6
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: executor.infer(YOLO, one)["predictions"], inputs))
    for one, answer in zip(inputs, found, strict=True):
        wanted = in_process(YOLO, one)["predictions"]
        np.testing.assert_allclose(answer, wanted, atol=2e-4 * np.abs(wanted).max())


def test_requests_of_many_callers_run_as_batches_and_everybody_gets_their_own(
    triton: TritonServer, executor: TritonExecutor, in_process: InProcess
) -> None:
    inputs = [_pictures(DETECT, seed=seed) for seed in range(8)]
    wanted = [in_process(DETECT, one)["scores"] for one in inputs]
    before = [triton.metric(name, DETECT) for name in ("nv_inference_count", "nv_inference_exec_count")]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: executor.infer(DETECT, one)["scores"], inputs * 8))
    # A batch is added to the server's statistics after its answers are sent: the last ones may not be counted yet.
    deadline_s = time.monotonic() + 10
    while triton.metric("nv_inference_count", DETECT) - before[0] < 64 and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert triton.metric("nv_inference_count", DETECT) - before[0] == 64
    assert triton.metric("nv_inference_exec_count", DETECT) - before[1] < 48
    for index, scores in enumerate(found):
        np.testing.assert_allclose(scores, wanted[index % 8], atol=2e-4 * np.abs(wanted[index % 8]).max())


@pytest.mark.parametrize(
    ("model", "inputs", "reason"),
    [
        ("nosuch", {}, "MODEL_NOT_LOADED"),
        (DETECT, {"image": np.zeros((1, 100, 224, 3), np.uint8)}, "MODEL_INPUT_INVALID"),
        (DETECT, {"image": np.zeros((1, 224, 224, 3), np.float32)}, "MODEL_INPUT_INVALID"),
        (DETECT, {"image": np.zeros((9, 224, 224, 3), np.uint8)}, "MODEL_INPUT_INVALID"),
        (YOLO, {"image": np.zeros((1, 100, 224, 3), np.uint8)}, "MODEL_FAILED"),
    ],
)
def test_what_can_not_be_run_is_refused_with_a_reason(
    executor: TritonExecutor, model: str, inputs: dict[str, np.ndarray], reason: str
) -> None:
    with pytest.raises(ModelError) as error:
        executor.infer(model, inputs)
    assert error.value.reason == reason


def test_a_model_that_the_server_lacks_is_told_at_the_start(triton: TritonServer) -> None:
    with pytest.raises(ModelError, match="face_embedding isn't ready") as error:
        TritonExecutor(triton.address, ["face_embedding"], recovery_s=0.2)
    assert error.value.reason == "MODEL_NOT_READY"


def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:1") as error:
        TritonExecutor("127.0.0.1:1", [DETECT], recovery_s=0.3)
    assert error.value.reason == "MODEL_NOT_READY"


def test_a_server_with_another_contract_is_refused(triton: TritonServer, tmp_path: Path) -> None:
    config = triton.repository / DETECT / "config.pbtxt"
    (tmp_path / DETECT).mkdir()
    (tmp_path / DETECT / "config.pbtxt").write_text(
        config.read_text().replace("max_batch_size: 8", "max_batch_size: 4")
    )
    with pytest.raises(ModelError, match="max_batch_size") as error:
        TritonExecutor(triton.address, [DETECT], tmp_path)
    assert error.value.reason == "MODEL_CONTRACT_DIFFERS"


def _failures_during(executor: TritonExecutor, model: str, disturb: Callable[[], None]) -> list[BaseException]:
    """Four callers before, while and after something bad happens; done when each had three more answers, or failed."""
    answers, failures, inputs = [0] * 4, [], _pictures(model)
    enough = [sys.maxsize] * 4

    def call(index: int) -> None:
        try:
            while answers[index] < enough[index]:
                executor.infer(model, inputs)
                answers[index] += 1
        except Exception as error:
            failures.append(error)

    callers = [threading.Thread(target=call, args=(index,)) for index in range(4)]
    for caller in callers:
        caller.start()
    time.sleep(0.3)
    disturb()
    enough[:] = [count + 3 for count in answers]
    for caller in callers:
        caller.join()
    return failures


def test_a_dead_stub_is_replaced_and_no_caller_hears_of_it(triton: TritonServer, executor: TritonExecutor) -> None:
    def kill() -> None:
        for process in triton.stubs(LANDMARK):
            process.kill()

    old = {process.pid for process in triton.stubs(LANDMARK)}
    loads = triton.log().count(f"successfully loaded '{LANDMARK}'")
    assert _failures_during(executor, LANDMARK, kill) == []
    assert not old & {process.pid for process in triton.stubs(LANDMARK)}
    assert triton.log().count(f"successfully loaded '{LANDMARK}'") == loads + 1, "all callers share one repair"


def test_a_server_that_was_killed_and_started_again_is_found_again(
    triton: TritonServer, executor: TritonExecutor
) -> None:
    def kill() -> None:
        triton.said.clear()
        triton.kill()
        triton.wait_until_back()

    assert _failures_during(executor, DETECT, kill) == []
    assert executor.ready() == dict.fromkeys(MODELS, True)


def test_nothing_is_left_behind_by_an_executor_that_was_closed(triton: TritonServer) -> None:
    client = TritonClient(triton.address)
    executor = TritonExecutor(triton.address, [DETECT], shared_memory="on")
    for _ in range(2):
        executor.infer(DETECT, _pictures(DETECT))
    before = set(FOLDER.glob(f"{PREFIX}*"))
    registered = client.registered_memory()
    executor.close()
    gone = before - set(FOLDER.glob(f"{PREFIX}*"))
    assert len(gone) == 2  # One was made to try it out, one for the pictures.
    assert {path.name for path in gone} <= registered.keys()
    assert not {path.name for path in gone} & client.registered_memory().keys()
    client.close()


def test_what_a_killed_process_left_is_removed_by_the_next_one(triton: TritonServer) -> None:
    program = f"""
        import sys, time
        import numpy as np
        from svc_vision.executors.triton import TritonExecutor
        executor = TritonExecutor({triton.address!r}, [{DETECT!r}], shared_memory="on")
        for _ in range(2):
            executor.infer({DETECT!r}, {{"image": np.zeros((1, 224, 224, 3), np.uint8)}})
        print("ready", flush=True)
        time.sleep(60)
    """
    mine = set(FOLDER.glob(f"{PREFIX}*"))
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    left = set(FOLDER.glob(f"{PREFIX}*")) - mine
    assert left
    assert not left & {FOLDER / name for name in sweep()}, "what is in use is not swept"
    process.kill()
    process.wait()
    process.stdout.close()
    TritonExecutor(triton.address, [DETECT], shared_memory="on").close()
    assert set(FOLDER.glob(f"{PREFIX}*")) == mine
    client = TritonClient(triton.address)
    assert not {path.name for path in left} & client.registered_memory().keys()
    client.close()


def test_a_region_whose_request_got_no_answer_rests_before_it_is_used_again() -> None:
    pool = RegionPool()
    with pool.borrow(1000) as first:
        first.is_uncertain = True
    with pool.borrow(1000) as second:
        assert second is not first
    with pool.borrow(1000) as third:
        assert third is second
    pool.close()
    assert not first.path.exists()


def test_more_memory_than_there_is_is_an_error_and_leaves_nothing() -> None:
    before = set(FOLDER.glob(f"{PREFIX}*"))
    with pytest.raises(OSError, match="No space left"):
        Region(2**50)
    assert set(FOLDER.glob(f"{PREFIX}*")) == before
