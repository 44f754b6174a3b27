"""The exercise of docs/add-an-exercise.md, added as that page says, is recognised and counted without any code."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from svc_motion.events import MotionEvent, PersonId, RepetitionCounted, SetOpened
from svc_motion.library import EXERCISE_FOLDER, Library, load_library
from svc_motion.person import PersonMotion
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import ANKLE_HEIGHT, HIP_HALF, SHANK, THIGH, Array, Pose, phases, seen

PAGE = Path(__file__).parents[2] / "docs" / "add-an-exercise.md"


def side_leg_raise(phase: float) -> Array:
    """Standing, the left leg raised straight to the side by up to 50°."""
    joints = skeletons.standing(0)
    angle = np.radians(4 + 46 * phase)
    down = np.array([np.sin(angle), 0, -np.cos(angle)])
    joints[13] = joints[11] + down * THIGH
    joints[15] = joints[13] + down * SHANK * 0.995
    joints[16] = np.array([-HIP_HALF, 0, ANKLE_HEIGHT])
    return joints


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A copy of the library with the page's file in it."""
    text = re.search(r"```yaml\n(name: .*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert text is not None
    name = re.search(r"^name: (\w+)$", text[1], flags=re.MULTILINE)
    assert name is not None
    folder = tmp_path_factory.mktemp("library") / "exercises"
    shutil.copytree(EXERCISE_FOLDER, folder)
    (folder / f"{name[1]}.yaml").write_text(text[1], encoding="utf-8")
    return load_library(folder)


def watched(library: Library, pose: Pose, turn_deg: float) -> list[MotionEvent]:
    person = PersonMotion(library, PersonId("p"))
    frames = seen(pose, phases(5), turn_deg=turn_deg)
    events = [event for frame in frames for event in person.update(frame)]
    return events + person.flush(frames[-1].capture_time_ns)


@pytest.mark.parametrize("turn_deg", [0, 180, 25])
def test_the_new_exercise_is_recognised_by_its_signature_and_counted(library: Library, turn_deg: float) -> None:
    assert library.network is not None
    assert "side_leg_raise" not in library.network.classes
    events = watched(library, side_leg_raise, turn_deg)
    assert [event.exercise for event in events if isinstance(event, SetOpened)] == ["side_leg_raise"]
    assert sum(isinstance(event, RepetitionCounted) for event in events) == 5


@pytest.mark.parametrize(
    ("pose", "turn_deg", "name"),
    [(skeletons.squat, 30, "squat"), (skeletons.curl, 45, "bicep_curl"), (skeletons.lateral_raise, 0, "lateral_raise")],
)
def test_the_new_exercise_takes_nothing_from_others(library: Library, pose: Pose, turn_deg: float, name: str) -> None:
    events = watched(library, pose, turn_deg)
    assert [event.exercise for event in events if isinstance(event, SetOpened)] == [name]
