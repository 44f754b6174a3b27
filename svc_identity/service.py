"""IdentityService: messages to domain and back."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import grpc
import numpy as np
from prometheus_client import Gauge

from mesh import names, pages, streams, tensors, times
from mesh.errors import InvalidArgument, NotFound
from mesh.ids import CameraId, GymId, PersonId, require_slug, require_uuid
from mesh.server import Drain
from spotter.common.v1 import tensor_pb2
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from svc_identity import claims
from svc_identity.badges import BadgeHasher
from svc_identity.resolver import Resolver
from svc_identity.roster import CERTAIN
from svc_identity.settings import IdentitySettings
from svc_identity.sightings import Appearance, BadgeHash, Box, Embedding, Face, Sighting, SightingBatch
from svc_identity.store import IdentityStore, Place

_STREAMS = Gauge(names.METRIC_STREAMS_OPEN, "Resolve streams that are open.")

# What a column of the database holds.
MAX_TRACK_ID = 2**63 - 1
Context = grpc.aio.ServicerContext[Any, Any]
_Responses = asyncio.Queue[identity_pb2.ResolveResponse | None]


class IdentityService(identity_pb2_grpc.IdentityServiceServicer):
    """See the contract."""

    def __init__(self, settings: IdentitySettings, resolver: Resolver, store: IdentityStore, drain: Drain) -> None:
        self._settings = settings
        self._resolver = resolver
        self._store = store
        self._drain = drain
        self._hasher = BadgeHasher()
        self._listeners: dict[GymId, set[_Responses]] = {}

    async def Resolve(
        self, request_iterator: AsyncIterator[identity_pb2.ResolveRequest], context: Context
    ) -> AsyncIterator[identity_pb2.ResolveResponse]:
        requests = streams.until_drained(request_iterator, self._drain)
        first = await anext(requests, None)
        if first is None:
            return
        if first.WhichOneof("message") != "open":
            raise streams.not_opened("open")
        gym_id = streams.check_open(first.open)
        responses: _Responses = asyncio.Queue()
        listeners = self._listeners.setdefault(gym_id, set())
        listeners.add(responses)
        work = asyncio.create_task(self._work(gym_id, requests, responses))
        work.add_done_callback(lambda _: responses.put_nowait(None))
        try:
            with _STREAMS.track_inprogress():
                while (response := await responses.get()) is not None:
                    yield response
                await work
        finally:
            listeners.discard(responses)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def SetFaceConsent(
        self, request: identity_pb2.SetFaceConsentRequest, context: Context
    ) -> identity_pb2.SetFaceConsentResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        person_id = PersonId(require_uuid(request.person_id, "person_id"))
        if not request.granted:
            self._tell_consent(gym_id, person_id, granted=False)
        row = await self._resolver.set_face_consent(gym_id, person_id, request.granted)
        if row is None:
            raise _nobody(request.person_id)
        if request.granted:
            self._tell_consent(gym_id, person_id, granted=True)
        return identity_pb2.SetFaceConsentResponse(person=_person(row))

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

    async def _work(
        self, gym_id: GymId, requests: AsyncIterator[identity_pb2.ResolveRequest], responses: _Responses
    ) -> None:
        """Answers one stream's requests in their order; news of consents may come in between."""
        granter = streams.Granter(self._settings.resolve_credit)
        responses.put_nowait(identity_pb2.ResolveResponse(credit=granter.first()))
        async for request in requests:
            await self._answer(gym_id, request, responses)
            if request.WhichOneof("message") == "batch" and (credit := granter.after_message()) is not None:
                responses.put_nowait(identity_pb2.ResolveResponse(credit=credit))

    async def _answer(self, gym_id: GymId, request: identity_pb2.ResolveRequest, responses: _Responses) -> None:
        kind = request.WhichOneof("message")
        if kind == "camera_ended":
            place = _place(gym_id, request.camera_ended.camera_id)
            await self._resolver.end(place, request.camera_ended.capture_time_ns)
        elif kind == "batch":
            place = _place(gym_id, request.batch.camera_id)
            assigned = await self._resolver.resolve(place, self._batch(gym_id, request.batch))
            answer = identity_pb2.AssignmentBatch(
                camera_id=request.batch.camera_id,
                sequence=request.batch.sequence,
                track_epoch=request.batch.track_epoch,
                assignments=[
                    identity_pb2.Assignment(
                        track_id=track_id,
                        person_id=person_id,
                        confidence=confidence,
                        face_consent=self._resolver.face_consent(gym_id, person_id),
                    )
                    for track_id, (person_id, confidence) in assigned.items()
                ],
            )
            responses.put_nowait(identity_pb2.ResolveResponse(assignments=answer))
        else:
            raise InvalidArgument("message", "After open, send a batch or camera_ended.")

    def _tell_consent(self, gym_id: GymId, person_id: PersonId, *, granted: bool) -> None:
        """Says on every open stream of the gym what holds for the tracks of a person from now on."""
        for place, key in self._resolver.tracks_of(gym_id, person_id):
            assignment = identity_pb2.Assignment(
                track_id=key.track_id, person_id=person_id, confidence=CERTAIN, face_consent=granted
            )
            news = identity_pb2.AssignmentBatch(
                camera_id=place.camera_id, track_epoch=key.epoch, assignments=[assignment]
            )
            for responses in self._listeners.get(gym_id, ()):
                responses.put_nowait(identity_pb2.ResolveResponse(assignments=news))

    def _batch(self, gym_id: GymId, batch: identity_pb2.SightingBatch) -> SightingBatch:
        return SightingBatch(
            epoch=batch.track_epoch,
            capture_time_ns=batch.capture_time_ns,
            sightings=tuple(
                _sighting(sighting, self._hasher.hash(gym_id, sighting.badge)) for sighting in batch.sightings
            ),
            ended_track_ids=tuple(batch.ended_track_ids),
        )


