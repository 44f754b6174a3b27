"""SQL of svc_ingest: cameras and clips, with the events that tell of them in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from mesh.database import Database
from mesh.outbox import Outbox
from spotter.events.v1 import events_pb2
from svc_ingest.records import CameraRecord, ClipRecord
from svc_ingest.states import State

MIGRATIONS = Path(__file__).parent / "migrations"
SCHEMA = "ingest"

_metadata = sa.MetaData()
_cameras = sa.Table(
    "cameras",
    _metadata,
    *(sa.Column(name, sa.Text) for name in ("gym_id", "camera_id", "display_name", "uri")),
    *(sa.Column(name, sa.Boolean) for name in ("every", "once")),
    *(sa.Column(name, sa.Text) for name in ("request_id", "state", "state_detail", "codec")),
    *(sa.Column(name, sa.Integer) for name in ("width_px", "height_px")),
    sa.Column("frame_rate_hz", sa.Float),
    *(sa.Column(name, sa.BigInteger) for name in ("frames_read", "frames_analysed", "frames_dropped", "frames_idle")),
    *(sa.Column(name, sa.BigInteger) for name in ("frames_corrupt", "first_frame_ns", "last_frame_ns")),
    *(sa.Column(name, sa.BigInteger) for name in ("origin_ns", "position_ns", "next_sequence", "create_time_ns")),
)
_clips = sa.Table(
    "clips",
    _metadata,
    sa.Column("clip_id", sa.Uuid(as_uuid=False)),
    *(sa.Column(name, sa.Text) for name in ("gym_id", "camera_id", "person_id", "set_id", "reason", "object_key")),
    *(sa.Column(name, sa.BigInteger) for name in ("start_time_ns", "duration_ns", "size_bytes", "create_time_ns")),
)
Told = tuple[str, events_pb2.Event]
"""Subject and event."""


class Store:
    """Cameras and clips of all gyms of this process."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def add_camera(self, record: CameraRecord) -> bool:
        """Stores a new camera; False where its id or its request id is taken."""
        values = {**asdict(record), "state": record.state.value}
        statement = insert(_cameras).values(values).on_conflict_do_nothing().returning(_cameras.c.camera_id)
        async with self._database.transaction() as session:
            return (await session.execute(statement)).first() is not None

    async def camera(self, gym_id: str, camera_id: str) -> CameraRecord | None:
        """One camera."""
        rows = await self._select_cameras(_cameras.c.gym_id == gym_id, _cameras.c.camera_id == camera_id)
        return rows[0] if rows else None

    async def camera_of_request(self, gym_id: str, request_id: str) -> CameraRecord | None:
        """The camera that a request made."""
        rows = await self._select_cameras(_cameras.c.gym_id == gym_id, _cameras.c.request_id == request_id)
        return rows[0] if rows else None

    async def cameras(self, gym_id: str, after: str, limit: int) -> list[CameraRecord]:
        """Cameras of a gym by id, those after the id `after`."""
        return await self._select_cameras(_cameras.c.gym_id == gym_id, _cameras.c.camera_id > after, limit=limit)

    async def all_cameras(self) -> list[CameraRecord]:
        """Every camera."""
        return await self._select_cameras()

    async def save_camera(self, record: CameraRecord, told: Sequence[Told] = ()) -> None:
        """Stores what changes while a camera runs, and tells `told`. A camera that was deleted stays deleted."""
        values = {**asdict(record), "state": record.state.value}
        for fixed in ("gym_id", "camera_id", "request_id", "create_time_ns"):
            del values[fixed]
        statement = sa.update(_cameras).where(
            _cameras.c.gym_id == record.gym_id, _cameras.c.camera_id == record.camera_id
        )
        async with self._database.transaction() as session:
            await session.execute(statement.values(values))
            for subject, event in told:
                await self._outbox.add(session, subject, event)
        if told:
            self._outbox.notify()

    async def delete_camera(self, gym_id: str, camera_id: str) -> bool:
        """Forgets a camera; False where there is none."""
        statement = sa.delete(_cameras).where(_cameras.c.gym_id == gym_id, _cameras.c.camera_id == camera_id)
        async with self._database.transaction() as session:
            return (await session.execute(statement.returning(_cameras.c.camera_id))).first() is not None

    async def add_clip(self, clip: ClipRecord, told: Told) -> ClipRecord:
        """Stores a clip and tells of it, once for its id; returns what is stored."""
        statement = insert(_clips).values(asdict(clip)).on_conflict_do_nothing().returning(_clips.c.clip_id)
        async with self._database.transaction() as session:
            if (await session.execute(statement)).first() is not None:
                await self._outbox.add(session, *told)
        self._outbox.notify()
        return await self.clip(clip.gym_id, clip.clip_id) or clip

    async def clip(self, gym_id: str, clip_id: str) -> ClipRecord | None:
        """One clip."""
        statement = sa.select(_clips).where(_clips.c.gym_id == gym_id, _clips.c.clip_id == clip_id)
        async with self._database.transaction() as session:
            row = (await session.execute(statement)).first()
        return ClipRecord(**row._mapping) if row else None

    async def clips(self, gym_id: str, person_id: str, after: tuple[int, str] | None, limit: int) -> list[ClipRecord]:
        """Clips of a gym, or of one person, newest first, those after (create time, id)."""
        statement = sa.select(_clips).where(_clips.c.gym_id == gym_id)
        if person_id:
            statement = statement.where(_clips.c.person_id == person_id)
        if after is not None:
            statement = statement.where(
                sa.tuple_(_clips.c.create_time_ns, _clips.c.clip_id)
                < sa.tuple_(sa.literal(after[0]), sa.literal(after[1], _clips.c.clip_id.type))
            )
        statement = statement.order_by(_clips.c.create_time_ns.desc(), _clips.c.clip_id.desc()).limit(limit)
        async with self._database.transaction() as session:
            return [ClipRecord(**row._mapping) for row in await session.execute(statement)]

    async def _select_cameras(self, *where: Any, limit: int | None = None) -> list[CameraRecord]:
        statement = sa.select(_cameras).where(*where).order_by(_cameras.c.gym_id, _cameras.c.camera_id).limit(limit)
        async with self._database.transaction() as session:
            rows = (await session.execute(statement)).all()
        return [replace(CameraRecord(**row._mapping), state=State(row.state)) for row in rows]
