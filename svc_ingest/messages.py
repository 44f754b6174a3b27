"""Stored cameras and clips as messages."""

from __future__ import annotations

from mesh import times
from spotter.common.v1 import stream_pb2
from spotter.ingest.v1 import ingest_pb2
from svc_ingest.records import CameraRecord, ClipRecord
from svc_ingest.sources import without_secrets


def camera_message(record: CameraRecord) -> ingest_pb2.Camera:
    """A camera for whoever asks: without its credentials."""
    message = ingest_pb2.Camera(
        camera_id=record.camera_id,
        gym_id=record.gym_id,
        display_name=record.display_name,
        uri=without_secrets(record.uri),
        state=ingest_pb2.Camera.State.Value(record.state.value),
        state_detail=record.state_detail,
        delivery=stream_pb2.DELIVERY_EVERY if record.every else stream_pb2.DELIVERY_NEWEST,
        once=record.once,
        codec=record.codec,
        width_px=record.width_px,
        height_px=record.height_px,
        frame_rate_hz=record.frame_rate_hz,
        frames_read=record.frames_read,
        frames_analysed=record.frames_analysed,
        frames_dropped=record.frames_dropped,
        frames_corrupt=record.frames_corrupt,
        frames_idle=record.frames_idle,
        create_time=times.to_timestamp(record.create_time_ns),
    )
    if record.first_frame_ns is not None:
        message.first_frame_time.CopyFrom(times.to_timestamp(record.first_frame_ns))
    if record.last_frame_ns is not None:
        message.last_frame_time.CopyFrom(times.to_timestamp(record.last_frame_ns))
    return message


def clip_message(clip: ClipRecord) -> ingest_pb2.Clip:
    """A clip's description."""
    return ingest_pb2.Clip(
        clip_id=clip.clip_id,
        gym_id=clip.gym_id,
        camera_id=clip.camera_id,
        person_id=clip.person_id,
        set_id=clip.set_id,
        reason=clip.reason,
        start_time=times.to_timestamp(clip.start_time_ns),
        duration=times.to_duration(clip.duration_ns / times.NS_PER_S),
        size_bytes=clip.size_bytes,
        create_time=times.to_timestamp(clip.create_time_ns),
    )
