"""Long-lived bidirectional streams: ending when the process drains, and credit-based flow control."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TypeVar

from mesh.errors import FailedPrecondition, InvalidArgument
from mesh.ids import GymId, require_slug
from mesh.server import Drain
from spotter.common.v1 import stream_pb2

T = TypeVar("T")
PROTOCOL_VERSION = 1


async def until_drained(requests: AsyncIterator[T], drain: Drain) -> AsyncIterator[T]:
    """The requests of a stream, until the client ends it or the process is to end."""
    drained = asyncio.create_task(drain.wait())
    following: asyncio.Future[T] | None = None
    try:
        while True:
            following = asyncio.ensure_future(anext(requests))
            await asyncio.wait({following, drained}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                return
            try:
                yield following.result()
            except StopAsyncIteration:
                return
    finally:
        drained.cancel()
        if following is not None and not following.done():
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await following


def check_open(opening: stream_pb2.StreamOpen) -> GymId:
    """The gym of a stream's first message. Raises FailedPrecondition for a protocol that isn't spoken here."""
    if opening.protocol_version != PROTOCOL_VERSION:
        raise FailedPrecondition(
            "PROTOCOL_VERSION",
            f"This server speaks protocol version {PROTOCOL_VERSION}, not {opening.protocol_version}; "
            "bring both sides to the same release.",
        )
    return GymId(require_slug(opening.gym_id, "open.gym_id"))


def not_opened(first: str) -> InvalidArgument:
    """The error of a stream that doesn't begin with its opening message."""
    return InvalidArgument("message", f"The first message of the stream must be {first}.", reason="STREAM_NOT_OPENED")


class Credits:
    """What a sender may still send. The receiver grants, the sender takes."""

    def __init__(self) -> None:
        self._left = 0
        self._granted = asyncio.Event()

    @property
    def left(self) -> int:
        """Messages that may be sent now."""
        return self._left

    def grant(self, messages: int) -> None:
        """The receiver takes `messages` more."""
        self._left += messages
        if self._left > 0:
            self._granted.set()

    def try_take(self) -> bool:
        """Takes one credit; False where there is none."""
        if self._left <= 0:
            return False
        self._left -= 1
        if self._left == 0:
            self._granted.clear()
        return True

    async def take(self) -> None:
        """Takes one credit, waiting for it."""
        while not self.try_take():
            await self._granted.wait()


class Granter:
    """Receiver's side: says how much credit to grant so that about `window` messages are always under way."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._used = 0

    def first(self) -> stream_pb2.Credit:
        """The credit to grant when the stream opens."""
        return stream_pb2.Credit(messages=self._window)

    def after_message(self) -> stream_pb2.Credit | None:
        """Credit to grant after one more message was handled; None while enough is left."""
        self._used += 1
        if self._used * 2 < self._window:
            return None
        credit, self._used = stream_pb2.Credit(messages=self._used), 0
        return credit
