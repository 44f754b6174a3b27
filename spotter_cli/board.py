"""What is known about people and cameras from the events of a gym: the state behind the terminal's table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mesh import times
from spotter.common.v1 import exercise_pb2
from spotter.events.v1 import events_pb2
from spotter.identity.v1 import identity_pb2
from spotter_cli.live_client import Received

MOTION_EVENTS = frozenset({"set_opened", "repetition_counted", "set_relabelled", "set_closed", "fault_detected"})


@dataclass
class PersonRow:
    """What the table says about one person."""

    person_id: str
    label: str
    camera_id: str = ""
    state: exercise_pb2.ActivityState.ValueType = exercise_pb2.ACTIVITY_STATE_UNSPECIFIED
    exercise: str = ""
    repetitions: int = 0
    hold_s: float = 0.0
    range_ratio: float = 0.0
    fault: str = ""
    guidance: str = ""
    seen_ns: int = 0
    """Wall clock of the last news."""


@dataclass
class Latencies:
    """Of durable events about motion, ms."""

    capture_to_event_ms: list[float] = field(default_factory=list)
    """From the frame's arrival in the mesh to the event's publication."""
    event_to_client_ms: list[float] = field(default_factory=list)
    """From the publication to this client."""

    def add(self, meta: events_pb2.EventMeta, received_ns: int) -> None:
        """An event came."""
        published_ns = times.from_timestamp(meta.publish_time)
        self.capture_to_event_ms.append((published_ns - times.from_timestamp(meta.receive_time)) / 1e6)
        self.event_to_client_ms.append((received_ns - published_ns) / 1e6)


class Board:
    """Follows events of some cameras."""

    def __init__(self) -> None:
        self.people: dict[str, PersonRow] = {}
        self.latencies = Latencies()
        self._cameras: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def watch(self, camera_id: str, name: str) -> None:
        """Events of this camera count from now on; lines call it by its name."""
        self._cameras[camera_id] = name

    def stranger_in(self, received: Received) -> bool:
        """True where an update is about somebody here whose label isn't known yet."""
        event = received.update.event
        body = event.WhichOneof("body")
        if body is None or not self._concerns_us(event, body):
            return False
        person_id = getattr(getattr(event, body), "person_id", "")
        return bool(person_id) and person_id not in self._labels and person_id not in self.people

    def take_labels(self, people: Iterable[identity_pb2.Person]) -> None:
        """What other screens call people."""
        self._labels |= {person.person_id: person.label for person in people}

    def apply(self, received: Received) -> str:
        """Takes an update in. The line that tells it to a person; empty for what isn't worth one."""
        kind = received.update.WhichOneof("update")
        if kind == "snapshot":
            self.take_labels(received.update.snapshot.people)
        if kind != "event":
            return ""
        event = received.update.event
        body = event.WhichOneof("body")
        if body is None or not self._concerns_us(event, body):
            return ""
        if body in MOTION_EVENTS:
            self.latencies.add(event.meta, received.time_ns)
        return self._apply_event(event, body, received.time_ns)

    def _concerns_us(self, event: events_pb2.Event, body: str) -> bool:
        camera_id = getattr(getattr(event, body), "camera_id", "")
        if camera_id:
            return camera_id in self._cameras
        return getattr(getattr(event, body), "person_id", "") in self.people

    def _row(self, person_id: str, camera_id: str, now_ns: int) -> PersonRow:
        row = self.people.get(person_id)
        if row is None:
            label = self._labels.get(person_id) or f"Person {len(self.people) + 1}"
            row = self.people[person_id] = PersonRow(person_id, label)
        row.camera_id = camera_id or row.camera_id
        row.seen_ns = now_ns
        return row

    def _apply_event(self, event: events_pb2.Event, body: str, now_ns: int) -> str:
        match body:
            case "person_activity":
                return self._activity(event.person_activity, now_ns)
            case "person_appeared":
                row = self._row(event.person_appeared.person_id, event.person_appeared.camera_id, now_ns)
                return f"{row.label}: came into view of {self._cameras[row.camera_id]}"
            case "person_left":
                row = self._row(event.person_left.person_id, "", now_ns)
                return f"{row.label}: left"
            case "set_opened" | "set_closed" | "set_relabelled" | "repetition_counted" | "fault_detected":
                return self._motion(event, body, now_ns)
            case "guidance_given":
                row = self._row(event.guidance_given.person_id, "", now_ns)
                row.guidance = event.guidance_given.text
                return f"{row.label}: coach says “{row.guidance}”"
            case "camera_state_changed":
                changed = event.camera_state_changed
                state = changed.state.removeprefix("STATE_").lower()
                return f"{self._cameras[changed.camera_id]}: {state}" + (
                    f" – {changed.detail}" if changed.detail else ""
                )
            case "clip_ready":
                clip = event.clip_ready
                return f"{self._cameras[clip.camera_id]}: clip of {_words(clip.reason)} is ready"
            case _:
                return ""

    def _activity(self, activity: events_pb2.PersonActivity, now_ns: int) -> str:
        row = self._row(activity.person_id, activity.camera_id, now_ns)
        row.state = activity.state
        row.range_ratio = activity.range_of_motion_ratio
        if activity.set_id:
            row.exercise, row.repetitions, row.hold_s = activity.exercise, activity.repetitions, activity.hold_s
        return ""

    def _motion(self, event: events_pb2.Event, body: str, now_ns: int) -> str:
        told = getattr(event, body)
        row = self._row(told.person_id, getattr(told, "camera_id", ""), now_ns)
        row.exercise = told.exercise
        if body == "set_opened":
            row.repetitions, row.hold_s, row.fault = 0, 0.0, ""
            return f"{row.label}: {_words(told.exercise)}, set {told.set_number} begins"
        if body == "set_relabelled":
            row.fault = ", ".join(_words(fault.name) for newest in told.repetitions[-1:] for fault in newest.faults)
            return f"{row.label}: that is {_words(told.exercise)}, not {_words(told.previous_exercise)}"
        if body == "repetition_counted":
            row.repetitions = max(row.repetitions, told.number)
            row.fault = ", ".join(_words(fault.name) for fault in told.faults)
            return f"{row.label}: {_words(told.exercise)} {told.number}" + (f" ({row.fault})" if row.fault else "")
        if body == "fault_detected":
            row.fault = _words(told.fault.name)
            return f"{row.label}: {row.fault}"
        row.repetitions, row.hold_s = told.repetitions, told.hold_s
        done = f"{told.hold_s:.0f} s" if told.hold_s else f"{told.repetitions} repetitions"
        return f"{row.label}: {_words(told.exercise)} done, {done}, score {told.score:.0f}"


def _words(name: str) -> str:
    return name.replace("_", " ")
