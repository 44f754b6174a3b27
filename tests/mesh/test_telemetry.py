"""A trace goes on across gRPC and across NATS."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mesh import names, telemetry
from mesh.bus import Bus
from mesh.channels import open_channel
from mesh.ids import new_id
from mesh.launcher.layout import free_ports
from mesh.server import Drain, Servicer, serve
from mesh.settings import MeshSettings
from spotter.coach.v1 import coach_pb2, coach_pb2_grpc
from spotter.events.v1 import events_pb2


class TellsTheBus(coach_pb2_grpc.CoachServiceServicer):
    """Publishes an event for every call."""

    def __init__(self, bus: Bus, subject: str) -> None:
        self._bus = bus
        self._subject = subject

    async def ListGuidance(self, request, context):
        meta = events_pb2.EventMeta(event_id=new_id(), traceparent=telemetry.traceparent())
        await self._bus.publish(self._subject, events_pb2.Event(meta=meta))
        return coach_pb2.ListGuidanceResponse()


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    telemetry.configure("test", MeshSettings(), exporter)
    return exporter


async def test_one_trace_spans_the_call_the_event_and_its_handler(nats_url, spans):
    address = f"127.0.0.1:{free_ports().services['coach']}"
    settings = MeshSettings(nats_url=nats_url, coach_address=address)
    gym_id, drain, handled = new_id(), Drain(), asyncio.Event()
    subject = names.event_subject(gym_id, "motion", "set_opened", "p")

    async def handle(event: events_pb2.Event) -> None:
        handled.set()

    async with Bus(settings, "test") as bus:
        servicer = TellsTheBus(bus, subject)
        adding = Servicer(
            "spotter.coach.v1.CoachService",
            lambda server: coach_pb2_grpc.add_CoachServiceServicer_to_server(servicer, server),
        )
        serving = asyncio.create_task(serve("coach", settings, [adding], drain=drain))
        bus.consume(f"trace-{gym_id}", f"spotter.{gym_id}.motion.>", handle)
        async with open_channel(address) as channel:
            await asyncio.wait_for(channel.channel_ready(), 5)
            with telemetry.tracer().start_as_current_span("a person asks"):
                stub: coach_pb2_grpc.CoachServiceStub = coach_pb2_grpc.CoachServiceStub(channel)
                await stub.ListGuidance(coach_pb2.ListGuidanceRequest())
            await asyncio.wait_for(handled.wait(), 10)
        drain.start()
        await serving
    telemetry.flush()
    ours = {span.name: span for span in spans.get_finished_spans()}
    root = ours["a person asks"]
    handler = ours[f"handle trace-{gym_id}"]
    server = [
        span
        for span in spans.get_finished_spans()
        if span.kind.name == "SERVER" and span.context.trace_id == root.context.trace_id
    ]
    assert server, "the call's server span is missing from the trace"
    assert handler.context.trace_id == root.context.trace_id
    assert handler.parent is not None and handler.parent.span_id == server[0].context.span_id
    assert grpc.StatusCode.OK.value[0] == server[0].attributes["rpc.grpc.status_code"]
