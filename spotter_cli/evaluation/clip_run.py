"""Sends clips through a mesh, each as a camera of its own, every frame analysed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from mesh import times
from spotter.common.v1 import exercise_pb2
from spotter.ingest.v1 import ingest_pb2
from spotter.motion.v1 import motion_pb2
from spotter_cli.evaluation.manifest import Clip
from spotter_cli.evaluation.scoring import DoneSet, Found, choose
from spotter_cli.live_client import LiveClient, Received
from spotter_cli.watching import Options, Watching

CLIPS_AT_ONCE = 2
CLIP_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Curve:
    """Where in the range of motion a person was; seconds since the clip's first frame."""

    times_s: list[float]
    range_ratios: list[float]
    seen_share: float | None = None
    """Of the states told, those in which the joints were seen; None where there is no state."""


@dataclass(frozen=True)
class Seen:
    """What the mesh saw in a clip."""

    clip: Clip
    found: Found
    curve: Curve
    frames: int
    problem: str = ""


@dataclass
class _Activity:
    """Live activity by person, as (capture time ns, ratio, whether the joints were seen)."""

    by_person: dict[str, list[tuple[int, float, bool]]] = field(default_factory=dict)

    def take(self, received: Received, camera_ids: set[str]) -> None:
        activity = received.update.event.person_activity
        if activity.camera_id in camera_ids:
            at_ns = times.from_timestamp(received.update.event.meta.capture_time)
            visible = activity.state != exercise_pb2.ACTIVITY_STATE_NOT_VISIBLE
            self.by_person.setdefault(activity.person_id, []).append((at_ns, activity.range_of_motion_ratio, visible))

    def curve(self, person_id: str, origin_ns: int) -> Curve:
        """Of one person, or of the one that was told of most where nobody did anything."""
        longest: list[tuple[int, float, bool]] = max(self.by_person.values(), key=len, default=[])
        points = sorted(self.by_person.get(person_id, longest))
        return Curve(
            [_since(at_ns, origin_ns) for at_ns, _, _ in points],
            [ratio for _, ratio, _ in points],
            sum(visible for _, _, visible in points) / len(points) if points else None,
        )


async def run_clips(client: LiveClient, clips: Sequence[Clip]) -> AsyncIterator[Seen]:
    """What was seen in each clip, as they end, some at a time. A clip that can't be looked at says why."""
    gate = asyncio.Semaphore(CLIPS_AT_ONCE)

    async def one(clip: Clip) -> Seen:
        async with gate:
            return await run_clip(client, clip)

    tasks = [asyncio.create_task(one(clip)) for clip in clips]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for remaining in tasks:
            remaining.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_clip(client: LiveClient, clip: Clip) -> Seen:
    """What was seen in one clip; its camera is detached again, whatever happens."""
    watching = Watching(client, Options(once=True, every_frame=True))
    activity = _Activity()
    watching.on_update = lambda received: activity.take(received, set(watching.cameras))
    problem = ""
    try:
        async with asyncio.timeout(CLIP_TIMEOUT_S):
            await watching.run([str(clip.path)])
    except TimeoutError:
        problem = f"not over after {CLIP_TIMEOUT_S:.0f} s"
    except grpc.aio.AioRpcError as error:
        problem = error.details() or error.code().name
    try:
        problem = problem or next(iter(watching.problems.values()), "")
        camera = next(iter(watching.cameras.values()), None)
        sets = await client.sets_of(camera.camera_id) if camera is not None else []
        return await _seen(client, clip, camera, sets, activity, problem)
    except grpc.aio.AioRpcError as error:
        return Seen(clip, choose([]), Curve([], []), 0, error.details() or error.code().name)
    finally:
        await watching.detach()


async def _seen(
    client: LiveClient,
    clip: Clip,
    camera: ingest_pb2.Camera | None,
    sets: Sequence[motion_pb2.Set],
    activity: _Activity,
    problem: str,
) -> Seen:
    origin_ns = times.from_timestamp(camera.first_frame_time) if camera is not None else 0
    done = [_done(await client.set_with_repetitions(one.set_id), origin_ns) for one in sets]
    found = choose(done)
    frames = camera.frames_analysed if camera is not None else 0
    return Seen(clip, found, activity.curve(found.person_id, origin_ns), frames, problem)


def _done(told: motion_pb2.Set, origin_ns: int) -> DoneSet:
    def since_s(moment: Timestamp) -> float:
        return _since(times.from_timestamp(moment), origin_ns)

    return DoneSet(
        told.person_id,
        told.exercise,
        since_s(told.start_time),
        since_s(told.end_time),
        told.hold_s,
        tuple((since_s(one.start_time), since_s(one.end_time)) for one in told.repetitions),
    )


def _since(at_ns: int, origin_ns: int) -> float:
    return (at_ns - origin_ns) / times.NS_PER_S
