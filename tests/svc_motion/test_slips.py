"""Frames in which the pose model slipped are left out; a cut of the camera is kept."""

from dataclasses import replace

import numpy as np
import pytest

from svc_motion.events import PersonId, RepetitionCounted
from svc_motion.library import load_library
from svc_motion.observation import BodyFrame, Observation, body_frame
from svc_motion.person import PersonMotion
from svc_motion.slips import LONGEST_S, SlipFilter
from tests.svc_motion import skeletons

FPS = 15.0


@pytest.fixture
def squats() -> list[Observation]:
    return skeletons.seen(skeletons.squat, skeletons.phases(5, fps=FPS), FPS, turn_deg=60)


def moved(observation: Observation, by_px: float) -> Observation:
    """The body laid over something else: upside down, and aside."""
    keypoints = observation.keypoints.copy()
    keypoints[:, 1] = keypoints[:, 1].max() + keypoints[:, 1].min() - keypoints[:, 1]
    keypoints[:, 0] += by_px
    return replace(observation, keypoints=keypoints)


def frames(observations: list[Observation]) -> list[BodyFrame]:
    return [body_frame(one) for one in observations]


def passed(observations: list[Observation]) -> list[float]:
    slips = SlipFilter()
    return [believed.time_s for frame in frames(observations) for believed in slips.take(frame)]


def test_frames_of_a_body_that_moves_pass_at_once(squats: list[Observation]) -> None:
    slips = SlipFilter()
    assert all(len(slips.take(frame)) == 1 for frame in frames(squats))


@pytest.mark.parametrize("length", [1, 3, 5])
def test_a_short_slip_is_left_out_and_what_is_around_it_stays(squats: list[Observation], length: int) -> None:
    seen = [moved(one, 120) if 40 <= place < 40 + length else one for place, one in enumerate(squats)]
    times = [frame.time_s for frame in frames(squats)]
    assert passed(seen) == times[:40] + times[40 + length :]


def test_what_stays_elsewhere_is_a_cut_and_loses_no_frame(squats: list[Observation]) -> None:
    seen = [moved(one, 300) if place >= 40 else one for place, one in enumerate(squats)]
    assert passed(seen) == [frame.time_s for frame in frames(squats)]


def test_who_is_gone_after_a_slip_comes_back_without_it(squats: list[Observation]) -> None:
    gone = round(2 * LONGEST_S * FPS)
    seen = [*squats[:40], moved(squats[40], 120), *squats[41 + gone :]]
    times = [frame.time_s for frame in frames(squats)]
    assert passed(seen) == times[:40] + times[41 + gone :]


@pytest.mark.parametrize("seed", range(4))
def test_squats_are_counted_through_slips(squats: list[Observation], seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen = list(squats)
    for start in rng.choice(np.arange(10, len(seen) - 12, 14), 5, replace=False):
        for place in range(start, start + int(rng.integers(1, 6))):
            seen[place] = moved(seen[place], float(rng.uniform(80, 250)))
    person = PersonMotion(load_library(), PersonId("p"))
    events = [event for one in seen for event in person.update(one)]
    events += person.flush(seen[-1].capture_time_ns)
    assert sum(isinstance(event, RepetitionCounted) for event in events) == 5


@pytest.mark.parametrize("after_cut", [False, True])
def test_nothing_is_held_back_where_the_picture_says_that_it_was_a_cut(
    squats: list[Observation], after_cut: bool
) -> None:
    person = PersonMotion(load_library(), PersonId("p"))
    for one in squats[:40]:
        person.update(one)
    before_s = person._history.seen_s
    person.update(replace(moved(squats[40], 300), after_cut=after_cut))
    assert (person._history.seen_s > before_s) is after_cut
