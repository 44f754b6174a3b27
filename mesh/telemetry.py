"""OpenTelemetry spans across gRPC and NATS, and Prometheus metrics of one process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from opentelemetry import context, propagate, trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from prometheus_client import start_http_server

from mesh import names
from mesh.settings import MeshSettings

TRACER_NAME = "spotter"
SAMPLED_SHARE = 0.1


def configure(service: str, settings: MeshSettings, exporter: SpanExporter | None = None) -> None:
    """Starts tracing and the metrics endpoint.

    Spans go to `exporter`, else to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, else nowhere; ids travel all the
    same. A tenth of the traces is sampled, a choice made where a trace begins.
    """
    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: f"spotter-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(1.0 if exporter else SAMPLED_SHARE)),
    )
    if exporter is None and os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter()
    if exporter is not None:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    if settings.metrics_address:
        host, port = settings.metrics_address.rsplit(":", 1)
        start_http_server(int(port), host)


def flush() -> None:
    """Returns when all finished spans have been handed to the exporter."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.force_flush()


def tracer() -> trace.Tracer:
    """The tracer of this process."""
    return _tracer_of(trace.get_tracer_provider())


@cache
def _tracer_of(provider: trace.TracerProvider) -> trace.Tracer:
    # Making one costs as much as a span, and there is a span for every frame.
    return provider.get_tracer(TRACER_NAME)


def traceparent() -> str:
    """W3C traceparent of the current span; empty outside of one."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get(names.TRACEPARENT_HEADER, "")


@contextmanager
def continued_span(name: str, parent: str) -> Iterator[trace.Span]:
    """A span under the span of `parent` (a W3C traceparent, may be empty), current inside the block."""
    carrier = {names.TRACEPARENT_HEADER: parent} if parent else {}
    token = context.attach(propagate.extract(carrier))
    try:
        with tracer().start_as_current_span(name) as span:
            yield span
    finally:
        context.detach(token)
