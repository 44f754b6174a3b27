"""Badges that tie tracks and cameras together, and faces that only those have who agreed."""

from __future__ import annotations

import urllib.request
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import grpc
import numpy as np
import psycopg
import pytest

from mesh.channels import open_channel
from mesh.ids import GymId, new_id
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from svc_identity.badges import BadgeHasher, Badges
from svc_identity.matching import Candidate, match
from svc_identity.sightings import Box, Embedding, Sighting
from tests.svc_identity.processes import IdentityProcess, Vision

if TYPE_CHECKING:
    Stub = identity_pb2_grpc.IdentityServiceStub
LEFT = (0.1, 0.2, 0.3, 0.9)
RIGHT = (0.6, 0.2, 0.8, 0.9)
FACE = [1.0] + [0.0] * 127


@pytest.fixture
async def vision(stub: Stub, gym: str) -> AsyncIterator[Vision]:
    stream = Vision(stub, gym)
    await stream.open()
    yield stream
    await stream.close()


async def agree(stub: Stub, gym: str, person: str, granted: bool = True) -> identity_pb2.Person:
    request = identity_pb2.SetFaceConsentRequest(gym_id=gym, person_id=person, granted=granted)
    return (await stub.SetFaceConsent(request)).person


async def test_a_badge_read_on_another_camera_is_the_same_person(stub: Stub, gym: str, vision: Vision) -> None:
    other = Vision(stub, gym, camera="other")
    await other.open()
    first = await vision.see(0, {1: LEFT}, badges={1: "member 17"})
    elsewhere = await other.see(0.5, {1: RIGHT})
    assert elsewhere[1] != first[1]
    assert (await other.see(1.0, {1: RIGHT}, badges={1: "member 17"}))[1] == first[1]
    assert (await other.see(1.5, {1: RIGHT}))[1] == first[1], "the track keeps what its badge said"
    person = (await stub.GetPerson(identity_pb2.GetPersonRequest(gym_id=gym, person_id=first[1]))).person
    assert person.camera_ids == ["cam", "other"]
    await other.close()


async def test_a_new_track_with_a_known_badge_makes_nobody_new(stub: Stub, gym: str, vision: Vision) -> None:
    first = await vision.see(0, {1: LEFT}, badges={1: "member 17"})
    again = await vision.see(4, {2: RIGHT}, ended=(1,), badges={2: "member 17"})
    assert again[2] == first[1]
    listed = await stub.ListPeople(identity_pb2.ListPeopleRequest(gym_id=gym))
    assert len(listed.people) == 1


async def test_badges_put_tracks_right_that_took_each_others_person(vision: Vision) -> None:
    first = await vision.see(0, {1: LEFT, 2: RIGHT}, badges={1: "a", 2: "b"})
    swapped = await vision.see(1, {1: LEFT, 2: RIGHT}, badges={1: "b"})
    assert swapped == {1: first[2], 2: first[1]}


async def test_a_code_that_two_people_wear_says_nothing(vision: Vision) -> None:
    first = await vision.see(0, {1: LEFT, 2: RIGHT}, badges={1: "gym shirt", 2: "gym shirt"})
    assert first[1] != first[2]
    assert await vision.see(1, {1: LEFT, 2: RIGHT}, badges={2: "gym shirt"}) == first


async def test_the_text_of_a_badge_is_neither_stored_nor_logged(
    shared_identity: IdentityProcess, vision: Vision, postgres_url: str
) -> None:
    await vision.see(0, {1: LEFT}, badges={1: "very-private-badge-text"})
    assert b"very-private" not in shared_identity.log.read_bytes()
    with psycopg.connect(shared_identity.database_url.replace("+psycopg", "")) as connection:
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'identity'").fetchall():
            rows = connection.execute(f'SELECT t::text FROM identity."{table}" t').fetchall()
            assert not any("very-private" in row[0] for row in rows)


