"""All cameras of this process: attaching, detaching, storing how far they are, going on after a restart."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from mesh import names, times
from mesh.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted
from mesh.ids import derived_id
from spotter.events.v1 import events_pb2
from spotter.vision.v1 import vision_pb2_grpc
from svc_ingest.camera import Camera
from svc_ingest.feed import stop
from svc_ingest.records import CameraRecord
from svc_ingest.settings import IngestSettings
from svc_ingest.sources import camera_name, parse_source
from svc_ingest.states import State, Transition
from svc_ingest.store import Store, Told

_log = structlog.get_logger()
_CAMERAS = Gauge(names.METRIC_CAMERAS, "Cameras by state.", ["state"])
_DROPPED = Counter(names.METRIC_FRAMES_DROPPED, "Frames skipped because something newer was there.", ["camera_id"])
SAVE_EVERY_S = 1.0
RETRY_S = 0.5
MAX_NAMES = 1000


class Cameras:
    """Use as `async with Cameras(...)`: takes up the stored cameras on entry, stops them on exit."""

    def __init__(self, store: Store, settings: IngestSettings, stub: vision_pb2_grpc.VisionServiceStub) -> None:
        self._store = store
        self._settings = settings
        self._stub = stub
        self._running: dict[tuple[str, str], Camera] = {}
        self._saved: dict[tuple[str, str], CameraRecord] = {}
        self._changed = asyncio.Event()
        self._saving = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Cameras:
        for record in await self._store.all_cameras():
            self._saved[record.gym_id, record.camera_id] = record
            try:
                self._attach(record)
            except InvalidArgument as error:
                _log.warning("camera_not_resumed", camera_id=record.camera_id, reason=error.reason)
        self._task = asyncio.create_task(self._save_always(), name="cameras-save")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stops all cameras and stores how far they are; they go on from there when the process starts again."""
        task, self._task = self._task, None
        if task is None:
            return
        await stop(task)
        await asyncio.gather(*(camera.stop(ended=False) for camera in self._running.values()))
        with contextlib.suppress(SQLAlchemyError, OSError):
            await self._save()

    async def create(self, wanted: CameraRecord) -> CameraRecord:
        """Attaches a camera; makes an id where `wanted` has none. The same request makes one camera.

        Raises InvalidArgument, AlreadyExists, ResourceExhausted.
        """
        source = parse_source(wanted.uri, self._settings.schemes)
        if wanted.request_id and (known := await self._store.camera_of_request(wanted.gym_id, wanted.request_id)):
            return known
        if sum(gym_id == wanted.gym_id for gym_id, _ in self._running) >= self._settings.max_cameras:
            raise ResourceExhausted(
                "TOO_MANY_CAMERAS",
                f"There are {self._settings.max_cameras} cameras already; detach one, or raise SPOTTER_MAX_CAMERAS.",
            )
        base = wanted.camera_id or camera_name(source)
        for number in range(1, MAX_NAMES if not wanted.camera_id else 2):
            suffix = f"-{number}" if number > 1 else ""
            record = replace(wanted, camera_id=base[: 63 - len(suffix)].rstrip("-") + suffix)
            if await self._store.add_camera(record):
                self._attach(record)
                return record
            if wanted.request_id and (known := await self._store.camera_of_request(wanted.gym_id, wanted.request_id)):
                return known
        raise AlreadyExists(
            "CAMERA_EXISTS", f"There is a camera {base} already; choose another camera_id.", camera_id=base
        )

    async def get(self, gym_id: str, camera_id: str) -> CameraRecord:
        """One camera as of now. Raises NotFound."""
        camera = self._running.get((gym_id, camera_id))
        record = camera.record if camera else await self._store.camera(gym_id, camera_id)
        if record is None:
            raise _unknown(camera_id)
        return record

    async def list(self, gym_id: str, after: str, limit: int) -> list[CameraRecord]:
        """Cameras of a gym as of now, by id."""
        stored = await self._store.cameras(gym_id, after, limit)
        running = self._running
        return [running[key].record if (key := (gym_id, row.camera_id)) in running else row for row in stored]

    async def update(self, gym_id: str, camera_id: str, display_name: str | None, uri: str | None) -> CameraRecord:
        """Changes a camera; a new address is opened at once. Raises NotFound, InvalidArgument."""
        record = await self.get(gym_id, camera_id)
        camera = self._running.get((gym_id, camera_id))
        if display_name is not None:
            record = replace(record, display_name=display_name)
            if camera:
                camera.rename(display_name)
        if uri is not None and uri != record.uri:
            parse_source(uri, self._settings.schemes)
            if camera:
                await camera.stop(ended=True)
                record = replace(camera.record, display_name=record.display_name)
            record = replace(
                record, uri=uri, state=State.CONNECTING, state_detail="", position_ns=0, origin_ns=None, codec=""
            )
            camera = self._attach(record)
        await self._store.save_camera(record)
        return camera.record if camera else record

    async def delete(self, gym_id: str, camera_id: str) -> None:
        """Detaches a camera. Raises NotFound."""
        if not await self._store.delete_camera(gym_id, camera_id):
            raise _unknown(camera_id)
        camera = self._running.pop((gym_id, camera_id), None)
        self._saved.pop((gym_id, camera_id), None)
        if camera:
            await camera.stop(ended=True)

    def running(self, gym_id: str, camera_id: str) -> Camera:
        """The camera at work. Raises NotFound."""
        camera = self._running.get((gym_id, camera_id))
        if camera is None:
            raise _unknown(camera_id)
        return camera

    async def push(self, gym_id: str, camera_id: str, jpeg: bytes, capture_ns: int | None) -> bool:
        """Takes a phone's frame. Raises NotFound, FailedPrecondition, InvalidArgument."""
        camera = self.running(gym_id, camera_id)
        if not camera.pushed:
            raise FailedPrecondition(
                "NOT_A_PHONE", f"Camera {camera_id} isn't a phone; create one with the uri phone: for pushed frames."
            )
        try:
            return await camera.push(jpeg, capture_ns)
        except ValueError:
            raise InvalidArgument("jpeg", "jpeg isn't a JPEG picture; send one whole picture a call.") from None

    def _attach(self, record: CameraRecord) -> Camera:
        source = parse_source(record.uri, self._settings.schemes)
        camera = Camera(record, source, self._settings, self._stub, self._changed.set)
        self._running[record.gym_id, record.camera_id] = camera
        camera.start()
        return camera

    async def _save_always(self) -> None:
        while True:
            try:
                await self._save()
            except (SQLAlchemyError, OSError) as error:
                _log.info("cameras_not_saved", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                continue
            self._changed.clear()
            if any(camera.transitions for camera in self._running.values()):
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), SAVE_EVERY_S)

    async def _save(self) -> None:
        async with self._saving:
            for key, camera in list(self._running.items()):
                record, transitions = camera.record, list(camera.transitions)
                if self._running.get(key) is not camera or (record == self._saved.get(key) and not transitions):
                    continue
                await self._store.save_camera(record, [_event(record, change) for change in transitions])
                del camera.transitions[: len(transitions)]
                saved = self._saved.get(key)
                _DROPPED.labels(record.camera_id).inc(
                    max(0, record.frames_dropped - (saved.frames_dropped if saved else 0))
                )
                self._saved[key] = record
        for state in State:
            _CAMERAS.labels(state.name.lower()).set(sum(camera.state is state for camera in self._running.values()))


def _event(record: CameraRecord, change: Transition) -> Told:
    now = times.to_timestamp(change.time_ns)
    event_id = derived_id("camera_state", record.gym_id, record.camera_id, change.time_ns, change.state.value)
    event = events_pb2.Event(
        meta=events_pb2.EventMeta(event_id=event_id, gym_id=record.gym_id, capture_time=now, receive_time=now),
        camera_state_changed=events_pb2.CameraStateChanged(
            camera_id=record.camera_id,
            previous_state=change.previous.value,
            state=change.state.value,
            detail=change.detail,
        ),
    )
    return names.event_subject(record.gym_id, "ingest", "camera_state_changed", record.camera_id), event


def _unknown(camera_id: str) -> NotFound:
    return NotFound("CAMERA_NOT_FOUND", f"There is no camera {camera_id} in this gym.", camera_id=camera_id)
