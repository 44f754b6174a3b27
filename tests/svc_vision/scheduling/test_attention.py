"""A camera wakes with the first frame that moves, and rests when nothing does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from svc_vision.scheduling.attention import Attention
from svc_vision.scheduling.config import ScheduleConfig

CONFIG = ScheduleConfig()
NOBODY = np.zeros((0, 33, 3), np.float32)
Thumbnail = NDArray[np.uint8]
RNG = np.random.default_rng(5)
ROOM = RNG.integers(40, 200, (36, 64)).astype(np.uint8)


def noisy(picture: Thumbnail, sigma: float = 1.5) -> Thumbnail:
    return np.clip(picture + RNG.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def with_limb(place: int, height: int = 4) -> Thumbnail:
    picture = ROOM.copy()
    picture[10 : 10 + height, place : place + 2] = 250
    return picture


def somebody(raised: float = 0.0, jitter: float = 0.0) -> NDArray[np.float32]:
    """One person 400 px tall whose arm is raised by a share of the body."""
    keypoints = np.zeros((1, 33, 3), np.float32)
    keypoints[0, :, 0] = 300 + 60 * np.arange(33) % 7
    keypoints[0, :, 1] = np.linspace(100, 500, 33)
    keypoints[0, :, 2] = 0.9
    keypoints[0, 15, 1] -= 400 * raised
    keypoints[0, :, :2] += np.random.default_rng(1).normal(0, jitter, (33, 2))
    return keypoints


def play(
    attention: Attention,
    seconds: float,
    picture: Callable[[float], Thumbnail],
    people: Callable[[float], NDArray[np.float32]] = lambda _: NOBODY,
    *,
    start_s: float = 100.0,
    rate_hz: float = 15.0,
) -> list[float]:
    """When it was looked at."""
    looks = []
    for index in range(round(seconds * rate_hz)):
        time_s = start_s + index / rate_hz
        if attention.wants(time_s, picture(time_s)):
            looks.append(time_s)
            keypoints = people(time_s)
            attention.saw(time_s, range(1, len(keypoints) + 1), keypoints)
    return looks


def rate_hz(looks: list[float], since_s: float, until_s: float) -> float:
    return sum(since_s <= look < until_s for look in looks) / (until_s - since_s)


def test_an_empty_room_is_looked_at_twice_a_second_after_the_first_seconds() -> None:
    attention = Attention(CONFIG)
    looks = play(attention, 20, lambda _: noisy(ROOM))
    assert rate_hz(looks, 100, 102) == 15
    assert rate_hz(looks, 104, 120) == pytest.approx(2, abs=0.3)
    assert attention.idle


def test_somebody_who_stands_still_is_looked_at_twice_a_second() -> None:
    looks = play(Attention(CONFIG), 20, lambda _: noisy(ROOM), lambda time_s: somebody(jitter=2.0))
    assert rate_hz(looks, 105, 120) == pytest.approx(2, abs=0.3)


def test_people_who_move_get_the_full_rate_though_the_picture_hardly_changes() -> None:
    looks = play(Attention(CONFIG), 20, lambda _: noisy(ROOM), lambda time_s: somebody(0.3 * abs(np.sin(2 * time_s))))
    assert rate_hz(looks, 105, 120) == pytest.approx(15, abs=0.5)


@given(moves_at=st.integers(75, 150))
def test_a_camera_wakes_with_the_first_frame_that_moves(moves_at: int) -> None:
    attention = Attention(CONFIG)
    play(attention, moves_at / 15, lambda _: noisy(ROOM))
    assert attention.idle
    assert attention.wants(100 + moves_at / 15, with_limb(20))
    assert not attention.idle


def test_it_stays_awake_while_something_moves_and_rests_afterwards() -> None:
    attention = Attention(CONFIG)
    play(attention, 6, lambda _: noisy(ROOM))
    looks = play(attention, 10, lambda time_s: with_limb(int(20 + 10 * np.sin(3 * time_s))), start_s=106)
    assert rate_hz(looks, 106, 116) == pytest.approx(15, abs=0.5)
    looks = play(attention, 10, lambda _: ROOM, start_s=116)
    assert rate_hz(looks, 119, 126) == pytest.approx(2, abs=0.3)


def test_a_lamp_that_is_switched_on_is_no_movement() -> None:
    attention = Attention(CONFIG)
    play(attention, 6, lambda _: noisy(ROOM))
    assert not attention.wants(106, noisy((ROOM + 40).astype(np.uint8))) or attention.idle


def test_a_screen_that_always_moves_is_ignored_after_a_while_but_nobody_in_front_of_it_is() -> None:
    attention = Attention(CONFIG)

    def screen(time_s: float) -> Thumbnail:
        picture = ROOM.copy()
        picture[0:6, 0:8] = np.random.default_rng(int(time_s * 15)).integers(0, 255, (6, 8))
        return picture

    looks = play(attention, 40, screen)
    assert rate_hz(looks, 102, 104) > 10
    assert rate_hz(looks, 130, 140) < 4
    woken = screen(140.0)
    woken[20:24, 20:22] = 250
    assert attention.wants(140.0, woken) and not attention.idle


@pytest.mark.parametrize("camera_hz", [25.0, 30.0, 60.0])
def test_a_camera_that_sends_more_than_the_full_rate_is_looked_at_at_the_full_rate(camera_hz: float) -> None:
    looks = play(Attention(CONFIG), 2, lambda _: ROOM, rate_hz=camera_hz)
    assert len(looks) == pytest.approx(30, abs=1)


@pytest.mark.parametrize("camera_hz", [5.0, 10.0, 15.0])
def test_every_frame_of_a_slow_camera_is_looked_at_while_something_moves(camera_hz: float) -> None:
    looks = play(Attention(CONFIG), 2, lambda _: ROOM, rate_hz=camera_hz)
    assert len(looks) == 2 * camera_hz


@given(jitter=st.lists(st.floats(-0.012, 0.012), min_size=30, max_size=30))
def test_a_camera_whose_clock_jitters_loses_no_frame(jitter: list[float]) -> None:
    attention = Attention(CONFIG)
    wanted = [attention.wants(100 + index / 15 + late, ROOM) for index, late in enumerate(jitter)]
    assert sum(wanted) >= 29


def test_somebody_who_comes_or_goes_keeps_a_camera_awake() -> None:
    attention = Attention(CONFIG)
    looks = play(attention, 10, lambda _: ROOM, lambda time_s: somebody() if int(time_s * 2) % 2 else NOBODY)
    assert rate_hz(looks, 104, 110) > 10


@given(
    times=st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=50),
    size=st.sampled_from([(36, 64), (10, 10)]),
)
def test_no_order_of_times_and_no_change_of_size_stops_it(times: list[float], size: tuple[int, int]) -> None:
    attention = Attention(CONFIG)
    for index, time_s in enumerate(times):
        if attention.wants(time_s, np.full(size if index % 2 else (36, 64), index, np.uint8)):
            attention.saw(time_s, (1,), somebody())


def test_a_clock_that_runs_back_begins_anew() -> None:
    attention = Attention(CONFIG)
    play(attention, 10, lambda _: ROOM)
    assert attention.idle
    assert attention.wants(50.0, ROOM) and not attention.idle
