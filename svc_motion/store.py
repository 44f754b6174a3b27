"""Sets and repetitions in PostgreSQL. All is written under ids that are derived, so writing twice writes once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import times
from mesh.database import Database
from mesh.ids import CameraId, GymId, SetId
from svc_motion.events import (
    ExerciseRelabelled,
    FaultFinding,
    PersonId,
    RejudgedRepetition,
    RepetitionCounted,
    RepetitionTempo,
    SetRecord,
)

NEWEST_LOOKED_AT = 2000
"""Sets among which those of a camera are looked for before its index is asked."""

metadata = sa.MetaData()
people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("gym_id", sa.Text),
    sa.Column("first_seen_time", sa.DateTime(timezone=True)),
)
sets = sa.Table(
    "sets",
    metadata,
    sa.Column("set_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("gym_id", sa.Text),
    sa.Column("person_id", sa.Uuid(as_uuid=False)),
    sa.Column("number", sa.Integer),
    sa.Column("exercise", sa.Text),
    sa.Column("camera_ids", ARRAY(sa.Text)),
    sa.Column("open", sa.Boolean),
    sa.Column("start_time", sa.DateTime(timezone=True)),
    sa.Column("end_time", sa.DateTime(timezone=True)),
    sa.Column("repetitions", sa.Integer),
    sa.Column("full_repetitions", sa.Integer),
    sa.Column("hold_s", sa.Double),
    sa.Column("rest_before_s", sa.Double),
    sa.Column("score_sum", sa.Integer),
    sa.Column("score", sa.Double),
    sa.Column("fault_counts", JSONB),
    sa.Column("day", sa.Date),
    sa.Column("range_sum_deg", sa.Double),
    sa.Column("range_count", sa.Integer),
    sa.Column("superset_number", sa.Integer),
    sa.Column("corrected_exercise", sa.Text),
    sa.Column("corrected_repetitions", sa.Integer),
    sa.Column("corrected_hold_s", sa.Double),
    sa.Column("correct_time", sa.DateTime(timezone=True)),
)
repetitions = sa.Table(
    "repetitions",
    metadata,
    sa.Column("set_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("set_start_time", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("camera_id", sa.Text),
    sa.Column("start_time", sa.DateTime(timezone=True)),
    sa.Column("end_time", sa.DateTime(timezone=True)),
    sa.Column("range_of_motion_deg", sa.Double),
    sa.Column("out_s", sa.Double),
    sa.Column("pause_s", sa.Double),
    sa.Column("back_s", sa.Double),
    sa.Column("score", sa.Double),
    sa.Column("reasons", JSONB),
    sa.Column("faults", JSONB),
    sa.Column("partial", sa.Boolean),
    sa.Column("form", JSONB),
)
SHOWN = (
    *(column for column in sets.c if column.name not in {"score_sum", "fault_counts"}),
    sa.func.nullif(sets.c.fault_counts, sa.cast(sa.literal("{}"), JSONB), type_=JSONB).label("fault_counts"),
)
"""What messages say of a set. Most sets have no faults: NULL isn't parsed as JSON, which costs more than a message."""


@dataclass(frozen=True)
class SetState:
    """A set as it is to be stored."""

    set_id: SetId
    gym_id: GymId
    person_id: PersonId
    camera_id: CameraId
    record: SetRecord
    open: bool
    score: float
    """Mean score so far, 0..100."""


