"""Waiting for what another process does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

INTERVAL_S = 0.01


async def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Returns as soon as the condition holds. Raises TimeoutError where it never does."""
    async with asyncio.timeout(timeout_s):
        while True:
            if condition():
                return
            await asyncio.sleep(INTERVAL_S)
