"""What makes counting hard, on movements of known truth."""

from dataclasses import replace

import numpy as np
import pytest

from svc_motion.events import MotionEvent, MotionState, PersonId, RepetitionCounted, SetClosed, SetOpened, SetRecord
from svc_motion.history import History
from svc_motion.library import UNKNOWN_EXERCISE, Library, load_library
from svc_motion.observation import Observation, body_frame
from svc_motion.person import PersonMotion
from svc_motion.unknown import dominant_cycle
from tests.svc_motion import cycles, skeletons
from tests.svc_motion.cycles import Cycles
from tests.svc_motion.skeletons import START_NS


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def watch(person: PersonMotion, frames: list[Observation]) -> list[MotionEvent]:
    return [event for frame in frames for event in person.update(frame)]


def finished(library: Library, frames: list[Observation]) -> list[MotionEvent]:
    person = PersonMotion(library, PersonId("p"))
    return watch(person, frames) + person.flush(frames[-1].capture_time_ns)


def after(frames: list[Observation], more: list[Observation], gap_s: float = 0.07) -> list[Observation]:
    """More frames behind these."""
    offset_ns = frames[-1].capture_time_ns + round(gap_s * 1e9) - more[0].capture_time_ns
    return frames + [replace(frame, capture_time_ns=frame.capture_time_ns + offset_ns) for frame in more]


def closed(events: list[MotionEvent]) -> list[tuple[str, int]]:
    return [(event.exercise, event.repetitions) for event in events if isinstance(event, SetClosed)]


def by_turns(pose: skeletons.Pose, pairs: int, period_s: float) -> list[Observation]:
    """Left limbs, then right ones, and so on."""
    one = cycles.phases(Cycles("curl", 1, period_s, lead_s=0, tail_s=0))
    still = np.zeros(len(one))
    left = np.concatenate([still[:15], *[np.concatenate([one, still])] * pairs, still[:20]])
    right = np.concatenate([still[:15], *[np.concatenate([still, one])] * pairs, still[:20]])
    shown = Cycles("curl", 2 * pairs, lead_s=0, tail_s=0, pause_s=0, period_s=len(left) / (2 * pairs) / 15)
    count = len(cycles.phases(shown))
    places = [min(place, len(left) - 1) for place in range(count)]
    return cycles.seen(
        shown, lambda at: cycles.turns(pose(float(left[places[at]])), pose(float(right[places[at]])), pose)
    )


@pytest.mark.parametrize("period_s", [1.2, 2.4])
def test_arms_that_take_turns_count_each(library: Library, period_s: float) -> None:
    assert len(cycles.counted(library, "bicep_curl", by_turns(skeletons.curl, 4, period_s))) == 8


def test_legs_that_take_turns_count_once_a_pair_where_the_exercise_says_so(library: Library) -> None:
    def knee_up(phase: float) -> skeletons.Array:
        joints = skeletons.push_up(0.0)
        for place in (0, 1):
            knee = joints[11 + place] + phase * np.array([0, -0.36, -0.2]) + (1 - phase) * np.array([0, 0.4, -0.13])
            joints[13 + place] = knee
            joints[15 + place] = knee + (1 - phase) * np.array([0, 0.4, -0.13]) + phase * np.array([0, 0.25, -0.2])
        return joints

    found = len(cycles.counted(library, "mountain_climber", by_turns(knee_up, 6, 1.0)))
    assert found in (6, 7)


@pytest.mark.parametrize(
    "shown",
    [
        Cycles("squat", 4, pause_s=2.5),
        Cycles("squat", 5, period_s=6.0, azimuth_deg=90),
        Cycles("squat", 5, period_s=1.0, fps=30, azimuth_deg=90),
        Cycles("squat", 1, period_s=0.9, fps=30, lead_s=0.2, tail_s=0.2, pause_s=0.0),
        Cycles("curl", 5, occluded=True, azimuth_deg=90),
        Cycles("one_arm_curl", 5, azimuth_deg=20),
        Cycles("squat", 5, drop=0.2),
        Cycles("jumping_jack", 12, period_s=1.1, drop=0.2, azimuth_deg=0),
    ],
    ids=["pause", "6 s", "1 s", "speeded up", "far side hidden", "one arm", "holes", "quick with holes"],
)
def test_every_cycle_counts_once(library: Library, shown: Cycles) -> None:
    exercise = cycles.POSES[shown.movement][0]
    assert len(cycles.counted(library, exercise, cycles.seen(shown))) == shown.repetitions


