"""IdentityService: messages to domain and back."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import grpc
from prometheus_client import Gauge

from mesh import names, pages, streams, tensors, times
from mesh.errors import InvalidArgument, NotFound
from mesh.ids import CameraId, GymId, PersonId, require_slug, require_uuid
from mesh.server import Drain
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from svc_identity import claims
from svc_identity.resolver import Resolver
from svc_identity.settings import IdentitySettings
from svc_identity.sightings import Appearance, Box, Sighting, SightingBatch
from svc_identity.store import IdentityStore, Place

_STREAMS = Gauge(names.METRIC_STREAMS_OPEN, "Resolve streams that are open.")

# What a column of the database holds.
MAX_TRACK_ID = 2**63 - 1
Context = grpc.aio.ServicerContext[Any, Any]


class IdentityService(identity_pb2_grpc.IdentityServiceServicer):
    """See the contract."""

    def __init__(self, settings: IdentitySettings, resolver: Resolver, store: IdentityStore, drain: Drain) -> None:
        self._settings = settings
        self._resolver = resolver
        self._store = store
        self._drain = drain

    async def Resolve(
        self, request_iterator: AsyncIterator[identity_pb2.ResolveRequest], context: Context
    ) -> AsyncIterator[identity_pb2.ResolveResponse]:
        gym_id: GymId | None = None
        granter = streams.Granter(self._settings.resolve_credit)
        with _STREAMS.track_inprogress():
            async for request in streams.until_drained(request_iterator, self._drain):
                if gym_id is None:
                    if request.WhichOneof("message") != "open":
                        raise streams.not_opened("open")
                    gym_id = streams.check_open(request.open)
                    yield identity_pb2.ResolveResponse(credit=granter.first())
                    continue
                async for response in self._answer(gym_id, request):
                    yield response
                if request.WhichOneof("message") == "batch" and (credit := granter.after_message()) is not None:
                    yield identity_pb2.ResolveResponse(credit=credit)

    async def GetPerson(
        self, request: identity_pb2.GetPersonRequest, context: Context
    ) -> identity_pb2.GetPersonResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        row = await self._store.get(gym_id, require_uuid(request.person_id, "person_id"))
        if row is None:
            raise _nobody(request.person_id)
        return identity_pb2.GetPersonResponse(person=_person(row))

    async def ListPeople(
        self, request: identity_pb2.ListPeopleRequest, context: Context
    ) -> identity_pb2.ListPeopleResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        size = pages.page_size(request.page_size)
        keys = pages.decode_token(request.page_token, 2)
        after = None if keys is None else (_token_time(keys[0]), require_uuid(str(keys[1]), "page_token"))
        rows = await self._store.list(gym_id, request.present_only, after, size + 1)
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            token = pages.encode_token(times.from_datetime(last.last_seen_time), last.person_id)
        return identity_pb2.ListPeopleResponse(people=[_person(row) for row in rows[:size]], next_page_token=token)

    async def CreateClaimCode(
        self, request: identity_pb2.CreateClaimCodeRequest, context: Context
    ) -> identity_pb2.CreateClaimCodeResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        lifetime_s = times.to_seconds(request.lifetime) if request.HasField("lifetime") else claims.DEFAULT_LIFETIME_S
        if not claims.MIN_LIFETIME_S <= lifetime_s <= claims.MAX_LIFETIME_S:
            raise InvalidArgument("lifetime", "lifetime must be 10 s to 10 min.")
        code = claims.create_code()
        person_id = require_uuid(request.person_id, "person_id")
        expire_time = await self._store.add_code(gym_id, person_id, claims.hash_code(code), lifetime_s)
        if expire_time is None:
            raise _nobody(request.person_id)
        response = identity_pb2.CreateClaimCodeResponse(code=code)
        response.expire_time.FromDatetime(expire_time)
        return response

    async def RedeemClaimCode(
        self, request: identity_pb2.RedeemClaimCodeRequest, context: Context
    ) -> identity_pb2.RedeemClaimCodeResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        device_id = require_uuid(request.device_id, "device_id")
        row = await self._store.redeem(gym_id, claims.hash_code(request.code), device_id)
        return identity_pb2.RedeemClaimCodeResponse(person=_person(row))

    async def _answer(
        self, gym_id: GymId, request: identity_pb2.ResolveRequest
    ) -> AsyncIterator[identity_pb2.ResolveResponse]:
        kind = request.WhichOneof("message")
        if kind == "camera_ended":
            place = _place(gym_id, request.camera_ended.camera_id)
            await self._resolver.end(place, request.camera_ended.capture_time_ns)
        elif kind == "batch":
            place = _place(gym_id, request.batch.camera_id)
            assigned = await self._resolver.resolve(place, _batch(request.batch))
            yield identity_pb2.ResolveResponse(assignments=_assignments(request.batch, assigned))
        else:
            raise InvalidArgument("message", "After open, send a batch or camera_ended.")


def _token_time(key: str | int) -> datetime:
    try:
        return times.to_datetime(int(key))
    except (ValueError, OverflowError):
        raise InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.") from None


def _place(gym_id: GymId, camera_id: str) -> Place:
    return Place(gym_id, CameraId(require_slug(camera_id, "camera_id")))


def _batch(batch: identity_pb2.SightingBatch) -> SightingBatch:
    return SightingBatch(
        epoch=batch.track_epoch,
        capture_time_ns=batch.capture_time_ns,
        sightings=tuple(_sighting(sighting) for sighting in batch.sightings),
        ended_track_ids=tuple(batch.ended_track_ids),
    )


def _sighting(sighting: identity_pb2.Sighting) -> Sighting:
    if not 0 < sighting.track_id <= MAX_TRACK_ID:
        raise InvalidArgument("sightings.track_id", "track_id must be 1 to 2^63 - 1.")
    box = Box(sighting.left, sighting.top, sighting.right, sighting.bottom)
    if not all(math.isfinite(edge) for edge in (box.left, box.top, box.right, box.bottom)):
        raise InvalidArgument("sightings.left", "The edges of a sighting's box must be numbers.")
    return Sighting(sighting.track_id, box, _appearance(sighting))


def _appearance(sighting: identity_pb2.Sighting) -> Appearance | None:
    if not sighting.appearance.data:
        return None
    return tensors.from_tensor(sighting.appearance, "sightings.appearance").reshape(-1)


def _assignments(
    batch: identity_pb2.SightingBatch, assigned: dict[int, tuple[PersonId, float]]
) -> identity_pb2.AssignmentBatch:
    return identity_pb2.AssignmentBatch(
        camera_id=batch.camera_id,
        sequence=batch.sequence,
        track_epoch=batch.track_epoch,
        assignments=[
            identity_pb2.Assignment(track_id=track_id, person_id=person_id, confidence=confidence)
            for track_id, (person_id, confidence) in assigned.items()
        ],
    )


def _person(row: Any) -> identity_pb2.Person:
    person = identity_pb2.Person(
        person_id=row.person_id,
        gym_id=row.gym_id,
        label=row.label,
        camera_ids=row.camera_ids,
        present=row.leave_time is None,
        claimed=row.claimed,
        member_id=row.member_id,
    )
    person.first_seen_time.FromDatetime(row.first_seen_time)
    person.last_seen_time.FromDatetime(row.last_seen_time)
    return person


def _nobody(person_id: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "Nobody in this gym has this id.", person_id=person_id)
