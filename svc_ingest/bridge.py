"""From a thread that reads into the event loop: a small bounded buffer that makes the thread wait."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Bridge(Generic[T]):
    """One thread puts, one coroutine gets. Create it in the running event loop."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._room = threading.Condition()
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._filled = asyncio.Event()

    @property
    def closed(self) -> bool:
        """True once nobody gets any more."""
        return self._closed

    def put(self, item: T) -> bool:
        """Waits for room, called by the thread; False where the buffer was closed."""
        with self._room:
            self._room.wait_for(lambda: self._closed or len(self._items) < self._capacity)
            if self._closed:
                return False
            self._items.append(item)
        self._wake()
        return True

    def wait_closed(self, timeout_s: float) -> bool:
        """Sleeps in the thread; True as soon as the buffer is closed."""
        with self._room:
            return self._room.wait_for(lambda: self._closed, timeout_s)

    async def get(self) -> T:
        """The oldest item, waiting for it."""
        while True:
            with self._room:
                if self._items:
                    self._room.notify_all()
                    return self._items.popleft()
                self._filled.clear()
            await self._filled.wait()

    def close(self) -> None:
        """Ends the thread's next put or wait."""
        with self._room:
            self._closed = True
            self._room.notify_all()

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._filled.set)
