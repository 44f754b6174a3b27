import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svc_motion.counter import RepetitionCounter, Stroke, turning_points
from svc_motion.movement import movement
from svc_motion.signals import SIGNAL_COUNT, SIGNAL_NAMES, SignalFrame, signals_of_kinds
from svc_motion.window import SignalWindow

KNEE = signals_of_kinds(("knee_angle",))


def frames(angle_deg: np.ndarray, fps: float, noise_deg: float, seed: int) -> list[SignalFrame]:
    rng = np.random.default_rng(seed)
    found = []
    for place, angle in enumerate(angle_deg):
        values = np.full(SIGNAL_COUNT, np.nan)
        values[list(KNEE)] = angle + rng.normal(0, noise_deg, len(KNEE))
        found.append(SignalFrame(1000 + place / fps, values, np.where(np.isfinite(values), 0.9, 0.0)))
    return found


def squats(count: int, period_s: float, fps: float, range_deg: float, rest_s: float = 1.0) -> np.ndarray:
    time = np.arange(0, count * period_s, 1 / fps)
    moving = 170 - range_deg * (0.5 - 0.5 * np.cos(2 * np.pi * time / period_s))
    rest = np.full(round(rest_s * fps), 170.0)
    return np.concatenate([rest, moving, rest])


def counted(signal_frames: list[SignalFrame]) -> list[Stroke]:
    window, counter, found = SignalWindow(), RepetitionCounter(), []
    for frame in signal_frames:
        if window.push(frame):
            move = movement(window, KNEE, frame.time_s - counter.window_s)
            found += counter.count(move) if move else []
    move = movement(window, KNEE, signal_frames[-1].time_s - counter.window_s)
    return found + (counter.count(move, at_end=True) if move else [])


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 7),
    period_s=st.floats(1.0, 4.5),
    fps=st.sampled_from([10.0, 15.0, 25.0, 30.0]),
    range_deg=st.floats(50, 120),
    noise_deg=st.floats(0, 4),
    seed=st.integers(0, 1000),
)
def test_n_full_cycles_count_n_whatever_the_tempo_range_and_noise(
    count: int, period_s: float, fps: float, range_deg: float, noise_deg: float, seed: int
) -> None:
    assert len(counted(frames(squats(count, period_s, fps, range_deg), fps, noise_deg, seed))) == count


@pytest.mark.parametrize("fps", [5.0, 60.0])
def test_the_slowest_and_the_fastest_camera_count_the_same(fps: float) -> None:
    assert len(counted(frames(squats(5, 2.4, fps, 90), fps, 2, 0))) == 5


@pytest.mark.parametrize("range_deg", [0, 8, 15])
def test_swaying_is_not_counted(range_deg: float) -> None:
    assert counted(frames(squats(5, 2.0, 15, range_deg), 15, 2, 0)) == []


def test_a_pause_in_the_middle_of_a_set_neither_adds_nor_loses_one() -> None:
    pause = np.full(75, 170.0)
    signal = np.concatenate([squats(3, 2, 15, 90), pause, squats(2, 2, 15, 90)])
    assert len(counted(frames(signal, 15, 2, 0))) == 5


def test_a_pause_at_the_bottom_does_not_split_a_repetition() -> None:
    down = 170 - 90 * (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, 15)))
    signal = np.concatenate([np.full(15, 170.0), down, np.full(45, 80.0), down[::-1], np.full(20, 170.0)])
    assert len(counted(frames(signal, 15, 2, 0))) == 1


def test_a_stream_that_ends_past_half_of_the_return_counts_it() -> None:
    signal = squats(3, 2, 15, 90, rest_s=1)
    three_quarters_up = signal[: 15 + 30 * 2 + 26]
    assert len(counted(frames(three_quarters_up, 15, 0, 0))) == 3


def test_a_stream_that_ends_at_the_bottom_does_not_count_it() -> None:
    signal = squats(3, 2, 15, 90, rest_s=1)
    assert len(counted(frames(signal[: 15 + 30 * 2 + 15], 15, 0, 0))) == 2


def test_who_stands_at_the_far_end_before_the_first_repetition_has_no_slow_ones() -> None:
    cycle = 80 + 90 * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(0, 7 * 1.6, 1 / 15) / 1.6))
    signal = np.concatenate([np.full(52, 80.0), cycle, np.full(15, 80.0)])
    assert len(counted(frames(signal, 15, 2, 0))) == 7


def test_the_same_frames_count_the_same_every_time() -> None:
    signal_frames = frames(squats(4, 1.7, 15, 70), 15, 4, 3)
    assert counted(signal_frames) == counted(signal_frames)


def test_counting_goes_on_from_a_given_time() -> None:
    signal_frames = frames(squats(4, 2, 15, 90), 15, 1, 0)
    window, counter = SignalWindow(), RepetitionCounter(counted_until_s=1000 + 1 + 2 * 2)
    for frame in signal_frames:
        window.push(frame)
    move = movement(window, KNEE, 1000.0)
    assert move is not None
    assert len(counter.count(move, at_end=True)) == 2


def test_a_signal_that_was_hardly_seen_moves_nothing() -> None:
    unseen = frames(squats(2, 2, 15, 90), 15, 0, 0)
    window = SignalWindow()
    for place, frame in enumerate(unseen):
        values = frame.values if place % 3 == 0 else np.full(SIGNAL_COUNT, np.nan)
        window.push(SignalFrame(frame.time_s, values, np.where(np.isfinite(values), 0.9, 0.0)))
    assert movement(window, KNEE, 0.0) is None


def test_frames_that_come_faster_than_needed_are_skipped() -> None:
    window = SignalWindow()
    first, _, third = frames(np.array([170.0, 169, 168]), 100, 0, 0)
    assert window.push(first)
    assert not window.push(SignalFrame(first.time_s + 0.01, first.values, first.confidence))
    assert window.push(SignalFrame(third.time_s + 0.02, third.values, third.confidence))


@pytest.mark.parametrize(
    ("values", "turns"),
    [
        ([0, 10, 0, 10], [(0, -1), (1, 1), (2, -1)]),
        ([10, 0, 10, 0], [(0, 1), (1, -1), (2, 1)]),
        ([0, 1, 0, 1], []),
        ([5, 5, 5], []),
    ],
)
def test_a_turn_needs_the_threshold_behind_it(values: list[float], turns: list[tuple[int, int]]) -> None:
    assert turning_points(np.array(values, dtype=float), 5) == turns


def test_signals_of_a_kind_are_all_its_sides() -> None:
    assert [SIGNAL_NAMES[place] for place in KNEE] == ["knee_angle_left", "knee_angle_right", "knee_angle_mean"]
