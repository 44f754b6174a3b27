"""Claude over Anthropic's SDK."""

from __future__ import annotations

from anthropic import AnthropicError, AsyncAnthropic

from svc_coach.settings import CoachSettings
from svc_coach.wording import ModelError

MAX_TOKENS = 100
SYSTEM = (
    "You are a calm, friendly strength coach who speaks to one person in the middle of a set. You get a draft sentence "
    "and what was measured. Answer with one spoken sentence of at most 100 characters that says the same as the draft, "
    "made personal by the measurements where that helps. Plain words, no greeting, no name, no emoji, no quotes, no "
    "medical claims. Answer with the sentence only."
)


class Claude:
    """The model of the settings. One attempt: for a second one there is no time."""

    def __init__(self, settings: CoachSettings) -> None:
        self._model = settings.claude_model
        self._client = AsyncAnthropic(
            api_key=settings.anthropic_api_key.get_secret_value(),
            base_url=settings.claude_base_url or None,
            max_retries=0,
            timeout=settings.claude_deadline_s,
        )

    async def ask(self, facts: str) -> str:
        """A sentence for these facts; empty where the model refuses. Raises ModelError, which names the SDK's error."""
        try:
            message = await self._client.messages.create(
                model=self._model,
                max_tokens=MAX_TOKENS,
                system=SYSTEM,
                messages=[{"role": "user", "content": facts}],
            )
        except AnthropicError as error:
            raise ModelError(type(error).__name__) from None
        if message.stop_reason not in ("end_turn", "stop_sequence"):
            return ""
        return "".join(block.text for block in message.content if block.type == "text")

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.close()
