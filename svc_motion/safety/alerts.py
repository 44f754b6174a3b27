"""Alerts from the moment they are raised until somebody looks after them: stored, told, told again."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from mesh import names, times
from mesh.database import Database, is_connection_error
from mesh.errors import NotFound
from mesh.ids import GymId, SetId, derived_id
from mesh.outbox import Outbox
from svc_motion.messages import Moment
from svc_motion.safety.alert_store import AlertStore, NewAlert
from svc_motion.safety.events import SafetyEvent
from svc_motion.safety.messages import acknowledged_event, told_event

_log = structlog.get_logger()
_RAISED = Counter(names.METRIC_ALERTS, "Alerts raised.", ["kind"])
_OPEN = Gauge(names.METRIC_ALERTS_OPEN, "Alerts that nobody looks after.")
RETRY_S = 0.2
LOOK_S = 1.0
"""How often somebody looks for alerts that are to be told again."""
BATCH = 100


class Alerts:
    """Raises alerts, repeats them every `repeat_s` until they are acknowledged.

    What is told and what is stored are one transaction. Reminders come from the table alone: whoever is left of the
    replicas tells them, and each is told once.
    """

    def __init__(self, database: Database, store: AlertStore, outbox: Outbox, repeat_s: float) -> None:
        self._database = database
        self._store = store
        self._outbox = outbox
        self._repeat_s = repeat_s

    async def raise_alert(self, moment: Moment, event: SafetyEvent, set_id: SetId | None) -> None:
        """Returns when the alert is committed; tries again while the database can't be reached."""
        alert_id = derived_id("alert", moment.gym_id, moment.person_id, event.kind.value, event.episode_ns)
        alert = NewAlert(alert_id, moment.gym_id, moment.person_id, moment.camera_id, set_id, event)
        while True:
            try:
                await self._write(moment, alert)
                return
            except (SQLAlchemyError, OSError) as error:
                if not isinstance(error, OSError) and not is_connection_error(error):
                    raise
                _log.warning("database_away", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def acknowledge(self, gym_id: GymId, alert_id: str, acknowledged_by: str, note: str) -> Any:
        """The row as it stands afterwards. Raises NotFound."""
        async with self._database.transaction() as session:
            row = await self._store.acknowledge(session, gym_id, alert_id, acknowledged_by, note)
            if row is not None:
                await self._outbox.add(session, *acknowledged_event(row))
        if row is None:
            return await self.get(gym_id, alert_id)
        self._outbox.notify()
        _log.info("alert_acknowledged", alert_id=alert_id, acknowledged_by=acknowledged_by)
        return row

    async def get(self, gym_id: GymId, alert_id: str) -> Any:
        """An alert's row. Raises NotFound."""
        row = await self._store.get(gym_id, alert_id)
        if row is None:
            raise NotFound("ALERT_NOT_FOUND", "There is no alert with this alert_id in this gym.")
        return row

    async def remind(self) -> None:
        """Tells open alerts again, until cancelled."""
        while True:
            try:
                await self._tell_due()
            except (SQLAlchemyError, OSError) as error:
                if not isinstance(error, OSError) and not is_connection_error(error):
                    _log.error("reminders_failed", exc_info=error)
            await asyncio.sleep(LOOK_S)

    async def _tell_due(self) -> None:
        async with self._database.transaction() as session:
            rows = await self._store.tell_again(session, self._repeat_s, BATCH)
            for row in rows:
                await self._outbox.add(session, *told_event(row, times.now_ns()))
            _OPEN.set(await self._store.count_open(session))
        if rows:
            self._outbox.notify()
            _log.warning("alerts_repeated", count=len(rows))

    async def _write(self, moment: Moment, alert: NewAlert) -> None:
        async with self._database.transaction() as session:
            row = await self._store.add(session, alert)
            if row is None:
                return
            await self._outbox.add(session, *told_event(row, moment.receive_time_ns, moment.traceparent))
        self._outbox.notify()
        _RAISED.labels(row.kind).inc()
        _log.warning("alert_raised", kind=row.kind, alert_id=row.alert_id, camera_id=row.camera_id)
