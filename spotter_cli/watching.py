"""Attaches sources to a mesh and follows them until they end, or until somebody has seen enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc

from spotter.ingest.v1 import ingest_pb2
from spotter.motion.v1 import motion_pb2
from spotter_cli.board import Board
from spotter_cli.live_client import LiveClient, Received, new_camera, without_password
from spotter_cli.summary import Json, summarise

Camera = ingest_pb2.Camera
POLL_INTERVAL_S = 0.5
SETTLE_S = 0.5
OVER = frozenset({Camera.STATE_ENDED, Camera.STATE_FAILED})


@dataclass(frozen=True)
class Options:
    """How sources are looked at."""

    once: bool
    """Files are read once; the watch ends with them."""
    every_frame: bool
    """As quickly as every frame can be analysed, instead of at the speed of capture."""


class Watching:
    """One watch: its cameras, what is known about people, and what went wrong."""

    def __init__(self, client: LiveClient, options: Options, tell: Callable[[str], None] = lambda line: None) -> None:
        self.board = Board()
        self.cameras: dict[str, Camera] = {}
        self.problems: dict[str, str] = {}
        """Sentence by source."""
        self.on_update: Callable[[Received], None] = lambda received: None
        self._sources: dict[str, str] = {}
        self._client = client
        self._options = options
        self._tell = tell

    async def run(self, sources: Sequence[str]) -> None:
        """Attaches the sources and follows them; with `once` until all are over, otherwise until cancelled."""
        listening = asyncio.Event()
        following = asyncio.create_task(self._follow(listening))
        try:
            await _either(listening.wait(), following)
            for source in sources:
                await self._attach(source)
            await _either(self._poll(), following)
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
                await following

    async def finish(self) -> Json:
        """Detaches the cameras; the summary of what they have seen."""
        sets: list[motion_pb2.Set] = []
        for camera_id in list(self.cameras):
            try:
                await self._refresh(camera_id)
                sets += await self._client.sets_of(camera_id)
            except grpc.aio.AioRpcError as error:
                self.problems[self._sources[camera_id]] = error.details() or error.code().name
        await self.detach()
        return summarise(list(self.cameras.values()), sets, self.board.latencies)

    async def detach(self) -> None:
        """Detaches what was attached; what is gone already is fine."""
        for camera_id in self.cameras:
            with suppress(grpc.aio.AioRpcError):
                await self._client.detach(camera_id)

    async def _attach(self, source: str) -> None:
        camera = new_camera(source, every_frame=self._options.every_frame, once=self._options.once)
        self.board.watch(camera.camera_id, camera.display_name)
        self._sources[camera.camera_id] = source
        try:
            self.cameras[camera.camera_id] = await self._client.attach(camera)
        except grpc.aio.AioRpcError as error:
            shown = without_password(source)
            self.problems[shown] = error.details() or error.code().name
            self._tell(f"{shown}: {self.problems[shown]}")

    async def _follow(self, listening: asyncio.Event) -> None:
        async for received in self._client.updates():
            listening.set()
            self.on_update(received)
            if self.board.stranger_in(received):
                with suppress(grpc.aio.AioRpcError):
                    self.board.take_labels(await self._client.people())
            line = self.board.apply(received)
            if line:
                self._tell(line)

    async def _poll(self) -> None:
        while self.cameras:
            for camera_id in self.cameras:
                with suppress(grpc.aio.AioRpcError):
                    await self._refresh(camera_id)
            if self._options.once and all(camera.state in OVER for camera in self.cameras.values()):
                await asyncio.sleep(SETTLE_S)
                return
            await asyncio.sleep(POLL_INTERVAL_S)

    async def _refresh(self, camera_id: str) -> None:
        camera = self.cameras[camera_id] = await self._client.camera(camera_id)
        if camera.state == Camera.STATE_FAILED:
            self.problems[self._sources[camera_id]] = camera.state_detail or "The source can't be read."
        else:
            self.problems.pop(self._sources[camera_id], None)


async def _either(work: Coroutine[Any, Any, object], following: asyncio.Task[None]) -> None:
    """Returns when `work` is done. Raises what ends `following`, which should never end."""
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait({working, following}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await following
        await working
    finally:
        working.cancel()
