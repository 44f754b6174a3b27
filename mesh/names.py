"""Names of metrics, log fields and subjects, in one place. Base units; no id of a person is ever a label."""

from __future__ import annotations

from mesh.ids import GymId

EVENT_STREAM = "SPOTTER_EVENTS"
DURABLE_AREAS = ("motion", "coach", "ingest", "identity")
MESSAGE_ID_HEADER = "Nats-Msg-Id"
TRACEPARENT_HEADER = "traceparent"

METRIC_RPC_SECONDS = "spotter_rpc_seconds"
METRIC_RPC_ERRORS = "spotter_rpc_errors_total"
METRIC_OUTBOX_PENDING = "spotter_outbox_pending"
METRIC_EVENTS_PUBLISHED = "spotter_events_published_total"
METRIC_EVENTS_HANDLED = "spotter_events_handled_total"
METRIC_DEPENDENCY_UP = "spotter_dependency_up"
METRIC_FRAMES_ANALYSED = "spotter_frames_analysed_total"
METRIC_FRAMES_DROPPED = "spotter_frames_dropped_total"
METRIC_FRAMES_IDLE = "spotter_frames_idle_total"
METRIC_TURN_SECONDS = "spotter_turn_wait_seconds"
METRIC_FRAME_SECONDS = "spotter_frame_seconds"
METRIC_REPETITIONS = "spotter_repetitions_total"
METRIC_PEOPLE_PRESENT = "spotter_people_present"
METRIC_FACES_REFUSED = "spotter_faces_refused_total"
METRIC_CAMERAS = "spotter_cameras"
METRIC_CLIPS = "spotter_clips_total"
METRIC_GUIDANCE = "spotter_guidance_total"
METRIC_MODEL_REPAIRS = "spotter_model_repairs_total"
METRIC_JUDGEMENTS = "spotter_exercise_judgements_total"
METRIC_ALERTS = "spotter_safety_alerts_total"
METRIC_ALERTS_OPEN = "spotter_safety_alerts_open"
METRIC_STREAMS_OPEN = "spotter_streams_open"

FIELD_GYM = "gym_id"
FIELD_CAMERA = "camera_id"
FIELD_PERSON = "person_id"
FIELD_EVENT = "event_id"


def event_subject(gym_id: GymId | str, area: str, kind: str, about: str) -> str:
    """Subject of a durable event: spotter.<gym>.<area>.<kind>.<person|camera>."""
    return f"spotter.{gym_id}.{area}.{kind}.{about}"


def live_subject(gym_id: GymId | str, person_id: str) -> str:
    """Subject of live activity: core NATS, kept by nobody."""
    return f"spotter.{gym_id}.live.activity.{person_id}"


def durable_subjects() -> list[str]:
    """Subjects that the JetStream stream keeps."""
    return [f"spotter.*.{area}.>" for area in DURABLE_AREAS]
