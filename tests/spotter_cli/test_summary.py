from __future__ import annotations

from mesh import times
from spotter.ingest.v1 import ingest_pb2
from spotter.motion.v1 import motion_pb2
from spotter_cli.board import Latencies
from spotter_cli.summary import summarise

ORIGIN_NS = 1_800_000_000_000_000_000


def at(seconds: float) -> object:
    return times.to_timestamp(ORIGIN_NS + int(seconds * times.NS_PER_S))


def one_set(set_id: str, person_id: str, start_s: float, *cameras: str) -> motion_pb2.Set:
    found = motion_pb2.Set(
        set_id=set_id, person_id=person_id, exercise="squat", repetition_count=6, score=81.26, camera_ids=cameras
    )
    found.start_time.CopyFrom(at(start_s))  # type: ignore[arg-type]
    found.end_time.CopyFrom(at(start_s + 10))  # type: ignore[arg-type]
    found.fault_counts["knees_caving_in"] = 3
    return found


def camera(camera_id: str) -> ingest_pb2.Camera:
    made = ingest_pb2.Camera(camera_id=camera_id, uri="/a.mp4", frames_read=9, frames_analysed=7, frames_dropped=2)
    made.first_frame_time.CopyFrom(at(0))  # type: ignore[arg-type]
    return made


def test_the_summary_has_the_documented_form() -> None:
    assert summarise([camera("a")], [one_set("s1", "p1", 1.5, "a")], Latencies([10, 20, 30], [])) == {
        "sources": [{"camera_id": "a", "uri": "/a.mp4", "frames": 9, "analysed": 7, "dropped": 2, "idle": 0}],
        "people": [
            {
                "person_id": "p1",
                "cameras": ["a"],
                "sets": [
                    {
                        "exercise": "squat",
                        "reps": 6,
                        "start_s": 1.5,
                        "end_s": 11.5,
                        "faults": {"knees_caving_in": 3},
                        "score": 81.3,
                    }
                ],
            }
        ],
        "latency_ms": {
            "capture_to_event": {"p50": 20.0, "p99": 29.8},
            "event_to_client": {"p50": None, "p99": None},
        },
    }


def test_a_set_that_two_cameras_saw_stands_once() -> None:
    seen = one_set("s1", "p1", 1, "a", "b")
    people = summarise([camera("a"), camera("b")], [seen, seen], Latencies())["people"]
    assert [(person["cameras"], len(person["sets"])) for person in people] == [(["a", "b"], 1)]


def test_people_come_in_the_order_of_their_first_set() -> None:
    sets = [one_set("s3", "p1", 30, "a"), one_set("s2", "p2", 20, "a"), one_set("s1", "p1", 10, "a")]
    people = summarise([camera("a")], sets, Latencies())["people"]
    assert [(person["person_id"], [one["start_s"] for one in person["sets"]]) for person in people] == [
        ("p1", [10.0, 30.0]),
        ("p2", [20.0]),
    ]
