"""How much belief a set needs to open."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from svc_motion.counter import Stroke
from svc_motion.events import PersonId, SetClosed
from svc_motion.library import EXERCISE_FOLDER, UNKNOWN_EXERCISE, Library, load_library
from svc_motion.movement import Movement
from svc_motion.opening import LAST_CHANCE_BELIEF, LAST_CHANCE_SMALL_BELIEF, needed_belief
from svc_motion.person import PersonMotion
from tests.svc_motion import cycles
from tests.svc_motion.cycles import Cycles

MOVE = Movement(np.arange(4.0), np.zeros(4), 0.0, 90.0, 1.0)


def stroke(rise: float) -> Stroke:
    return Stroke(0.0, 0.2, 1.0, 2.0, 1.9, rise, rise, True)


@pytest.mark.parametrize(
    ("rise", "needed"),
    [(35, LAST_CHANCE_SMALL_BELIEF), (59, LAST_CHANCE_SMALL_BELIEF), (61, LAST_CHANCE_BELIEF)],
)
def test_at_the_end_a_small_movement_needs_more_belief_than_a_large_one(rise: float, needed: float) -> None:
    assert needed_belief([stroke(rise)], MOVE, at_end=True) == needed


def test_while_more_can_come_two_alike_need_less_belief_than_one() -> None:
    one = needed_belief([stroke(90)], MOVE, at_end=False)
    two = needed_belief([stroke(90), stroke(80)], MOVE, at_end=False)
    unlike = needed_belief([stroke(90), stroke(30)], MOVE, at_end=False)
    assert two < one == unlike


@pytest.fixture
def curls_only(tmp_path: Path) -> Library:
    """A library that has no name for squats."""
    shutil.copy(EXERCISE_FOLDER / "bicep_curl.yaml", tmp_path)
    return load_library(tmp_path)


@pytest.mark.parametrize("squatting", [False, True], ids=["standing", "at the bottom of a squat"])
def test_an_unknown_set_counts_what_was_begun_before_the_person_was_seen(curls_only: Library, squatting: bool) -> None:
    shown = Cycles("squat", 4, azimuth_deg=90)
    frames = cycles.seen(shown)
    first = int(np.argmax(cycles.phases(shown))) if squatting else 0
    person = PersonMotion(curls_only, PersonId("p"))
    events = [event for frame in frames[first:] for event in person.update(frame)]
    events += person.flush(frames[-1].capture_time_ns)
    closed = [(event.exercise, event.repetitions) for event in events if isinstance(event, SetClosed)]
    assert closed == [(UNKNOWN_EXERCISE, 4)]
