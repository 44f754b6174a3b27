"""Wires svc_coach: `python -m svc_coach`."""

from __future__ import annotations

from pathlib import Path

import grpc

from mesh import server
from mesh.bus import Bus
from mesh.database import Database
from mesh.errors import StartupError
from mesh.outbox import Outbox
from mesh.settings import load
from spotter.coach.v1 import coach_pb2, coach_pb2_grpc
from svc_coach.coach import Coach
from svc_coach.library import Library, TemplateError
from svc_coach.policy import Policy, PolicyConfig
from svc_coach.service import CoachService
from svc_coach.settings import CoachSettings
from svc_coach.store import CoachStore
from svc_coach.wording import Wording

SERVICE = "coach"
MIGRATIONS = Path(__file__).parent / "migrations"
CONSUMER = "coach-motion"
MOTION_EVENTS = "spotter.*.motion.>"


async def serve(settings: CoachSettings) -> None:
    """Serves until SIGTERM."""
    try:
        templates = Library.load(settings.template_folder)
    except TemplateError as error:
        raise StartupError(f"SPOTTER_TEMPLATE_FOLDER={settings.template_folder}: {error}") from None
    policy = Policy(PolicyConfig(correction_interval_s=settings.correction_interval_s))
    async with (
        Database(settings, SERVICE, MIGRATIONS) as database,
        Wording(settings) as wording,
        Bus(settings, SERVICE) as bus,
        Outbox(database, bus) as outbox,
    ):
        store = CoachStore(database, outbox)
        service = CoachService(templates, store)

        def add(to: grpc.aio.Server) -> None:
            coach_pb2_grpc.add_CoachServiceServicer_to_server(service, to)

        async with Coach(policy, templates, wording, store) as coach:
            bus.consume(CONSUMER, MOTION_EVENTS, coach.on_event)
            await server.serve(
                SERVICE,
                settings,
                [server.Servicer(coach_pb2.DESCRIPTOR.services_by_name["CoachService"].full_name, add)],
                dependencies=[database, bus],
                on_drain=[coach.drain, outbox.flush],
            )


def main() -> None:
    """Entry point."""
    settings = load(CoachSettings)
    server.run(SERVICE, settings, lambda: serve(settings))


if __name__ == "__main__":
    main()
