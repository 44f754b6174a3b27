"""Everybody in one gym: which person's frames go to which state, what is stored, what is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from mesh import names, times
from mesh.bus import Bus
from mesh.ids import CameraId, GymId, new_id
from spotter.common.v1 import exercise_pb2
from svc_motion.events import MotionEvent, PersonId, SetRecord
from svc_motion.library import Library
from svc_motion.messages import Moment, live_message, set_id_of
from svc_motion.observation import KeypointSchema, Observation, body_frame
from svc_motion.person import ABSENT_S, PersonMotion
from svc_motion.recorder import Recorder
from svc_motion.safety.alerts import Alerts
from svc_motion.safety.watch import SafetyWatch
from svc_motion.settings import MotionSettings
from svc_motion.store import MotionStore
from svc_motion.triton_network import all_of
from svc_motion.views import ViewChoice

_log = structlog.get_logger()
SHOWN_ABSENT_AFTER_S = 1.0
"""A person who is missing from their camera's frames for this long is shown as not visible."""
SWEEP_INTERVAL_S = 2.0
SHOWN_EARLY_SHARE = 0.75
"""A frame that was held up a little must not put the one after it off."""


@dataclass(frozen=True)
class SeenFrame:
    """The people of one frame of one camera; row i of the arrays belongs to person_ids[i]."""

    camera_id: CameraId
    capture_time_ns: int
    receive_time_ns: int
    width_px: int
    height_px: int
    person_ids: tuple[PersonId, ...]
    schema: KeypointSchema
    keypoints: NDArray[np.float32]
    """(N, K, 3): x px, y px, confidence."""
    world: NDArray[np.float32] | None
    """(N, 33, 3) m; None where there is no depth."""
    traceparent: str = ""
    cut_time_ns: int = 0
    """Capture time of the first frame after the camera's picture was cut last; 0 where none was seen."""


@dataclass
class _Followed:
    motion: PersonMotion
    views: ViewChoice
    record: SetRecord | None
    capture_time_ns: int = 0
    receive_time_ns: int = 0
    handled_s: float = 0.0
    """When the last frame was handled, on the event loop's clock."""
    shown_ns: int = 0
    shown_s: float = float("-inf")
    shown_absent: bool = False

    @property
    def camera_id(self) -> CameraId:
        """The camera that counts this person."""
        return self.views.camera_id


