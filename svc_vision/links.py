"""Streams to other services that come back by themselves: what is not yet handled is sent again."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

import grpc
import structlog

from mesh.ids import GymId, new_id
from mesh.streams import PROTOCOL_VERSION, Credits
from spotter.common.v1 import stream_pb2

_log = structlog.get_logger()
Request = TypeVar("Request")
Response = TypeVar("Response")
RECONNECT_S = 0.25
_REFUSALS = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION)


class Link(ABC, Generic[Request, Response]):
    """A bidirectional stream with credit. Requests wait in a queue of at most `capacity`; the oldest give way.

    A stream that is opened anew begins with the last `history` requests that were handled, then those that may not
    have been: whoever has lost what it keeps in memory sees the last seconds again, and must not act on them twice.
    """

    def __init__(self, gym_id: GymId, capacity: int, history: int = 0) -> None:
        self.gym_id = gym_id
        self._history: deque[Request] = deque(maxlen=history)
        self._capacity = capacity
        self._waiting: deque[Request] = deque()
        self._sent: deque[Request] = deque()
        self._credits = Credits()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def send(self, request: Request) -> bool:
        """Queues a request; False where the oldest one had to give way."""
        self._waiting.append(request)
        self._changed.set()
        if len(self._waiting) >= self._capacity:
            self._room.clear()
        if len(self._waiting) <= self._capacity:
            return True
        self._give_way()
        return False

    async def send_all(self, request: Request) -> None:
        """Queues a request when there is room for it."""
        await self._room.wait()
        self.send(request)

    async def run(self) -> None:
        """Keeps the stream up until cancelled."""
        while True:
            try:
                await self._once()
            except grpc.aio.AioRpcError as error:
                _log.info("link_down", link=type(self).__name__, status=error.code().name)
                if error.code() in _REFUSALS:
                    # Sent again it would be refused again, for ever.
                    _log.error("requests_refused", link=type(self).__name__, count=len(self._sent), why=error.details())
                    self._sent = deque(request for request in self._sent if not self._may_give_way(request))
            await asyncio.sleep(RECONNECT_S)

    @abstractmethod
    def _call(self, requests: AsyncIterator[Request]) -> grpc.aio.StreamStreamCall[Request, Response]:
        """Starts the RPC."""

    @abstractmethod
    def _opening(self, opening: stream_pb2.StreamOpen) -> Request:
        """The first request of a stream."""

    @abstractmethod
    def _receive(self, response: Response) -> int:
        """Handles a response; returns the credit it grants."""

    def _may_give_way(self, request: Request) -> bool:
        """False for a request that must arrive."""
        return True

    def _needs_credit(self, request: Request) -> bool:
        """False for a request that costs no credit."""
        return True

    def _handled(self, count: int) -> None:
        """The other side has handled the `count` oldest requests that cost credit."""
        while count > 0 and self._sent:
            costs_credit = self._needs_credit(self._sent[0])
            if not costs_credit and not self._may_give_way(self._sent[0]):
                return
            request = self._sent.popleft()
            if costs_credit:
                self._history.append(request)
            count -= costs_credit

    def _give_way(self) -> None:
        for index, request in enumerate(self._waiting):
            if self._may_give_way(request):
                del self._waiting[index]
                return

    async def _once(self) -> None:
        self._waiting.extendleft(reversed([*self._history, *self._sent]))
        self._history.clear()
        self._sent.clear()
        self._credits = Credits()
        call = self._call(self._requests())
        first = True
        async for response in call:
            granted = self._receive(response)
            if granted:
                if not first:
                    self._handled(granted)
                first = False
                self._credits.grant(granted)

    async def _requests(self) -> AsyncIterator[Request]:
        opening = stream_pb2.StreamOpen(protocol_version=PROTOCOL_VERSION, gym_id=self.gym_id, stream_id=new_id())
        yield self._opening(opening)
        credit = self._credits
        while credit is self._credits:
            while not self._waiting:
                self._changed.clear()
                await self._changed.wait()
            if self._needs_credit(self._waiting[0]):
                await credit.take()
                if not self._waiting or credit is not self._credits:
                    continue
            request = self._waiting.popleft()
            if len(self._waiting) < self._capacity:
                self._room.set()
            self._sent.append(request)
            yield request
