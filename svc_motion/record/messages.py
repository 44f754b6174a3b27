"""Events of the record, each under an id that follows from what happened."""

from __future__ import annotations

from datetime import date

from mesh import names, times
from mesh.ids import GymId, SetId, derived_id
from spotter.common.v1 import exercise_pb2
from spotter.events.v1 import events_pb2
from svc_motion.events import PersonId
from svc_motion.messages import AREA, Moment
from svc_motion.record.bests import BestKind, NewBest


def best_reached(
    best: NewBest, exercise: str, set_id: SetId, day: date, moment: Moment
) -> tuple[str, events_pb2.Event]:
    """Subject and event of a best. The most of a day grows set by set; its id lets it be told once a day."""
    body = events_pb2.PersonalBestReached(
        set_id=set_id,
        person_id=moment.person_id,
        exercise=exercise,
        kind=exercise_pb2.BestKind.ValueType(best.kind),
        value=best.value,
        previous_value=best.previous_value,
    )
    if best.kind is BestKind.DAY_REPETITIONS:
        event_id = derived_id("best", moment.gym_id, moment.person_id, exercise, best.kind.name, day)
    else:
        event_id = derived_id("best", set_id, best.kind.name)
    meta = events_pb2.EventMeta(
        event_id=event_id,
        gym_id=moment.gym_id,
        capture_time=times.to_timestamp(moment.capture_time_ns),
        receive_time=times.to_timestamp(moment.receive_time_ns),
        traceparent=moment.traceparent,
    )
    subject = names.event_subject(moment.gym_id, AREA, "personal_best_reached", moment.person_id)
    return subject, events_pb2.Event(meta=meta, personal_best_reached=body)


def set_corrected(
    gym_id: GymId, person_id: PersonId, body: events_pb2.SetCorrected, time_ns: int
) -> tuple[str, events_pb2.Event]:
    """Subject and event of a correction; it was made by hand, so its times are those of the wall clock."""
    now = times.to_timestamp(time_ns)
    meta = events_pb2.EventMeta(event_id=body.correction_id, gym_id=gym_id, capture_time=now, receive_time=now)
    subject = names.event_subject(gym_id, AREA, "set_corrected", person_id)
    return subject, events_pb2.Event(meta=meta, set_corrected=body)
