"""A set's end is stored, and svc_motion dies before anybody was told: nothing is lost, nothing is told twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import numpy as np
import sqlalchemy as sa

from mesh.bus import Bus
from mesh.launcher.layout import free_ports
from mesh.settings import MeshSettings
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc
from svc_motion.store import sets
from tests.svc_ingest.cutting_proxy import CuttingProxy
from tests.svc_motion.record.diary import NS, Diary, opened
from tests.svc_motion.test_service import START_NS, follow, frame_of, motion_service

CLIP = "squat_air_3q_darebee"


async def until_closed(diary: Diary, count: int) -> None:
    """Returns when this many sets of the person are stored closed."""
    query = sa.select(sa.func.count()).where(sets.c.person_id == diary.person_id, ~sets.c.open)
    async with asyncio.timeout(90):
        while True:
            async with diary.database.transaction() as session:
                if await session.scalar(query) == count:
                    return
            await asyncio.sleep(0.2)


async def told(nats_url: str, gym_id: str) -> Counter[str]:
    """How often each kind of event was told, after a time in which nothing more came."""
    kinds: Counter[str] = Counter()
    async with Bus(MeshSettings(nats_url=nats_url), "test") as bus:
        stored = bus.replay(f"spotter.{gym_id}.motion.>", 0)
        while True:
            try:
                event = (await asyncio.wait_for(anext(stored), 5 if not kinds else 3)).event
            except TimeoutError:
                return kinds
            kinds[event.WhichOneof("body") or ""] += 1


async def test_an_end_that_nobody_heard_is_told_once_after_a_kill(
    nats_url: str, postgres_url: str, shared_dir: Path
) -> None:
    manifest = json.loads((shared_dir / "MANIFEST.json").read_text())
    truth = next(entry for entry in manifest["files"] if entry["file"] == f"videos/{CLIP}.mp4")["reps"]
    with np.load(shared_dir / "keypoints" / "mp" / f"{CLIP}.npz") as data:
        times_s, keypoints = data["t"], np.nan_to_num(data["kp"]).astype(np.float32)
    nats = urlsplit(nats_url)
    proxy = CuttingProxy(nats.port or 0)
    await proxy.start()
    behind_proxy = nats_url.replace(f":{nats.port}", f":{proxy.port}")
    port = free_ports().services["motion"]
    async with opened(postgres_url, nats_url) as office:
        diary = await office.new_diary()
        await diary.train(START_NS - 3600 * NS, "squat", 3)
        requests = [frame_of(diary.person_id, i, t, keypoints[i]) for i, t in enumerate(times_s)]
        async with motion_service(behind_proxy, postgres_url, port) as process:
            await _follow(port, diary, requests, end=False)
            await proxy.stop()
            ending = asyncio.create_task(_follow(port, diary, requests[-1:], end=True))
            await until_closed(diary, 2)
            process.kill()
            await process.wait()
            await asyncio.gather(ending, return_exceptions=True)
        async with motion_service(nats_url, postgres_url, port):
            # Vision sends again what it doesn't know to be handled.
            await _follow(port, diary, requests[-96:], end=True)
            kinds = await told(nats_url, diary.gym_id)
            again = await diary.sets.GetSession(
                motion_pb2.GetSessionRequest(gym_id=diary.gym_id, person_id=diary.person_id)
            )
    assert [made.repetition_count for made in again.session.sets] == [3, truth]
    expected = {"set_opened": 2, "repetition_counted": 3 + truth, "set_closed": 2, "personal_best_reached": 1}
    assert {kind: kinds[kind] for kind in expected} == expected


async def _follow(port: int, diary: Diary, requests: list[motion_pb2.FollowRequest], *, end: bool) -> None:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await follow(motion_pb2_grpc.MotionServiceStub(channel), diary.gym_id, requests, end)