def test_hashes_of_badges_differ_between_gyms_and_processes() -> None:
    hasher = BadgeHasher()
    one = hasher.hash(GymId("one"), "badge")
    assert one == hasher.hash(GymId("one"), "badge")
    assert len({one, hasher.hash(GymId("two"), "badge"), BadgeHasher().hash(GymId("one"), "badge")}) == 3
    assert hasher.hash(GymId("one"), "") is None


def test_a_badge_is_forgotten_when_its_wearer_leaves() -> None:
    badges = Badges()
    badges.wear(b"hash", "somebody")
    badges.leave("somebody")
    assert badges.wearer(b"hash") is None


@pytest.mark.parametrize(("model", "same"), [("osnet_x0_25_msmt17", False), ("another", True)])
def test_only_embeddings_of_one_model_are_compared(model: str, same: bool) -> None:
    """Place says it is the same person; the embedding says no, where it may speak."""
    one, other = np.eye(2, dtype=np.float32)
    box = Box(0.1, 0.2, 0.3, 0.9)
    sighting = Sighting(1, box, embedding=Embedding("osnet_x0_25_msmt17", one))
    candidate = Candidate(box, None, 1.0, Embedding(model, other))
    assert bool(match([sighting], [candidate])) is same


async def test_consent_reaches_open_streams_at_once_and_so_does_its_withdrawal(
    stub: Stub, gym: str, vision: Vision
) -> None:
    people = await vision.see(0, {1: LEFT, 2: RIGHT})
    assert vision.face_consent == {1: False, 2: False}
    assert (await agree(stub, gym, people[1])).face_consent
    news = await vision.news()
    assert [(a.track_id, a.face_consent) for a in news.assignments] == [(1, True)]
    assert news.track_epoch == vision.epoch and news.camera_id == "cam"
    await vision.see(1, {1: LEFT, 2: RIGHT})
    assert vision.face_consent == {1: True, 2: False}
    assert not (await agree(stub, gym, people[1], granted=False)).face_consent
    assert [(a.track_id, a.face_consent) for a in (await vision.news()).assignments] == [(1, False)]
    await vision.see(2, {1: LEFT, 2: RIGHT})
    assert vision.face_consent == {1: False, 2: False}


async def test_consent_of_an_unknown_person_is_refused(stub: Stub, gym: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await agree(stub, gym, new_id())
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_consent_survives_a_kill(own_identity: IdentityProcess, gym: str) -> None:
    own_identity.silence_s = "60"
    own_identity.start()
    async with open_channel(own_identity.address) as channel:
        stub: Stub = identity_pb2_grpc.IdentityServiceStub(channel)
        first = Vision(stub, gym)
        await first.open()
        people = await first.see(0, {1: LEFT, 2: RIGHT})
        await agree(stub, gym, people[2])
    own_identity.kill()
    own_identity.start()
    async with open_channel(own_identity.address) as channel:
        second = Vision(identity_pb2_grpc.IdentityServiceStub(channel), gym)
        second.start_ns = first.start_ns
        await second.open()
        assert await second.see(1, {1: LEFT, 2: RIGHT}) == people
        assert second.face_consent == {1: False, 2: True}
        await second.close()


async def test_a_face_without_consent_is_dropped_and_counted(
    own_identity: IdentityProcess, gym: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.svc_identity.processes import free_port

    metrics = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("SPOTTER_METRICS_ADDRESS", metrics)
    own_identity.start()

    def refused() -> float:
        with urllib.request.urlopen(f"http://{metrics}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("spotter_faces_refused_total "))

    async with open_channel(own_identity.address) as channel:
        stub: Stub = identity_pb2_grpc.IdentityServiceStub(channel)
        stream = Vision(stub, gym)
        await stream.open()
        people = await stream.see(0, {1: LEFT, 2: RIGHT})
        await agree(stub, gym, people[1])
        await stream.see(1, {1: LEFT, 2: RIGHT}, faces={1: FACE})
        assert refused() == 0
        await stream.see(2, {1: LEFT, 2: RIGHT}, faces={1: FACE, 2: FACE})
        assert refused() == 1
        await stream.close()
