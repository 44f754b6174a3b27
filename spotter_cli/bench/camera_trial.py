"""One trial of the bench's cameras: so many at once for the length of a film, and what came of it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import grpc
import numpy as np

from mesh import times
from mesh.launcher import Mesh
from spotter.ingest.v1 import ingest_pb2
from spotter_cli.bench.cameras_films import Film, Films
from spotter_cli.bench.mesh_run import cpu_by_part
from spotter_cli.board import MOTION_EVENTS
from spotter_cli.live_client import LiveClient, Received, new_camera
from spotter_cli.watching import OVER

BUSY_SHARE = 1 / 3
LATENCY_LIMIT_MS = 1000.0
LOOKS_MIN_HZ = 1.0
"""A camera that is looked at less starves."""
COMPLETE_SHARE = 0.95
"""Of the wanted frames; more can't be told from the end of a film that is cut off."""
BEFORE_S = 3.0
"""The idle cameras have come to rest before people begin to train."""
APART_S = 0.13
"""Cameras are attached one after another, so that their frames don't come in step."""
OVER_WITHIN_S = 120.0
POLL_S = 0.5


@dataclass(frozen=True)
class Trial:
    """What so many cameras came to."""

    cameras: int
    busy: int
    scheduled: bool
    repetitions: tuple[tuple[int, int], ...]
    """Of the person who trains, found and true, for each busy camera."""
    phantoms: int
    """Repetitions of anybody else. They come from things that the pose model takes for people, however many cameras
    there are, and are told but not held against a number of cameras."""
    latency_ms: dict[str, float]
    """p50 and p99 from a frame's arrival to a client that has the event it caused."""
    looks_hz: dict[str, float]
    """Looks a second: of the busy camera with fewest, of the idle one with fewest, of all together."""
    looked_share: float
    """Of the frames that should have been looked at, those that were; the busy camera with fewest."""
    cores: float
    """Processor time of the whole mesh a second."""
    cores_by_part: dict[str, float]

    @property
    def holds(self) -> bool:
        """Every count equals the truth, news came within a second, and no camera starved."""
        return (
            all(found == true for found, true in self.repetitions)
            and self.latency_ms["p99"] < LATENCY_LIMIT_MS
            and min(self.looks_hz["busy_least"], self.looks_hz["idle_least"]) >= LOOKS_MIN_HZ
        )

    @property
    def complete(self) -> bool:
        """Nearly every frame that should have been looked at was."""
        return self.looked_share >= COMPLETE_SHARE

    def line(self) -> str:
        """For people."""
        counts = " ".join(f"{found}/{true}" for found, true in self.repetitions)
        return (
            f"{'scheduled' if self.scheduled else 'every frame'}, {self.cameras} cameras, {self.busy} busy: "
            f"{'holds' if self.holds else 'does not hold'}; counts {counts}, {self.phantoms} phantoms; latency p50 "
            f"{self.latency_ms['p50']:.0f} p99 {self.latency_ms['p99']:.0f} ms; looks a second {self.looks_hz}; "
            f"{self.looked_share:.0%} of the wanted frames; {self.cores:.2f} cores"
        )


@dataclass
class _Attached:
    """One camera of a trial."""

    film: Film
    busy: bool
    before: ingest_pb2.Camera
    after: ingest_pb2.Camera = field(default_factory=ingest_pb2.Camera)

    def looks_hz(self, seconds: float) -> float:
        """While people trained."""
        return (self.after.frames_analysed - self.before.frames_analysed) / seconds

    @property
    def looked_share(self) -> float:
        """Of the frames that should have been looked at."""
        looked = self.after.frames_analysed - self.before.frames_analysed
        return looked / max(1, looked + self.after.frames_dropped - self.before.frames_dropped)


def busy_of(cameras: int) -> int:
    """How many of so many cameras show people who train: a third, rounded up."""
    return math.ceil(cameras * BUSY_SHARE - 1e-9)


