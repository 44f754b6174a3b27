"""A person's visit in the store: sums over all of its sets, and the sets page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mesh.database import Database
from mesh.ids import GymId
from svc_motion.store import SHOWN, sets

_EXERCISE = sa.func.coalesce(sets.c.corrected_exercise, sets.c.exercise)
_SUMS = (
    _EXERCISE.label("exercise"),
    sa.func.count().label("sets"),
    sa.func.sum(sa.func.coalesce(sets.c.corrected_repetitions, sets.c.repetitions)).label("repetitions"),
    sa.func.sum(sa.func.coalesce(sets.c.corrected_hold_s, sets.c.hold_s)).label("hold_s"),
    sa.func.avg(sets.c.score).label("score"),
    sa.func.min(sets.c.start_time).label("start_time"),
    sa.func.max(sets.c.end_time).label("end_time"),
)


@dataclass(frozen=True)
class SessionTotals:
    """Sums over all sets of a visit; corrected values count."""

    exercises: Sequence[Any]
    """A row for each exercise, in the order of first appearance."""
    faults: Mapping[str, Mapping[str, int]]
    """How often each fault was seen, by exercise and name."""


class SessionStore:
    """Reads of one person's sets, open ones too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def totals(self, gym_id: GymId, person_id: str) -> SessionTotals:
        """Sums by exercise."""
        here = (sets.c.gym_id == gym_id, sets.c.person_id == person_id)
        sums = sa.select(*_SUMS).where(*here).group_by(_EXERCISE).order_by(sa.func.min(sets.c.start_time))
        seen = sa.func.jsonb_each_text(sets.c.fault_counts).table_valued("key", "value", name="seen").render_derived()
        faults = (
            sa.select(_EXERCISE, seen.c.key, sa.func.sum(sa.cast(seen.c.value, sa.Integer)))
            .select_from(sets.join(seen, sa.true()))
            .where(*here)
            .group_by(_EXERCISE, seen.c.key)
        )
        found: dict[str, dict[str, int]] = {}
        async with self._database.reading() as connection:
            exercises = (await connection.execute(sums)).all()
            for exercise, name, count in (await connection.execute(faults)).all():
                found.setdefault(exercise, {})[name] = count
        return SessionTotals(exercises, found)

    async def page(
        self, gym_id: GymId, person_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Any]:
        """Rows of sets, oldest first, beginning after a (start time, set id)."""
        query = sa.select(*SHOWN).where(sets.c.gym_id == gym_id, sets.c.person_id == person_id)
        if after is not None:
            position = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid(as_uuid=False)))
            query = query.where(sa.tuple_(sets.c.start_time, sets.c.set_id) > position)
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(sets.c.start_time, sets.c.set_id).limit(limit))).all()
