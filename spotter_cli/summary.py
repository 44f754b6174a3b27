"""What a watch has found, as the JSON that `--summary` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mesh import times
from spotter.ingest.v1 import ingest_pb2
from spotter.motion.v1 import motion_pb2
from spotter_cli.board import Latencies

Json = dict[str, Any]


def summarise(cameras: Sequence[ingest_pb2.Camera], sets: Sequence[motion_pb2.Set], latencies: Latencies) -> Json:
    """Sources, people with their sets (times in s since the camera's first frame), and latencies in ms."""
    return {
        "sources": [_source(camera) for camera in cameras],
        "people": _people({camera.camera_id: camera for camera in cameras}, sets),
        "latency_ms": {
            "capture_to_event": _percentiles(latencies.capture_to_event_ms),
            "event_to_client": _percentiles(latencies.event_to_client_ms),
        },
    }


def _source(camera: ingest_pb2.Camera) -> Json:
    return {
        "camera_id": camera.camera_id,
        "uri": camera.uri,
        "frames": camera.frames_read,
        "analysed": camera.frames_analysed,
        "dropped": camera.frames_dropped,
        "idle": camera.frames_idle,
    }


def _people(cameras: Mapping[str, ingest_pb2.Camera], sets: Sequence[motion_pb2.Set]) -> list[Json]:
    """In the order of their first set; a set that several cameras have seen stands once."""
    once = {found.set_id: found for found in sets}
    by_person: dict[str, list[motion_pb2.Set]] = {}
    for found in sorted(once.values(), key=lambda one: times.from_timestamp(one.start_time)):
        by_person.setdefault(found.person_id, []).append(found)
    return [
        {
            "person_id": person_id,
            "cameras": list(dict.fromkeys(camera for found in own for camera in found.camera_ids)),
            "sets": [_set(found, cameras) for found in own],
        }
        for person_id, own in by_person.items()
    ]


def _set(found: motion_pb2.Set, cameras: Mapping[str, ingest_pb2.Camera]) -> Json:
    first = next((cameras[camera] for camera in found.camera_ids if camera in cameras), None)
    origin_ns = times.from_timestamp(first.first_frame_time) if first else 0
    return {
        "exercise": found.exercise,
        "reps": found.repetition_count,
        "start_s": round((times.from_timestamp(found.start_time) - origin_ns) / times.NS_PER_S, 2),
        "end_s": round((times.from_timestamp(found.end_time) - origin_ns) / times.NS_PER_S, 2),
        "faults": dict(found.fault_counts),
        "score": round(found.score, 1),
    }


def _percentiles(values_ms: Sequence[float]) -> Json:
    if not values_ms:
        return {"p50": None, "p99": None}
    p50, p99 = np.percentile(values_ms, [50, 99])
    return {"p50": round(float(p50), 1), "p99": round(float(p99), 1)}
