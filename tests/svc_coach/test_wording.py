from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from svc_coach.policy import Decision, Kind, Severity
from svc_coach.settings import CoachSettings
from svc_coach.wording import Wording, checked
from tests.svc_coach.messages_api import MessagesApi

DECISION = Decision("shallow_squat", Kind.CORRECTION, "squat", "shallow_squat", Severity.MAJOR, 4, 78.4)
DRAFT = "Go a little deeper, until your thighs are level."


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with MessagesApi() as running:
        yield running


def settings_of(api: MessagesApi, deadline_s: float = 2.0, concurrency: int = 8) -> CoachSettings:
    settings = CoachSettings(claude_base_url=api.url, claude_deadline_s=deadline_s, claude_concurrency=concurrency)
    return settings.model_copy(update={"anthropic_api_key": SecretStr("key-for-tests")})


async def test_a_fast_answer_is_said(api: MessagesApi) -> None:
    async with Wording(settings_of(api)) as wording:
        assert await wording.personalise(DECISION, DRAFT) == api.text


async def test_the_model_of_the_settings_is_asked_with_measurements_only(api: MessagesApi) -> None:
    async with Wording(settings_of(api)) as wording:
        await wording.personalise(DECISION, DRAFT)
    (request,) = api.requests
    assert request.startswith("/v1/messages")
    for told in ("claude-sonnet-4-6", "squat", "shallow_squat", "78", DRAFT):
        assert told in request


@pytest.mark.parametrize(("status", "text"), [(500, "x"), (529, "x"), (401, "x"), (200, ""), (200, "y" * 121)])
async def test_what_cannot_be_said_is_not_said(api: MessagesApi, status: int, text: str) -> None:
    api.status, api.text = status, text
    async with Wording(settings_of(api)) as wording:
        assert await wording.personalise(DECISION, DRAFT) is None
    assert len(api.requests) == 1


async def test_a_refusal_is_not_said(api: MessagesApi) -> None:
    api.stop_reason = "refusal"
    async with Wording(settings_of(api)) as wording:
        assert await wording.personalise(DECISION, DRAFT) is None


async def test_a_slow_answer_is_not_waited_for(api: MessagesApi) -> None:
    api.delay_s = 1.5
    async with Wording(settings_of(api, deadline_s=0.4)) as wording:
        started = time.monotonic()
        assert await wording.personalise(DECISION, DRAFT) is None
        assert time.monotonic() - started < 1.0


async def test_waiting_for_a_slot_counts_towards_the_deadline(api: MessagesApi) -> None:
    api.delay_s = 0.5
    async with Wording(settings_of(api, deadline_s=0.8, concurrency=1)) as wording:
        said = await asyncio.gather(*(wording.personalise(DECISION, DRAFT) for _ in range(3)))
    assert [text is not None for text in said] == [True, False, False]


async def test_nobody_is_asked_without_a_key() -> None:
    settings = CoachSettings().model_copy(update={"anthropic_api_key": SecretStr("")})
    async with Wording(settings) as wording:
        assert not wording.enabled
        assert await wording.personalise(DECISION, DRAFT) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  Go deeper.\n", "Go deeper."),
        ('"Go deeper."', "Go deeper."),
        ("Go\ndeeper.", None),
        ("Go\x00deeper.", None),
        ("Go \u202edeeper.", None),
        ("", None),
        ("  ", None),
        ("x" * 120, "x" * 120),
        ("x" * 121, None),
    ],
)
def test_only_one_short_plain_line_is_fit_to_be_said(text: str, said: str | None) -> None:
    assert checked(text) == said
