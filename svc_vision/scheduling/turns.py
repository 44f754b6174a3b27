"""Whose turn it is: cameras with a picture to look at, in the order in which they began to wait.

A camera waits once, however many pictures it has, and goes to the end of the queue after its turn. So nobody waits for
more turns than there are other cameras, and where there are too few turns the rate falls alike for all who want them
(round robin: Nagle, On Packet Switches with Infinite Storage, RFC 970, 1985).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class TurnQueue:
    """The order alone: at most `slots` turns at the same time. Not safe for several threads."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting: OrderedDict[Hashable, None] = OrderedDict()

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
        self._free -= 1
        return self._waiting.popitem(last=False)[0]

    def done(self) -> None:
        """A turn is over."""
        self._free += 1


class Turns:
    """The same for coroutines of one event loop."""

    def __init__(self, slots: int) -> None:
        """`slots`: turns at the same time, as many as there are workers."""
        self._queue = TurnQueue(slots)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Enter: waits for a turn. Exit: it is over, and the next one's begins."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.ask(mine)
        self._call_next()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._over()
            self._queue.withdraw(mine)
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
            assert isinstance(called, asyncio.Future)
            if called.cancelled():
                self._queue.done()
            else:
                called.set_result(None)
