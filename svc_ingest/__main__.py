"""Starts svc_ingest: settings, database, bus, cameras, server."""

from __future__ import annotations

import av.logging

import mesh.server
from mesh.bus import Bus
from mesh.channels import ServiceChannel
from mesh.database import Database
from mesh.outbox import Outbox
from mesh.server import Servicer
from mesh.settings import load
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc
from svc_ingest.cameras import Cameras
from svc_ingest.clip_events import ClipEvents
from svc_ingest.clip_maker import ClipMaker
from svc_ingest.service import IngestService
from svc_ingest.settings import IngestSettings
from svc_ingest.store import MIGRATIONS, SCHEMA, Store

NAME = "ingest"


async def serve(settings: IngestSettings) -> None:
    """Serves until the process is told to end."""
    # FFmpeg writes addresses with their passwords to stderr.
    av.logging.set_level(None)
    async with (
        Database(settings, SCHEMA, MIGRATIONS) as database,
        Bus(settings, NAME) as bus,
        Outbox(database, bus) as outbox,
        ServiceChannel("vision", settings, vision_pb2.DESCRIPTOR.services_by_name["VisionService"]) as vision,
    ):
        store = Store(database, outbox)
        stub = vision_pb2_grpc.VisionServiceStub(vision.channel)
        async with Cameras(store, settings, stub) as cameras:
            maker = ClipMaker(cameras, store, settings)
            ClipEvents(maker, settings.clip_s).listen(bus)
            service = IngestService(cameras, maker, store, settings.clip_s)
            await mesh.server.serve(
                NAME,
                settings,
                [
                    Servicer(
                        ingest_pb2.DESCRIPTOR.services_by_name["IngestService"].full_name,
                        lambda server: ingest_pb2_grpc.add_IngestServiceServicer_to_server(service, server),
                    )
                ],
                dependencies=[database, bus],
                on_drain=[cameras.close, maker.close, outbox.flush],
            )


def main() -> None:
    """Entry of `python -m svc_ingest`."""
    settings = load(IngestSettings)
    mesh.server.run(NAME, settings, lambda: serve(settings))


if __name__ == "__main__":
    main()
