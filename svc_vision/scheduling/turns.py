"""Whose turn it is: of the cameras that have a picture to look at, the one whose last turn is longest ago.

A camera waits once, however many pictures it has. Whoever had a turn comes after all who waited meanwhile, so nobody
waits for more turns than there are other cameras, and where there are too few turns the rate falls alike for all who
want them (round robin: Nagle, On Packet Switches with Infinite Storage, RFC 970, 1985). First come, first served would
not do: with fixed frame rates the same camera can come first every time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

MAX_REMEMBERED = 1024
"""Cameras that come and go with every reconnect must not pile up; whoever is forgotten comes first again."""


class TurnQueue:
    """The order alone: at most `slots` turns at the same time. Not safe for several threads."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._given = 0
        self._last: OrderedDict[Hashable, int] = OrderedDict()
        self._waiting: dict[Hashable, None] = {}

    def ask(self, who: Hashable) -> None:
        """`who` wants a turn; asking again changes nothing."""
        self._waiting.setdefault(who)

    def withdraw(self, who: Hashable) -> None:
        """`who` doesn't want one any more."""
        self._waiting.pop(who, None)

    def next(self) -> Hashable | None:
        """Gives the next turn away; None where nobody waits, or as many as may have theirs."""
        if not self._free or not self._waiting:
            return None
        called = min(self._waiting, key=lambda who: self._last.get(who, 0))
        del self._waiting[called]
        self._free -= 1
        self._given += 1
        self._last[called] = self._given
        self._last.move_to_end(called)
        if len(self._last) > MAX_REMEMBERED:
            self._last.popitem(last=False)
        return called

    def done(self) -> None:
        """A turn is over."""
        self._free += 1


class Turns:
    """The same for coroutines of one event loop."""

    def __init__(self, slots: int) -> None:
        """`slots`: turns at the same time, as many as there are workers."""
        self._queue = TurnQueue(slots)
        self._calls: dict[Hashable, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def turn(self, who: Hashable) -> AsyncIterator[None]:
        """Enter: waits for a turn; `who` must not wait already. Exit: it is over, and the next one's begins."""
        call = self._calls[who] = asyncio.get_running_loop().create_future()
        self._queue.ask(who)
        self._call_next()
        try:
            await call
        except asyncio.CancelledError:
            if call.done() and not call.cancelled():
                self._over()
            self._queue.withdraw(who)
            raise
        try:
            yield
        finally:
            self._over()

    def _over(self) -> None:
        self._queue.done()
        self._call_next()

    def _call_next(self) -> None:
        while (called := self._queue.next()) is not None:
            call = self._calls.pop(called)
            if call.cancelled():
                self._queue.done()
            else:
                call.set_result(None)
