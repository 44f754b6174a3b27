"""Wiring of svc_vision."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import cv2

from mesh.channels import ServiceChannel
from mesh.ids import GymId
from mesh.server import Drain, Servicer, run, serve
from mesh.settings import load
from spotter.identity.v1 import identity_pb2
from spotter.motion.v1 import motion_pb2
from spotter.vision.v1.vision_pb2_grpc import add_VisionServiceServicer_to_server
from svc_vision.identity_link import IdentityLink
from svc_vision.motion_link import MotionLink
from svc_vision.opening import detail_maker, finder_maker, open_inference, tracker_maker
from svc_vision.preview import PreviewHub
from svc_vision.scheduling.config import ScheduleConfig
from svc_vision.scheduling.turns import Turns
from svc_vision.service import VisionServicer
from svc_vision.settings import VisionSettings
from svc_vision.watching import Surroundings

LOOKS_AT_TRITON = 8
"""As many as its models take in one batch."""


async def main(settings: VisionSettings) -> None:
    """Serves until SIGTERM."""
    # Cameras run side by side already: threads inside one picture would only wait for each other.
    cv2.setNumThreads(1)
    drain = Drain()
    surroundings: dict[GymId, Surroundings] = {}
    links: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as stack:
        inference = open_inference(settings)
        stack.callback(inference.close)
        details = detail_maker(settings, inference)
        slots = settings.workers or _slots(settings)
        turns = Turns(slots)
        workers = stack.enter_context(ThreadPoolExecutor(2 * slots, "look"))
        identity = await stack.enter_async_context(
            ServiceChannel("identity", settings, identity_pb2.DESCRIPTOR.services_by_name["IdentityService"])
        )
        motion = await stack.enter_async_context(
            ServiceChannel("motion", settings, motion_pb2.DESCRIPTOR.services_by_name["MotionService"])
        )
        tasks = await stack.enter_async_context(asyncio.TaskGroup())

        def surroundings_of(gym_id: GymId) -> Surroundings:
            if gym_id not in surroundings:
                to_identity = IdentityLink(gym_id, identity.channel)
                to_motion = MotionLink(gym_id, motion.channel)
                links.extend([tasks.create_task(to_identity.run()), tasks.create_task(to_motion.run())])
                surroundings[gym_id] = Surroundings(
                    gym_id, to_identity, to_motion, PreviewHub(), workers, turns, details
                )
            return surroundings[gym_id]

        surroundings_of(GymId(settings.gym_id))
        servicer = VisionServicer(
            inference,
            finder_maker(settings, inference),
            tracker_maker(settings, inference),
            surroundings_of,
            drain,
            settings.watch_credit,
            _schedule(settings),
        )
        await serve(
            "vision",
            settings,
            [
                Servicer(
                    "spotter.vision.v1.VisionService",
                    lambda server: add_VisionServiceServicer_to_server(servicer, server),
                )
            ],
            dependencies=[identity, motion],
            drain=drain,
        )
        for link in links:
            link.cancel()


def _slots(settings: VisionSettings) -> int:
    """One look a core; more where Triton does the work, which can only put together what waits at the same time."""
    cores = os.cpu_count() or 1
    return max(cores, LOOKS_AT_TRITON) if settings.executor == "triton" else cores


def _schedule(settings: VisionSettings) -> ScheduleConfig | None:
    if settings.schedule == "off":
        return None
    return ScheduleConfig(busy_rate_hz=settings.busy_rate_hz, idle_rate_hz=settings.idle_rate_hz)


if __name__ == "__main__":
    loaded = load(VisionSettings)
    run("vision", loaded, lambda: main(loaded))
