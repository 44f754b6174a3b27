from __future__ import annotations

import pytest

from mesh.bus import StoredEvent
from mesh.errors import ResourceExhausted, Unavailable
from spotter.events.v1 import events_pb2
from svc_edge_api.fanout import Fanout, Interest

GYM = Interest("gym")


def repetition(number: int, person: str = "p1", gym: str = "gym") -> events_pb2.Event:
    counted = events_pb2.RepetitionCounted(person_id=person, number=number)
    return events_pb2.Event(meta=events_pb2.EventMeta(gym_id=gym), repetition_counted=counted)


def activity(ratio: float, person: str = "p1") -> events_pb2.Event:
    state = events_pb2.PersonActivity(person_id=person, range_of_motion_ratio=ratio)
    return events_pb2.Event(meta=events_pb2.EventMeta(gym_id="gym"), person_activity=state)


async def test_durable_events_come_in_order_and_carry_their_place() -> None:
    fanout = Fanout(position=4, capacity=10)
    with fanout.client(GYM) as client:
        for sequence in (5, 6, 7):
            fanout.deliver(StoredEvent(sequence, repetition(sequence)))
        told = [await client.next(1) for _ in range(3)]
    assert [one.position for one in told] == [5, 6, 7]
    assert [one.event.repetition_counted.number for one in told if one.event] == [5, 6, 7]


async def test_only_the_newest_activity_of_each_person_waits() -> None:
    fanout = Fanout(0, 10)
    with fanout.client(GYM) as client:
        for step in range(1, 6):
            fanout.deliver_live(activity(step / 8, "p1"))
            fanout.deliver_live(activity(step / 16, "p2"))
        fanout.deliver(StoredEvent(1, repetition(1)))
        told = [(await client.next(1)).event for _ in range(3)]
        assert (await client.next(0.01)).event is None
    assert told[0] is not None and told[0].HasField("repetition_counted")
    ratios = {
        event.person_activity.person_id: event.person_activity.range_of_motion_ratio for event in told[1:] if event
    }
    assert ratios == {"p1": 5 / 8, "p2": 5 / 16}


async def test_a_client_that_is_too_slow_is_ended_after_what_it_holds_and_others_are_not() -> None:
    fanout = Fanout(0, 2)
    with fanout.client(GYM) as slow, fanout.client(GYM) as quick:
        for sequence in range(1, 5):
            fanout.deliver(StoredEvent(sequence, repetition(sequence)))
            assert (await quick.next(1)).position == sequence
        assert [(await slow.next(1)).position for _ in range(2)] == [1, 2]
        with pytest.raises(ResourceExhausted, match="resume_token"):
            await slow.next(1)
        assert slow.position == 2


async def test_a_person_s_stream_and_another_gym_s_stay_apart() -> None:
    fanout = Fanout(0, 10)
    with fanout.client(Interest("gym", "p1")) as client:
        fanout.deliver(StoredEvent(1, repetition(1, "p2")))
        fanout.deliver(StoredEvent(2, repetition(2, "p1", gym="other")))
        fanout.deliver(StoredEvent(3, repetition(3, "p1")))
        told = await client.next(1)
    assert told.position == 3 and told.event is not None and told.event.repetition_counted.number == 3


async def test_a_heartbeat_moves_the_place_past_events_of_others() -> None:
    fanout = Fanout(0, 10)
    with fanout.client(Interest("gym", "p1")) as client:
        fanout.deliver(StoredEvent(1, repetition(1, "p2")))
        told = await client.next(0.01)
    assert (told.position, told.event) == (1, None)


async def test_a_client_ahead_of_the_tail_gets_only_what_it_does_not_know() -> None:
    fanout = Fanout(10, 10)
    with fanout.client(GYM) as client:
        client.skip_to(12)
        for sequence in range(11, 15):
            fanout.deliver(StoredEvent(sequence, repetition(sequence)))
        assert [(await client.next(1)).position for _ in range(2)] == [13, 14]


async def test_closing_ends_streams_that_are_open_and_those_that_come() -> None:
    fanout = Fanout(0, 10)
    with fanout.client(GYM) as client:
        fanout.close()
        with pytest.raises(Unavailable):
            await client.next(1)
    with fanout.client(GYM) as late, pytest.raises(Unavailable):
        await late.next(1)
