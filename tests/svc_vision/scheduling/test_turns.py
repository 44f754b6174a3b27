"""Turns are fair whoever asks how often, and none is lost."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from svc_vision.scheduling.turns import TurnQueue, Turns


@given(
    cameras=st.integers(1, 12),
    slots=st.integers(1, 4),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 11)), max_size=300),
)
def test_nobody_waits_for_more_turns_than_there_are_other_cameras(
    cameras: int, slots: int, steps: list[tuple[bool, int]]
) -> None:
    queue, under_way, passed = TurnQueue(slots), 0, Counter[int]()
    waiting: set[int] = set()
    for asks, number in steps:
        if asks:
            queue.ask(number % cameras)
            waiting.add(number % cameras)
        elif under_way:
            queue.done()
            under_way -= 1
        while (called := queue.next()) is not None:
            assert isinstance(called, int) and called in waiting
            under_way += 1
            waiting.discard(called)
            passed[called] = 0
            for other in waiting:
                passed[other] += 1
                assert passed[other] < cameras
        assert under_way <= slots
        assert under_way == slots or not waiting


@given(cameras=st.integers(2, 12), slots=st.integers(1, 4), rounds=st.integers(5, 40))
def test_where_turns_are_too_few_the_rate_falls_evenly(cameras: int, slots: int, rounds: int) -> None:
    queue, had = TurnQueue(slots), Counter[int]()
    for _ in range(rounds):
        # Every camera has a new picture each time, and only some can be looked at.
        for camera in range(cameras):
            queue.ask(camera)
        called = []
        while (one := queue.next()) is not None:
            assert isinstance(one, int)
            called.append(one)
        had.update(called)
        for _ in called:
            queue.done()
    shares = [had[camera] for camera in range(cameras)]
    assert max(shares) - min(shares) <= 1


async def test_at_most_so_many_have_their_turn_at_once_and_all_get_it() -> None:
    turns, now, most, order = Turns(2), 0, 0, []

    async def camera(number: int) -> None:
        nonlocal now, most
        async with turns.turn(number):
            now += 1
            most = max(most, now)
            order.append(number)
            await asyncio.sleep(0.001)
            now -= 1

    await asyncio.gather(*(camera(number) for number in range(9)))
    assert most == 2 and order == list(range(9))


async def test_a_camera_that_goes_away_leaves_its_turn_to_the_others() -> None:
    turns, reached = Turns(1), asyncio.Event()

    async def camera(name: str) -> None:
        async with turns.turn(name):
            reached.set()
            await asyncio.sleep(3600)

    first, second = asyncio.create_task(camera("first")), asyncio.create_task(camera("second"))
    await reached.wait()
    third = asyncio.create_task(camera("third"))
    await asyncio.sleep(0)
    reached.clear()
    second.cancel()
    first.cancel()
    await asyncio.wait_for(reached.wait(), 1)
    third.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    async with asyncio.timeout(1), turns.turn("last"):
        pass


async def test_a_turn_that_was_called_in_the_moment_of_going_away_is_not_lost() -> None:
    turns = Turns(1)

    async def camera() -> None:
        async with turns.turn("leaving"):
            await asyncio.sleep(0)

    async with turns.turn("first"):
        leaving = asyncio.create_task(camera())
        await asyncio.sleep(0)
    # The turn has been called, the coroutine hasn't run on yet.
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    async with asyncio.timeout(1), turns.turn("last"):
        pass
