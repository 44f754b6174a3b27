"""Which network is used, and that recognition goes on without one."""

import asyncio
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from structlog.testing import capture_logs

from mesh.errors import StartupError
from mesh.triton import TritonClient
from svc_motion import served_network
from svc_motion.library import Library, load_library
from svc_motion.network import MODEL_NAME, NETWORK_FILE, ExerciseNetwork
from svc_motion.observation import body_frame
from svc_motion.recognition import Recogniser
from svc_motion.served_network import choose_network, keep_newest, newest_version
from svc_motion.training.calibrate import with_temperature
from tests.svc_motion import skeletons
from tests.svc_motion.keypoint_clips import Degraded, clips, shared_folder
from tests.svc_motion.skeletons import Pose, phases, seen
from tests.svc_motion.trial_recognition import judge


def repository(folder: Path, *versions: str) -> Path:
    """A model repository whose versions of the network tell themselves apart by one more class name order."""
    for version in versions:
        target = folder / "exercise_network" / version / "model.onnx"
        target.parent.mkdir(parents=True)
        shutil.copy(NETWORK_FILE, target)
    return folder


def renamed(path: Path) -> None:
    """Swap two class names, so that the file can be told from others."""
    model = onnx.load(path)
    entry = next(one for one in model.metadata_props if one.key == "classes")
    first, second, *rest = entry.value.split(",")
    entry.value = ",".join([second, first, *rest])
    onnx.save(model, path)


def classes(network: ExerciseNetwork | None) -> tuple[str, ...]:
    assert network is not None
    return network.classes


def test_the_highest_version_of_the_model_repository_is_used(tmp_path: Path) -> None:
    folder = repository(tmp_path, "2", "10")
    renamed(folder / "exercise_network" / "10" / "model.onnx")
    assert classes(choose_network(None, folder)) != ExerciseNetwork().classes


def test_without_one_in_the_repository_the_built_in_network_is_used(tmp_path: Path) -> None:
    assert classes(choose_network(None, tmp_path)) == ExerciseNetwork().classes
    assert classes(choose_network(None, None)) == ExerciseNetwork().classes


def test_a_damaged_one_in_the_repository_gives_way_to_the_built_in_network(tmp_path: Path) -> None:
    folder = repository(tmp_path, "1")
    (folder / "exercise_network" / "1" / "model.onnx").write_bytes(b"not a model")
    assert classes(choose_network(None, folder)) == ExerciseNetwork().classes


def test_a_named_file_that_can_not_be_used_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="SPOTTER_EXERCISE_NETWORK"):
        choose_network(tmp_path / "absent.onnx", None)


def test_a_named_file_is_not_what_a_server_serves() -> None:
    client = TritonClient("127.0.0.1:1")
    with pytest.raises(StartupError, match="spotter models rollout exercise_network"):
        choose_network(NETWORK_FILE, None, client)
    client.close()


def test_a_withdrawn_version_and_one_on_its_way_are_not_used(tmp_path: Path) -> None:
    folder = repository(tmp_path, "1", "2", "3", "withdrawn-4", ".rollout-5")
    journal = folder / MODEL_NAME / served_network.ROLLOUT_JOURNAL
    journal.write_text('{"version": 3}')
    assert newest_version(folder) == folder / MODEL_NAME / "2" / "model.onnx"
    journal.write_text('{"vers')
    assert newest_version(folder) == folder / MODEL_NAME / "3" / "model.onnx"


async def used(network: ExerciseNetwork, version: str) -> bool:
    """Whether a version comes to be used."""
    for _ in range(500):
        if network.path.parent.name == version:
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_running_service_takes_up_a_rolled_out_version_and_goes_back_from_a_withdrawn_one(
    tmp_path: Path,
) -> None:
    folder = repository(tmp_path, "1")
    network = choose_network(None, folder)
    assert network is not None
    keeping = asyncio.create_task(keep_newest(network, folder, interval_s=0.01))
    newer, made = folder / MODEL_NAME / "2", tmp_path / "made"
    made.mkdir()
    (made / "model.onnx").write_bytes(with_temperature(NETWORK_FILE.read_bytes(), 1.5))
    made.rename(newer)
    assert await used(network, "2") and network.temperature == 1.5
    newer.rename(folder / MODEL_NAME / "withdrawn-2")
    assert await used(network, "1") and network.temperature == 1.0
    keeping.cancel()


@pytest.mark.parametrize("fault", ["damaged", "other classes"])
async def test_a_running_service_stays_with_its_version_where_a_newer_one_can_not_be_used(
    tmp_path: Path, fault: str
) -> None:
    folder = repository(tmp_path / "repository", "1")
    network = choose_network(None, folder)
    assert network is not None
    shutil.copy(NETWORK_FILE, tmp_path / "model.onnx")
    if fault == "damaged":
        (tmp_path / "model.onnx").write_bytes(b"not a model")
    else:
        renamed(tmp_path / "model.onnx")
    with capture_logs() as said:
        keeping = asyncio.create_task(keep_newest(network, folder, interval_s=0.01))
        newer = folder / MODEL_NAME / "2"
        newer.mkdir()
        (tmp_path / "model.onnx").rename(newer / "model.onnx")
        for _ in range(500):
            if said:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        keeping.cancel()
    assert [(one["event"], one["file"]) for one in said] == [("exercise_network_unusable", str(newer / "model.onnx"))]
    assert network.path.parent.name == "1"


def test_where_every_file_is_damaged_the_signatures_remain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(NETWORK_FILE.read_bytes()[:1000])
    monkeypatch.setattr(served_network, "NETWORK_FILE", damaged)
    assert choose_network(None, None) is None


@pytest.fixture(scope="module")
def alone() -> Library:
    """The library without a network."""
    return load_library().with_network(None)


@pytest.mark.parametrize(
    ("pose", "turn_deg", "name"),
    [
        (skeletons.squat, 90, "squat"),
        (skeletons.squat, 0, "squat"),
        (skeletons.curl, 45, "bicep_curl"),
        (skeletons.push_up, 90, "push_up"),
        (skeletons.lateral_raise, 0, "lateral_raise"),
    ],
)
def test_signatures_alone_recognise_movements(alone: Library, pose: Pose, turn_deg: float, name: str) -> None:
    recogniser = Recogniser(alone)
    for observation in seen(pose, phases(4), turn_deg=turn_deg, noise=0.01):
        recogniser.push(body_frame(observation))
    belief = recogniser.belief(0)
    assert belief.best == name
    assert belief.of(name) > belief.of("none")


@pytest.mark.skipif(
    not (shared_folder() / "keypoints" / "mp").is_dir(),
    reason="no shared keypoints (set SPOTTER_SHARED to the folder that holds MANIFEST.json)",
)
def test_signatures_alone_name_most_real_clips(alone: Library) -> None:
    rows = [judge(alone, clip, "mp", Degraded(fps=15)) for clip in clips() if clip.exercise != "none"]
    right = np.mean([row.whole.best == row.clip.exercise for row in rows if row.whole.windows])
    assert right >= 0.75
