"""A language model words a sentence personally, within a deadline. It is told measurements: no id, no name."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from typing import Protocol

import structlog

from svc_coach.library import MAX_TEXT_LENGTH
from svc_coach.policy import Decision
from svc_coach.settings import CoachSettings

_log = structlog.get_logger()


class ModelError(Exception):
    """The language model gave no answer."""


class Model(Protocol):
    """A language model."""

    async def ask(self, facts: str) -> str:
        """A sentence for these facts; empty where the model refuses. Raises ModelError."""

    async def close(self) -> None:
        """Ends its connections."""


def facts(decision: Decision, draft: str) -> str:
    """What the model is told, JSON."""
    told: dict[str, object] = {"draft": draft, "exercise": decision.exercise, "why": decision.kind.name.lower()}
    if decision.fault:
        told["fault"] = decision.fault
    if decision.number:
        told["number"] = decision.number
    if decision.range_of_motion_deg > 0:
        told["range_of_motion_deg"] = round(decision.range_of_motion_deg)
    return json.dumps(told)


def checked(text: str) -> str | None:
    """The sentence, trimmed; None where it can't be said: empty, too long, or more than one line."""
    said = text.strip().strip('"').strip()
    if not 0 < len(said) <= MAX_TEXT_LENGTH or any(unicodedata.category(c).startswith("C") for c in said):
        return None
    return said


class Wording:
    """Asks the model; None means: say the template. Use as `async with Wording(settings)`."""

    def __init__(self, settings: CoachSettings) -> None:
        self._deadline_s = settings.claude_deadline_s
        self._slots = asyncio.Semaphore(settings.claude_concurrency)
        self._model: Model | None = None
        if settings.anthropic_api_key.get_secret_value():
            # The SDK takes as long to import as everything else together; without a key nobody needs it.
            from svc_coach.claude import Claude

            self._model = Claude(settings)

    @property
    def enabled(self) -> bool:
        """True where there is a model to ask."""
        return self._model is not None

    async def __aenter__(self) -> Wording:
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._model is not None:
            await self._model.close()

    async def personalise(self, decision: Decision, draft: str) -> str | None:
        """A sentence within the deadline, the wait for a free slot included."""
        if self._model is None:
            return None
        try:
            async with asyncio.timeout(self._deadline_s), self._slots:
                text = await self._model.ask(facts(decision, draft))
        except TimeoutError:
            _log.info("template_said", reason="deadline")
            return None
        except ModelError as error:
            _log.info("template_said", reason=str(error))
            return None
        said = checked(text)
        if said is None:
            _log.info("template_said", reason="unfit", length=len(text))
        return said
