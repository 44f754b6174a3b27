"""Motion events as messages for the bus, each under an id that follows from what happened."""

from __future__ import annotations

from dataclasses import dataclass

from mesh import names, times
from mesh.ids import CameraId, GymId, SetId, derived_id
from spotter.common.v1 import exercise_pb2
from spotter.events.v1 import events_pb2
from svc_motion.events import (
    ExerciseRelabelled,
    FaultFinding,
    FaultSeen,
    LiveState,
    MotionEvent,
    MotionState,
    PersonId,
    RejudgedRepetition,
    RepetitionCounted,
    SetClosed,
    SetOpened,
)
from svc_motion.library import Severity

SEVERITIES = {
    Severity.MINOR: exercise_pb2.SEVERITY_MINOR,
    Severity.MODERATE: exercise_pb2.SEVERITY_MAJOR,
    Severity.DANGEROUS: exercise_pb2.SEVERITY_DANGER,
}
_STATES = {
    MotionState.NOT_VISIBLE: exercise_pb2.ACTIVITY_STATE_NOT_VISIBLE,
    MotionState.IDLE: exercise_pb2.ACTIVITY_STATE_IDLE,
    MotionState.EXERCISING: exercise_pb2.ACTIVITY_STATE_EXERCISING,
    MotionState.HOLDING: exercise_pb2.ACTIVITY_STATE_HOLDING,
    MotionState.RESTING: exercise_pb2.ACTIVITY_STATE_RESTING,
}
AREA = "motion"


@dataclass(frozen=True)
class Moment:
    """Where and when something was seen."""

    gym_id: GymId
    person_id: PersonId
    camera_id: CameraId
    capture_time_ns: int
    receive_time_ns: int
    traceparent: str = ""


def set_id_of(moment: Moment, set_start_ns: int) -> SetId:
    """Id of the set that a person began at a capture time."""
    return SetId(derived_id("set", moment.gym_id, moment.person_id, set_start_ns))


def to_message(event: MotionEvent, moment: Moment, exercise: str) -> tuple[str, events_pb2.Event] | None:
    """Subject and message of an event; None for what nobody is told. `exercise` is the set's at this time."""
    if isinstance(event, SetOpened):
        return _opened(event, moment)
    if isinstance(event, RepetitionCounted):
        return _repetition(event, moment, exercise)
    if isinstance(event, FaultSeen):
        return _fault(event, moment, exercise)
    if isinstance(event, ExerciseRelabelled):
        return _relabelled(event, moment)
    if isinstance(event, SetClosed):
        return _closed(event, moment)
    return None


def live_message(live: LiveState, moment: Moment, event_id: str) -> events_pb2.Event:
    """The live state of one person."""
    activity = events_pb2.PersonActivity(
        person_id=moment.person_id,
        camera_id=moment.camera_id,
        state=_STATES[live.state],
        exercise=live.exercise or "",
        set_id=set_id_of(moment, live.set_start_ns) if live.set_start_ns is not None else "",
        repetitions=live.repetitions,
        range_of_motion_ratio=min(max(live.range_meter, 0.0), 1.0),
        hold_s=live.hold_s,
        rest_s=live.rest_s,
        faults=[_to_fault(live.fault)] if live.fault else [],
    )
    event = events_pb2.Event(meta=_meta(moment, event_id), person_activity=activity)
    event.meta.publish_time.CopyFrom(times.to_timestamp(times.now_ns()))
    return event


def _opened(event: SetOpened, moment: Moment) -> tuple[str, events_pb2.Event]:
    set_id = set_id_of(moment, event.start_ns)
    body = events_pb2.SetOpened(
        set_id=set_id,
        person_id=moment.person_id,
        camera_id=moment.camera_id,
        exercise=event.exercise,
        set_number=event.set_index,
        rest_before_s=event.rest_before_s,
    )
    meta = _meta(moment, derived_id("set-opened", set_id))
    return _subject(moment, "set_opened"), events_pb2.Event(meta=meta, set_opened=body)


