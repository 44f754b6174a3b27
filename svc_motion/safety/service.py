"""The servicer of alerts: messages of the contract in, domain out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import grpc

from mesh import pages
from mesh.errors import InvalidArgument
from mesh.ids import GymId, require_slug, require_uuid
from spotter.motion.v1 import safety_pb2, safety_pb2_grpc
from svc_motion.safety.alert_store import AlertStore
from svc_motion.safety.alerts import Alerts
from svc_motion.safety.messages import to_alert

LONGEST_NOTE = 500
Context = grpc.aio.ServicerContext[Any, Any]


class SafetyServicer(safety_pb2_grpc.SafetyServiceServicer):
    """spotter.motion.v1.SafetyService."""

    def __init__(self, alerts: Alerts, store: AlertStore) -> None:
        self._alerts = alerts
        self._store = store

    async def GetAlert(self, request: safety_pb2.GetAlertRequest, context: Context) -> safety_pb2.GetAlertResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        row = await self._alerts.get(gym_id, require_uuid(request.alert_id, "alert_id"))
        return safety_pb2.GetAlertResponse(alert=to_alert(row))

    async def ListAlerts(
        self, request: safety_pb2.ListAlertsRequest, context: Context
    ) -> safety_pb2.ListAlertsResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        size = pages.page_size(request.page_size)
        rows = await self._store.page(gym_id, request.open_only, _position(request.page_token), size + 1)
        return safety_pb2.ListAlertsResponse(
            alerts=[to_alert(row) for row in rows[:size]],
            next_page_token=_token(rows[size - 1]) if len(rows) > size else "",
        )

    async def AcknowledgeAlert(
        self, request: safety_pb2.AcknowledgeAlertRequest, context: Context
    ) -> safety_pb2.AcknowledgeAlertResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        alert_id = require_uuid(request.alert_id, "alert_id")
        by = require_slug(request.acknowledged_by, "acknowledged_by")
        if len(request.note) > LONGEST_NOTE:
            raise InvalidArgument("note", f"note must have at most {LONGEST_NOTE} characters.")
        row = await self._alerts.acknowledge(gym_id, alert_id, by, request.note)
        return safety_pb2.AcknowledgeAlertResponse(alert=to_alert(row))


def _position(token: str) -> tuple[datetime, str] | None:
    keys = pages.decode_token(token, 2)
    if keys is None:
        return None
    try:
        return datetime.fromisoformat(str(keys[0])), require_uuid(str(keys[1]), "page_token")
    except ValueError:
        raise InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.") from None


def _token(row: Any) -> str:
    return pages.encode_token(row.capture_time.isoformat(), row.alert_id)
