from __future__ import annotations

import asyncio

import pytest

from mesh.errors import FailedPrecondition
from mesh.server import Drain
from mesh.streams import Credits, Granter, check_open, until_drained
from spotter.common.v1 import stream_pb2


async def test_a_sender_waits_until_credit_is_granted():
    credits = Credits()
    waiting = asyncio.create_task(credits.take())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    credits.grant(2)
    await asyncio.wait_for(waiting, 1)
    assert credits.try_take() and not credits.try_take()


def test_credit_comes_back_in_halves_and_adds_up():
    granter = Granter(8)
    granted = [credit.messages for _ in range(40) if (credit := granter.after_message())]
    assert granter.first().messages == 8
    assert granted == [4] * 10


async def test_a_stream_ends_when_the_process_drains():
    async def requests():
        yield 1
        await asyncio.Event().wait()

    drain, seen = Drain(), []

    async def read():
        async for request in until_drained(requests(), drain):
            seen.append(request)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    drain.start()
    await asyncio.wait_for(reading, 1)
    assert seen == [1]


def test_another_protocol_version_is_refused():
    assert check_open(stream_pb2.StreamOpen(protocol_version=1, gym_id="gym")) == "gym"
    with pytest.raises(FailedPrecondition):
        check_open(stream_pb2.StreamOpen(protocol_version=2, gym_id="gym"))
