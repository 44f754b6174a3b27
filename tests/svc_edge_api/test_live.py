"""Live streams against a real NATS: nothing missing, nothing twice, whatever breaks."""

from __future__ import annotations

import asyncio
import uuid

import grpc
import pytest

from mesh import names
from mesh.bus import Bus
from mesh.errors import InvalidArgument
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc
from spotter.events.v1 import events_pb2
from svc_edge_api.live import parse_resume_token
from tests.svc_edge_api.peers import OTHER, PERSON, Edge, Peers

pytestmark = pytest.mark.asyncio(loop_scope="module")
Stub = edge_pb2_grpc.EdgeServiceStub


async def publish(bus: Bus, gym: str, number: int, person: str = PERSON) -> None:
    event = events_pb2.Event(
        meta=events_pb2.EventMeta(event_id=str(uuid.uuid4()), gym_id=gym),
        repetition_counted=events_pb2.RepetitionCounted(person_id=person, number=number),
    )
    await bus.publish(names.event_subject(gym, "motion", "repetition_counted", person), event)


class Listener:
    """One stream of a gym, read as a client would."""

    def __init__(self, edge: Edge, stub: Stub, resume_token: str = "") -> None:
        request = edge_pb2.StreamGymRequest(resume_token=resume_token)
        self.call = stub.StreamGym(request, metadata=edge.bearer())
        self._updates = aiter(self.call)
        self.token = resume_token

    async def next(self) -> edge_pb2.LiveUpdate:
        update = (await asyncio.wait_for(anext(self._updates), 15)).update
        self.token = update.resume_token
        return update

    async def numbers(self, count: int) -> list[int]:
        """Numbers of the next repetitions; heartbeats are passed over."""
        found: list[int] = []
        while len(found) < count:
            update = await self.next()
            assert not update.HasField("snapshot")
            if update.event.HasField("repetition_counted"):
                found.append(update.event.repetition_counted.number)
        return found


async def test_a_stream_begins_with_the_state_of_the_world(edge: Edge, stub: Stub) -> None:
    snapshot = (await Listener(edge, stub).next()).snapshot
    assert [person.person_id for person in snapshot.people] == [PERSON, OTHER]
    assert [(found.person_id, found.open) for found in snapshot.sets] == [
        (PERSON, True),
        (PERSON, False),
        (OTHER, True),
        (OTHER, False),
    ]
    assert {said.person_id for said in snapshot.guidance} == {PERSON, OTHER}
    assert [camera.camera_id for camera in snapshot.cameras] == ["cam"]


async def test_without_the_coach_the_state_of_the_world_lacks_only_guidance(own_edge: Edge, own_peers: Peers) -> None:
    await own_peers.servers["coach"].stop(0)
    async with own_edge.connect() as channel:
        snapshot = (await Listener(own_edge, own_edge.stub(channel)).next()).snapshot
    assert len(snapshot.people) == 2 and not snapshot.guidance


async def test_a_broken_stream_goes_on_without_a_gap_and_without_anything_twice(
    edge: Edge, stub: Stub, bus: Bus
) -> None:
    listener = Listener(edge, stub)
    await listener.next()
    for number in range(1, 4):
        await publish(bus, edge.gym, number)
    assert await listener.numbers(3) == [1, 2, 3]
    listener.call.cancel()
    for number in range(4, 10):
        await publish(bus, edge.gym, number)
        await publish(bus, f"{edge.gym}-other", 99)
    again = Listener(edge, stub, listener.token)
    for number in range(10, 13):
        await publish(bus, edge.gym, number)
    assert await again.numbers(9) == list(range(4, 13))


async def test_events_published_while_a_client_resumes_come_once(edge: Edge, stub: Stub, bus: Bus) -> None:
    listener = Listener(edge, stub)
    await listener.next()
    await publish(bus, edge.gym, 1)
    assert await listener.numbers(1) == [1]
    listener.call.cancel()

    async def go_on_publishing() -> None:
        for number in range(2, 202):
            await publish(bus, edge.gym, number)

    publishing = asyncio.create_task(go_on_publishing())
    seen: list[int] = []
    token = listener.token
    while len(seen) < 200:
        # Broken again and again, at places that have nothing to do with the events.
        part = Listener(edge, stub, token)
        seen += await part.numbers(min(17, 200 - len(seen)))
        token = part.token
        part.call.cancel()
    await publishing
    assert seen == list(range(2, 202))


async def test_an_edge_that_was_killed_loses_nothing_of_its_clients(own_edge: Edge, bus: Bus) -> None:
    async with own_edge.connect() as channel:
        listener = Listener(own_edge, own_edge.stub(channel))
        await listener.next()
        await publish(bus, own_edge.gym, 1)
        assert await listener.numbers(1) == [1]
        await own_edge.end(kill=True)
        with pytest.raises(grpc.aio.AioRpcError):
            await listener.numbers(1)
        await publish(bus, own_edge.gym, 2)
        await own_edge.start()
        await publish(bus, own_edge.gym, 3)
    async with own_edge.connect() as channel:
        assert await Listener(own_edge, own_edge.stub(channel), listener.token).numbers(2) == [2, 3]


async def test_an_edge_that_drains_sends_its_clients_away_to_come_back(own_edge: Edge) -> None:
    async with own_edge.connect() as channel:
        listener = Listener(own_edge, own_edge.stub(channel))
        await listener.next()
        ending = asyncio.create_task(own_edge.end())
        with pytest.raises(grpc.aio.AioRpcError) as drained:
            while True:
                await listener.next()
        assert drained.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "resume_token" in str(drained.value.details())
        await asyncio.wait_for(ending, 10)


async def test_a_person_s_stream_carries_that_person_only(edge: Edge, stub: Stub, bus: Bus) -> None:
    call = stub.StreamPerson(edge_pb2.StreamPersonRequest(), metadata=edge.bearer("member", PERSON))
    updates = aiter(call)
    snapshot = (await anext(updates)).update.snapshot
    assert [person.person_id for person in snapshot.people] == [PERSON] and not snapshot.cameras
    await publish(bus, edge.gym, 7, OTHER)
    await publish(bus, edge.gym, 8, PERSON)
    while not (update := (await asyncio.wait_for(anext(updates), 15)).update).HasField("event"):
        assert update.HasField("heartbeat")
    assert update.event.repetition_counted.number == 8


async def test_live_activity_arrives_and_is_not_kept(edge: Edge, stub: Stub, bus: Bus) -> None:
    listener = Listener(edge, stub)
    await listener.next()
    activity = events_pb2.PersonActivity(person_id=PERSON, range_of_motion_ratio=0.5)
    event = events_pb2.Event(meta=events_pb2.EventMeta(gym_id=edge.gym), person_activity=activity)
    await bus.publish_live(names.live_subject(edge.gym, PERSON), event)
    while not (update := await listener.next()).HasField("event"):
        assert update.HasField("heartbeat")
    assert update.event.person_activity.range_of_motion_ratio == 0.5


@pytest.mark.parametrize("token", ["1", "s", "s-1", "sx", "s" + "1" * 40])
async def test_a_made_up_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidArgument, match="resume_token"):
        parse_resume_token(token)


async def test_a_token_from_the_future_starts_anew_with_a_snapshot(edge: Edge, stub: Stub) -> None:
    assert (await Listener(edge, stub, "s999999999").next()).HasField("snapshot")
