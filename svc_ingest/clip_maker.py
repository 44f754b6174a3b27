"""From a wish for a clip to a file in the object store, its row, and the event that announces it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from prometheus_client import Counter

from mesh import names, times
from mesh.errors import FailedPrecondition, NotFound, StartupError
from mesh.ids import derived_id
from spotter.events.v1 import events_pb2
from svc_ingest.cameras import Cameras
from svc_ingest.clips import ClipError, ClipFile, cut
from svc_ingest.records import ClipRecord
from svc_ingest.settings import IngestSettings
from svc_ingest.store import Store, Told

_log = structlog.get_logger()
_CLIPS = Counter(names.METRIC_CLIPS, "Clips cut.", ["outcome"])
PIECE_BYTES = 64 * 1024
PATIENCE_S = 2.0


@dataclass(frozen=True)
class ClipWish:
    """A clip that somebody wants."""

    clip_id: str
    """The same id makes one clip."""
    gym_id: str
    camera_id: str
    center_ns: int
    """Capture time in the middle of it."""
    duration_ns: int
    reason: str
    person_id: str = ""
    set_id: str = ""
    cause_event_id: str = ""


class ClipMaker:
    """Cuts clips, at most one at a time of each id."""

    def __init__(self, cameras: Cameras, store: Store, settings: IngestSettings) -> None:
        self._cameras = cameras
        self._store = store
        self._encoders = [name.strip() for name in settings.clip_encoders.split(",") if name.strip()]
        self._objects = open_objects(settings.object_store_url)
        self._making: dict[str, asyncio.Task[ClipRecord]] = {}

    async def make(self, wish: ClipWish) -> ClipRecord:
        """The clip, cut as soon as its last frame is there. Goes on where the caller gives up.

        Raises NotFound for an unknown camera, FailedPrecondition where nothing of that time is kept.
        """
        return await asyncio.shield(self.begin(wish))

    def begin(self, wish: ClipWish) -> asyncio.Task[ClipRecord]:
        """Starts to make the clip; whoever asks again for the same id gets the same task."""
        task = self._making.get(wish.clip_id)
        if task is None:
            task = asyncio.create_task(self._make(wish), name=f"clip-{wish.clip_id}")
            task.add_done_callback(lambda done: self._made(wish, done))
            self._making[wish.clip_id] = task
        return task

    async def read(self, gym_id: str, clip_id: str) -> AsyncIterator[bytes]:
        """The clip's file in pieces of at most 64 KiB. Raises NotFound."""
        clip = await self._store.clip(gym_id, clip_id)
        if clip is None:
            raise unknown_clip(clip_id)
        try:
            found = await obstore.get_async(self._objects, clip.object_key)
        except FileNotFoundError:
            raise NotFound(
                "CLIP_FILE_GONE", "The clip's file is gone from the object store.", clip_id=clip_id
            ) from None
        async for chunk in found.stream(min_chunk_size=PIECE_BYTES):
            data = bytes(chunk)
            for start in range(0, len(data), PIECE_BYTES):
                yield data[start : start + PIECE_BYTES]

    async def close(self) -> None:
        """Finishes what is being cut."""
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    async def _make(self, wish: ClipWish) -> ClipRecord:
        known = await self._store.clip(wish.gym_id, wish.clip_id)
        if known:
            return known
        camera = self._cameras.running(wish.gym_id, wish.camera_id)
        start_ns, end_ns = wish.center_ns - wish.duration_ns // 2, wish.center_ns + wish.duration_ns // 2
        await self._wait_for(wish, end_ns)
        try:
            made = await asyncio.to_thread(cut, camera.ring.cut(start_ns, end_ns), self._encoders)
        except ClipError as error:
            raise FailedPrecondition(
                "CLIP_NOT_KEPT", f"No clip can be cut: {error}.", camera_id=wish.camera_id
            ) from None
        return await self._keep(wish, made)

    async def _wait_for(self, wish: ClipWish, end_ns: int) -> None:
        """Returns when the last frame has arrived, or doesn't come any more."""
        camera = self._cameras.running(wish.gym_id, wish.camera_id)
        with contextlib.suppress(TimeoutError):
            while (camera.ring.newest_ns or 0) < end_ns and not camera.over:
                camera.arrived.clear()
                await asyncio.wait_for(camera.arrived.wait(), PATIENCE_S)

    async def _keep(self, wish: ClipWish, made: ClipFile) -> ClipRecord:
        key = f"{wish.gym_id}/{wish.camera_id}/{wish.clip_id}.mp4"
        await obstore.put_async(self._objects, key, made.data)
        clip = ClipRecord(
            wish.clip_id,
            wish.gym_id,
            wish.camera_id,
            wish.person_id,
            wish.set_id,
            wish.reason,
            made.start_time_ns,
            made.duration_ns,
            len(made.data),
            key,
            times.now_ns(),
        )
        return await self._store.add_clip(clip, _ready(clip, wish))

    def _made(self, wish: ClipWish, done: asyncio.Task[ClipRecord]) -> None:
        self._making.pop(wish.clip_id, None)
        error = None if done.cancelled() else done.exception()
        _CLIPS.labels("failed" if error else "cut").inc()
        if error:
            _log.info("clip_not_cut", camera_id=wish.camera_id, reason=wish.reason, error=type(error).__name__)


def open_objects(url: str) -> ObjectStore:
    """The object store of a URL; a local folder is created. Raises StartupError where the URL can't be used."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "file":
            folder = Path(unquote(parts.path))
            folder.mkdir(parents=True, exist_ok=True)
            return LocalStore(folder)
        return from_url(url)
    except (BaseError, ValueError, OSError) as error:
        raise StartupError(
            f"SPOTTER_OBJECT_STORE={url.split('@')[-1]}: can't be used ({type(error).__name__}); "
            "name a folder (file:///…) or a bucket (s3://…)."
        ) from None


def unknown_clip(clip_id: str) -> NotFound:
    """The error for a clip that doesn't exist."""
    return NotFound("CLIP_NOT_FOUND", f"There is no clip {clip_id} in this gym.", clip_id=clip_id)


def _ready(clip: ClipRecord, wish: ClipWish) -> Told:
    event = events_pb2.Event(
        meta=events_pb2.EventMeta(
            event_id=derived_id("clip_ready", clip.clip_id),
            gym_id=clip.gym_id,
            capture_time=times.to_timestamp(wish.center_ns),
            receive_time=times.to_timestamp(clip.create_time_ns),
            cause_event_id=wish.cause_event_id,
        ),
        clip_ready=events_pb2.ClipReady(
            clip_id=clip.clip_id,
            camera_id=clip.camera_id,
            person_id=clip.person_id,
            set_id=clip.set_id,
            reason=clip.reason,
            duration=times.to_duration(clip.duration_ns / times.NS_PER_S),
        ),
    )
    return names.event_subject(clip.gym_id, "ingest", "clip_ready", clip.person_id or clip.camera_id), event
