from functools import partial

import numpy as np
import pytest

from svc_motion.events import (
    ExerciseRelabelled,
    FaultSeen,
    HoldProgress,
    MotionEvent,
    MotionState,
    PersonId,
    RepetitionCounted,
    SetClosed,
    SetOpened,
)
from svc_motion.library import Library, load_library
from svc_motion.observation import Observation
from svc_motion.person import PersonMotion
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import Pose, phases, seen


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def watch(person: PersonMotion, observations: list[Observation], flush: bool = True) -> list[MotionEvent]:
    events = [event for observation in observations for event in person.update(observation)]
    return events + (person.flush(observations[-1].capture_time_ns) if flush else [])


def of(kind: type, events: list[MotionEvent]) -> list:  # type: ignore[type-arg]
    return [event for event in events if isinstance(event, kind)]


def result(events: list[MotionEvent]) -> list[tuple[str, int]]:
    return [(closed.exercise, closed.repetitions) for closed in of(SetClosed, events)]


@pytest.mark.parametrize(
    ("pose", "exercise", "turns"),
    [
        (skeletons.squat, "squat", (0, 35, 90, 180)),
        (skeletons.curl, "bicep_curl", (0, 35, 90)),
        (skeletons.push_up, "push_up", (45, 90, -60)),
        (skeletons.lateral_raise, "lateral_raise", (0, 35, 180)),
    ],
)
@pytest.mark.parametrize("fps", [10.0, 15.0, 30.0])
def test_a_set_is_named_and_counted_from_every_side(
    library: Library, pose: Pose, exercise: str, turns: tuple[float, ...], fps: float
) -> None:
    for turn_deg in turns:
        frames = seen(pose, phases(5, fps=fps), fps=fps, turn_deg=turn_deg)
        assert result(watch(PersonMotion(library, PersonId("p")), frames)) == [(exercise, 5)], turn_deg


@pytest.mark.parametrize("turn_deg", [0, 45, 90])
def test_standing_is_not_counted(library: Library, turn_deg: float) -> None:
    frames = seen(skeletons.standing, np.zeros(300), turn_deg=turn_deg, noise=0.03)
    assert watch(PersonMotion(library, PersonId("p")), frames) == []


@pytest.mark.parametrize("turn_deg", [0, 45, 90, 180])
@pytest.mark.parametrize("step_hz", [0.7, 1.0])
def test_walking_is_not_counted(library: Library, turn_deg: float, step_hz: float) -> None:
    frames = seen(skeletons.walking, np.arange(225) / 15 * step_hz, turn_deg=turn_deg)
    assert of(RepetitionCounted, watch(PersonMotion(library, PersonId("p")), frames)) == []


@pytest.mark.parametrize(
    ("pose", "turn_deg", "fault"),
    [
        (partial(skeletons.squat, cave=0.28), 0, "knees_caving_in"),
        (partial(skeletons.push_up, sag=0.7), 90, "hips_sagging"),
        (partial(skeletons.curl, lowest_deg=60, closing_deg=50), 90, "half_curl"),
        (partial(skeletons.push_up, flare=True), 0, "elbows_flaring"),
    ],
)
def test_a_fault_is_seen_in_every_repetition(library: Library, pose: Pose, turn_deg: float, fault: str) -> None:
    events = watch(PersonMotion(library, PersonId("p")), seen(pose, phases(4), turn_deg=turn_deg))
    assert [event.finding.name for event in of(FaultSeen, events)] == [fault] * 4
    [closed] = of(SetClosed, events)
    assert closed.faults == {fault: 4}
    penalties = [known.penalty for known in library[closed.exercise].faults if known.name == fault]
    assert closed.score <= 100 - min(penalties)


@pytest.mark.parametrize(("flare", "turn_deg"), [(False, 0), (True, 90)])
def test_elbows_are_judged_where_they_can_be_seen_to_flare(library: Library, flare: bool, turn_deg: float) -> None:
    pose = partial(skeletons.push_up, flare=flare)
    events = watch(PersonMotion(library, PersonId("p")), seen(pose, phases(4), turn_deg=turn_deg))
    assert len(of(RepetitionCounted, events)) == 4
    assert "elbows_flaring" not in {event.finding.name for event in of(FaultSeen, events)}


