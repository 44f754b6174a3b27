from __future__ import annotations

from mesh import times
from spotter.common.v1 import exercise_pb2
from spotter.edge.v1 import edge_pb2
from spotter.events.v1 import events_pb2
from spotter.identity.v1 import identity_pb2
from spotter_cli.board import Board
from spotter_cli.live_client import Received

NOW_NS = 1_800_000_000_000_000_000
MS = 1_000_000


def received(**body: object) -> Received:
    meta = events_pb2.EventMeta(
        receive_time=times.to_timestamp(NOW_NS - 50 * MS), publish_time=times.to_timestamp(NOW_NS - 10 * MS)
    )
    event = events_pb2.Event(meta=meta, **body)  # type: ignore[arg-type]
    return Received(edge_pb2.LiveUpdate(event=event), NOW_NS)


def counted(number: int, camera_id: str = "cam", faults: tuple[str, ...] = ()) -> Received:
    body = events_pb2.RepetitionCounted(
        person_id="p1",
        camera_id=camera_id,
        exercise="squat",
        number=number,
        faults=[exercise_pb2.Fault(name=name) for name in faults],
    )
    return received(repetition_counted=body)


def board() -> Board:
    made = Board()
    made.watch("cam", "front door")
    return made


def test_a_repetition_is_a_line_and_raises_the_count() -> None:
    followed = board()
    assert followed.apply(counted(1)) == "Person 1: squat 1"
    assert followed.apply(counted(2, faults=("shallow_squat",))) == "Person 1: squat 2 (shallow squat)"
    assert (followed.people["p1"].repetitions, followed.people["p1"].fault) == (2, "shallow squat")


def test_a_relabelled_set_shows_no_fault_of_what_it_was_taken_for() -> None:
    followed = board()
    followed.apply(counted(1, faults=("shallow_squat",)))
    body = events_pb2.SetRelabelled(person_id="p1", previous_exercise="squat", exercise="deadlift")
    body.repetitions.add(number=1, score=90)
    assert followed.apply(received(set_relabelled=body)) == "Person 1: that is deadlift, not squat"
    assert (followed.people["p1"].exercise, followed.people["p1"].fault) == ("deadlift", "")


def test_other_cameras_are_none_of_our_business() -> None:
    followed = board()
    assert followed.apply(counted(1, camera_id="elsewhere")) == ""
    assert not followed.people and not followed.latencies.event_to_client_ms


def test_activity_fills_the_table_without_a_line_and_without_counting_as_a_durable_event() -> None:
    followed = board()
    activity = events_pb2.PersonActivity(
        person_id="p1", camera_id="cam", set_id="s", exercise="plank", hold_s=12, range_of_motion_ratio=0.5
    )
    assert followed.apply(received(person_activity=activity)) == ""
    row = followed.people["p1"]
    assert (row.exercise, row.hold_s, row.range_ratio) == ("plank", 12, 0.5)
    assert not followed.latencies.capture_to_event_ms


def test_latencies_are_measured_from_frame_to_event_and_from_event_to_here() -> None:
    followed = board()
    followed.apply(counted(1))
    assert followed.latencies.capture_to_event_ms == [40.0]
    assert followed.latencies.event_to_client_ms == [10.0]


def test_people_are_called_what_other_screens_call_them() -> None:
    followed = board()
    assert followed.stranger_in(counted(1))
    assert not followed.stranger_in(counted(1, camera_id="elsewhere"))
    followed.take_labels([identity_pb2.Person(person_id="p1", label="Person 7")])
    assert not followed.stranger_in(counted(1))
    assert followed.apply(counted(1)) == "Person 7: squat 1"


def test_what_the_coach_says_reaches_the_person_it_is_for() -> None:
    followed = board()
    said = events_pb2.GuidanceGiven(person_id="p1", text="Knees out.")
    assert followed.apply(received(guidance_given=said)) == "", "nobody on our cameras"
    followed.apply(counted(1))
    assert "Knees out." in followed.apply(received(guidance_given=said))
    assert followed.people["p1"].guidance == "Knees out."


def test_a_camera_s_state_is_told_with_its_reason() -> None:
    changed = events_pb2.CameraStateChanged(camera_id="cam", state="STATE_FAILED", detail="It is off.")
    assert board().apply(received(camera_state_changed=changed)) == "front door: failed – It is off."
