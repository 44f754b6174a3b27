"""Sightings to svc_identity, persons back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import grpc

from mesh.ids import CameraId, GymId, PersonId, TrackId
from spotter.common.v1 import stream_pb2
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from svc_vision.links import Link

CAPACITY = 64
MAX_EPOCHS_KEPT = 256


class IdentityLink(Link[identity_pb2.ResolveRequest, identity_pb2.ResolveResponse]):
    """IdentityService.Resolve of one gym, and what it has answered."""

    def __init__(self, gym_id: GymId, channel: grpc.aio.Channel) -> None:
        super().__init__(gym_id, CAPACITY)
        self._stub = identity_pb2_grpc.IdentityServiceStub(channel)
        self._people: dict[tuple[CameraId, str], dict[TrackId, PersonId]] = {}
        self._agreed: dict[tuple[CameraId, str], set[TrackId]] = {}
        self._answered = asyncio.Event()

    def person_of(self, camera_id: CameraId, epoch: str, track_id: TrackId) -> PersonId | None:
        """The newest answer for a track; None while there is none."""
        return self._people.get((camera_id, epoch), {}).get(track_id)

    def face_consent(self, camera_id: CameraId, epoch: str, track_id: TrackId) -> bool:
        """Whether identity has confirmed, on the stream that is open now, that this face may be described."""
        return track_id in self._agreed.get((camera_id, epoch), ())

    async def wait_for(self, camera_id: CameraId, epoch: str, track_ids: Iterable[TrackId], timeout_s: float) -> None:
        """Returns when all these tracks have a person, or when the time is over."""
        wanted = list(track_ids)
        try:
            async with asyncio.timeout(timeout_s):
                while any(self.person_of(camera_id, epoch, track_id) is None for track_id in wanted):
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            return

    def forget_track(self, camera_id: CameraId, epoch: str, track_id: TrackId) -> None:
        """A track has ended: should its id come back, identity is asked again who it is."""
        self._people.get((camera_id, epoch), {}).pop(track_id, None)
        self._agreed.get((camera_id, epoch), set()).discard(track_id)

    def forget(self, camera_id: CameraId, epoch: str) -> None:
        """A camera's stream is over: its tracks will not be asked for again."""
        self._people.pop((camera_id, epoch), None)
        self._agreed.pop((camera_id, epoch), None)

    async def _once(self) -> None:
        try:
            await super()._once()
        finally:
            # Without the stream a withdrawal wouldn't be heard of.
            self._agreed.clear()

    def _call(
        self, requests: AsyncIterator[identity_pb2.ResolveRequest]
    ) -> grpc.aio.StreamStreamCall[identity_pb2.ResolveRequest, identity_pb2.ResolveResponse]:
        return self._stub.Resolve(requests)

    def _opening(self, opening: stream_pb2.StreamOpen) -> identity_pb2.ResolveRequest:
        return identity_pb2.ResolveRequest(open=opening)

    def _receive(self, response: identity_pb2.ResolveResponse) -> int:
        if response.WhichOneof("message") == "assignments":
            batch = response.assignments
            while len(self._people) > MAX_EPOCHS_KEPT:
                oldest = next(iter(self._people))
                del self._people[oldest]
                self._agreed.pop(oldest, None)
            key = (CameraId(batch.camera_id), batch.track_epoch)
            known, agreed = self._people.setdefault(key, {}), self._agreed.setdefault(key, set())
            for assignment in batch.assignments:
                track_id = TrackId(assignment.track_id)
                known[track_id] = PersonId(assignment.person_id)
                if assignment.face_consent:
                    agreed.add(track_id)
                else:
                    agreed.discard(track_id)
            self._answered.set()
            self._forget_until(batch)
        return response.credit.messages

    def _handled(self, count: int) -> None:
        """Nothing: an answer says at once what is done, while credit comes half a minute of batches at a time.

        A restarted identity that is told that again takes it for another recording, with other people in it.
        """

    def _forget_until(self, answered: identity_pb2.AssignmentBatch) -> None:
        """The stream is handled in order: what was sent up to the answered batch is done."""
        for index, request in enumerate(self._sent):
            batch = request.batch
            if (batch.camera_id, batch.track_epoch, batch.sequence) == (
                answered.camera_id,
                answered.track_epoch,
                answered.sequence,
            ):
                for _ in range(index + 1):
                    self._sent.popleft()
                return

    def _needs_credit(self, request: identity_pb2.ResolveRequest) -> bool:
        return request.HasField("batch")
