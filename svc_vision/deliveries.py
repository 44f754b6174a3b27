"""The two ways to watch a camera: every picture of it, or the newest one that is worth a look."""

from __future__ import annotations

import asyncio
import sys

from mesh import times
from mesh.ids import CameraId
from svc_vision.eye import CameraEye, Look, Unit, Waiting
from svc_vision.scheduling.attention import Attention
from svc_vision.watching import CameraWatch, Surroundings

UNITS_A_CALL_EVERY = 4
"""Access units decoded at once where every picture is analysed; live, all that wait are."""
THUMBNAIL_PX = (64, 36)
"""Width and height of what movement is told from."""


class EveryFrame(CameraWatch):
    """Looks at every picture, however long it takes; the source waits."""

    every = True
    units_a_call = UNITS_A_CALL_EVERY

    async def run(self) -> None:
        """Nothing: `take` leaves nothing to look at."""

    async def take(self, units: list[Unit]) -> None:
        """Decodes these access units, looks at all their pictures, tells everybody."""
        async with self._turn():
            looks, seconds = await self._timed(lambda: self._eye.look(units))
        await self._tell_all(looks, seconds)

    async def _finish_looking(self) -> None:
        async with self._turn():
            looks, seconds = await self._timed(lambda: [self._eye.look_at(last) for last in self._eye.flush()])
        await self._tell_all(looks, seconds)

    async def _tell_all(self, looks: list[Look], seconds: float) -> None:
        self._count(looks, seconds)
        for look in looks:
            await self._tell(look)


class NewestFrame(CameraWatch):
    """Looks at the newest picture when it is this camera's turn; decoding goes on meanwhile."""

    every = False
    units_a_call = sys.maxsize

    def __init__(
        self, camera_id: CameraId, eye: CameraEye, around: Surroundings, attention: Attention | None = None
    ) -> None:
        """`attention` says which frames are worth a look; without it all are."""
        super().__init__(camera_id, eye, around)
        self._attention = attention
        self._waiting: Waiting | None = None
        self._wanted = asyncio.Event()
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Looks at the newest wanted picture again and again, until cancelled."""
        while True:
            await self._wanted.wait()
            await self._look()

    async def take(self, units: list[Unit]) -> None:
        """Decodes these access units; the newest of their pictures waits to be looked at, where one is wanted."""
        idle, passed_over = self._attention is not None and self._attention.idle, self._eye.passed_over
        decoded = await self._in_worker(
            lambda: [(one, one.picture.luma_thumbnail(*THUMBNAIL_PX)) for one in self._eye.decode(units, idle)]
        )
        self._count_idle(self._eye.passed_over - passed_over)
        self._count((), 0.0)
        for one, thumbnail in decoded:
            capture_s = one.unit.capture_time_ns / times.NS_PER_S
            self._offer(one, self._attention is None or self._attention.wants(capture_s, thumbnail))

    async def _finish_looking(self) -> None:
        last = await self._in_worker(self._eye.flush)
        for one in last:
            self._offer(one, wanted=one is last[-1])
        await self._look()

    def _offer(self, picture: Waiting, wanted: bool) -> None:
        """A look that is wanted stays wanted, and will be at the newest picture there is by then."""
        if self._waiting is None and not wanted:
            self._count_idle()
            return
        if self._waiting is not None and wanted:
            self._count_dropped()
        elif self._waiting is not None:
            self._count_idle()
        self._waiting = picture
        self._wanted.set()

    async def _look(self) -> None:
        async with self._looking:
            if self._waiting is None:
                return
            async with self._turn():
                newest, self._waiting = self._waiting, None
                self._wanted.clear()
                look, seconds = await self._timed(lambda: self._eye.look_at(newest))
            self._count([look], seconds)
            if self._attention is not None:
                capture_s = look.capture_time_ns / times.NS_PER_S
                self._attention.saw(capture_s, look.track_ids, look.people.keypoints)
            await self._tell(look)
