"""Wiring of svc_motion."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mesh.bus import Bus
from mesh.database import Database
from mesh.errors import StartupError
from mesh.ids import GymId
from mesh.outbox import Outbox
from mesh.server import Drain, Servicer, run, serve
from mesh.settings import load
from mesh.triton import TritonClient
from spotter.motion.v1.motion_pb2_grpc import add_MotionServiceServicer_to_server
from spotter.motion.v1.record_pb2_grpc import add_RecordServiceServicer_to_server
from spotter.motion.v1.safety_pb2_grpc import add_SafetyServiceServicer_to_server
from svc_motion.follower import Follower
from svc_motion.library import ExerciseFileError, Library, read_exercises
from svc_motion.record.backlog import Backlog
from svc_motion.record.correcting import Corrector
from svc_motion.record.keeper import RecordKeeper
from svc_motion.record.partitions import Partitions
from svc_motion.record.service import RecordServicer
from svc_motion.record.store import RecordStore
from svc_motion.recorder import Recorder
from svc_motion.safety.alert_store import AlertStore
from svc_motion.safety.alerts import Alerts
from svc_motion.safety.service import SafetyServicer
from svc_motion.served_network import choose_network, keep_newest
from svc_motion.service import MotionServicer
from svc_motion.session import SessionStore
from svc_motion.settings import MotionSettings
from svc_motion.store import MotionStore


async def main(settings: MotionSettings) -> None:
    """Serves until SIGTERM."""
    triton = TritonClient(settings.triton_address) if settings.exercise_executor == "triton" else None
    network = choose_network(settings.exercise_network, settings.model_repository, triton)
    library = _library(settings.exercise_folder).with_network(network)
    drain = Drain()
    followers: dict[GymId, Follower] = {}
    async with AsyncExitStack() as stack:
        if triton is not None:
            stack.callback(triton.close)
        database = await stack.enter_async_context(Database(settings, "motion", Path(__file__).parent / "migrations"))
        bus = await stack.enter_async_context(Bus(settings, "motion"))
        outbox = await stack.enter_async_context(Outbox(database, bus))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        store = MotionStore(database)
        keeper = RecordKeeper(_time_zone(settings.time_zone))
        backlog = Backlog(database, keeper)
        recorder = Recorder(database, store, outbox, keeper, backlog)
        alert_store = AlertStore(database)
        alerts = Alerts(database, alert_store, outbox, settings.alert_repeat_s)
        watching: list[asyncio.Task[None]] = [tasks.create_task(alerts.remind())]
        if network is not None and settings.model_repository is not None and settings.exercise_network is None:
            watching.append(tasks.create_task(keep_newest(network, settings.model_repository)))

        def follower_of(gym_id: GymId) -> Follower:
            if gym_id not in followers:
                followers[gym_id] = Follower(gym_id, library, store, recorder, bus, settings, alerts)
                watching.append(tasks.create_task(followers[gym_id].watch_absent()))
            return followers[gym_id]

        follower_of(GymId(settings.gym_id))
        watching.append(tasks.create_task(Partitions(database).keep()))
        watching.append(tasks.create_task(backlog.keep()))
        corrector = Corrector(database, outbox, keeper, library)
        record_servicer = RecordServicer(library, store, RecordStore(database), corrector, keeper, backlog)
        sessions = SessionStore(database)
        servicer = MotionServicer(
            library, store, sessions, backlog, follower_of, outbox.flush, drain, settings.follow_credit
        )
        safety_servicer = SafetyServicer(alerts, alert_store)
        await serve(
            "motion",
            settings,
            [
                Servicer(
                    "spotter.motion.v1.MotionService",
                    lambda server: add_MotionServiceServicer_to_server(servicer, server),
                ),
                Servicer(
                    "spotter.motion.v1.RecordService",
                    lambda server: add_RecordServiceServicer_to_server(record_servicer, server),
                ),
                Servicer(
                    "spotter.motion.v1.SafetyService",
                    lambda server: add_SafetyServiceServicer_to_server(safety_servicer, server),
                ),
            ],
            dependencies=[database, bus],
            drain=drain,
            on_drain=[outbox.flush],
        )
        for task in watching:
            task.cancel()


def _library(folder: Path) -> Library:
    try:
        return read_exercises(folder)
    except ExerciseFileError as error:
        raise StartupError(f"An exercise file can't be used: {error}") from None


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise StartupError(
            f"SPOTTER_TIME_ZONE={name}: there is no such time zone; use a name such as Europe/Berlin."
        ) from None


if __name__ == "__main__":
    loaded = load(MotionSettings)
    run("motion", loaded, lambda: main(loaded))
