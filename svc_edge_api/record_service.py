"""EdgeRecordService: a person's record for that person and for staff."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from mesh.server import Drain
from mesh.tokens import Claims, Verifier
from spotter.edge.v1 import record_pb2, record_pb2_grpc
from spotter.motion.v1 import motion_pb2
from spotter.motion.v1 import record_pb2 as motion_record_pb2
from svc_edge_api import access
from svc_edge_api.upstreams import Upstreams

Context = grpc.aio.ServicerContext[Any, Any]
M = TypeVar("M", bound=Message)
_CORRECTED_BY = {
    access.MEMBER: motion_record_pb2.CORRECTED_BY_MEMBER,
    access.STAFF: motion_record_pb2.CORRECTED_BY_STAFF,
}


class EdgeRecordService(record_pb2_grpc.EdgeRecordServiceServicer):
    """The public API of the record. The gym, a member's person, and who corrects, are the token's."""

    def __init__(self, verifier: Verifier, upstreams: Upstreams, drain: Drain) -> None:
        self._verifier = verifier
        self._upstreams = upstreams
        self._drain = drain

    async def GetHistory(
        self, request: record_pb2.GetHistoryRequest, context: Context
    ) -> record_pb2.GetHistoryResponse:
        asked = self._about_person("GetHistory", request, motion_record_pb2.GetHistoryRequest(), context)
        answer = await self._upstreams.call("motion", self._upstreams.record.GetHistory, asked)
        return _copied(answer, record_pb2.GetHistoryResponse())

    async def GetTotals(self, request: record_pb2.GetTotalsRequest, context: Context) -> record_pb2.GetTotalsResponse:
        asked = self._about_person("GetTotals", request, motion_record_pb2.GetTotalsRequest(), context)
        answer = await self._upstreams.call("motion", self._upstreams.record.GetTotals, asked)
        return _copied(answer, record_pb2.GetTotalsResponse())

    async def GetStreaks(
        self, request: record_pb2.GetStreaksRequest, context: Context
    ) -> record_pb2.GetStreaksResponse:
        asked = self._about_person("GetStreaks", request, motion_record_pb2.GetStreaksRequest(), context)
        answer = await self._upstreams.call("motion", self._upstreams.record.GetStreaks, asked)
        return _copied(answer, record_pb2.GetStreaksResponse())

    async def ListPersonalBests(
        self, request: record_pb2.ListPersonalBestsRequest, context: Context
    ) -> record_pb2.ListPersonalBestsResponse:
        asked = self._about_person("ListPersonalBests", request, motion_record_pb2.ListPersonalBestsRequest(), context)
        answer = await self._upstreams.call("motion", self._upstreams.record.ListPersonalBests, asked)
        return _copied(answer, record_pb2.ListPersonalBestsResponse())

    async def GetTrends(self, request: record_pb2.GetTrendsRequest, context: Context) -> record_pb2.GetTrendsResponse:
        asked = self._about_person("GetTrends", request, motion_record_pb2.GetTrendsRequest(), context)
        answer = await self._upstreams.call("motion", self._upstreams.record.GetTrends, asked)
        return _copied(answer, record_pb2.GetTrendsResponse())

    async def GetMuscleBalance(
        self, request: record_pb2.GetMuscleBalanceRequest, context: Context
    ) -> record_pb2.GetMuscleBalanceResponse:
        asked = self._about_person("GetMuscleBalance", request, motion_record_pb2.GetMuscleBalanceRequest(), context)
        answer = await self._upstreams.call("motion", self._upstreams.record.GetMuscleBalance, asked)
        return _copied(answer, record_pb2.GetMuscleBalanceResponse())

    async def CompareWeeks(
        self, request: record_pb2.CompareWeeksRequest, context: Context
    ) -> record_pb2.CompareWeeksResponse:
        asked = self._about_person("CompareWeeks", request, motion_record_pb2.CompareWeeksRequest(), context)
        answer = await self._upstreams.call("motion", self._upstreams.record.CompareWeeks, asked)
        return _copied(answer, record_pb2.CompareWeeksResponse())

    async def CorrectSet(
        self, request: record_pb2.CorrectSetRequest, context: Context
    ) -> record_pb2.CorrectSetResponse:
        claims = self._authorize("CorrectSet", context)
        known = await self._upstreams.call(
            "motion",
            self._upstreams.motion.GetSet,
            motion_pb2.GetSetRequest(gym_id=claims.gym_id, set_id=request.set_id),
        )
        access.check_owner(claims, known.set.person_id, "set")
        asked = _copied(request, motion_record_pb2.CorrectSetRequest(gym_id=claims.gym_id))
        asked.corrected_by = _CORRECTED_BY[claims.role]
        answer = await self._upstreams.call("motion", self._upstreams.record.CorrectSet, asked)
        return _copied(answer, record_pb2.CorrectSetResponse())

    async def ListCorrections(
        self, request: record_pb2.ListCorrectionsRequest, context: Context
    ) -> record_pb2.ListCorrectionsResponse:
        claims = self._authorize("ListCorrections", context)
        asked = _copied(request, motion_record_pb2.ListCorrectionsRequest(gym_id=claims.gym_id))
        asked.person_id = access.person_of(claims, request.person_id) or ""
        answer = await self._upstreams.call("motion", self._upstreams.record.ListCorrections, asked)
        return _copied(answer, record_pb2.ListCorrectionsResponse())

    async def GetCorrectionSummary(
        self, request: record_pb2.GetCorrectionSummaryRequest, context: Context
    ) -> record_pb2.GetCorrectionSummaryResponse:
        claims = self._authorize("GetCorrectionSummary", context)
        asked = _copied(request, motion_record_pb2.GetCorrectionSummaryRequest(gym_id=claims.gym_id))
        answer = await self._upstreams.call("motion", self._upstreams.record.GetCorrectionSummary, asked)
        return _copied(answer, record_pb2.GetCorrectionSummaryResponse())

    async def ExportRecord(
        self, request: record_pb2.ExportRecordRequest, context: Context
    ) -> AsyncGenerator[record_pb2.ExportRecordResponse, None]:
        asked = self._about_person("ExportRecord", request, motion_record_pb2.ExportRecordRequest(), context)
        pieces = self._upstreams.stream("motion", self._upstreams.record.ExportRecord, asked, self._drain)
        async with aclosing(pieces):
            async for piece in pieces:
                yield _copied(piece, record_pb2.ExportRecordResponse())

    def _about_person(self, method: str, request: Any, asked: M, context: Context) -> M:
        """The request to motion about a member's own person, or about the one that staff name."""
        claims = self._authorize(method, context)
        made: Any = _copied(request, asked)
        made.gym_id, made.person_id = claims.gym_id, access.require_person(claims, request.person_id)
        return asked

    def _authorize(self, method: str, context: Context) -> Claims:
        return access.authorize(self._verifier, method, context.invocation_metadata() or ())


def _copied(source: Message, target: M) -> M:
    """`target` with the fields that both have by name: the public messages mirror those of motion."""
    for field, value in source.ListFields():
        if field.is_repeated:
            getattr(target, field.name).extend(value)
        elif field.message_type is not None:
            getattr(target, field.name).CopyFrom(value)
        else:
            setattr(target, field.name, value)
    return target
