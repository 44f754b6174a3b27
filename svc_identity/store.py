"""People, their tracks and claim codes in PostgreSQL. An event is stored in the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import times
from mesh.database import Database
from mesh.errors import NotFound
from mesh.ids import CameraId, GymId, PersonId
from mesh.outbox import Outbox
from svc_identity import messages
from svc_identity.roster import Presence, TrackKey
from svc_identity.sightings import Appearance, Box

metadata = sa.MetaData()
people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("gym_id", sa.Text),
    sa.Column("label", sa.Text),
    sa.Column("first_seen_time", sa.DateTime(timezone=True)),
    sa.Column("last_seen_time", sa.DateTime(timezone=True)),
    sa.Column("camera_ids", ARRAY(sa.Text)),
    sa.Column("camera_id", sa.Text),
    sa.Column("box", ARRAY(sa.Double)),
    sa.Column("appearance", sa.LargeBinary),
    sa.Column("save_time", sa.DateTime(timezone=True)),
    sa.Column("leave_time", sa.DateTime(timezone=True)),
    sa.Column("claimed", sa.Boolean),
    sa.Column("member_id", sa.Text),
    sa.Column("face_consent_time", sa.DateTime(timezone=True)),
)
tracks = sa.Table(
    "tracks",
    metadata,
    sa.Column("gym_id", sa.Text, primary_key=True),
    sa.Column("camera_id", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("track_id", sa.BigInteger, primary_key=True),
    sa.Column("person_id", sa.Uuid(as_uuid=False)),
)
label_counters = sa.Table(
    "label_counters",
    metadata,
    sa.Column("gym_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("last_number", sa.Integer),
)
claim_codes = sa.Table(
    "claim_codes",
    metadata,
    sa.Column("code_hash", sa.LargeBinary, primary_key=True),
    sa.Column("gym_id", sa.Text),
    sa.Column("person_id", sa.Uuid(as_uuid=False)),
    sa.Column("expire_time", sa.DateTime(timezone=True)),
    sa.Column("device_id", sa.Uuid(as_uuid=False)),
)


@dataclass(frozen=True)
class Place:
    """A camera of a gym."""

    gym_id: GymId
    camera_id: CameraId


@dataclass(frozen=True)
class StoredPresence:
    """A person who had not left when they were last saved."""

    place: Place
    presence: Presence
    tracks: tuple[TrackKey, ...]
    save_time: datetime
    face_consent: bool


class IdentityStore:
    """Reads and writes of the identity schema."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def add_people(
        self, place: Place, newcomers: Sequence[tuple[Presence, TrackKey]], bound: Sequence[tuple[TrackKey, PersonId]]
    ) -> None:
        """Stores new people, with their label and PersonAppeared, and tracks that show somebody else now."""
        async with self._database.transaction() as session:
            for presence, key in newcomers:
                await self._add_person(session, place, presence)
                await _bind(session, place, key, presence.person_id)
            for key, person_id in bound:
                await _bind(session, place, key, person_id)
                await session.execute(
                    sa.update(people)
                    .where(people.c.person_id == person_id, sa.not_(people.c.camera_ids.contains([place.camera_id])))
                    .values(camera_ids=sa.func.array_append(people.c.camera_ids, place.camera_id))
                )
        if newcomers:
            self._outbox.notify()

    async def save(self, place: Place, presences: Sequence[Presence]) -> None:
        """Writes where people were last seen."""
        statement = (
            sa.update(people)
            .where(people.c.person_id == sa.bindparam("id"), people.c.leave_time.is_(None))
            .values(
                last_seen_time=sa.bindparam("seen"),
                box=sa.bindparam("edges"),
                appearance=sa.bindparam("look"),
                save_time=sa.func.now(),
            )
        )
        rows = [
            {
                "id": presence.person_id,
                "seen": times.to_datetime(presence.last_seen_ns),
                "edges": _edges(presence.box),
                "look": _packed(presence.appearance),
            }
            for presence in presences
        ]
        async with self._database.engine.begin() as connection:
            await connection.execute(statement, rows)

    async def leave(self, place: Place, presences: Sequence[Presence]) -> None:
        """Closes people's visits and says so; what they looked like is forgotten."""
        async with self._database.transaction() as session:
            for presence in presences:
                closed = await session.execute(
                    sa.update(people)
                    .where(people.c.person_id == presence.person_id, people.c.leave_time.is_(None))
                    .values(
                        leave_time=sa.func.now(),
                        last_seen_time=times.to_datetime(presence.last_seen_ns),
                        appearance=None,
                    )
                    .returning(people.c.person_id)
                )
                if closed.first() is not None:
                    event = messages.left(place.gym_id, presence.person_id, place.camera_id, presence.last_seen_ns)
                    await self._outbox.add(session, *event)
                await session.execute(sa.delete(tracks).where(tracks.c.person_id == presence.person_id))
        self._outbox.notify()

    async def load_present(self) -> list[StoredPresence]:
        """Everybody who had not left when they were last saved."""
        async with self._database.transaction() as session:
            rows = (await session.execute(sa.select(people).where(people.c.leave_time.is_(None)))).all()
            bound = (await session.execute(sa.select(tracks))).all()
        keys: dict[tuple[str, str], list[TrackKey]] = {}
        for row in bound:
            keys.setdefault((row.person_id, row.camera_id), []).append(TrackKey(row.epoch, row.track_id))
        return [
            StoredPresence(
                Place(GymId(row.gym_id), CameraId(camera_id)),
                Presence(
                    PersonId(row.person_id),
                    times.from_datetime(row.last_seen_time),
                    Box(*row.box),
                    None if row.appearance is None else np.frombuffer(row.appearance, "<f4"),
                ),
                tuple(keys.get((row.person_id, camera_id), ())),
                row.save_time,
                row.face_consent_time is not None,
            )
            for row in rows
            for camera_id in row.camera_ids
            if camera_id == row.camera_id or (row.person_id, camera_id) in keys
        ]

    async def set_face_consent(self, gym_id: GymId, person_id: str, granted: bool) -> Any | None:
        """Writes whether a person's face may be described; their row, or None where nobody has this id."""
        statement = (
            sa.update(people)
            .where(people.c.person_id == person_id, people.c.gym_id == gym_id)
            .values(face_consent_time=sa.func.now() if granted else None)
            .returning(*people.c)
        )
        async with self._database.transaction() as session:
            return (await session.execute(statement)).first()

    async def get(self, gym_id: GymId, person_id: str) -> Any | None:
        """A person's row; None where nobody of this gym has the id."""
        query = sa.select(people).where(people.c.person_id == person_id, people.c.gym_id == gym_id)
        async with self._database.transaction() as session:
            return (await session.execute(query)).first()

    async def list(
        self, gym_id: GymId, present_only: bool, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Any]:
        """Rows of people, last seen first, beginning after a (last seen, person id)."""
        query = sa.select(people).where(people.c.gym_id == gym_id)
        if present_only:
            query = query.where(people.c.leave_time.is_(None))
        if after is not None:
            position = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid(as_uuid=False)))
            query = query.where(sa.tuple_(people.c.last_seen_time, people.c.person_id) < position)
        query = query.order_by(people.c.last_seen_time.desc(), people.c.person_id.desc()).limit(limit)
        async with self._database.transaction() as session:
            return (await session.execute(query)).all()

    async def add_code(self, gym_id: GymId, person_id: str, code_hash: bytes, lifetime_s: float) -> datetime | None:
        """Stores a code's hash and returns when it expires; None where nobody has this id. Old codes are removed."""
        async with self._database.transaction() as session:
            known = sa.select(people.c.person_id).where(people.c.person_id == person_id, people.c.gym_id == gym_id)
            if (await session.execute(known)).first() is None:
                return None
            old = datetime.now(UTC) - timedelta(days=1)
            await session.execute(sa.delete(claim_codes).where(claim_codes.c.expire_time < old))
            expire_time = datetime.now(UTC) + timedelta(seconds=lifetime_s)
            values = {"code_hash": code_hash, "gym_id": gym_id, "person_id": person_id, "expire_time": expire_time}
            await session.execute(insert(claim_codes).values(values))
            return expire_time

    async def redeem(self, gym_id: GymId, code_hash: bytes, device_id: str) -> Any:
        """Links a phone and returns the person's row; the same phone gets the same answer again.

        Raises NotFound for a code that is unknown, used by another phone, or expired.
        """
        async with self._database.transaction() as session:
            query = sa.select(claim_codes).where(claim_codes.c.code_hash == code_hash, claim_codes.c.gym_id == gym_id)
            code = (await session.execute(query.with_for_update())).first()
            fresh = code is not None and code.device_id is None and code.expire_time > datetime.now(UTC)
            if code is None or not (fresh or code.device_id == device_id):
                raise NotFound(
                    "CLAIM_CODE_INVALID", "This code doesn't hold any more; scan the one on the kiosk again."
                )
            if fresh:
                of_code = sa.update(claim_codes).where(claim_codes.c.code_hash == code_hash)
                await session.execute(of_code.values(device_id=device_id))
                await session.execute(
                    sa.update(people).where(people.c.person_id == code.person_id).values(claimed=True)
                )
                event = messages.claimed(gym_id, PersonId(code.person_id), code_hash, times.now_ns())
                await self._outbox.add(session, *event)
            person = (await session.execute(sa.select(people).where(people.c.person_id == code.person_id))).one()
        self._outbox.notify()
        return person

    async def _add_person(self, session: AsyncSession, place: Place, presence: Presence) -> None:
        seen = times.to_datetime(presence.last_seen_ns)
        already = await session.execute(sa.select(people.c.person_id).where(people.c.person_id == presence.person_id))
        if already.first() is not None:
            return
        number = await _next_number(session, place.gym_id)
        values = {
            "person_id": presence.person_id,
            "gym_id": place.gym_id,
            "label": f"Person {number}",
            "first_seen_time": seen,
            "last_seen_time": seen,
            "camera_ids": [place.camera_id],
            "camera_id": place.camera_id,
            "box": _edges(presence.box),
            "appearance": _packed(presence.appearance),
        }
        await session.execute(insert(people).values(values))
        event = messages.appeared(place.gym_id, presence.person_id, place.camera_id, presence.last_seen_ns)
        await self._outbox.add(session, *event)


