"""CoachService: messages to domain and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import grpc

from mesh import pages, times
from mesh.errors import InvalidArgument
from mesh.ids import GymId, require_slug, require_uuid
from spotter.coach.v1 import coach_pb2, coach_pb2_grpc
from spotter.events.v1 import events_pb2
from svc_coach.library import Library, Template
from svc_coach.store import CoachStore

Context = grpc.aio.ServicerContext[Any, Any]


class CoachService(coach_pb2_grpc.CoachServiceServicer):
    """See the contract."""

    def __init__(self, templates: Library, store: CoachStore) -> None:
        self._templates = templates
        self._store = store

    async def ListGuidance(
        self, request: coach_pb2.ListGuidanceRequest, context: Context
    ) -> coach_pb2.ListGuidanceResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        person_id = require_uuid(request.person_id, "person_id")
        size = pages.page_size(request.page_size)
        keys = pages.decode_token(request.page_token, 2)
        after = None if keys is None else (_token_time(keys[0]), require_uuid(str(keys[1]), "page_token"))
        rows = await self._store.list(gym_id, person_id, after, size + 1)
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            token = pages.encode_token(times.from_datetime(last.create_time), last.guidance_id)
        return coach_pb2.ListGuidanceResponse(guidance=[_guidance(row) for row in rows[:size]], next_page_token=token)

    async def ListTemplates(
        self, request: coach_pb2.ListTemplatesRequest, context: Context
    ) -> coach_pb2.ListTemplatesResponse:
        return coach_pb2.ListTemplatesResponse(
            templates=[_template(template) for template in self._templates.templates]
        )


def _template(template: Template) -> coach_pb2.Template:
    return coach_pb2.Template(
        name=template.name,
        exercise=template.exercise,
        kind=events_pb2.GuidanceKind.ValueType(template.kind),
        texts=template.texts,
    )


def _guidance(row: Any) -> coach_pb2.Guidance:
    said = coach_pb2.Guidance(
        guidance_id=row.guidance_id,
        gym_id=row.gym_id,
        person_id=row.person_id,
        text=row.text,
        kind=row.kind,
        exercise=row.exercise,
        fault=row.fault,
        severity=row.severity,
        personalised=row.personalised,
    )
    said.create_time.FromDatetime(row.create_time)
    return said


def _token_time(key: str | int) -> datetime:
    try:
        return times.to_datetime(int(key))
    except (ValueError, OverflowError):
        raise InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.") from None
