"""One camera's stream to vision: opened again within a second after it broke, until the source ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
import structlog

from mesh.ids import new_id
from mesh.streams import PROTOCOL_VERSION
from spotter.common.v1 import stream_pb2
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc
from svc_ingest.outgoing import EveryOutgoing, NewestOutgoing, Outgoing
from svc_ingest.packets import AccessUnit, VideoFormat

_log = structlog.get_logger()
RETRY_S = 0.25


@dataclass
class Progress:
    """Counters of one camera since it was attached, over all its streams."""

    analysed: int = 0
    dropped: int = 0
    corrupt: int = 0
    idle: int = 0

    def __add__(self, other: Progress) -> Progress:
        """Both together."""
        return Progress(
            self.analysed + other.analysed,
            self.dropped + other.dropped,
            self.corrupt + other.corrupt,
            self.idle + other.idle,
        )


class VisionFeed:
    """Sends what `send` takes for as long as `run` runs; `finish` ends it in good order."""

    def __init__(
        self, stub: vision_pb2_grpc.VisionServiceStub, gym_id: str, camera_id: str, every: bool, past: Progress
    ) -> None:
        self._stub = stub
        self._gym_id = gym_id
        self._camera_id = camera_id
        self._every = every
        self._past = past
        self._current = Progress()
        self._outgoing: Outgoing = EveryOutgoing() if every else NewestOutgoing()
        self._first: VideoFormat | None = None
        self._ending = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._finished = asyncio.Event()
        self._signs = 0
        self._connected = False
        self.refusal = ""
        """Sentence of a vision that doesn't take this camera; empty where all is well."""

    @property
    def progress(self) -> Progress:
        """Counters over all streams; dropped counts ingest's own drops too."""
        return self._past + self._current + Progress(dropped=self._outgoing.dropped)

    @property
    def acknowledged_ns(self) -> int | None:
        """Place in the source up to which nothing has to be read again."""
        return self._outgoing.acknowledged_ns

    async def send(self, unit: AccessUnit) -> bool:
        """Hands a unit on; waits for room where every frame counts. False where it was dropped."""
        self._first = self._first or unit.format
        taken = self._outgoing.offer(unit)
        self._changed.set()
        while self._outgoing.full:
            self._room.clear()
            await self._room.wait()
        return taken

    async def finish(self, silence_s: float) -> bool:
        """Says that the source ended and waits until vision is done; False after `silence_s` without a sign of it.

        Where every frame counts it waits for a vision that is away, however long that takes.
        """
        self._ending = True
        self._changed.set()
        if self._first is None:
            return True
        while not self._finished.is_set():
            signs = self._signs
            try:
                await asyncio.wait_for(self._finished.wait(), silence_s)
            except TimeoutError:
                if signs == self._signs and (self._connected or not self._every):
                    return False
        return True

    async def run(self) -> None:
        """Keeps a stream open until vision has finished or refuses the camera, or until cancelled."""
        while not self._finished.is_set():
            if self._first is None:
                self._changed.clear()
                await self._changed.wait()
                continue
            try:
                await self._session(self._first)
            except grpc.aio.AioRpcError as error:
                if self._connected:
                    _log.info("watch_interrupted", camera_id=self._camera_id, status=error.code().name)
                if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
                    self.refusal = f"Its video can't be analysed: {error.details()}"
                    return
            finally:
                self._close_session()
            if not self._finished.is_set():
                await asyncio.sleep(RETRY_S)

    def _close_session(self) -> None:
        self._connected = False
        self._outgoing.close()
        self._past, self._current = self._past + self._current, Progress()

    async def _session(self, first: VideoFormat) -> None:
        self._outgoing.open()
        closing = asyncio.Event()
        call: Any = self._stub.Watch(self._requests(first, closing), metadata=(("gym-id", self._gym_id),))
        try:
            await self._receive(call)
        finally:
            closing.set()
            self._changed.set()
            call.cancel()

    def _opening(self, first: VideoFormat) -> vision_pb2.WatchRequest:
        return vision_pb2.WatchRequest(
            open=vision_pb2.WatchOpen(
                open=stream_pb2.StreamOpen(
                    protocol_version=PROTOCOL_VERSION,
                    gym_id=self._gym_id,
                    camera_id=self._camera_id,
                    stream_id=new_id(),
                ),
                format=_format_message(first),
                delivery=stream_pb2.DELIVERY_EVERY if self._every else stream_pb2.DELIVERY_NEWEST,
                analysed_until_ns=self._outgoing.analysed_until_ns,
            )
        )

    async def _receive(self, call: Any) -> None:
        """Reads until vision has finished or ends the stream; raises AioRpcError where it broke."""
        async for response in call:
            self._signs += 1
            self._connected = True
            kind = response.WhichOneof("message")
            if kind == "credit":
                self._outgoing.grant(response.credit.messages)
            elif kind == "progress":
                progress = response.progress
                self._current = Progress(
                    progress.frames_analysed, progress.frames_dropped, progress.frames_corrupt, progress.frames_idle
                )
                self._outgoing.acknowledge(progress.last_sequence)
            elif kind == "finished":
                self._finished.set()
                return
            self._changed.set()

    async def _requests(self, current: VideoFormat, closing: asyncio.Event) -> AsyncIterator[vision_pb2.WatchRequest]:
        """The opening, and then for ever what may be sent; after the last unit that there are no more, once."""
        yield self._opening(current)
        told_end = False
        while not closing.is_set():
            self._changed.clear()
            unit = self._outgoing.next()
            if unit is not None:
                if unit.format is not current:
                    current = unit.format
                    yield vision_pb2.WatchRequest(format=_format_message(current))
                yield _unit_message(unit)
                self._room.set()
            elif self._ending and self._outgoing.drained and not told_end:
                told_end = True
                yield vision_pb2.WatchRequest(end_of_stream=vision_pb2.EndOfStream())
            else:
                await self._changed.wait()


def _format_message(found: VideoFormat) -> vision_pb2.VideoFormat:
    return vision_pb2.VideoFormat(
        codec=found.codec,
        extradata=found.extradata,
        width_px=found.width_px,
        height_px=found.height_px,
        rotation_deg=found.rotation_deg,
        frame_rate_hz=found.frame_rate_hz,
    )


def _unit_message(unit: AccessUnit) -> vision_pb2.WatchRequest:
    return vision_pb2.WatchRequest(
        access_unit=vision_pb2.AccessUnit(
            sequence=unit.sequence,
            capture_time_ns=unit.capture_time_ns,
            receive_time_ns=unit.receive_time_ns,
            key_frame=unit.key_frame,
            data=unit.data,
            presentation_ns=unit.presentation_ns,
        )
    )


async def stop(task: asyncio.Task[None]) -> None:
    """Cancels a task and waits for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