def test_walking_in_and_out_counts_nothing(library: Library) -> None:
    def walk(direction: float) -> list[Observation]:
        shown = Cycles("squat", 1, period_s=3.8, lead_s=0, tail_s=0)
        count = len(cycles.phases(shown))
        return cycles.seen(
            shown,
            lambda at: skeletons.walking(at / 15) + np.array([direction * (at - count) / 15 * 0.8, 0, 0]),
        )

    squats = cycles.seen(Cycles("squat", 5, azimuth_deg=40))
    events = finished(library, after(after(walk(1.0), squats), walk(-1.0)))
    assert closed(events) == [("squat", 5)]


def history_of(library: Library, frames: list[Observation]) -> History:
    history = History(library)
    for frame in frames:
        body = body_frame(frame)
        history.last_s = body.time_s
        history.add(body, settled=True)
    return history


@pytest.mark.parametrize(("repetitions", "found"), [(2, False), (3, True), (5, True)])
def test_three_similar_cycles_of_anything_make_a_set(library: Library, repetitions: int, found: bool) -> None:
    frames = cycles.seen(Cycles("squat", repetitions, azimuth_deg=90, tail_s=0.8))
    cycle = dominant_cycle(history_of(library, frames), float("-inf"))
    assert (cycle is not None) == found


def test_walking_on_the_spot_is_no_cycle(library: Library) -> None:
    frames = skeletons.seen(skeletons.walking, np.arange(120) / 15 * 0.9, turn_deg=90)
    assert dominant_cycle(history_of(library, frames), float("-inf")) is None


def test_an_unknown_set_goes_on_after_a_crash(library: Library) -> None:
    frames = cycles.seen(Cycles("squat", 4, azimuth_deg=90))
    record = SetRecord(START_NS - 9_000_000_000, 2, UNKNOWN_EXERCISE, 3, 3, START_NS - 100_000_000, rest_before_s=31.0)
    resumed = PersonMotion.resume(library, PersonId("p"), record)
    events = watch(resumed, frames) + resumed.flush(frames[-1].capture_time_ns)
    assert [event.index for event in events if isinstance(event, RepetitionCounted)] == [4, 5, 6, 7]
    assert not [event for event in events if isinstance(event, SetOpened)]


def test_rest_between_sets_is_timed(library: Library) -> None:
    curls = cycles.seen(Cycles("curl", 4, tail_s=10.0, azimuth_deg=40))
    frames = after(curls, cycles.seen(Cycles("curl", 3, azimuth_deg=40, seed=5)))
    person = PersonMotion(library, PersonId("p"))
    told = watch(person, frames[: len(curls)])
    assert person.live.state is MotionState.IDLE
    assert person.live.rest_s == pytest.approx(10.0, abs=1.0)
    events = told + watch(person, frames[len(curls) :])
    first, second = [event for event in events if isinstance(event, SetOpened)]
    assert first.rest_before_s is None
    assert second.rest_before_s == pytest.approx(11.0, abs=1.0)


def test_lying_down_after_a_plank_is_not_held(library: Library) -> None:
    def low() -> skeletons.Array:
        return np.asarray(skeletons.push_up(0.0) * np.array([1, 1, 0.35]), dtype=np.float64)

    still = Cycles("push_up", 1, period_s=10, lead_s=0, tail_s=0, azimuth_deg=90, pause_s=0, noise=0.008)
    held = cycles.seen(still, lambda _: skeletons.push_up(0.0))
    both = cycles.seen(still, lambda at: skeletons.push_up(0.0) if at < 75 else low())
    kept_s = [event.hold_s for event in finished(library, held) if isinstance(event, SetClosed)]
    lain_s = [event.hold_s for event in finished(library, both) if isinstance(event, SetClosed)]
    assert kept_s == pytest.approx([10.0], rel=0.1)
    assert lain_s == pytest.approx([5.0], abs=0.8)


def test_a_body_that_travels_is_not_counted_on_its_way(library: Library) -> None:
    shown = Cycles("squat", 4, azimuth_deg=0)
    phase = cycles.phases(shown)
    frames = cycles.seen(
        shown, lambda at: skeletons.squat(float(phase[at])) + np.array([(at - len(phase) / 2) / 15 * 0.6, 0, 0])
    )
    assert [event for event in finished(library, frames) if isinstance(event, RepetitionCounted)] == []


def test_the_clock_of_the_observations_is_the_only_one() -> None:
    assert cycles.seen(Cycles("squat", 1))[0].capture_time_ns == START_NS