@pytest.mark.parametrize(
    ("pose", "turns"),
    [
        (skeletons.squat, (0, 35, 90, 180)),
        (skeletons.push_up, (90, -60)),
        (skeletons.curl, (90,)),
        (skeletons.lateral_raise, (0, 180)),
    ],
)
def test_good_repetitions_show_no_fault(library: Library, pose: Pose, turns: tuple[float, ...]) -> None:
    for turn_deg in turns:
        events = watch(PersonMotion(library, PersonId("p")), seen(pose, phases(4), turn_deg=turn_deg))
        assert of(FaultSeen, events) == [], turn_deg
        assert all(not repetition.partial for repetition in of(RepetitionCounted, events)), turn_deg


def test_caving_knees_are_not_judged_from_the_side(library: Library) -> None:
    pose = partial(skeletons.squat, cave=0.28)
    events = watch(PersonMotion(library, PersonId("p")), seen(pose, phases(4), turn_deg=90))
    assert result(events) == [("squat", 4)]
    assert of(FaultSeen, events) == []


@pytest.mark.parametrize("turn_deg", [35, 90])
def test_a_shallow_squat_is_not_a_full_repetition(library: Library, turn_deg: float) -> None:
    pose = partial(skeletons.squat, depth=0.25)
    events = watch(PersonMotion(library, PersonId("p")), seen(pose, phases(5), turn_deg=turn_deg))
    for closed in of(SetClosed, events):
        assert closed.full_repetitions == 0
        assert set(closed.faults) == ({"shallow_squat"} if closed.exercise == "squat" else set())


def test_a_set_closes_by_itself_after_a_rest_at_its_last_repetition(library: Library) -> None:
    person = PersonMotion(library, PersonId("p"))
    first = phases(4, tail_s=12)
    events = watch(person, seen(skeletons.curl, np.concatenate([first, phases(3)]), turn_deg=45))
    assert result(events) == [("bicep_curl", 4), ("bicep_curl", 3)]
    last = of(RepetitionCounted, events)[3]
    assert of(SetClosed, events)[0].end_ns == last.end_ns
    assert [event.set_index for event in of(SetOpened, events)] == [1, 2]


def test_a_pause_within_a_set_keeps_it_open(library: Library) -> None:
    frames = seen(skeletons.squat, np.concatenate([phases(3, tail_s=4), phases(2)]), turn_deg=90)
    assert result(watch(PersonMotion(library, PersonId("p")), frames)) == [("squat", 5)]


def test_another_exercise_is_another_set(library: Library) -> None:
    squats = seen(skeletons.squat, phases(5, tail_s=9.5), turn_deg=45)
    later = squats[-1].capture_time_ns + 70_000_000
    curls = seen(skeletons.curl, phases(5), turn_deg=45, start_ns=later)
    events = watch(PersonMotion(library, PersonId("p")), squats + curls)
    assert result(events) == [("squat", 5), ("bicep_curl", 5)]


def test_after_a_crash_the_same_set_goes_on_with_the_next_repetition(library: Library) -> None:
    frames = seen(skeletons.squat, phases(8), turn_deg=90)
    whole = of(RepetitionCounted, watch(PersonMotion(library, PersonId("p")), frames))
    assert len(whole) == 8
    for crash_at in (130, 185, 240):
        before = PersonMotion(library, PersonId("p"))
        first = of(RepetitionCounted, watch(before, frames[:crash_at], flush=False))
        after = PersonMotion.resume(library, PersonId("p"), before.open_set)
        events = watch(after, frames[crash_at + 2 :])
        counted = first + of(RepetitionCounted, events)
        assert of(SetOpened, events) == []
        assert [repetition.index for repetition in counted] == list(range(1, len(counted) + 1))
        assert len(counted) in (7, 8), crash_at  # the repetition under way at the crash may be lost, none is doubled
        assert {repetition.set_start_ns for repetition in counted} == {whole[0].set_start_ns}


def test_repetitions_carry_range_tempo_and_score(library: Library) -> None:
    events = watch(PersonMotion(library, PersonId("p")), seen(skeletons.squat, phases(4, period_s=3), turn_deg=90))
    for repetition in of(RepetitionCounted, events):
        assert repetition.rom_deg == pytest.approx(110, abs=15)
        assert 0.7 < repetition.tempo.eccentric_s < 2
        assert 0.7 < repetition.tempo.concentric_s < 2
        assert repetition.score == 100
        assert repetition.start_ns < repetition.end_ns


