"""Watches one camera: takes its frames as they come, has them looked at, tells identity and motion."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from opentelemetry import trace
from prometheus_client import Counter, Histogram

from mesh import names, telemetry
from mesh.ids import CameraId, GymId, PersonId
from spotter.motion.v1 import motion_pb2
from svc_vision.details import DetailMaker
from svc_vision.eye import CameraEye, Look, Unit, VideoFormat
from svc_vision.identity_link import IdentityLink
from svc_vision.motion_link import MotionLink
from svc_vision.preview import Preview, PreviewHub
from svc_vision.scheduling.turns import Turns
from svc_vision.sightings import Sightings
from svc_vision.wire import keypoints_message

_ANALYSED = Counter(names.METRIC_FRAMES_ANALYSED, "Frames analysed.", ["camera_id"])
_DROPPED = Counter(names.METRIC_FRAMES_DROPPED, "Frames skipped for a newer one.", ["camera_id"])
_SECONDS = Histogram(names.METRIC_FRAME_SECONDS, "Time of decoding and analysing, s.", ["camera_id"])
_IDLE = Counter(names.METRIC_FRAMES_IDLE, "Frames passed over on purpose: nothing moved.", ["camera_id"])
_TURN_SECONDS = Histogram(names.METRIC_TURN_SECONDS, "For how long a wanted frame waited for its turn, s.")
T = TypeVar("T")


@dataclass(frozen=True)
class Surroundings:
    """What all cameras of a gym share."""

    gym_id: GymId
    identity: IdentityLink
    motion: MotionLink
    previews: PreviewHub
    workers: ThreadPoolExecutor
    """More threads than turns, so that decoding goes on while pictures are looked at."""
    turns: Turns
    """Who looks at a picture now; shared by all cameras of the process."""
    make_details: DetailMaker = field(default_factory=DetailMaker)
    """What is looked for in some frames only."""


@dataclass
class Progress:
    """Counters since the stream opened."""

    analysed: int = 0
    dropped: int = 0
    """Wanted and not looked at, because the machine is too slow."""
    idle: int = 0
    """Not wanted: nothing moved, or the camera sends more than is looked at."""
    corrupt: int = 0
    last_sequence: int = 0
    people: int = 0
    frame_times_ms: deque[float] = field(default_factory=lambda: deque(maxlen=100))


class CameraWatch(ABC):
    """One camera's stream, from its opening to its end."""

    every: bool
    """Every picture is analysed, instead of the newest."""
    units_a_call: int
    """Access units that `take` is given at once, at most."""

    def __init__(self, camera_id: CameraId, eye: CameraEye, around: Surroundings) -> None:
        self.camera_id = camera_id
        self.gym_id = around.gym_id
        self.progress = Progress()
        self._eye = eye
        self._around = around
        self._sightings = Sightings(camera_id, self.every, around.identity, around.workers, around.make_details())
        self._last: Look | None = None
        self._ticket = object()

    @abstractmethod
    async def run(self) -> None:
        """Looks at what `take` has left, until cancelled."""

    @abstractmethod
    async def take(self, units: list[Unit]) -> None:
        """Decodes these access units."""

    @abstractmethod
    async def _finish_looking(self) -> None:
        """Returns when what the source showed last has been looked at and told."""

    async def change_format(self, video: VideoFormat) -> None:
        """What follows is coded differently."""
        await self._in_worker(lambda: self._eye.change_format(video))

    async def finish(self) -> None:
        """The source ended: returns when everything it showed is counted and stored."""
        await self._finish_looking()
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

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Waits for this camera's turn to spend a model's time."""
        asked_s = asyncio.get_running_loop().time()
        async with self._around.turns.turn(self._ticket):
            _TURN_SECONDS.observe(asyncio.get_running_loop().time() - asked_s)
            yield

    async def _timed(self, work: Callable[[], T]) -> tuple[T, float]:
        """Does it in a worker; returns how long it took, s."""
        began_s = asyncio.get_running_loop().time()
        return await self._in_worker(work), asyncio.get_running_loop().time() - began_s

    def _count(self, looks: Sequence[Look], seconds: float) -> None:
        self.progress.corrupt = self._eye.corrupt
        if not looks:
            return
        self.progress.analysed += len(looks)
        self.progress.last_sequence = looks[-1].sequence
        self.progress.people = len(looks[-1].people)
        self.progress.frame_times_ms.append(seconds * 1000 / len(looks))
        _ANALYSED.labels(self.camera_id).inc(len(looks))
        _SECONDS.labels(self.camera_id).observe(seconds / len(looks))

    def _count_dropped(self) -> None:
        self.progress.dropped += 1
        _DROPPED.labels(self.camera_id).inc()

    def _count_idle(self, frames: int = 1) -> None:
        self.progress.idle += frames
        _IDLE.labels(self.camera_id).inc(frames)

    async def _tell(self, look: Look) -> None:
        self._last = look
        with telemetry.tracer().start_as_current_span("vision.look") as span:
            person_ids = await self._sightings.see(look)
            self._around.previews.show(self.gym_id, self.camera_id, Preview(look, person_ids))
            request = motion_pb2.FollowRequest(frame=self._people_frame(look, person_ids, span))
        if self.every:
            await self._around.motion.send_all(request)
        elif not self._around.motion.send(request):
            self._count_dropped()

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
            cut_time_ns=look.cut_time_ns,
        )
