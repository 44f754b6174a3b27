from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import psycopg
import pytest
from google.protobuf.duration_pb2 import Duration

from mesh import names
from mesh.bus import Bus
from mesh.channels import open_channel
from mesh.launcher.layout import PROJECT_DIR, LauncherSettings
from mesh.launcher.mesh import Mesh
from mesh.settings import MeshSettings
from spotter.events.v1 import events_pb2
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from tests.svc_identity.processes import IdentityProcess, Vision, free_port

if TYPE_CHECKING:
    Stub = identity_pb2_grpc.IdentityServiceStub
LEFT = (0.1, 0.2, 0.3, 0.9)
RIGHT = (0.6, 0.2, 0.8, 0.9)


@pytest.fixture
async def vision(stub: Stub, gym: str) -> AsyncIterator[Vision]:
    stream = Vision(stub, gym)
    await stream.open()
    yield stream
    with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        await stream.close()


def floor_home(folder: Path) -> Path:
    """A fresh home that needn't fetch the NATS server again where the checkout has it."""
    unpacked = PROJECT_DIR / ".spotter" / "bin"
    if unpacked.is_dir():
        shutil.copytree(unpacked, folder / "bin")
    return folder


async def events_of(bus: Bus, gym: str, count: int) -> list[events_pb2.Event]:
    found = []
    async with asyncio.timeout(10):
        async for stored in bus.replay(names.event_subject(gym, "identity", "*", "*"), 0):
            found.append(stored.event)
            if len(found) == count:
                return found
    raise AssertionError


async def eventually(condition: Callable[[], Awaitable[bool]], within_s: float = 10.0) -> None:
    for _ in range(int(within_s / 0.1)):
        if await condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came true")


