"""Several cameras see one person: the best one counts, and what two see counts once."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from mesh.ids import CameraId
from svc_motion.events import MotionEvent, PersonId, RepetitionCounted, SetOpened
from svc_motion.library import Library, load_library
from svc_motion.observation import Observation, body_frame
from svc_motion.person import PersonMotion
from svc_motion.views import ViewChoice
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import phases, seen

REPETITIONS = 8


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@dataclass(frozen=True)
class Sight:
    """A frame of a camera, as it arrives."""

    arrives_ns: int
    camera: str
    observation: Observation


def camera(name: str, turn_deg: float, skew_s: float = 0.0, confidence: float = 0.95) -> list[Sight]:
    """What a camera sees of eight squats; its clock is off by skew_s."""
    sights = []
    for observation in seen(skeletons.squat, phases(REPETITIONS), turn_deg=turn_deg, seed=int(turn_deg)):
        keypoints = np.array(observation.keypoints)
        keypoints[:, 2] = confidence
        shown = replace(
            observation, capture_time_ns=observation.capture_time_ns + round(skew_s * 1e9), keypoints=keypoints
        )
        sights.append(Sight(observation.capture_time_ns, name, shown))
    return sights


def between(sights: list[Sight], begin: float, end: float) -> list[Sight]:
    """The part of what a camera sees between two shares of the whole."""
    return sights[int(begin * len(sights)) : int(end * len(sights))]


def watched(library: Library, *cameras: list[Sight]) -> tuple[list[MotionEvent], list[str]]:
    """Events, and the cameras that counted in turn."""
    sights = sorted((sight for of_one in cameras for sight in of_one), key=lambda sight: sight.arrives_ns)
    views, person = ViewChoice(library, CameraId(sights[0].camera)), PersonMotion(library, PersonId("p"))
    events: list[MotionEvent] = []
    turns = [sights[0].camera]
    for sight in sights:
        before = views.camera_id
        if not views.see(CameraId(sight.camera), body_frame(sight.observation), person.live):
            continue
        if views.camera_id != before:
            events += person.cut()
            turns.append(sight.camera)
        events += person.update(sight.observation)
    events += person.flush(sights[-1].observation.capture_time_ns)
    return events, turns


def repetitions(events: list[MotionEvent]) -> int:
    return sum(isinstance(event, RepetitionCounted) for event in events)


@pytest.mark.parametrize("skew_s", [-0.2, 0.0, 0.2])
def test_what_two_cameras_see_counts_once(library: Library, skew_s: float) -> None:
    events, turns = watched(library, camera("front", 0), camera("side", 90, skew_s))
    assert repetitions(events) == REPETITIONS
    assert turns == ["front"]
    assert sum(isinstance(event, SetOpened) for event in events) == 1


def test_the_camera_that_sees_the_person_clearly_better_takes_over_once(library: Library) -> None:
    events, turns = watched(library, camera("dim", 35, confidence=0.5), camera("clear", 90))
    assert turns == ["dim", "clear"]
    assert repetitions(events) == REPETITIONS


def test_a_little_better_is_no_reason_to_change(library: Library) -> None:
    _, turns = watched(library, camera("first", 35, confidence=0.85), camera("second", 90, confidence=0.95))
    assert turns == ["first"]


@pytest.mark.parametrize("skew_s", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("leaves_at", [0.42, 0.55])
def test_going_from_one_camera_to_the_other_neither_doubles_nor_loses(
    library: Library, leaves_at: float, skew_s: float
) -> None:
    first = between(camera("first", 0), 0.0, leaves_at)
    second = between(camera("second", 60, skew_s), leaves_at - 0.05, 1.0)
    events, turns = watched(library, first, second)
    assert turns == ["first", "second"]
    assert repetitions(events) in (REPETITIONS - 1, REPETITIONS)  # the one under way for the second without a camera
    assert sum(isinstance(event, SetOpened) for event in events) == 1
