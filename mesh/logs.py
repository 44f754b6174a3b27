"""Structured logs on stdout: one JSON object a line, or colours for a person. No name, token or vector goes in."""

from __future__ import annotations

import logging
import sys

import structlog
from opentelemetry import trace

from mesh.settings import MeshSettings

_SECRET_FIELDS = frozenset({"token", "authorization", "password", "embedding", "code", "appearance"})


def configure(service: str, settings: MeshSettings) -> None:
    """Sets up structlog and the standard library's logging for one process."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _trace_ids,
            _hide_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(
        level=max(level, logging.WARNING), stream=sys.stdout, format="%(levelname)s %(name)s %(message)s"
    )


def _trace_ids(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = format(context.trace_id, "032x")
    return event


def _hide_secrets(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for field in _SECRET_FIELDS & event.keys():
        event[field] = "(hidden)"
    return event
