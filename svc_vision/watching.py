"""Watches one camera: takes its frames as they come, looks at them in a worker thread, tells identity and motion."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from opentelemetry import trace
from prometheus_client import Counter, Histogram

from mesh import names, telemetry
from mesh.ids import CameraId, GymId, PersonId
from spotter.motion.v1 import motion_pb2
from svc_vision.eye import CameraEye, Look, Unit, VideoFormat
from svc_vision.identity_link import IdentityLink
from svc_vision.motion_link import MotionLink
from svc_vision.preview import Preview, PreviewHub
from svc_vision.sightings import Sightings
from svc_vision.wire import keypoints_message

_ANALYSED = Counter(names.METRIC_FRAMES_ANALYSED, "Frames analysed.", ["camera_id"])
_DROPPED = Counter(names.METRIC_FRAMES_DROPPED, "Frames skipped for a newer one.", ["camera_id"])
_SECONDS = Histogram(names.METRIC_FRAME_SECONDS, "Time of decoding and analysing, s.", ["camera_id"])
UNITS_A_CALL_EVERY = 4
"""Access units decoded at once where every picture is analysed; live, all that wait are."""
T = TypeVar("T")


@dataclass(frozen=True)
class Surroundings:
    """What all cameras of a gym share."""

    gym_id: GymId
    identity: IdentityLink
    motion: MotionLink
    previews: PreviewHub
    workers: ThreadPoolExecutor


@dataclass
class Progress:
    """Counters since the stream opened."""

    analysed: int = 0
    dropped: int = 0
    corrupt: int = 0
    last_sequence: int = 0
    people: int = 0
    frame_times_ms: deque[float] = field(default_factory=lambda: deque(maxlen=100))


class CameraWatch:
    """One camera's stream, from its opening to its end."""

    def __init__(self, camera_id: CameraId, eye: CameraEye, every: bool, around: Surroundings) -> None:
        self.camera_id = camera_id
        self.gym_id = around.gym_id
        self.progress = Progress()
        self.units_a_call = UNITS_A_CALL_EVERY if every else sys.maxsize
        self._eye = eye
        self.every = every
        """Every picture is analysed, instead of the newest."""
        self._around = around
        self._sightings = Sightings(camera_id, every, around.identity, around.workers)
        self._last: Look | None = None

    async def change_format(self, video: VideoFormat) -> None:
        """What follows is coded differently."""
        await self._in_worker(lambda: self._eye.change_format(video))

    async def take(self, units: list[Unit]) -> None:
        """Decodes these access units, analyses the newest picture (or all), tells everybody."""
        started = asyncio.get_running_loop().time()
        looks, skipped = await self._in_worker(lambda: self._eye.look(units, self.every))
        seconds = asyncio.get_running_loop().time() - started
        self._count(looks, skipped, seconds)
        for look in looks:
            await self._tell(look)

    async def finish(self) -> None:
        """The source ended: returns when everything it showed is counted and stored."""
        looks, skipped = await self._in_worker(lambda: self._eye.finish(self.every))
        self._count(looks, skipped, 0.0)
        for look in looks:
            await self._tell(look)
        capture_ns = self._last.capture_time_ns if self._last else 0
        receive_ns = self._last.receive_time_ns if self._last else 0
        self._sightings.end(capture_ns)
        await self._around.motion.end_camera(self.camera_id, capture_ns, receive_ns)

    def close(self) -> None:
        """Nobody watches any more."""
        self._around.previews.close(self.gym_id, self.camera_id)
        self._sightings.close()

    async def _in_worker(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._around.workers, work)

    def _count(self, looks: list[Look], skipped: int, seconds: float) -> None:
        progress = self.progress
        progress.analysed += len(looks)
        progress.dropped += skipped
        progress.corrupt = self._eye.corrupt
        _ANALYSED.labels(self.camera_id).inc(len(looks))
        _DROPPED.labels(self.camera_id).inc(skipped)
        if looks:
            progress.last_sequence = looks[-1].sequence
            progress.people = len(looks[-1].people)
            progress.frame_times_ms.append(seconds * 1000 / len(looks))
            _SECONDS.labels(self.camera_id).observe(seconds / len(looks))

    async def _tell(self, look: Look) -> None:
        self._last = look
        with telemetry.tracer().start_as_current_span("vision.look") as span:
            person_ids = await self._sightings.see(look)
            self._around.previews.show(self.gym_id, self.camera_id, Preview(look, person_ids))
            request = motion_pb2.FollowRequest(frame=self._people_frame(look, person_ids, span))
        if self.every:
            await self._around.motion.send_all(request)
        elif not self._around.motion.send(request):
            self.progress.dropped += 1

    def _people_frame(
        self, look: Look, person_ids: tuple[PersonId | None, ...], span: trace.Span
    ) -> motion_pb2.PeopleFrame:
        known = [row for row, person_id in enumerate(person_ids) if person_id is not None]
        return motion_pb2.PeopleFrame(
            camera_id=self.camera_id,
            sequence=look.sequence,
            capture_time_ns=look.capture_time_ns,
            receive_time_ns=look.receive_time_ns,
            width_px=look.picture.width,
            height_px=look.picture.height,
            person_ids=[person_ids[row] or "" for row in known],
            keypoints=keypoints_message(look.people.rows(known)),
            traceparent=telemetry.traceparent() if span.is_recording() else "",
        )