class Follower:
    """Follows the people of one gym. Its methods are called one at a time, in the order of the frames."""

    def __init__(
        self,
        gym_id: GymId,
        library: Library,
        store: MotionStore,
        recorder: Recorder,
        bus: Bus,
        settings: MotionSettings,
        alerts: Alerts,
    ) -> None:
        self._gym_id = gym_id
        self._library = library
        self._network = library.network
        self._store = store
        self._recorder = recorder
        self._bus = bus
        self._settings = settings
        self._alerts = alerts
        self._safety = SafetyWatch(settings.pinned_after_s)
        self._people: dict[PersonId, _Followed] = {}
        self._lock = asyncio.Lock()

    async def see(self, frame: SeenFrame) -> None:
        """Counts and judges everybody in a frame; returns when what follows from it is stored."""
        async with self._lock:
            self._safety.cut(frame.camera_id, frame.cut_time_ns)
            rows = range(len(frame.person_ids))
            if self._network is not None and self._network.answers_together:
                await all_of([self._observe(frame, row) for row in rows])
            else:
                for row in rows:
                    await self._observe(frame, row)
            await self._notice_absent(frame)

    async def end_camera(self, camera_id: CameraId, capture_time_ns: int, receive_time_ns: int) -> None:
        """A camera ended: closes the sets of everybody it saw last."""
        async with self._lock:
            for person_id, followed in list(self._people.items()):
                if followed.camera_id == camera_id:
                    followed.receive_time_ns = receive_time_ns or followed.receive_time_ns
                    await self._flush(person_id, followed, max(capture_time_ns, followed.capture_time_ns))
                    self._people.pop(person_id, None)
                    self._safety.forget(person_id)

    async def watch_absent(self) -> None:
        """Closes, until cancelled, the sets of people whose camera has gone silent, and those a crash left open."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        adopted = False
        while True:
            await asyncio.sleep(SWEEP_INTERVAL_S)
            limit_s = loop.time() - self._settings.forget_after_s
            async with self._lock:
                if not adopted and started_s < limit_s:
                    await self._adopt_orphans()
                    adopted = True
                for person_id, followed in list(self._people.items()):
                    if followed.handled_s < limit_s:
                        await self._flush(person_id, followed, followed.capture_time_ns)
                        self._people.pop(person_id, None)
                        self._safety.forget(person_id)

    async def _followed(self, person_id: PersonId, frame: SeenFrame) -> _Followed:
        """The person's state."""
        followed = self._people.get(person_id)
        if followed is None:
            followed = await self._resume(person_id, frame.camera_id)
            await self._store.follow(self._gym_id, person_id, frame.capture_time_ns)
        return followed

    async def _resume(self, person_id: PersonId, camera_id: CameraId) -> _Followed:
        record, closed, counted_until_ns = await self._store.resume(person_id)
        motion = PersonMotion.resume(self._library, person_id, record, closed, counted_until_ns)
        followed = self._people[person_id] = _Followed(motion, ViewChoice(self._library, camera_id), record)
        if record is not None:
            _log.info("set_resumed", person_id=person_id, repetitions=record.repetitions)
        return followed

    async def _observe(self, frame: SeenFrame, row: int) -> None:
        person_id = frame.person_ids[row]
        followed = await self._followed(person_id, frame)
        observation = Observation(
            frame.capture_time_ns,
            frame.keypoints[row],
            frame.schema,
            frame.width_px,
            frame.height_px,
            frame.world[row] if frame.world is not None else None,
            after_cut=0 < followed.capture_time_ns < frame.cut_time_ns <= frame.capture_time_ns,
        )
        before, motion = followed.camera_id, followed.motion
        if not followed.views.see(frame.camera_id, body_frame(observation), motion.live):
            return
        events: list[MotionEvent] = []
        if followed.camera_id != before:
            events = motion.cut()
            self._safety.forget(person_id)
        followed.capture_time_ns = max(followed.capture_time_ns, frame.capture_time_ns)
        followed.receive_time_ns = frame.receive_time_ns
        followed.handled_s = asyncio.get_running_loop().time()
        followed.shown_absent = False
        events += await self._updated(motion, observation)
        await self._watch_over(person_id, followed, observation, frame.traceparent)
        await self._store_events(person_id, followed, events, frame.traceparent)
        if events or self._is_due(followed):
            await self._show(person_id, followed)

    async def _updated(self, motion: PersonMotion, observation: Observation) -> list[MotionEvent]:
        if self._network is None:
            return motion.update(observation)
        return await self._network.run(lambda: motion.update(observation))

    async def _watch_over(
        self, person_id: PersonId, followed: _Followed, observation: Observation, traceparent: str
    ) -> None:
        live = followed.motion.live
        for event in self._safety.see(person_id, observation, live, followed.camera_id):
            moment = self._moment(person_id, followed, traceparent)
            set_id = set_id_of(moment, live.set_start_ns) if live.set_start_ns is not None else None
            # A stream that breaks here must not take the alert with it: the same fall isn't found twice.
            await asyncio.shield(asyncio.create_task(self._alerts.raise_alert(moment, event, set_id)))

    def _is_due(self, followed: _Followed) -> bool:
        """Screens are told so often and no oftener, also of a film that runs faster than it was taken."""
        interval_s = self._settings.live_interval_s
        captured_s = (followed.capture_time_ns - followed.shown_ns) / times.NS_PER_S
        return captured_s >= interval_s and followed.handled_s - followed.shown_s >= SHOWN_EARLY_SHARE * interval_s

    async def _notice_absent(self, frame: SeenFrame) -> None:
        seen = set(frame.person_ids)
        for person_id, followed in self._people.items():
            if person_id in seen or followed.camera_id != frame.camera_id:
                continue
            absent_s = (frame.capture_time_ns - followed.capture_time_ns) / times.NS_PER_S
            if absent_s > ABSENT_S and followed.record is not None:
                await self._flush(person_id, followed, frame.capture_time_ns)
            elif absent_s > SHOWN_ABSENT_AFTER_S and not followed.shown_absent:
                followed.shown_absent = True
                await self._show(person_id, followed, absent=True)

    async def _flush(self, person_id: PersonId, followed: _Followed, time_ns: int) -> None:
        await self._store_events(person_id, followed, followed.motion.flush(time_ns), "")
        await self._show(person_id, followed, absent=True)

    async def _store_events(
        self, person_id: PersonId, followed: _Followed, events: list[MotionEvent], traceparent: str
    ) -> None:
        if not events:
            return
        before, after = followed.record, followed.motion.open_set
        followed.record = after
        moment = self._moment(person_id, followed, traceparent)
        # A stream that breaks here must not tear what has been counted from what is stored.
        work = asyncio.create_task(self._recorder.record(moment, before, events, after))
        try:
            await asyncio.shield(work)
        except Exception:
            # What is in memory and what is stored differ: start again from what is stored.
            self._people.pop(person_id, None)
            raise

    async def _show(self, person_id: PersonId, followed: _Followed, absent: bool = False) -> None:
        followed.shown_ns, followed.shown_s = followed.capture_time_ns, followed.handled_s
        event = live_message(followed.motion.live, self._moment(person_id, followed), new_id())
        if absent:
            event.person_activity.state = exercise_pb2.ACTIVITY_STATE_NOT_VISIBLE
        await self._bus.publish_live(names.live_subject(self._gym_id, person_id), event)

    async def _adopt_orphans(self) -> None:
        for person_id, camera_id in await self._store.people_with_open_sets(self._gym_id):
            if person_id not in self._people:
                followed = await self._resume(person_id, camera_id)
                if followed.record is not None:
                    followed.capture_time_ns = followed.record.last_activity_ns

    def _moment(self, person_id: PersonId, followed: _Followed, traceparent: str = "") -> Moment:
        return Moment(
            self._gym_id,
            person_id,
            followed.camera_id,
            followed.capture_time_ns,
            followed.receive_time_ns,
            traceparent,
        )
