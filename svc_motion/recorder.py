"""Writes what happened to a person, and the events that tell it, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from mesh import names
from mesh.database import Database, is_connection_error
from mesh.ids import SetId
from mesh.outbox import Outbox
from svc_motion.events import (
    ExerciseRelabelled,
    MotionEvent,
    RepetitionCounted,
    SetClosed,
    SetOpened,
    SetRecord,
)
from svc_motion.messages import Moment, set_id_of, to_message
from svc_motion.record.backlog import Backlog
from svc_motion.record.keeper import RecordKeeper
from svc_motion.record.messages import best_reached
from svc_motion.store import MotionStore, SetState

_log = structlog.get_logger()
_REPETITIONS = Counter(names.METRIC_REPETITIONS, "Repetitions counted.", ["exercise"])
RETRY_S = 0.2


@dataclass(frozen=True)
class SetChange:
    """Newest state of one set after some events."""

    record: SetRecord
    open: bool
    score: float


def set_changes(before: SetRecord | None, events: Sequence[MotionEvent], after: SetRecord | None) -> list[SetChange]:
    """What to store of the sets that `events` touched, given the open set before and after them."""
    changes: list[SetChange] = []
    record = before
    for event in events:
        if isinstance(event, SetOpened):
            record = SetRecord(
                event.start_ns, event.set_index, event.exercise, 0, 0, event.start_ns, rest_before_s=event.rest_before_s
            )
        elif isinstance(event, SetClosed) and record is not None:
            closed = replace(
                record,
                exercise=event.exercise,
                repetitions=event.repetitions,
                full_repetitions=event.full_repetitions,
                last_activity_ns=event.end_ns,
                hold_s=event.hold_s,
                faults=event.faults,
            )
            changes.append(SetChange(closed, False, event.score))
            record = None
    if after is not None:
        changes.append(SetChange(after, True, after.score_sum / max(1, after.repetitions)))
    return changes


def with_exercise(before: SetRecord | None, events: Sequence[MotionEvent]) -> Iterator[tuple[MotionEvent, str]]:
    """Each event with the exercise that its set was known as then."""
    exercise = before.exercise if before else ""
    for event in events:
        if isinstance(event, SetOpened):
            exercise = event.exercise
        elif isinstance(event, ExerciseRelabelled):
            exercise = event.new
        yield event, exercise


class Recorder:
    """Stores batches of motion events, however long the database is away."""

    def __init__(
        self, database: Database, store: MotionStore, outbox: Outbox, keeper: RecordKeeper, backlog: Backlog
    ) -> None:
        self._database = database
        self._store = store
        self._outbox = outbox
        self._keeper = keeper
        self._backlog = backlog

    async def record(
        self, moment: Moment, before: SetRecord | None, events: Sequence[MotionEvent], after: SetRecord | None
    ) -> None:
        """Returns when everything is committed; tries again while the database can't be reached.

        Nothing is counted before it is stored: whoever waits for this holds back the frames behind it.
        """
        while True:
            try:
                await self._write(moment, before, events, after)
                break
            except (SQLAlchemyError, OSError) as error:
                if not isinstance(error, OSError) and not is_connection_error(error):
                    raise
                _log.warning("database_away", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
        self._outbox.notify()
        for event, exercise in with_exercise(before, events):
            if isinstance(event, RepetitionCounted):
                _REPETITIONS.labels(exercise).inc()

    async def _write(
        self, moment: Moment, before: SetRecord | None, events: Sequence[MotionEvent], after: SetRecord | None
    ) -> None:
        closes = any(isinstance(event, SetClosed) for event in events)
        if closes:
            # What is a best shows only beside everything before.
            await self._backlog.person_ready(moment.person_id)
        async with self._database.transaction() as session:
            if closes:
                await self._keeper.take_turns(session, moment.person_id)
            for change in set_changes(before, events, after):
                set_id = set_id_of(moment, change.record.start_ns)
                state = SetState(
                    set_id, moment.gym_id, moment.person_id, moment.camera_id, change.record, change.open, change.score
                )
                await self._store.save_set(session, state)
            for event in events:
                if isinstance(event, RepetitionCounted):
                    set_id = set_id_of(moment, event.set_start_ns)
                    await self._store.save_repetition(session, set_id, moment.camera_id, event)
                elif isinstance(event, ExerciseRelabelled):
                    await self._store.rejudge(session, set_id_of(moment, event.set_start_ns), event)
            for event, exercise in with_exercise(before, events):
                if isinstance(event, SetClosed):
                    await self._close(session, moment, set_id_of(moment, event.set_start_ns))
                message = to_message(event, moment, exercise)
                if message is not None:
                    await self._outbox.add(session, *message)

    async def _close(self, session: AsyncSession, moment: Moment, set_id: SetId) -> None:
        """Bests are told before the set's end, so that whoever speaks of the end knows of them."""
        closed = await self._keeper.close(session, moment.gym_id, moment.person_id, set_id)
        for best in closed.bests:
            await self._outbox.add(session, *best_reached(best, closed.exercise, set_id, closed.day, moment))