class MotionStore:
    """Reads and writes of the motion schema; writes happen in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow(self, gym_id: GymId, person_id: PersonId, first_seen_ns: int) -> None:
        """Remembers that a person has been followed."""
        values = {"person_id": person_id, "gym_id": gym_id, "first_seen_time": times.to_datetime(first_seen_ns)}
        async with self._database.transaction() as session:
            await session.execute(insert(people).values(values).on_conflict_do_nothing())

    async def is_followed(self, gym_id: GymId, person_id: str) -> bool:
        """True where the person has been followed in this gym."""
        query = sa.select(people.c.person_id).where(people.c.person_id == person_id, people.c.gym_id == gym_id)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def resume(self, person_id: PersonId) -> tuple[SetRecord | None, int, int | None]:
        """The person's open set, if any; the number of their closed sets; when the last of those ended, ns."""
        of_person = sets.c.person_id == person_id
        closed = sa.select(sa.func.count(), sa.func.max(sets.c.end_time)).where(of_person, ~sets.c.open)
        async with self._database.transaction() as session:
            row = (await session.execute(sa.select(sets).where(of_person, sets.c.open))).mappings().first()
            count, last_end = (await session.execute(closed)).one()
        return (_record(row) if row else None), count, times.from_datetime(last_end) if last_end else None

    async def people_with_open_sets(self, gym_id: GymId) -> list[tuple[PersonId, CameraId]]:
        """Everybody whose set is open, with the camera that saw it."""
        query = sa.select(sets.c.person_id, sets.c.camera_ids).where(sets.c.open, sets.c.gym_id == gym_id)
        async with self._database.reading() as connection:
            return [(PersonId(row[0]), CameraId(row[1][-1])) for row in (await connection.execute(query)).all()]

    async def save_set(self, session: AsyncSession, state: SetState) -> None:
        """Writes a set's newest state; a closed set stays closed."""
        record = state.record
        values: dict[str, Any] = {
            "set_id": state.set_id,
            "gym_id": state.gym_id,
            "person_id": state.person_id,
            "number": record.set_index,
            "exercise": record.exercise,
            "camera_ids": [state.camera_id],
            "open": state.open,
            "start_time": times.to_datetime(record.start_ns),
            "end_time": times.to_datetime(record.last_activity_ns),
            "repetitions": record.repetitions,
            "full_repetitions": record.full_repetitions,
            "hold_s": record.hold_s,
            "rest_before_s": record.rest_before_s,
            "score_sum": record.score_sum,
            "score": state.score,
            "fault_counts": record.faults,
        }
        statement = insert(sets).values(values)
        kept = {"set_id", "gym_id", "person_id", "number", "start_time", "camera_ids", "open"}
        changed: dict[str, Any] = {name: statement.excluded[name] for name in values.keys() - kept}
        changed["open"] = sa.and_(sets.c.open, statement.excluded.open)
        changed["camera_ids"] = sa.case(
            (sets.c.camera_ids.contains([state.camera_id]), sets.c.camera_ids),
            else_=sa.func.array_append(sets.c.camera_ids, state.camera_id),
        )
        await session.execute(statement.on_conflict_do_update(index_elements=["set_id"], set_=changed))

    async def save_repetition(
        self, session: AsyncSession, set_id: SetId, camera_id: CameraId, repetition: RepetitionCounted
    ) -> None:
        """Writes one repetition; the same number of the same set is written once."""
        values = {
            "set_id": set_id,
            "set_start_time": times.to_datetime(repetition.set_start_ns),
            "number": repetition.index,
            "camera_id": camera_id,
            "start_time": times.to_datetime(repetition.start_ns),
            "end_time": times.to_datetime(repetition.end_ns),
            **_tempo(repetition.tempo),
            **_judged(repetition),
        }
        await session.execute(insert(repetitions).values(values).on_conflict_do_nothing())

    async def rejudge(self, session: AsyncSession, set_id: SetId, relabelled: ExerciseRelabelled) -> None:
        """Replaces what is stored of a relabelled set's repetitions; doing it twice changes nothing."""
        start_time = times.to_datetime(relabelled.set_start_ns)
        for repetition in relabelled.repetitions:
            tempo = {} if repetition.tempo is None else _tempo(repetition.tempo)
            changed = sa.update(repetitions).where(
                repetitions.c.set_id == set_id,
                repetitions.c.set_start_time == start_time,
                repetitions.c.number == repetition.index,
            )
            await session.execute(changed.values(**tempo, **_judged(repetition)))

    async def get_set(self, gym_id: GymId, set_id: str) -> tuple[Any, Sequence[Any]] | None:
        """A set's row and the rows of its repetitions in order; None where it doesn't exist."""
        async with self._database.reading() as connection:
            query = sa.select(sets).where(sets.c.set_id == set_id, sets.c.gym_id == gym_id)
            row = (await connection.execute(query)).first()
            if row is None:
                return None
            # The start leads to the one partition that holds them.
            of_set = sa.select(repetitions).where(
                repetitions.c.set_id == set_id, repetitions.c.set_start_time == row.start_time
            )
            return row, (await connection.execute(of_set.order_by(repetitions.c.number))).all()

    async def list_sets(
        self, gym_id: GymId, person_id: str, camera_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Any]:
        """Rows of sets, newest first, beginning after a (start time, set id)."""
        query = sa.select(*SHOWN).where(sets.c.gym_id == gym_id)
        if person_id:
            query = query.where(sets.c.person_id == person_id)
        if after is not None:
            position = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid(as_uuid=False)))
            query = query.where(sa.tuple_(sets.c.start_time, sets.c.set_id) < position)
        newest = (sets.c.start_time.desc(), sets.c.set_id.desc())
        async with self._database.reading() as connection:
            if not camera_id:
                return (await connection.execute(query.order_by(*newest).limit(limit))).all()
            # A camera that is used is found among the newest sets; one that isn't would be looked for in all of them.
            among = query.order_by(*newest).limit(NEWEST_LOOKED_AT).subquery()
            recent = sa.select(among).where(among.c.camera_ids.contains([camera_id])).limit(limit)
            rows = (await connection.execute(recent.order_by(among.c.start_time.desc(), among.c.set_id.desc()))).all()
            if len(rows) == limit:
                return rows
            seen = query.where(sets.c.camera_ids.contains([camera_id])).cte("seen").prefix_with("MATERIALIZED")
            all_of_them = sa.select(seen).order_by(seen.c.start_time.desc(), seen.c.set_id.desc()).limit(limit)
            return (await connection.execute(all_of_them)).all()


def _record(row: Any) -> SetRecord:
    return SetRecord(
        start_ns=times.from_datetime(row["start_time"]),
        set_index=row["number"],
        exercise=row["exercise"],
        repetitions=row["repetitions"],
        full_repetitions=row["full_repetitions"],
        last_activity_ns=times.from_datetime(row["end_time"]),
        hold_s=row["hold_s"],
        score_sum=row["score_sum"],
        faults=dict(row["fault_counts"]),
        rest_before_s=row["rest_before_s"],
    )


def _fault(finding: FaultFinding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence,
        "value": finding.value,
        "threshold": finding.threshold,
        "time_ns": finding.time_ns,
    }


def _tempo(tempo: RepetitionTempo) -> dict[str, Any]:
    return {"out_s": tempo.eccentric_s, "pause_s": tempo.pause_s, "back_s": tempo.concentric_s}


def _judged(repetition: RepetitionCounted | RejudgedRepetition) -> dict[str, Any]:
    return {
        "range_of_motion_deg": repetition.rom_deg,
        "score": repetition.score,
        "reasons": list(repetition.reasons),
        "faults": [_fault(finding) for finding in repetition.faults],
        "partial": repetition.partial,
        "form": _form(repetition),
    }


def _form(repetition: RepetitionCounted | RejudgedRepetition) -> dict[str, Any]:
    return {
        "symmetry": repetition.symmetry,
        "stability": repetition.stability,
        "path_deviation": repetition.path_deviation,
        "not_judged": list(repetition.not_judged),
        "view": repetition.view.value,
    }