async def test_a_stream_of_another_protocol_version_is_refused(stub: Stub, gym: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await Vision(stub, gym).open(protocol_version=2)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_a_stream_that_begins_with_sightings_is_refused(stub: Stub, gym: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await Vision(stub, gym).see(0, {1: LEFT})
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_credit_is_granted_at_the_start_and_again_as_batches_are_handled(vision: Vision) -> None:
    assert vision.credit == 64
    for number in range(70):
        await vision.see(number * 0.1, {})
    assert vision.credit >= 70 + 32


async def test_two_people_get_two_ids_labels_and_events(vision: Vision, stub: Stub, gym: str, nats_url: str) -> None:
    seen = await vision.see(0, {1: LEFT, 2: RIGHT})
    assert len({*seen.values()}) == 2
    listed = await stub.ListPeople(identity_pb2.ListPeopleRequest(gym_id=gym, present_only=True))
    assert {person.label for person in listed.people} == {"Person 1", "Person 2"}
    assert all(person.present and person.camera_ids == ["cam"] for person in listed.people)
    async with Bus(MeshSettings(nats_url=nats_url), "test") as bus:
        events = await events_of(bus, gym, 2)
    assert {event.person_appeared.person_id for event in events} == {*seen.values()}


async def test_a_new_epoch_of_track_ids_keeps_the_people(vision: Vision, stub: Stub, gym: str) -> None:
    before = await vision.see(0, {1: LEFT, 2: RIGHT})
    vision.epoch = "epoch-2"
    after = await vision.see(1.5, {1: RIGHT, 2: LEFT})
    assert after == {1: before[2], 2: before[1]}


async def test_killing_identity_keeps_the_people(own_identity: IdentityProcess, gym: str, nats_url: str) -> None:
    own_identity.start()
    async with open_channel(own_identity.address) as channel:
        stub: Stub = identity_pb2_grpc.IdentityServiceStub(channel)
        first = Vision(stub, gym)
        await first.open()
        before = await first.see(0, {7: LEFT, 9: RIGHT})
        own_identity.kill()
        own_identity.start()
        second = Vision(stub, gym)
        second.start_ns = first.start_ns
        await second.open()
        # The tracks have crossed since: who they are follows from the track, not from the place.
        assert await second.see(1.0, {7: RIGHT, 9: LEFT}) == before
        await second.close()
    async with Bus(MeshSettings(nats_url=nats_url), "test") as bus:
        assert len(await events_of(bus, gym, 2)) == 2


async def test_known_people_stay_known_while_postgres_is_away_and_new_ones_wait(tmp_path: Path, gym: str) -> None:
    async with Mesh(LauncherSettings(home=floor_home(tmp_path), ports="free", services=())) as floor:
        identity = IdentityProcess(floor.nats_url, floor.database_url, f"127.0.0.1:{free_port()}")
        identity.start()
        try:
            async with open_channel(identity.address) as channel:
                vision = Vision(identity_pb2_grpc.IdentityServiceStub(channel), gym)
                await vision.open()
                before = await vision.see(0, {1: LEFT})
                os.kill(floor.pid("postgres"), signal.SIGKILL)
                during = await vision.see(0.1, {1: LEFT, 2: RIGHT})
                assert during[1] == before[1]
                at_s, found = 0.2, during
                while 2 not in found and at_s < 20:
                    await asyncio.sleep(0.2)
                    at_s += 0.2
                    found = await vision.see(at_s, {1: LEFT, 2: RIGHT})
                assert found[1] == before[1]
                assert 2 in found
                await vision.close()
            async with Bus(MeshSettings(nats_url=floor.nats_url), "test") as bus:
                events = await events_of(bus, gym, 2)
            assert {event.person_appeared.person_id for event in events} == {*found.values()}
        finally:
            identity.stop()


@pytest.mark.parametrize(("track_id", "edge"), [(0, 0.1), (2**64 - 1, 0.1), (1, float("nan")), (1, float("inf"))])
async def test_a_sighting_that_cannot_be_is_refused(vision: Vision, track_id: int, edge: float) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await vision.see(0, {track_id: (edge, 0.2, 0.3, 0.9)})
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_person_leaves_after_the_camera_has_ended(vision: Vision, stub: Stub, gym: str, nats_url: str) -> None:
    seen = await vision.see(0, {1: LEFT})
    await vision.camera_ended(0.5)

    async def gone() -> bool:
        answer = await stub.GetPerson(identity_pb2.GetPersonRequest(gym_id=gym, person_id=seen[1]))
        return not answer.person.present

    await eventually(gone)
    async with Bus(MeshSettings(nats_url=nats_url), "test") as bus:
        events = await events_of(bus, gym, 2)
    assert [event.WhichOneof("body") for event in events] == ["person_appeared", "person_left"]
    assert (await vision.see(1.0, {1: LEFT}))[1] != seen[1]


async def test_a_person_leaves_when_no_data_comes_any_more(vision: Vision, stub: Stub, gym: str) -> None:
    seen = await vision.see(0, {1: LEFT})

    async def gone() -> bool:
        answer = await stub.GetPerson(identity_pb2.GetPersonRequest(gym_id=gym, person_id=seen[1]))
        return not answer.person.present

    await asyncio.sleep(2.5)
    assert not await gone()
    await eventually(gone)


async def test_people_are_listed_in_pages_last_seen_first(vision: Vision, stub: Stub, gym: str) -> None:
    seen = [
        (await vision.see(number * 0.2, {number: (0.1 * number, 0.1, 0.1 * number + 0.05, 0.2)}))[number]
        for number in range(1, 6)
    ]
    found, token = [], ""
    while True:
        request = identity_pb2.ListPeopleRequest(gym_id=gym, page_size=2, page_token=token)
        page = await stub.ListPeople(request)
        assert len(page.people) <= 2
        found += [person.person_id for person in page.people]
        if not (token := page.next_page_token):
            break
    assert sorted(found) == sorted(seen)


@pytest.mark.parametrize(
    ("gym_id", "person_id", "code"),
    [
        ("gym", "no-uuid", grpc.StatusCode.INVALID_ARGUMENT),
        ("Gym!", str(uuid.uuid4()), grpc.StatusCode.INVALID_ARGUMENT),
        ("gym", str(uuid.uuid4()), grpc.StatusCode.NOT_FOUND),
    ],
)
async def test_who_is_unknown_is_said_so(stub: Stub, gym_id: str, person_id: str, code: grpc.StatusCode) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.GetPerson(identity_pb2.GetPersonRequest(gym_id=gym_id, person_id=person_id))
    assert refused.value.code() is code


async def test_a_page_token_of_somebody_else_is_refused(stub: Stub, gym: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.ListPeople(identity_pb2.ListPeopleRequest(gym_id=gym, page_token="WyJ4IiwieSJd"))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_one_phone_claims_a_person_and_may_ask_twice(vision: Vision, stub: Stub, gym: str) -> None:
    person_id = (await vision.see(0, {1: LEFT}))[1]
    code = (await stub.CreateClaimCode(identity_pb2.CreateClaimCodeRequest(gym_id=gym, person_id=person_id))).code
    assert len(code) == 26
    phone, other = str(uuid.uuid4()), str(uuid.uuid4())

    async def redeem(device_id: str, in_gym: str = gym) -> identity_pb2.Person:
        request = identity_pb2.RedeemClaimCodeRequest(gym_id=in_gym, code=code.lower(), device_id=device_id)
        return (await stub.RedeemClaimCode(request)).person

    with pytest.raises(grpc.aio.AioRpcError) as elsewhere:
        await redeem(phone, "another-gym")
    assert elsewhere.value.code() is grpc.StatusCode.NOT_FOUND
    assert (await redeem(phone)).person_id == person_id
    assert (await redeem(phone)).claimed
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await redeem(other)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_an_expired_code_is_refused_and_no_code_is_stored(
    vision: Vision, stub: Stub, gym: str, postgres_url: str
) -> None:
    person_id = (await vision.see(0, {1: LEFT}))[1]
    created = await stub.CreateClaimCode(identity_pb2.CreateClaimCodeRequest(gym_id=gym, person_id=person_id))
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        kept = connection.execute("SELECT row_to_json(c)::text FROM identity.claim_codes c").fetchall()
        connection.execute(
            "UPDATE identity.claim_codes SET expire_time = now() - interval '1 s' WHERE gym_id = %s", [gym]
        )
    assert kept and not any(created.code in row[0] for row in kept)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.RedeemClaimCode(
            identity_pb2.RedeemClaimCodeRequest(gym_id=gym, code=created.code, device_id=str(uuid.uuid4()))
        )
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_code_that_would_hold_for_an_hour_is_refused(stub: Stub, gym: str) -> None:
    request = identity_pb2.CreateClaimCodeRequest(
        gym_id=gym, person_id=str(uuid.uuid4()), lifetime=Duration(seconds=3600)
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.CreateClaimCode(request)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