async def _next_number(session: AsyncSession, gym_id: GymId) -> int:
    """The next label's number; counts from 1 every day (UTC)."""
    statement = insert(label_counters).values(gym_id=gym_id, day=datetime.now(UTC).date(), last_number=1)
    counted = statement.on_conflict_do_update(
        index_elements=["gym_id", "day"], set_={"last_number": label_counters.c.last_number + 1}
    ).returning(label_counters.c.last_number)
    return int((await session.execute(counted)).scalar_one())


async def _bind(session: AsyncSession, place: Place, key: TrackKey, person_id: PersonId) -> None:
    """Writes whom a track shows; the tracks of this camera that showed the person before are over."""
    old = sa.delete(tracks).where(
        tracks.c.person_id == person_id,
        tracks.c.camera_id == place.camera_id,
        sa.or_(tracks.c.epoch != key.epoch, tracks.c.track_id != key.track_id),
    )
    await session.execute(old)
    statement = insert(tracks).values(
        gym_id=place.gym_id, camera_id=place.camera_id, epoch=key.epoch, track_id=key.track_id, person_id=person_id
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["gym_id", "camera_id", "epoch", "track_id"], set_={"person_id": person_id}
        )
    )


def _edges(box: Box) -> list[float]:
    return [box.left, box.top, box.right, box.bottom]


def _packed(appearance: Appearance | None) -> bytes | None:
    return None if appearance is None else np.ascontiguousarray(appearance, "<f4").tobytes()