def test_the_range_meter_follows_the_movement(library: Library) -> None:
    person = PersonMotion(library, PersonId("p"))
    phase = phases(6)
    meters = []
    for frame in seen(skeletons.squat, phase, turn_deg=90):
        person.update(frame)
        meters.append(person.live.range_meter)
    counting = slice(150, 215)
    assert np.corrcoef(meters[counting], phase[counting])[0, 1] > 0.9
    assert all(0 <= meter <= 1 for meter in meters)


def test_who_is_not_seen_is_not_counted(library: Library) -> None:
    person = PersonMotion(library, PersonId("p"))
    states = [person.live.state]
    frames = seen(skeletons.squat, phases(6), turn_deg=90)
    for frame in frames[:150]:
        person.update(frame)
    states.append(person.live.state)
    before = person.live.repetitions
    for frame in frames[150:190]:
        hidden = np.array(frame.keypoints)
        hidden[5:, 2] = 0.05
        size = frame.frame_width_px, frame.frame_height_px
        assert person.update(Observation(frame.capture_time_ns, hidden, frame.schema, *size)) == []
    states.append(person.live.state)
    assert states == [MotionState.NOT_VISIBLE, MotionState.EXERCISING, MotionState.NOT_VISIBLE]
    assert person.live.repetitions == before
    assert person.live.range_meter == 0


def test_idle_and_resting_are_told_apart(library: Library) -> None:
    person = PersonMotion(library, PersonId("p"))
    watch(person, seen(skeletons.standing, np.zeros(40), turn_deg=45), flush=False)
    assert person.live.state is MotionState.IDLE
    person = PersonMotion(library, PersonId("p"))
    watch(person, seen(skeletons.squat, phases(4, tail_s=6), turn_deg=45), flush=False)
    assert person.live.state is MotionState.RESTING
    assert person.live.repetitions == 4


def test_a_plank_is_held_for_its_seconds(library: Library) -> None:
    person = PersonMotion(library, PersonId("p"))
    frames = seen(lambda _: skeletons.push_up(0.0), np.zeros(300), turn_deg=90, noise=0.01)
    events = watch(person, frames)
    [closed] = of(SetClosed, events)
    assert (closed.exercise, closed.repetitions) == ("plank", 0)
    assert closed.hold_s == pytest.approx(20, abs=2.5)
    seconds = [progress.seconds for progress in of(HoldProgress, events)]
    assert seconds == sorted(set(seconds))


def test_old_and_repeated_observations_change_nothing(library: Library) -> None:
    frames = seen(skeletons.squat, phases(4), turn_deg=90)
    twice = [frame for frame in frames for _ in (0, 1)]
    shuffled = twice + frames[:50]
    once = watch(PersonMotion(library, PersonId("p")), frames)
    assert [e for e in watch(PersonMotion(library, PersonId("p")), shuffled) if not isinstance(e, SetClosed)] == [
        e for e in once if not isinstance(e, SetClosed)
    ]


def test_a_relabelled_set_keeps_its_start_and_count(library: Library) -> None:
    for turn_deg in (0, 20, 60, 90):
        events = watch(
            PersonMotion(library, PersonId("p")), seen(skeletons.lateral_raise, phases(5), turn_deg=turn_deg)
        )
        [opened] = of(SetOpened, events)
        [closed] = of(SetClosed, events)
        assert closed.set_start_ns == opened.start_ns
        assert closed.repetitions == 5
        for relabelled in of(ExerciseRelabelled, events):
            assert relabelled.set_start_ns == opened.start_ns


def test_standing_still_before_a_repetition_is_not_part_of_it(library: Library) -> None:
    twice = np.concatenate([phases(3, lead_s=1.0, tail_s=5.0), phases(3, lead_s=0.0)])
    events = watch(PersonMotion(library, PersonId("p")), seen(skeletons.squat, twice, turn_deg=45))
    seconds = [(event.end_ns - event.start_ns) / 1e9 for event in of(RepetitionCounted, events)]
    assert len(seconds) == 6
    assert max(seconds) < 3.5