def _repetition(event: RepetitionCounted, moment: Moment, exercise: str) -> tuple[str, events_pb2.Event]:
    set_id = set_id_of(moment, event.set_start_ns)
    body = events_pb2.RepetitionCounted(
        set_id=set_id,
        person_id=moment.person_id,
        camera_id=moment.camera_id,
        exercise=exercise,
        number=event.index,
        range_of_motion_deg=event.rom_deg or 0.0,
        duration_s=(event.end_ns - event.start_ns) / times.NS_PER_S,
        score=event.score,
        faults=[_to_fault(finding) for finding in event.faults],
        partial=event.partial,
    )
    meta = _meta(moment, derived_id("repetition", set_id, event.index))
    return _subject(moment, "repetition_counted"), events_pb2.Event(meta=meta, repetition_counted=body)


def _fault(event: FaultSeen, moment: Moment, exercise: str) -> tuple[str, events_pb2.Event]:
    set_id = set_id_of(moment, event.set_start_ns)
    body = events_pb2.FaultDetected(
        set_id=set_id,
        person_id=moment.person_id,
        camera_id=moment.camera_id,
        exercise=exercise,
        repetition_number=event.repetition_index or 0,
        fault=_to_fault(event.finding),
    )
    meta = _meta(moment, derived_id("fault", set_id, event.finding.name, event.repetition_index or event.time_ns))
    return _subject(moment, "fault_detected"), events_pb2.Event(meta=meta, fault_detected=body)


def _relabelled(event: ExerciseRelabelled, moment: Moment) -> tuple[str, events_pb2.Event]:
    set_id = set_id_of(moment, event.set_start_ns)
    body = events_pb2.SetRelabelled(
        set_id=set_id,
        person_id=moment.person_id,
        previous_exercise=event.old,
        exercise=event.new,
        repetitions=[_rejudged(repetition) for repetition in event.repetitions],
    )
    meta = _meta(moment, derived_id("set-relabelled", set_id, event.time_ns, event.new))
    return _subject(moment, "set_relabelled"), events_pb2.Event(meta=meta, set_relabelled=body)


def _rejudged(repetition: RejudgedRepetition) -> events_pb2.RejudgedRepetition:
    return events_pb2.RejudgedRepetition(
        number=repetition.index,
        range_of_motion_deg=repetition.rom_deg or 0.0,
        score=repetition.score,
        faults=[_to_fault(finding) for finding in repetition.faults],
        partial=repetition.partial,
        not_judged=repetition.not_judged,
    )


def _closed(event: SetClosed, moment: Moment) -> tuple[str, events_pb2.Event]:
    set_id = set_id_of(moment, event.set_start_ns)
    body = events_pb2.SetClosed(
        set_id=set_id,
        person_id=moment.person_id,
        camera_id=moment.camera_id,
        exercise=event.exercise,
        repetitions=event.repetitions,
        partial_repetitions=event.repetitions - event.full_repetitions,
        score=event.score,
        duration=times.to_duration((event.end_ns - event.set_start_ns) / times.NS_PER_S),
        hold_s=event.hold_s,
    )
    meta = _meta(moment, derived_id("set-closed", set_id))
    return _subject(moment, "set_closed"), events_pb2.Event(meta=meta, set_closed=body)


def _subject(moment: Moment, kind: str) -> str:
    return names.event_subject(moment.gym_id, AREA, kind, moment.person_id)


def _meta(moment: Moment, event_id: str) -> events_pb2.EventMeta:
    return events_pb2.EventMeta(
        event_id=event_id,
        gym_id=moment.gym_id,
        capture_time=times.to_timestamp(moment.capture_time_ns),
        receive_time=times.to_timestamp(moment.receive_time_ns),
        traceparent=moment.traceparent,
    )


def _to_fault(finding: FaultFinding) -> exercise_pb2.Fault:
    return exercise_pb2.Fault(
        name=finding.name,
        severity=SEVERITIES[finding.severity],
        confidence=finding.confidence,
        value=finding.value,
        threshold=finding.threshold,
        capture_time=times.to_timestamp(finding.time_ns) if finding.time_ns else None,
    )
