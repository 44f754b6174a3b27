"""EdgeSafetyService: alerts for staff."""

from __future__ import annotations

from typing import Any

import grpc

from mesh.tokens import Claims, Verifier
from spotter.edge.v1 import safety_pb2, safety_pb2_grpc
from spotter.motion.v1 import safety_pb2 as motion_pb2
from svc_edge_api import access
from svc_edge_api.upstreams import Upstreams

Context = grpc.aio.ServicerContext[Any, Any]


class EdgeSafetyService(safety_pb2_grpc.EdgeSafetyServiceServicer):
    """The public API of alerts. The gym, and who acknowledges, are the token's."""

    def __init__(self, verifier: Verifier, upstreams: Upstreams) -> None:
        self._verifier = verifier
        self._upstreams = upstreams

    async def GetAlert(self, request: safety_pb2.GetAlertRequest, context: Context) -> safety_pb2.GetAlertResponse:
        claims = self._authorize("GetAlert", context)
        asked = motion_pb2.GetAlertRequest(gym_id=claims.gym_id, alert_id=request.alert_id)
        answer = await self._upstreams.call("motion", self._upstreams.safety.GetAlert, asked)
        return safety_pb2.GetAlertResponse(alert=answer.alert)

    async def ListAlerts(
        self, request: safety_pb2.ListAlertsRequest, context: Context
    ) -> safety_pb2.ListAlertsResponse:
        claims = self._authorize("ListAlerts", context)
        asked = motion_pb2.ListAlertsRequest(
            gym_id=claims.gym_id,
            open_only=request.open_only,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        answer = await self._upstreams.call("motion", self._upstreams.safety.ListAlerts, asked)
        return safety_pb2.ListAlertsResponse(alerts=answer.alerts, next_page_token=answer.next_page_token)

    async def AcknowledgeAlert(
        self, request: safety_pb2.AcknowledgeAlertRequest, context: Context
    ) -> safety_pb2.AcknowledgeAlertResponse:
        claims = self._authorize("AcknowledgeAlert", context)
        asked = motion_pb2.AcknowledgeAlertRequest(
            gym_id=claims.gym_id, alert_id=request.alert_id, acknowledged_by=claims.role, note=request.note
        )
        answer = await self._upstreams.call("motion", self._upstreams.safety.AcknowledgeAlert, asked)
        return safety_pb2.AcknowledgeAlertResponse(alert=answer.alert)

    def _authorize(self, method: str, context: Context) -> Claims:
        return access.authorize(self._verifier, method, context.invocation_metadata() or ())
