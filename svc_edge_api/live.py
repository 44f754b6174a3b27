"""Live streams: a snapshot or what was missed, then what happens, without a gap and without anything twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

from nats.errors import Error as NatsError
from prometheus_client import Gauge

from mesh import names, times
from mesh.bus import Bus
from mesh.errors import InvalidArgument, Unavailable
from spotter.edge.v1 import edge_pb2
from svc_edge_api.fanout import Client, Fanout, Interest, Told

_OPEN = Gauge(names.METRIC_STREAMS_OPEN, "Live streams that are open.")
ALL_DURABLE = "spotter.>"
ALL_LIVE = names.live_subject("*", "*")
BACKFILL_TIMEOUT_S = 5.0
LONGEST_TOKEN = 32

TakeSnapshot = Callable[[], Awaitable[edge_pb2.Snapshot]]


class LiveEvents:
    """The process's one tail of the bus, and the streams that hang on it. Use as `async with running(...)`."""

    def __init__(self, bus: Bus, fanout: Fanout, heartbeat_interval_s: float) -> None:
        self._bus = bus
        self._fanout = fanout
        self._heartbeat_interval_s = heartbeat_interval_s

    @classmethod
    @asynccontextmanager
    async def running(cls, bus: Bus, capacity: int, heartbeat_interval_s: float) -> AsyncIterator[LiveEvents]:
        """Follows the bus while the block runs."""
        live = cls(bus, Fanout(await bus.last_sequence(), capacity), heartbeat_interval_s)
        tasks = [asyncio.create_task(live._follow_durable()), asyncio.create_task(live._follow_live())]
        try:
            yield live
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """Ends all streams with UNAVAILABLE, so that clients go on elsewhere."""
        self._fanout.close()

    async def stream(
        self, interest: Interest, resume_token: str, take_snapshot: TakeSnapshot
    ) -> AsyncGenerator[edge_pb2.LiveUpdate, None]:
        """Updates of a gym, or of one person in it, until the client goes.

        Begins after `resume_token`; with a snapshot where that is empty, or names events that are no longer kept.
        """
        after = parse_resume_token(resume_token)
        with _OPEN.track_inprogress(), self._fanout.client(interest) as client:
            if after is not None and await self._can_resume(after, client):
                async with aclosing(self._missed(after, client, interest)) as missed:
                    async for told in missed:
                        yield _update(told)
            else:
                yield edge_pb2.LiveUpdate(snapshot=await take_snapshot(), resume_token=_resume_token(client.position))
            while True:
                yield _update(await client.next(self._heartbeat_interval_s))

    async def _can_resume(self, after: int, client: Client) -> bool:
        try:
            return await self._bus.first_sequence() <= after + 1 and after <= await self._bus.last_sequence()
        except (NatsError, TimeoutError):
            raise _unavailable() from None

    async def _missed(self, after: int, client: Client, interest: Interest) -> AsyncGenerator[Told, None]:
        """Events after `after` up to where the client hangs on the tail."""
        until = client.position
        if after >= until:
            client.skip_to(after)
            return
        async with aclosing(self._bus.replay(ALL_DURABLE, after)) as stored_events:
            while True:
                try:
                    stored = await asyncio.wait_for(anext(stored_events), BACKFILL_TIMEOUT_S)
                except TimeoutError:
                    raise _unavailable() from None
                if stored.sequence <= until and interest.wants(stored.event):
                    yield Told(stored.sequence, stored.event)
                if stored.sequence >= until:
                    return

    async def _follow_durable(self) -> None:
        async for stored in self._bus.replay(ALL_DURABLE, self._fanout.position):
            self._fanout.deliver(stored)

    async def _follow_live(self) -> None:
        async for event in self._bus.listen(ALL_LIVE):
            self._fanout.deliver_live(event)


def parse_resume_token(token: str) -> int | None:
    """The sequence in a token, None for an empty one. Raises InvalidArgument for what isn't one of ours."""
    if not token:
        return None
    if len(token) > LONGEST_TOKEN or not (match := re.fullmatch(r"s([0-9]{1,18})", token)):
        raise InvalidArgument(
            "resume_token", "resume_token must be the one of an earlier update; leave it empty otherwise."
        )
    return int(match[1])


def _resume_token(position: int) -> str:
    return f"s{position}"


def _update(told: Told) -> edge_pb2.LiveUpdate:
    token = _resume_token(told.position)
    if told.event is None:
        return edge_pb2.LiveUpdate(heartbeat=times.to_timestamp(times.now_ns()), resume_token=token)
    return edge_pb2.LiveUpdate(event=told.event, resume_token=token)


def _unavailable() -> Unavailable:
    return Unavailable(
        "EVENTS_UNAVAILABLE",
        "Past events can't be read just now; connect again in a few seconds with the same resume_token.",
    )
