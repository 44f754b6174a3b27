"""Alerts as messages: events for the bus, resources for callers."""

from __future__ import annotations

from typing import Any

from mesh import names, times
from mesh.ids import derived_id
from spotter.common.v1 import safety_pb2 as common_pb2
from spotter.events.v1 import events_pb2
from spotter.motion.v1 import safety_pb2
from svc_motion.messages import AREA
from svc_motion.safety.events import SafetyKind

KINDS = {
    SafetyKind.FALL: common_pb2.ALERT_KIND_FALL,
    SafetyKind.PINNED: common_pb2.ALERT_KIND_PINNED,
}


def clip_id_of(row: Any) -> str:
    """Id of the clip that shows an alert."""
    return derived_id("clip", row.gym_id, row.alert_id)


def told_event(row: Any, receive_time_ns: int, traceparent: str = "") -> tuple[str, events_pb2.Event]:
    """Subject and message that tell an alert for the first time, or again."""
    body = events_pb2.SafetyAlert(
        alert_id=row.alert_id,
        kind=KINDS[SafetyKind(row.kind)],
        person_id=row.person_id,
        camera_id=row.camera_id,
        set_id=row.set_id or "",
        begin_time=times.to_timestamp(times.from_datetime(row.begin_time)),
        place_x_ratio=row.place_x,
        place_y_ratio=row.place_y,
        clip_id=clip_id_of(row),
        told_count=row.told_count,
    )
    meta = _meta(row, derived_id("alert-told", row.alert_id, row.told_count), receive_time_ns, traceparent)
    if row.told_count == 1:
        return _subject(row, "safety_alert_raised"), events_pb2.Event(meta=meta, safety_alert_raised=body)
    meta.cause_event_id = derived_id("alert-told", row.alert_id, 1)
    return _subject(row, "safety_alert_repeated"), events_pb2.Event(meta=meta, safety_alert_repeated=body)


def acknowledged_event(row: Any) -> tuple[str, events_pb2.Event]:
    """Subject and message that say that somebody looks after an alert."""
    body = events_pb2.SafetyAlertAcknowledged(
        alert_id=row.alert_id,
        person_id=row.person_id,
        camera_id=row.camera_id,
        acknowledged_by=row.acknowledged_by,
    )
    meta = _meta(
        row, derived_id("alert-acknowledged", row.alert_id), times.from_datetime(row.acknowledged_time), traceparent=""
    )
    meta.cause_event_id = derived_id("alert-told", row.alert_id, 1)
    return _subject(row, "safety_alert_acknowledged"), events_pb2.Event(meta=meta, safety_alert_acknowledged=body)


def to_alert(row: Any) -> safety_pb2.Alert:
    """An alert's row as the contract's resource."""
    alert = safety_pb2.Alert(
        alert_id=row.alert_id,
        gym_id=row.gym_id,
        kind=KINDS[SafetyKind(row.kind)],
        person_id=row.person_id,
        camera_id=row.camera_id,
        set_id=row.set_id or "",
        begin_time=times.to_timestamp(times.from_datetime(row.begin_time)),
        capture_time=times.to_timestamp(times.from_datetime(row.capture_time)),
        place_x_ratio=row.place_x,
        place_y_ratio=row.place_y,
        clip_id=clip_id_of(row),
        raise_time=times.to_timestamp(times.from_datetime(row.raised_time)),
        told_time=times.to_timestamp(times.from_datetime(row.told_time)),
        told_count=row.told_count,
        acknowledged_by=row.acknowledged_by or "",
        note=row.note,
    )
    if row.acknowledged_time is not None:
        alert.acknowledge_time.CopyFrom(times.to_timestamp(times.from_datetime(row.acknowledged_time)))
    return alert


def _subject(row: Any, kind: str) -> str:
    return names.event_subject(row.gym_id, AREA, kind, row.person_id)


def _meta(row: Any, event_id: str, receive_time_ns: int, traceparent: str) -> events_pb2.EventMeta:
    return events_pb2.EventMeta(
        event_id=event_id,
        gym_id=row.gym_id,
        capture_time=times.to_timestamp(times.from_datetime(row.capture_time)),
        receive_time=times.to_timestamp(receive_time_ns),
        traceparent=traceparent,
    )
