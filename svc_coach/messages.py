"""Motion events to what the policy understands, and what was said to an event."""

from __future__ import annotations

from mesh import names
from mesh.ids import GymId, PersonId, derived_id, require_slug, require_uuid
from spotter.common.v1 import exercise_pb2
from spotter.events.v1 import events_pb2
from svc_coach.policy import (
    AlertAcknowledged,
    AlertTold,
    BestReached,
    FaultSeen,
    HoldFault,
    Occurrence,
    RepetitionDone,
    SetDone,
    Severity,
)

AREA = "coach"
_BEST_SITUATIONS = {
    exercise_pb2.BEST_KIND_SET_REPETITIONS: "best_repetitions",
    exercise_pb2.BEST_KIND_HOLD: "best_hold",
    exercise_pb2.BEST_KIND_SCORE: "best_score",
    exercise_pb2.BEST_KIND_DAY_REPETITIONS: "best_day",
}


def occurrence_of(event: events_pb2.Event) -> tuple[PersonId, Occurrence] | None:
    """Who did what; None for events that the coach has nothing to say to.

    The faults of a repetition come with the repetition itself, all at once, so that the worst can be picked; single
    fault events matter only in holds. Raises InvalidArgument where an id isn't one: no retry would change that.
    """
    found = _body_of(event)
    if found is None:
        return None
    require_uuid(event.meta.event_id, "meta.event_id")
    require_slug(event.meta.gym_id, "meta.gym_id")
    person_id, occurrence = found
    return PersonId(require_uuid(person_id, "person_id")), occurrence


def guidance_given(
    gym_id: GymId, body: events_pb2.GuidanceGiven, cause: events_pb2.EventMeta
) -> tuple[str, events_pb2.Event]:
    """Subject and event of something that was said; its times are those of its cause."""
    meta = events_pb2.EventMeta(
        event_id=derived_id("guidance-given", cause.event_id),
        gym_id=gym_id,
        capture_time=cause.capture_time,
        receive_time=cause.receive_time,
        cause_event_id=cause.event_id,
        traceparent=cause.traceparent,
    )
    subject = names.event_subject(gym_id, AREA, "guidance_given", body.person_id)
    return subject, events_pb2.Event(meta=meta, guidance_given=body)


def _body_of(event: events_pb2.Event) -> tuple[str, Occurrence] | None:
    kind = event.WhichOneof("body")
    if kind == "repetition_counted":
        done = event.repetition_counted
        faults = tuple(_fault(fault) for fault in done.faults)
        return done.person_id, RepetitionDone(done.set_id, done.exercise, done.number, faults, done.range_of_motion_deg)
    if kind == "fault_detected" and event.fault_detected.repetition_number == 0:
        found = event.fault_detected
        return found.person_id, HoldFault(found.set_id, found.exercise, _fault(found.fault))
    if kind == "set_closed":
        closed = event.set_closed
        return closed.person_id, SetDone(
            closed.set_id, closed.exercise, closed.repetitions, closed.score, closed.hold_s
        )
    if kind == "personal_best_reached" and event.personal_best_reached.kind in _BEST_SITUATIONS:
        best = event.personal_best_reached
        return best.person_id, BestReached(best.set_id, best.exercise, _BEST_SITUATIONS[best.kind], int(best.value))
    return _alert_of(event)


def _alert_of(event: events_pb2.Event) -> tuple[str, Occurrence] | None:
    kind = event.WhichOneof("body")
    if kind in ("safety_alert_raised", "safety_alert_repeated"):
        told = event.safety_alert_raised if kind == "safety_alert_raised" else event.safety_alert_repeated
        return told.person_id, AlertTold(require_uuid(told.alert_id, "alert_id"))
    if kind == "safety_alert_acknowledged":
        known = event.safety_alert_acknowledged
        return known.person_id, AlertAcknowledged(require_uuid(known.alert_id, "alert_id"))
    return None


def _fault(fault: exercise_pb2.Fault) -> FaultSeen:
    known = exercise_pb2.Severity.values()
    severity = Severity(int(fault.severity)) if fault.severity in known else Severity.UNKNOWN
    return FaultSeen(fault.name, severity, fault.confidence)