async def run_trial(mesh: Mesh, client: LiveClient, films: Films, cameras: int, scheduled: bool) -> Trial:
    """Attaches cameras, waits until those who train are done, detaches all."""
    busy = busy_of(cameras)
    latencies = _Latencies()
    listening = asyncio.create_task(latencies.listen(client))
    attached: list[_Attached] = []
    try:
        await latencies.ready.wait()
        for number in range(cameras - busy):
            film = films.empty if number % 2 else films.still
            attached.append(await _attach(client, film, busy=False))
        await asyncio.sleep(BEFORE_S if attached else 0)
        for one in attached:
            one.before = await client.camera(one.before.camera_id)
        cpu_before, began_s = cpu_by_part(mesh), time.perf_counter()
        for number in range(busy):
            attached.append(await _attach(client, films.busy[number % len(films.busy)], busy=True))
        await _until_over(client, attached)
        seconds = time.perf_counter() - began_s
        cpu_after = cpu_by_part(mesh)
        for one in attached:
            one.after = await client.camera(one.before.camera_id)
        counts = [await _repetitions(client, one) for one in attached]
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
            await listening
        for one in attached:
            with suppress(grpc.aio.AioRpcError):
                await client.detach(one.before.camera_id)
    cores = {part: (cpu_after[part] - cpu_before[part]) / seconds for part in cpu_after}
    return _trial(attached, counts, latencies.of({one.before.camera_id for one in attached}), cores, seconds, scheduled)


def _trial(
    attached: Sequence[_Attached],
    counts: Sequence[Sequence[int]],
    latency_ms: dict[str, float],
    cores: dict[str, float],
    seconds: float,
    scheduled: bool,
) -> Trial:
    busy = [one for one in attached if one.busy]
    idle = [one for one in attached if not one.busy]
    return Trial(
        cameras=len(attached),
        busy=len(busy),
        scheduled=scheduled,
        repetitions=tuple(
            (max(found, default=0), one.film.repetitions)
            for one, found in zip(attached, counts, strict=True)
            if one.busy
        ),
        phantoms=sum(
            sum(found) - (max(found, default=0) if one.busy else 0) for one, found in zip(attached, counts, strict=True)
        ),
        latency_ms=latency_ms,
        looks_hz={
            "busy_least": round(min(one.looks_hz(seconds) for one in busy), 1),
            "idle_least": round(min((one.looks_hz(seconds) for one in idle), default=LOOKS_MIN_HZ), 1),
            "all": round(sum(one.looks_hz(seconds) for one in attached), 1),
        },
        looked_share=min(one.looked_share for one in (attached if not scheduled else busy)),
        cores=sum(cores.values()),
        cores_by_part={part: round(used, 3) for part, used in cores.items()},
    )


class _Latencies:
    """From a frame's arrival to this client, of every event about motion."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self._ms: list[tuple[str, float]] = []

    async def listen(self, client: LiveClient) -> None:
        """Until cancelled."""
        async for received in client.updates():
            self.ready.set()
            self._take(received)

    def of(self, camera_ids: set[str]) -> dict[str, float]:
        """p50 and p99; infinite where nothing was heard."""
        chosen = [ms for camera_id, ms in self._ms if camera_id in camera_ids]
        if not chosen:
            return {"p50": math.inf, "p99": math.inf}
        p50, p99 = np.percentile(chosen, [50, 99])
        return {"p50": round(float(p50), 1), "p99": round(float(p99), 1)}

    def _take(self, received: Received) -> None:
        event = received.update.event
        body = event.WhichOneof("body")
        if body not in MOTION_EVENTS:
            return
        camera_id = getattr(getattr(event, body), "camera_id", "")
        self._ms.append((camera_id, (received.time_ns - times.from_timestamp(event.meta.receive_time)) / 1e6))


async def _attach(client: LiveClient, film: Film, busy: bool) -> _Attached:
    camera = await client.attach(new_camera(str(film.path), every_frame=False, once=busy))
    await asyncio.sleep(APART_S)
    return _Attached(film, busy, camera)


async def _until_over(client: LiveClient, attached: Sequence[_Attached]) -> None:
    """A machine that doesn't get there in time has failed the trial by its counts."""
    with suppress(TimeoutError):
        async with asyncio.timeout(OVER_WITHIN_S):
            await _all_over(client, attached)


async def _all_over(client: LiveClient, attached: Sequence[_Attached]) -> None:
    for one in attached:
        while one.busy:
            if (await client.camera(one.before.camera_id)).state in OVER:
                break
            await asyncio.sleep(POLL_S)


async def _repetitions(client: LiveClient, one: _Attached) -> list[int]:
    """Of each person the camera has seen."""
    by_person: Counter[str] = Counter()
    for found in await client.sets_of(one.before.camera_id):
        by_person[found.person_id] += found.repetition_count
    return list(by_person.values())
