"""Putting a set right by hand: what is said replaces what was measured in every sum, and both are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import times
from mesh.database import Database
from mesh.errors import FailedPrecondition, InvalidArgument, NotFound
from mesh.ids import GymId, derived_id, new_id
from mesh.outbox import Outbox
from spotter.events.v1 import events_pb2
from svc_motion.events import PersonId
from svc_motion.library import Library
from svc_motion.record.keeper import RecordKeeper
from svc_motion.record.messages import set_corrected
from svc_motion.record.tables import corrections
from svc_motion.store import sets

MOST_REPETITIONS = 10_000
LONGEST_HOLD_S = 86_400.0
LONGEST_REASON = 200
T = TypeVar("T", int, float)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was done in a set."""

    exercise: str
    repetitions: int
    hold_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody says that a set really was; None leaves a value as it is."""

    exercise: str | None
    repetitions: int | None
    hold_s: float | None
    corrected_by: str
    reason: str
    request_id: str
    """Empty for none."""


def corrected(before: Amounts, asked: Asked, library: Library) -> Amounts:
    """What counts after a correction. Raises InvalidArgument where it can't be, naming the field."""
    if asked.exercise is None and asked.repetitions is None and asked.hold_s is None:
        raise InvalidArgument("exercise", "Say what was wrong: set exercise, repetition_count or hold_s.")
    if asked.exercise is not None and asked.exercise not in library.names:
        raise InvalidArgument(
            "exercise", "exercise must be one of the library's; ListExercises lists them.", reason="EXERCISE_UNKNOWN"
        )
    exercise = asked.exercise or before.exercise
    counted = library[exercise].counted if exercise in library.names else before.hold_s == 0
    if counted and asked.hold_s is not None:
        raise InvalidArgument("hold_s", f"{exercise} is counted, not held; set repetition_count instead.")
    if not counted and asked.repetitions is not None:
        raise InvalidArgument("repetition_count", f"{exercise} is held, not counted; set hold_s instead.")
    if counted:
        repetitions = before.repetitions if asked.repetitions is None else asked.repetitions
        if asked.repetitions is None and before.hold_s > 0:
            raise InvalidArgument("repetition_count", f"Seconds were held so far; how many {exercise} were there?")
        return Amounts(exercise, _within(repetitions, MOST_REPETITIONS, "repetition_count"), 0.0)
    if asked.hold_s is None and before.repetitions > 0:
        raise InvalidArgument("hold_s", f"Repetitions were counted so far; for how long was the {exercise} held?")
    return Amounts(
        exercise, 0, _within(before.hold_s if asked.hold_s is None else asked.hold_s, LONGEST_HOLD_S, "hold_s")
    )


class Corrector:
    """Corrects sets, one transaction each."""

    def __init__(self, database: Database, outbox: Outbox, keeper: RecordKeeper, library: Library) -> None:
        self._database = database
        self._outbox = outbox
        self._keeper = keeper
        self._library = library

    async def correct(self, gym_id: GymId, set_id: str, asked: Asked, time_ns: int) -> tuple[Any, Any]:
        """The set's row and the correction's row after it; the same request again answers what it did the first time.

        Raises NotFound, FailedPrecondition while the set is open, InvalidArgument where the values can't be.
        """
        async with self._database.transaction() as session:
            # Two corrections of one set, and one that is repeated while the first still runs, take turns here.
            row = await self._locked_set(session, gym_id, set_id)
            correction_id = derived_id("correction", gym_id, asked.request_id) if asked.request_id else new_id()
            by_id = sa.select(corrections).where(corrections.c.correction_id == correction_id)
            known = (await session.execute(by_id)).first()
            if known is not None:
                _check_same(known, set_id)
                return row, known
            if row.open:
                raise FailedPrecondition("SET_OPEN", "The set is still running; correct it when it is over.")
            await self._write(session, gym_id, row, correction_id, asked, time_ns)
            corrected_row = (await session.execute(sa.select(sets).where(sets.c.set_id == set_id))).one()
            made = (await session.execute(by_id)).one()
        self._outbox.notify()
        return corrected_row, made

    async def _write(
        self, session: AsyncSession, gym_id: GymId, row: Any, correction_id: str, asked: Asked, time_ns: int
    ) -> None:
        measured = Amounts(row.exercise, row.repetitions, row.hold_s)
        now = corrected(_done(row), asked, self._library)
        person_id = PersonId(row.person_id)
        values = {
            "correction_id": correction_id,
            "gym_id": gym_id,
            "set_id": row.set_id,
            "person_id": person_id,
            "create_time": times.to_datetime(time_ns),
            "corrected_by": asked.corrected_by,
            "reason": asked.reason,
            "measured_exercise": measured.exercise,
            "exercise": now.exercise,
            "measured_repetitions": measured.repetitions,
            "repetitions": now.repetitions,
            "measured_hold_s": measured.hold_s,
            "hold_s": now.hold_s,
        }
        await session.execute(insert(corrections).values(values))
        changed = {
            "corrected_exercise": now.exercise,
            "corrected_repetitions": now.repetitions,
            "corrected_hold_s": now.hold_s,
            "correct_time": values["create_time"],
        }
        await session.execute(sa.update(sets).where(sets.c.set_id == row.set_id).values(changed))
        await self._keeper.renew_day(session, gym_id, person_id, row.day)
        body = events_pb2.SetCorrected(
            set_id=row.set_id,
            person_id=person_id,
            correction_id=correction_id,
            measured_exercise=measured.exercise,
            exercise=now.exercise,
            measured_repetitions=measured.repetitions,
            repetitions=now.repetitions,
            measured_hold_s=measured.hold_s,
            hold_s=now.hold_s,
        )
        await self._outbox.add(session, *set_corrected(gym_id, person_id, body, time_ns))

    async def _locked_set(self, session: AsyncSession, gym_id: GymId, set_id: str) -> Any:
        query = sa.select(sets).where(sets.c.set_id == set_id, sets.c.gym_id == gym_id)
        row = (await session.execute(query)).first()
        if row is None:
            raise NotFound("SET_NOT_FOUND", "There is no set with this set_id in this gym.")
        await self._keeper.take_turns(session, row.person_id)
        return (await session.execute(query.with_for_update())).one()


def _done(row: Any) -> Amounts:
    if row.correct_time is None:
        return Amounts(row.exercise, row.repetitions, row.hold_s)
    return Amounts(row.corrected_exercise, row.corrected_repetitions, row.corrected_hold_s)


def _check_same(known: Any, set_id: str) -> None:
    if known.set_id != set_id:
        raise InvalidArgument(
            "request_id", "This request_id has corrected another set; make a new one.", reason="REQUEST_ID_REUSED"
        )


def _within(value: T, most: float, field: str) -> T:
    if not 0 <= value <= most:
        raise InvalidArgument(field, f"{field} must be 0 to {most:g}.")
    return value
