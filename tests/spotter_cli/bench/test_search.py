"""The search for the highest number is never too high, and exact where it may try often enough."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter_cli.bench.camera_trial import busy_of
from spotter_cli.bench.search import highest


def search(limit: int, guess: int, most: int, trials: int) -> tuple[int, list[int]]:
    tried: list[int] = []

    async def holds(number: int) -> bool:
        tried.append(number)
        return number <= limit

    return asyncio.run(highest(guess, most, holds, trials)), tried


@given(limit=st.integers(0, 60), guess=st.integers(-3, 80), most=st.integers(1, 50), trials=st.integers(1, 6))
def test_what_is_found_was_seen_to_hold(limit: int, guess: int, most: int, trials: int) -> None:
    found, tried = search(limit, guess, most, trials)
    assert found <= min(limit, most)
    assert found == 0 or found in tried
    assert len(tried) <= trials and len(set(tried)) == len(tried)
    assert all(1 <= number <= most for number in tried)


@given(limit=st.integers(0, 40), guess=st.integers(1, 40))
def test_with_trials_enough_it_is_exact(limit: int, guess: int) -> None:
    assert search(limit, guess, 40, 60)[0] == limit


@pytest.mark.parametrize(("cameras", "busy"), [(1, 1), (3, 1), (4, 2), (12, 4), (13, 5)])
def test_a_third_of_the_cameras_are_busy(cameras: int, busy: int) -> None:
    assert busy_of(cameras) == busy
