"""Wires svc_identity: `python -m svc_identity`."""

from __future__ import annotations

from pathlib import Path

import grpc

from mesh import server
from mesh.bus import Bus
from mesh.database import Database
from mesh.outbox import Outbox
from mesh.settings import load
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from svc_identity.resolver import Resolver
from svc_identity.service import IdentityService
from svc_identity.settings import IdentitySettings
from svc_identity.store import IdentityStore

SERVICE = "identity"
MIGRATIONS = Path(__file__).parent / "migrations"


async def serve(settings: IdentitySettings) -> None:
    """Serves until SIGTERM."""
    drain = server.Drain()
    async with (
        Database(settings, SERVICE, MIGRATIONS) as database,
        Bus(settings, SERVICE) as bus,
        Outbox(database, bus) as outbox,
    ):
        store = IdentityStore(database, outbox)
        async with Resolver(settings, store) as resolver:
            service = IdentityService(settings, resolver, store, drain)

            def add(to: grpc.aio.Server) -> None:
                identity_pb2_grpc.add_IdentityServiceServicer_to_server(service, to)

            await server.serve(
                SERVICE,
                settings,
                [server.Servicer(identity_pb2.DESCRIPTOR.services_by_name["IdentityService"].full_name, add)],
                dependencies=[database, bus],
                drain=drain,
                on_drain=[resolver.save, outbox.flush],
            )


def main() -> None:
    """Entry point."""
    settings = load(IdentitySettings)
    server.run(SERVICE, settings, lambda: serve(settings))


if __name__ == "__main__":
    main()
