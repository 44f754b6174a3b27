"""Tells identity whom one camera sees, and knows its answers: which track is which person."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mesh import tensors, times
from mesh.ids import CameraId, PersonId, TrackId, new_id
from spotter.identity.v1 import identity_pb2
from svc_vision import embedding as embedding_model
from svc_vision.details import Details
from svc_vision.eye import Look
from svc_vision.identity_link import IdentityLink
from svc_vision.tracking.gallery import Appearance

SIGHTING_INTERVAL_S = 1.0
ASK_AGAIN_S = 0.25
"""A new track without an answer is reported again after this long."""
NEW_TRACK_WAIT_S = 0.1
"""So long a live frame waits for the person of a new track; the next frame asks again."""
NEW_TRACK_WAIT_EVERY_S = 10.0
"""The same where every frame counts."""


class Sightings:
    """One camera's side of the talk with identity. Track ids hold for one epoch, which is one instance of this."""

    def __init__(
        self,
        camera_id: CameraId,
        every: bool,
        identity: IdentityLink,
        workers: ThreadPoolExecutor,
        details: Details,
    ) -> None:
        """`every`: every picture is analysed, instead of the newest; then answers are waited for."""
        self._camera_id = camera_id
        self._every = every
        self._identity = identity
        self._workers = workers
        self._details = details
        self._epoch = new_id()
        self._reported_ns: dict[TrackId, int] = {}
        self._embedded: dict[TrackId, NDArray[np.float32]] = {}
        """The newest embedding that was sent."""
        self._batches = 0
        self._batch_ns = 0
        self._asked_ns = 0

    async def see(self, look: Look) -> tuple[PersonId | None, ...]:
        """Reports what is due, waits a moment for the persons of new tracks; returns the person of each row.

        Reflections are nobody: identity hears nothing of them, and they have no person.
        """
        real = [track_id for track_id in look.track_ids if track_id not in look.reflections]
        if self._details.due(look, self._agreed):
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._workers, self._details.look, look, self._agreed)
        self._details.drop_faces(self._agreed)
        unknown = [track_id for track_id in real if self._person_of(track_id) is None]
        since_batch_s = (look.capture_time_ns - self._batch_ns) / times.NS_PER_S
        since_asked_s = (look.capture_time_ns - self._asked_ns) / times.NS_PER_S
        new = any(track_id not in self._reported_ns for track_id in unknown)
        if new or (unknown and since_asked_s >= ASK_AGAIN_S) or since_batch_s >= SIGHTING_INTERVAL_S:
            self._asked_ns = look.capture_time_ns
            await self._report(look)
        if unknown and new:
            wait_s = NEW_TRACK_WAIT_EVERY_S if self._every else NEW_TRACK_WAIT_S
            await self._identity.wait_for(self._camera_id, self._epoch, unknown, wait_s)
        return tuple(None if track_id in look.reflections else self._person_of(track_id) for track_id in look.track_ids)

    def end(self, capture_time_ns: int) -> None:
        """The source ended: its tracks are over."""
        ended = identity_pb2.CameraEnded(camera_id=self._camera_id, capture_time_ns=capture_time_ns)
        self._identity.send(identity_pb2.ResolveRequest(camera_ended=ended))

    def close(self) -> None:
        """Nobody watches any more."""
        self._identity.forget(self._camera_id, self._epoch)

    async def _report(self, look: Look) -> None:
        self._batch_ns = look.capture_time_ns
        self._batches += 1
        width_px, height_px = look.picture.width, look.picture.height
        batch = identity_pb2.SightingBatch(
            camera_id=self._camera_id,
            capture_time_ns=look.capture_time_ns,
            sequence=self._batches,
            track_epoch=self._epoch,
            ended_track_ids=self._ended(look),
        )
        for track_id, box in zip(look.track_ids, look.people.boxes.tolist(), strict=True):
            if track_id in look.reflections:
                continue
            self._reported_ns[track_id] = look.capture_time_ns
            sighting = batch.sightings.add(
                track_id=track_id,
                left=box[0] / width_px,
                top=box[1] / height_px,
                right=box[2] / width_px,
                bottom=box[3] / height_px,
            )
            self._describe(sighting, look.appearances.get(track_id, Appearance()))
        request = identity_pb2.ResolveRequest(batch=batch)
        if self._every:
            await self._identity.send_all(request)
        else:
            self._identity.send(request)

    def _describe(self, sighting: identity_pb2.Sighting, appearance: Appearance) -> None:
        """Adds what the person looks like: colours always, anything else once."""
        if appearance.colours is not None:
            sighting.appearance.CopyFrom(tensors.to_tensor(appearance.colours))
        embedding, track_id = appearance.embedding, TrackId(sighting.track_id)
        if embedding is not None and self._embedded.get(track_id) is not embedding:
            sighting.embedding.CopyFrom(tensors.to_tensor(embedding))
            sighting.embedding_model = embedding_model.NAME
            self._embedded[track_id] = embedding
        sighting.badge = self._details.take_badge(track_id)
        face = self._details.take_face(track_id, self._agreed)
        if face is not None:
            sighting.face.CopyFrom(tensors.to_tensor(face.vector))
            sighting.face_quality = face.quality

    def _ended(self, look: Look) -> list[TrackId]:
        """Tracks that were reported and haven't been seen for a while, or turned out to be reflections."""
        limit_ns = look.capture_time_ns - int(2 * SIGHTING_INTERVAL_S * times.NS_PER_S)
        ended = [
            track_id
            for track_id, seen_ns in self._reported_ns.items()
            if (seen_ns < limit_ns and track_id not in look.track_ids) or track_id in look.reflections
        ]
        for track_id in ended:
            del self._reported_ns[track_id]
            self._embedded.pop(track_id, None)
            self._details.forget(track_id)
            self._identity.forget_track(self._camera_id, self._epoch, track_id)
        return ended

    def _agreed(self, track_id: TrackId) -> bool:
        return self._identity.face_consent(self._camera_id, self._epoch, track_id)

    def _person_of(self, track_id: TrackId) -> PersonId | None:
        return self._identity.person_of(self._camera_id, self._epoch, track_id)