def _token_time(key: str | int) -> datetime:
    try:
        return times.to_datetime(int(key))
    except (ValueError, OverflowError):
        raise InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.") from None


def _place(gym_id: GymId, camera_id: str) -> Place:
    return Place(gym_id, CameraId(require_slug(camera_id, "camera_id")))


def _sighting(sighting: identity_pb2.Sighting, badge: BadgeHash | None) -> Sighting:
    if not 0 < sighting.track_id <= MAX_TRACK_ID:
        raise InvalidArgument("sightings.track_id", "track_id must be 1 to 2^63 - 1.")
    box = Box(sighting.left, sighting.top, sighting.right, sighting.bottom)
    if not all(math.isfinite(edge) for edge in (box.left, box.top, box.right, box.bottom)):
        raise InvalidArgument("sightings.left", "The edges of a sighting's box must be numbers.")
    embedding = _vector(sighting.embedding, "sightings.embedding")
    if embedding is not None and not sighting.embedding_model:
        raise InvalidArgument("sightings.embedding_model", "An embedding must say which model made it.")
    face = _vector(sighting.face, "sightings.face")
    return Sighting(
        sighting.track_id,
        box,
        _vector(sighting.appearance, "sightings.appearance"),
        None if embedding is None else Embedding(sighting.embedding_model, embedding),
        badge,
        None if face is None else Face(face, sighting.face_quality),
    )


def _vector(tensor: tensor_pb2.Tensor, field: str) -> Appearance | None:
    if not tensor.data:
        return None
    vector = tensors.from_tensor(tensor, field).reshape(-1)
    if not np.isfinite(vector).all():
        raise InvalidArgument(field, f"{field} must hold numbers.")
    return vector


def _person(row: Any) -> identity_pb2.Person:
    person = identity_pb2.Person(
        person_id=row.person_id,
        gym_id=row.gym_id,
        label=row.label,
        camera_ids=row.camera_ids,
        present=row.leave_time is None,
        claimed=row.claimed,
        member_id=row.member_id,
        face_consent=row.face_consent_time is not None,
    )
    person.first_seen_time.FromDatetime(row.first_seen_time)
    person.last_seen_time.FromDatetime(row.last_seen_time)
    return person


def _nobody(person_id: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "Nobody in this gym has this id.", person_id=person_id)
