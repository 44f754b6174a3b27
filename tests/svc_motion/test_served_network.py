"""Which network is used, and that recognition goes on without one."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from mesh.errors import StartupError
from svc_motion import served_network
from svc_motion.library import Library, load_library
from svc_motion.network import NETWORK_FILE, ExerciseNetwork
from svc_motion.observation import body_frame
from svc_motion.recognition import Recogniser
from svc_motion.served_network import choose_network
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
