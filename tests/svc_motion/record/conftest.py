"""Somebody's record."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.svc_motion.record.diary import Diary, Office, opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(postgres_url: str, nats_url: str) -> AsyncIterator[Office]:
    """One for all tests of a module, because a start takes a second."""
    async with opened(postgres_url, nats_url) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def diary(office: Office) -> Diary:
    return await office.new_diary()
