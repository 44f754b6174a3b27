"""One camera at work: reads its source, feeds vision, keeps the ring, knows its state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from mesh import times
from spotter.vision.v1 import vision_pb2_grpc
from svc_ingest import feed as feeds
from svc_ingest.bridge import Bridge
from svc_ingest.feed import Progress, VisionFeed
from svc_ingest.jpeg import picture_size_px
from svc_ingest.packets import JPEG_CODEC, AccessUnit, VideoFormat
from svc_ingest.reader import Broken, Finished, Item, Opened, ReadPlan, SourceReader
from svc_ingest.records import CameraRecord
from svc_ingest.ring import PacketRing, RingLimits
from svc_ingest.settings import IngestSettings
from svc_ingest.sources import Source
from svc_ingest.states import Backoff, CameraStates, State, Transition

_log = structlog.get_logger()
BRIDGE_CAPACITY = 16
LAST_WORDS_S = 2.0
WATCH_EVERY_S = 0.5
KEEP_AFTER_END_S = 60.0


class Camera:
    """Runs from `start` to `stop`. `on_change` is called whenever there is something new to store or to tell."""

    def __init__(
        self,
        record: CameraRecord,
        source: Source,
        settings: IngestSettings,
        stub: vision_pb2_grpc.VisionServiceStub,
        on_change: Callable[[], None],
    ) -> None:
        self._record = record
        self._source = source
        self._settings = settings
        self._on_change = on_change
        past = Progress(record.frames_analysed, record.frames_dropped, record.frames_corrupt, record.frames_idle)
        self._feed = VisionFeed(stub, record.gym_id, record.camera_id, record.every, past)
        self._states = CameraStates(settings.stall_after_s, record.state, record.state_detail)
        self._tasks: list[asyncio.Task[None]] = []
        self._reader: SourceReader | None = None
        self._reading: asyncio.Task[None] | None = None
        self._format: VideoFormat | None = None
        self._end_ns = 0
        self._over = False
        self.ring = PacketRing(RingLimits(settings.ring_s, settings.ring_bytes))
        self.arrived = asyncio.Event()
        """Set whenever a packet came into the ring, or no more will come."""
        self.transitions: list[Transition] = []
        """Changes of state that aren't stored yet, oldest first."""

    @property
    def pushed(self) -> bool:
        """True where the frames come through `push`."""
        return self._source.pushed

    @property
    def state(self) -> State:
        """State now."""
        return self._states.state

    @property
    def over(self) -> bool:
        """True where no frame will come any more, or none comes just now."""
        return self._over or self._states.state is not State.LIVE

    @property
    def record(self) -> CameraRecord:
        """Everything to store of it, as of now."""
        progress, place_ns = self._feed.progress, self._feed.acknowledged_ns
        once = self._record.once and not self._source.live
        return replace(
            self._record,
            uri=self._record.uri,
            state=self._states.state,
            state_detail=self._states.detail,
            # Frames that vision saw twice, before and after it died, count once.
            frames_analysed=min(progress.analysed, self._record.frames_read),
            frames_dropped=progress.dropped,
            frames_corrupt=progress.corrupt,
            frames_idle=progress.idle,
            position_ns=place_ns if once and place_ns is not None else self._record.position_ns,
        )

    @property
    def shown_uri(self) -> str:
        """Its address without credentials."""
        return self._source.shown

    def rename(self, display_name: str) -> None:
        """Takes a new name."""
        self._record = replace(self._record, display_name=display_name)

    def start(self) -> None:
        """Begins to read and to feed vision."""
        if self._states.state is State.ENDED:
            return
        self._tasks = [
            asyncio.create_task(self._feed.run(), name="camera-feed"),
            asyncio.create_task(self._watch_over(), name="camera-watch"),
        ]
        if not self.pushed:
            self._reading = asyncio.create_task(self._read(), name="camera-read")
            self._tasks.append(self._reading)

    async def stop(self, ended: bool) -> None:
        """Stops. `ended` tells vision that nothing more will come; without it the camera goes on after a restart."""
        if self._reader:
            self._reader.stop()
        if ended and self._tasks and not self._feed.refusal:
            await self._feed.finish(LAST_WORDS_S)
        for task in self._tasks:
            await feeds.stop(task)
        self._nothing_more()

    async def push(self, jpeg: bytes, capture_ns: int | None) -> bool:
        """Takes a phone's frame; False where vision is too busy for it. Raises ValueError for what isn't a JPEG."""
        size_px = picture_size_px(jpeg)
        if size_px is None:
            raise ValueError("not a JPEG picture")
        now_ns = times.now_ns()
        if self._format is None or (self._format.width_px, self._format.height_px) != size_px:
            self._opened(VideoFormat(JPEG_CODEC, b"", *size_px, rotation_deg=0, frame_rate_hz=0.0))
        assert self._format is not None
        capture_ns = max(capture_ns or now_ns, (self._record.last_frame_ns or 0) + 1)
        if self._record.first_frame_ns is None:
            self._record = replace(self._record, first_frame_ns=capture_ns)
        shown_ns = capture_ns - (self._record.first_frame_ns or capture_ns)
        unit = AccessUnit(
            self._record.next_sequence, capture_ns, now_ns, shown_ns, shown_ns, 0, True, jpeg, self._format
        )
        return await self._take(unit)

    async def _read(self) -> None:
        """Reads the source, again and again where that may help, until its end."""
        backoff = Backoff(self._settings.reopen_min_s, self._settings.reopen_max_s)
        while True:
            self._told(self._states.opening("" if self._format is None else self._states.detail, times.now_ns()))
            before = self._record.frames_read
            last = await self._read_once()
            if self._record.frames_read > before:
                backoff.reset()
            if isinstance(last, Finished):
                await self._end(last.detail)
                return
            retry = last.problem.retry and not (self._record.once and not self._source.live)
            now_ns = times.now_ns()
            if last.opened and retry:
                self._told(self._states.opening(last.problem.detail, now_ns))
            else:
                self._told(self._states.failed(last.problem.detail, now_ns))
            if not retry:
                self._nothing_more()
                await self._feed.finish(LAST_WORDS_S)
                return
            await asyncio.sleep(backoff.next_s())

    async def _read_once(self) -> Finished | Broken:
        bridge: Bridge[Item] = Bridge(BRIDGE_CAPACITY)
        self._reader = SourceReader(self._plan(), bridge)
        self._reader.start()
        try:
            while True:
                item = await bridge.get()
                if isinstance(item, Opened):
                    self._record = replace(self._record, origin_ns=item.origin_ns)
                    self._opened(item.format)
                elif isinstance(item, AccessUnit):
                    await self._take(item)
                else:
                    return item
        finally:
            bridge.close()

    def _plan(self) -> ReadPlan:
        record, settings = self._record, self._settings
        resumed = record.once and not self._source.live
        return ReadPlan(
            self._source,
            paced=not record.every,
            once=record.once,
            open_timeout_s=settings.open_timeout_s,
            read_timeout_s=settings.read_timeout_s,
            sequence=record.next_sequence,
            start_ns=0 if resumed else self._end_ns,
            position_ns=record.position_ns if resumed else 0,
            origin_ns=record.origin_ns if resumed and record.every else None,
            format=self._format,
        )

    def _opened(self, found: VideoFormat) -> None:
        self._format = found
        width_px, height_px = found.upright_size_px
        self._record = replace(
            self._record, codec=found.codec, width_px=width_px, height_px=height_px, frame_rate_hz=found.frame_rate_hz
        )

    async def _take(self, unit: AccessUnit) -> bool:
        """Keeps a unit and hands it to vision; False where vision won't see it."""
        record = self._record
        self._record = replace(
            record,
            frames_read=record.frames_read + 1,
            next_sequence=unit.sequence + 1,
            first_frame_ns=record.first_frame_ns or unit.capture_time_ns,
            last_frame_ns=max(record.last_frame_ns or 0, unit.capture_time_ns),
        )
        self._end_ns = max(self._end_ns, unit.presentation_ns + unit.duration_ns)
        self.ring.add(unit)
        self.arrived.set()
        self._told(self._states.frame(times.now_ns()))
        return await self._feed.send(unit)

    async def _end(self, detail: str) -> None:
        self._nothing_more()
        if not await self._feed.finish(self._settings.finish_timeout_s):
            detail = detail or "Vision didn't finish the end of it; the last seconds may not be counted."
        self._told(self._states.ended(detail, times.now_ns()))

    def _nothing_more(self) -> None:
        self._over = True
        self.arrived.set()

    async def _watch_over(self) -> None:
        """Sees that a camera stalls, or is refused by vision; forgets the packets of one that ended long ago."""
        since_end = 0
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            self._told(self._states.tick(times.now_ns()))
            if self._feed.refusal and not self._over:
                self._give_up(self._feed.refusal)
            since_end += self._over
            if since_end * WATCH_EVERY_S > KEEP_AFTER_END_S:
                self.ring.clear()

    def _give_up(self, detail: str) -> None:
        """Nothing will change by trying again: stops to read."""
        if self._reader:
            self._reader.stop()
        if self._reading:
            self._reading.cancel()
        self._nothing_more()
        self._told(self._states.failed(detail, times.now_ns()))

    def _told(self, transition: Transition | None) -> None:
        if transition is None:
            return
        self.transitions.append(transition)
        self._on_change()
