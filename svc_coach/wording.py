"""Claude words a sentence personally, within a deadline. It is told measurements: no id, no name."""

from __future__ import annotations

import asyncio
import json
import unicodedata

import structlog
from anthropic import AnthropicError, AsyncAnthropic
from prometheus_client import Counter

from svc_coach.library import MAX_TEXT_LENGTH
from svc_coach.policy import Decision
from svc_coach.settings import CoachSettings

_log = structlog.get_logger()
_ASKED = Counter("spotter_claude_requests_total", "Sentences asked of the language model.", ["outcome"])
MAX_TOKENS = 100
SYSTEM = (
    "You are a calm, friendly strength coach who speaks to one person in the middle of a set. You get a draft sentence "
    "and what was measured. Answer with one spoken sentence of at most 100 characters that says the same as the draft, "
    "made personal by the measurements where that helps. Plain words, no greeting, no name, no emoji, no quotes, no "
    "medical claims. Answer with the sentence only."
)


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
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.claude_concurrency)
        key = settings.anthropic_api_key.get_secret_value()
        self._client = (
            AsyncAnthropic(
                api_key=key,
                base_url=settings.claude_base_url or None,
                max_retries=0,
                timeout=settings.claude_deadline_s,
            )
            if key
            else None
        )

    @property
    def enabled(self) -> bool:
        """True where there is a model to ask."""
        return self._client is not None

    async def __aenter__(self) -> Wording:
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def personalise(self, decision: Decision, draft: str) -> str | None:
        """A sentence within the deadline, the wait for a free slot included."""
        try:
            async with asyncio.timeout(self._settings.claude_deadline_s), self._slots:
                text = await self._ask(decision, draft)
        except TimeoutError:
            _ASKED.labels("late").inc()
            return None
        except AnthropicError as error:
            _ASKED.labels("error").inc()
            _log.info("claude_failed", error=type(error).__name__)
            return None
        said = checked(text)
        _ASKED.labels("refused" if said is None else "ok").inc()
        return said

    async def _ask(self, decision: Decision, draft: str) -> str:
        if self._client is None:
            return ""
        message = await self._client.messages.create(
            model=self._settings.claude_model,
            max_tokens=MAX_TOKENS,
            system=SYSTEM,
            messages=[{"role": "user", "content": facts(decision, draft)}],
        )
        if message.stop_reason not in ("end_turn", "stop_sequence"):
            return ""
        return "".join(block.text for block in message.content if block.type == "text")
