"""Identity events as messages for the bus, each under an id that follows from what happened."""

from __future__ import annotations

from mesh import names, times
from mesh.ids import CameraId, GymId, PersonId, derived_id
from spotter.events.v1 import events_pb2

AREA = "identity"


def appeared(gym_id: GymId, person_id: PersonId, camera_id: CameraId, capture_ns: int) -> tuple[str, events_pb2.Event]:
    """Subject and event: a person came into view for the first time in this visit."""
    meta = _meta(derived_id("person-appeared", person_id), gym_id, capture_ns)
    body = events_pb2.PersonAppeared(person_id=person_id, camera_id=camera_id)
    return _subject(gym_id, "person_appeared", person_id), events_pb2.Event(meta=meta, person_appeared=body)


def left(gym_id: GymId, person_id: PersonId, camera_id: CameraId, capture_ns: int) -> tuple[str, events_pb2.Event]:
    """Subject and event: a person has left; the capture time is that of the last sighting."""
    meta = _meta(derived_id("person-left", person_id), gym_id, capture_ns)
    body = events_pb2.PersonLeft(person_id=person_id, camera_id=camera_id)
    return _subject(gym_id, "person_left", person_id), events_pb2.Event(meta=meta, person_left=body)


def claimed(gym_id: GymId, person_id: PersonId, code_hash: bytes, capture_ns: int) -> tuple[str, events_pb2.Event]:
    """Subject and event: a phone was linked to a person. Says nothing of the phone."""
    meta = _meta(derived_id("person-claimed", person_id, code_hash.hex()), gym_id, capture_ns)
    body = events_pb2.PersonClaimed(person_id=person_id)
    return _subject(gym_id, "person_claimed", person_id), events_pb2.Event(meta=meta, person_claimed=body)


def _subject(gym_id: GymId, kind: str, person_id: PersonId) -> str:
    return names.event_subject(gym_id, AREA, kind, person_id)


def _meta(event_id: str, gym_id: GymId, capture_ns: int) -> events_pb2.EventMeta:
    return events_pb2.EventMeta(
        event_id=event_id,
        gym_id=gym_id,
        capture_time=times.to_timestamp(capture_ns),
        receive_time=times.to_timestamp(times.now_ns()),
    )
