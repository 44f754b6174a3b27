"""One stream of events in, a bounded queue for each client out.

A slow client loses live activity first: only the newest of each person waits. Durable events wait up to a limit; past
it the client is told to come back and go on by its token, so that it neither loses one nor holds up the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mesh.bus import StoredEvent
from mesh.errors import ResourceExhausted, Unavailable
from spotter.events.v1 import events_pb2

ALERTS = frozenset({"safety_alert_raised", "safety_alert_repeated", "safety_alert_acknowledged"})


@dataclass(frozen=True)
class Told:
    """Something to tell a client."""

    position: int
    """Sequence of the last durable event that the client knows after this."""
    event: events_pb2.Event | None
    """What happened; None where nothing did for a while."""


def person_of(event: events_pb2.Event) -> str:
    """The person an event is about; empty where it is about a camera or the room."""
    kind = event.WhichOneof("body")
    return str(getattr(getattr(event, kind), "person_id", "")) if kind else ""


@dataclass(frozen=True)
class Interest:
    """Which events a client wants."""

    gym_id: str
    person_id: str | None = None
    """Only events about this person; None for all of the gym."""
    alerts: bool = False
    """Also who may need help: staff's business."""

    def wants(self, event: events_pb2.Event) -> bool:
        """Whether the client is to be told."""
        if event.meta.gym_id != self.gym_id:
            return False
        if not self.alerts and event.WhichOneof("body") in ALERTS:
            return False
        return self.person_id is None or person_of(event) == self.person_id


class Client:
    """One open live stream: what it is interested in, and what waits for it."""

    def __init__(self, interest: Interest, position: int, capacity: int) -> None:
        self.position = position
        """Sequence up to which nothing is missing in what was handed out."""
        self._interest = interest
        self._capacity = capacity
        self._durable: deque[StoredEvent] = deque()
        self._live: dict[str, events_pb2.Event] = {}
        self._seen = position
        self._changed = asyncio.Event()
        self._overflowed = False
        self._closed = False

    def offer(self, stored: StoredEvent) -> None:
        """A durable event happened."""
        if stored.sequence <= self._seen:
            return
        self._seen = stored.sequence
        if self._overflowed or not self._interest.wants(stored.event):
            return
        if len(self._durable) >= self._capacity:
            self._overflowed = True
        else:
            self._durable.append(stored)
        self._changed.set()

    def offer_live(self, event: events_pb2.Event) -> None:
        """Live activity was seen; replaces what waits of the same person."""
        if self._interest.wants(event):
            self._live[person_of(event)] = event
            self._changed.set()

    def skip_to(self, sequence: int) -> None:
        """The client knows everything up to `sequence`, which lies ahead: the tail of this process lags."""
        self.position = self._seen = sequence

    def close(self) -> None:
        """The process is about to end."""
        self._closed = True
        self._changed.set()

    async def next(self, timeout_s: float) -> Told:
        """What to tell next: durable events in order, then live activity; nothing where `timeout_s` passes.

        Raises ResourceExhausted where the client was too slow, Unavailable when the process is about to end.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while (told := self._take()) is None:
                    self._changed.clear()
                    await self._changed.wait()
            return told
        except TimeoutError:
            return Told(self.position, None)

    def _take(self) -> Told | None:
        if self._closed:
            raise Unavailable(
                "DRAINING", "This server is restarting; connect again and go on with the last resume_token."
            )
        if self._durable:
            stored = self._durable.popleft()
            self.position = stored.sequence
            return Told(stored.sequence, stored.event)
        if self._overflowed:
            raise ResourceExhausted(
                "STREAM_TOO_SLOW",
                "More happened than this connection can take; connect again and go on with the last resume_token.",
                limit_events=self._capacity,
            )
        self.position = max(self.position, self._seen)
        if self._live:
            return Told(self.position, self._live.pop(next(iter(self._live))))
        return None


class Fanout:
    """Hands each event to the clients that want it."""

    def __init__(self, position: int, capacity: int) -> None:
        self.position = position
        """Sequence of the newest durable event that was handed on."""
        self._capacity = capacity
        self._clients: set[Client] = set()
        self._closed = False

    @contextmanager
    def client(self, interest: Interest) -> Iterator[Client]:
        """A client that gets all events after `position` that it wants."""
        client = Client(interest, self.position, self._capacity)
        if self._closed:
            client.close()
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)

    def deliver(self, stored: StoredEvent) -> None:
        """A durable event happened."""
        self.position = stored.sequence
        for client in self._clients:
            client.offer(stored)

    def deliver_live(self, event: events_pb2.Event) -> None:
        """Live activity was seen."""
        for client in self._clients:
            client.offer_live(event)

    def close(self) -> None:
        """Ends all streams, and those that begin from now on."""
        self._closed = True
        for client in self._clients:
            client.close()
