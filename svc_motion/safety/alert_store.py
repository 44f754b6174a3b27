"""Alerts in PostgreSQL. They stay: who needed help, when, and who looked after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import times
from mesh.database import Database
from mesh.ids import CameraId, GymId, SetId
from svc_motion.events import PersonId
from svc_motion.safety.events import SafetyEvent

SAME_FALL_WITHIN_S = 30.0
"""After a crash the last seconds are seen again from another beginning: what looks like a second fall is the first."""

alerts = sa.Table(
    "alerts",
    sa.MetaData(),
    sa.Column("alert_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("gym_id", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("person_id", sa.Uuid(as_uuid=False)),
    sa.Column("camera_id", sa.Text),
    sa.Column("set_id", sa.Uuid(as_uuid=False)),
    sa.Column("begin_time", sa.DateTime(timezone=True)),
    sa.Column("capture_time", sa.DateTime(timezone=True)),
    sa.Column("place_x", sa.Double),
    sa.Column("place_y", sa.Double),
    sa.Column("raised_time", sa.DateTime(timezone=True)),
    sa.Column("told_count", sa.Integer),
    sa.Column("told_time", sa.DateTime(timezone=True)),
    sa.Column("acknowledged_time", sa.DateTime(timezone=True)),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("note", sa.Text),
)


@dataclass(frozen=True)
class NewAlert:
    """An alert as it is raised."""

    alert_id: str
    gym_id: GymId
    person_id: PersonId
    camera_id: CameraId
    set_id: SetId | None
    event: SafetyEvent


class AlertStore:
    """Reads and writes of alerts; writes happen in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: AsyncSession, alert: NewAlert) -> Any | None:
        """The new row; None where this fall was told before."""
        # Serialises alerts of one person, so that looking and adding are one.
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(alert.person_id))))
        begin = times.to_datetime(alert.event.episode_ns)
        near = timedelta(seconds=SAME_FALL_WITHIN_S)
        told = sa.select(alerts.c.alert_id).where(
            alerts.c.person_id == alert.person_id,
            alerts.c.kind == alert.event.kind.value,
            alerts.c.begin_time.between(begin - near, begin + near),
        )
        if (await session.execute(told)).first() is not None:
            return None
        values = {
            "alert_id": alert.alert_id,
            "gym_id": alert.gym_id,
            "kind": alert.event.kind.value,
            "person_id": alert.person_id,
            "camera_id": alert.camera_id,
            "set_id": alert.set_id,
            "begin_time": begin,
            "capture_time": times.to_datetime(alert.event.time_ns),
            "place_x": alert.event.place_x,
            "place_y": alert.event.place_y,
            "raised_time": sa.func.now(),
            "told_count": 1,
            "told_time": sa.func.now(),
        }
        statement = insert(alerts).values(values).on_conflict_do_nothing().returning(alerts)
        return (await session.execute(statement)).first()

    async def tell_again(self, session: AsyncSession, interval_s: float, limit: int) -> Sequence[Any]:
        """Rows of open alerts that were told this long ago, counted as told now; what others hold is left to them."""
        due = (
            sa.select(alerts.c.alert_id)
            .where(
                alerts.c.acknowledged_time.is_(None),
                alerts.c.told_time <= sa.func.now() - timedelta(seconds=interval_s),
            )
            .order_by(alerts.c.told_time)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        statement = (
            sa.update(alerts)
            .where(alerts.c.alert_id.in_(due))
            .values(told_count=alerts.c.told_count + 1, told_time=sa.func.now())
            .returning(alerts)
        )
        rows: Sequence[Any] = (await session.execute(statement)).all()
        return rows

    async def count_open(self, session: AsyncSession) -> int:
        """Alerts that nobody looks after."""
        query = sa.select(sa.func.count()).select_from(alerts).where(alerts.c.acknowledged_time.is_(None))
        return int((await session.execute(query)).scalar_one())

    async def acknowledge(
        self, session: AsyncSession, gym_id: GymId, alert_id: str, acknowledged_by: str, note: str
    ) -> Any | None:
        """The row as acknowledged now; None where it was before, or where there is no such alert."""
        statement = (
            sa.update(alerts)
            .where(alerts.c.gym_id == gym_id, alerts.c.alert_id == alert_id, alerts.c.acknowledged_time.is_(None))
            .values(acknowledged_time=sa.func.now(), acknowledged_by=acknowledged_by, note=note)
            .returning(alerts)
        )
        return (await session.execute(statement)).first()

    async def get(self, gym_id: GymId, alert_id: str) -> Any | None:
        """An alert's row; None where it doesn't exist."""
        query = sa.select(alerts).where(alerts.c.gym_id == gym_id, alerts.c.alert_id == alert_id)
        async with self._database.transaction() as session:
            return (await session.execute(query)).first()

    async def page(
        self, gym_id: GymId, open_only: bool, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Any]:
        """Rows, newest first, beginning after a (capture time, alert id)."""
        query = sa.select(alerts).where(alerts.c.gym_id == gym_id)
        if open_only:
            query = query.where(alerts.c.acknowledged_time.is_(None))
        if after is not None:
            position = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid(as_uuid=False)))
            query = query.where(sa.tuple_(alerts.c.capture_time, alerts.c.alert_id) < position)
        query = query.order_by(alerts.c.capture_time.desc(), alerts.c.alert_id.desc()).limit(limit)
        async with self._database.transaction() as session:
            return (await session.execute(query)).all()
