"""Listens to motion, lets the policy decide, and sees that what was decided is said, once."""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from mesh import names, times
from mesh.database import is_connection_error
from mesh.errors import InvalidArgument
from spotter.events.v1 import events_pb2
from svc_coach import library, messages
from svc_coach.policy import Kind, Occurrence, PersonState, Policy
from svc_coach.store import CoachStore, Draft
from svc_coach.wording import Wording

_log = structlog.get_logger()
_GUIDANCE = Counter(names.METRIC_GUIDANCE, "Sentences said.", ["kind", "personalised"])
RETRY_S = 0.5
PRUNE_EVERY_S = 3600.0


class Coach:
    """Use as `async with Coach(...)`; hand every motion event to `on_event`.

    An event is handled when what it leads to is stored, with the template's words. Wording it personally happens
    beside that, so that nobody waits for somebody else's sentence; a crash in between costs the personal words only.
    """

    def __init__(self, policy: Policy, templates: library.Library, wording: Wording, store: CoachStore) -> None:
        self._policy = policy
        self._templates = templates
        self._wording = wording
        self._store = store
        self._speaking: set[asyncio.Task[None]] = set()
        self._pruning: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Coach:
        for guidance_id in await self._store.unsaid():
            await self._store.say(guidance_id, None)
        self._pruning = asyncio.create_task(self._prune(), name="coach-prune")
        return self

    async def __aexit__(self, *exception: object) -> None:
        tasks = [*self._speaking, *([self._pruning] if self._pruning else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def on_event(self, event: events_pb2.Event) -> None:
        """Handles one event, however often it is delivered. Raises where the database is away: deliver it again."""
        try:
            found = messages.occurrence_of(event)
        except InvalidArgument as error:
            _log.warning("event_unusable", field=error.field)
            return
        if found is None:
            return
        person_id, occurrence = found
        capture_ns = times.from_timestamp(event.meta.capture_time)

        def decide(state: PersonState) -> Draft | None:
            return self._draft(state, occurrence, capture_ns)

        made = await self._store.handle(person_id, event.meta, decide, said=not self._wording.enabled)
        if made is None:
            return
        guidance_id, draft = made
        if self._wording.enabled:
            task = asyncio.create_task(self._speak(guidance_id, draft), name="coach-speak")
            self._speaking.add(task)
            task.add_done_callback(self._speaking.discard)
        else:
            _count(draft.decision.kind, personalised=False)

    async def drain(self) -> None:
        """Returns when everything that was decided has been said."""
        await asyncio.gather(*self._speaking, return_exceptions=True)

    def _draft(self, state: PersonState, occurrence: Occurrence, capture_ns: int) -> Draft | None:
        decision = self._policy.decide(state, occurrence, capture_ns)
        if decision is None:
            return None
        template = self._templates.find(decision.situation, decision.exercise)
        turn = state.next_turn(f"{template.name}/{template.exercise}")
        return Draft(decision, library.fill(template, turn, decision.number, decision.exercise))

    async def _speak(self, guidance_id: str, draft: Draft) -> None:
        text = await self._wording.personalise(draft.decision, draft.text)
        while True:
            try:
                await self._store.say(guidance_id, text)
                break
            except SQLAlchemyError as error:
                if not is_connection_error(error):
                    raise
                await asyncio.sleep(RETRY_S)
        _count(draft.decision.kind, personalised=text is not None)

    async def _prune(self) -> None:
        while True:
            try:
                await self._store.prune()
            except SQLAlchemyError as error:
                _log.info("prune_failed", error=type(error).__name__)
            await asyncio.sleep(PRUNE_EVERY_S)


def _count(kind: Kind, *, personalised: bool) -> None:
    _GUIDANCE.labels(kind.name.lower(), str(personalised).lower()).inc()
