"""Events over NATS: core NATS for what is stale in a second, JetStream for what must arrive.

JetStream acknowledges before it syncs to disk, so it carries events and the outbox in PostgreSQL keeps them. Every
durable message has its event id as `Nats-Msg-Id`: publishing twice delivers once, and a handler that sees an id again
must not act again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import nats
import structlog
from google.protobuf.message import DecodeError
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamConfig
from nats.js.errors import APIError, BadRequestError, NotFoundError
from opentelemetry import propagate
from prometheus_client import Counter

from mesh import names, telemetry
from mesh.errors import StartupError, is_passing
from mesh.settings import MeshSettings
from spotter.events.v1 import events_pb2

_log = structlog.get_logger()
_PUBLISHED = Counter(names.METRIC_EVENTS_PUBLISHED, "Durable events that JetStream acknowledged.", ["area"])
_HANDLED = Counter(names.METRIC_EVENTS_HANDLED, "Durable events handled.", ["consumer", "outcome"])

Handler = Callable[[events_pb2.Event], Awaitable[None]]
DEDUPLICATION_WINDOW_S = 600.0
FETCH_TIMEOUT_S = 2.0
RETRY_DELAY_S = 1.0
MAX_DELIVERIES = 20
CONNECT_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class StoredEvent:
    """An event as JetStream keeps it."""

    sequence: int
    """Place in the stream, from 1."""
    event: events_pb2.Event


class Bus:
    """One connection to NATS; reconnects by itself. Use as `async with Bus(settings, "motion") as bus`."""

    def __init__(self, settings: MeshSettings, service: str) -> None:
        self._settings = settings
        self._service = service
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        """Name for health."""
        return "nats"

    async def __aenter__(self) -> Bus:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._connect()
        except TimeoutError:
            raise StartupError(
                f"NATS doesn't answer within {CONNECT_TIMEOUT_S:.0f} s; is it running, and is SPOTTER_NATS_URL right?"
            ) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            await asyncio.wait_for(self._nats.close(), 2.0)

    async def check(self) -> None:
        """Raises where the server doesn't answer."""
        if not self._nats.is_connected:
            raise ConnectionError("NATS can't be reached")
        await self._nats.flush(timeout=1)

    async def publish_live(self, subject: str, event: events_pb2.Event) -> None:
        """Tells whoever listens now; is lost while NATS is away."""
        if self._nats.is_connected:
            await self._nats.publish(subject, event.SerializeToString())

    async def publish(self, subject: str, event: events_pb2.Event) -> None:
        """Stores an event once, whatever happens between here and there. Raises NatsError or TimeoutError where the
        acknowledgement stays out: publish it again then."""
        headers: dict[str, Any] = {names.MESSAGE_ID_HEADER: event.meta.event_id}
        if event.meta.traceparent:
            headers[names.TRACEPARENT_HEADER] = event.meta.traceparent
        else:
            propagate.inject(headers)
        await self._stream.publish(subject, event.SerializeToString(), timeout=2.0, headers=headers)
        _PUBLISHED.labels(subject.split(".")[2]).inc()

    async def listen(self, subject: str) -> AsyncIterator[events_pb2.Event]:
        """Live events of a subject (wildcards allowed), from now on, until the iterator is closed."""
        subscription = await self._nats.subscribe(subject, pending_msgs_limit=4096)
        try:
            async for message in subscription.messages:
                event = _parse(message.data)
                if event is not None:
                    yield event
        finally:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()

    def consume(self, durable: str, subject: str, handler: Handler) -> None:
        """Hands every durable event of `subject` to `handler`, in the background, one after another, at least once.

        The place in the stream is kept under the name `durable` on the server. A handler that raises gets the event
        again after 1 s, at most 20 times; for as long as it takes where the database is away.
        """
        task = asyncio.create_task(self._consume(durable, subject, handler), name=f"consume-{durable}")
        self._tasks.add(task)

    async def replay(self, subject: str, after_sequence: int | None) -> AsyncGenerator[StoredEvent, None]:
        """Durable events of `subject` in order without gaps: those after `after_sequence`, or the new ones where it is
        None; goes on through restarts of the server. Raises BadRequestError where `subject` isn't within one of
        `names.durable_subjects()` (">" is all of them)."""
        last = after_sequence if after_sequence is not None else await self.last_sequence()
        while True:
            try:
                async for stored in self._tail(subject, last):
                    last = stored.sequence
                    yield stored
            except BadRequestError:
                raise
            except (NatsError, TimeoutError) as error:
                _log.debug("replay_interrupted", error=type(error).__name__)
                await asyncio.sleep(0.2)

    async def last_sequence(self) -> int:
        """Place of the newest durable event; 0 while there is none."""
        info = await self._stream.stream_info(names.EVENT_STREAM)
        return int(info.state.last_seq)

    async def first_sequence(self) -> int:
        """Place of the oldest durable event that is still kept; that of the next one while there is none."""
        info = await self._stream.stream_info(names.EVENT_STREAM)
        return int(info.state.first_seq) if info.state.messages else int(info.state.last_seq) + 1

    async def _connect(self) -> None:
        self._nats = await nats.connect(
            self._settings.nats_url,
            name=f"spotter-{self._service}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            connect_timeout=2,
            ping_interval=5,
            max_outstanding_pings=2,
            pending_size=0,
            error_cb=_log_error,
        )
        self._stream: JetStreamContext = self._nats.jetstream(timeout=2.0)
        while True:
            try:
                await self._ensure_stream()
                return
            except (NatsError, TimeoutError) as error:
                _log.info("waiting_for_jetstream", error=type(error).__name__)
                await asyncio.sleep(0.2)

    async def _ensure_stream(self) -> None:
        config = StreamConfig(
            name=names.EVENT_STREAM,
            subjects=names.durable_subjects(),
            max_age=self._settings.event_retention_s,
            duplicate_window=DEDUPLICATION_WINDOW_S,
        )
        try:
            await self._stream.stream_info(names.EVENT_STREAM)
        except NotFoundError:
            with contextlib.suppress(APIError):
                await self._stream.add_stream(config)
            await self._stream.stream_info(names.EVENT_STREAM)

    async def _consume(self, durable: str, subject: str, handler: Handler) -> None:
        config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=10)
        while True:
            try:
                subscription = await self._stream.pull_subscribe(
                    subject, durable=durable, stream=names.EVENT_STREAM, config=config
                )
                while True:
                    try:
                        messages = await subscription.fetch(1, timeout=FETCH_TIMEOUT_S)
                    except TimeoutError:
                        await subscription.consumer_info()
                        continue
                    for message in messages:
                        await self._handle(durable, message, handler)
            except (NatsError, TimeoutError) as error:
                _log.info("consumer_interrupted", consumer=durable, error=type(error).__name__)
                await asyncio.sleep(0.2)

    async def _handle(self, durable: str, message: Any, handler: Handler) -> None:
        event = _parse(message.data)
        if event is None:
            await message.term()
            return
        try:
            with telemetry.continued_span(f"handle {durable}", event.meta.traceparent):
                await handler(event)
        except Exception as error:
            _HANDLED.labels(durable, "retry").inc()
            if is_passing(error):
                _log.warning("event_waits_for_database", consumer=durable, event_id=event.meta.event_id)
                await message.nak(RETRY_DELAY_S)
                return
            _log.error("event_failed", consumer=durable, event_id=event.meta.event_id, exc_info=error)
            if message.metadata.num_delivered >= MAX_DELIVERIES:
                _log.error("event_given_up", consumer=durable, event_id=event.meta.event_id)
                await message.term()
                return
            await message.nak(RETRY_DELAY_S)
            return
        await message.ack()
        _HANDLED.labels(durable, "ok").inc()

    async def _tail(self, subject: str, after_sequence: int) -> AsyncIterator[StoredEvent]:
        config = ConsumerConfig(
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after_sequence + 1,
            inactive_threshold=30.0,
        )
        subscription = await self._stream.pull_subscribe(subject, stream=names.EVENT_STREAM, config=config)
        delivered = 0
        try:
            while True:
                try:
                    messages = await subscription.fetch(1, timeout=FETCH_TIMEOUT_S)
                except TimeoutError:
                    await subscription.consumer_info()
                    continue
                for message in messages:
                    place = message.metadata.sequence
                    if place.consumer != delivered + 1:
                        # What is sent while a connection breaks is gone, as nothing is acknowledged here; and a killed
                        # server may have forgotten what it sent. Ask anew for what follows the last one seen.
                        _log.info("replay_out_of_step", sequence=place.stream)
                        return
                    delivered = place.consumer
                    event = _parse(message.data)
                    if event is not None:
                        yield StoredEvent(place.stream, event)
        finally:
            with contextlib.suppress(NatsError, TimeoutError):
                await subscription.unsubscribe()


def _parse(data: bytes) -> events_pb2.Event | None:
    try:
        return events_pb2.Event.FromString(data)
    except DecodeError:
        _log.warning("event_unreadable", size_bytes=len(data))
        return None


async def _log_error(error: Exception) -> None:
    _log.debug("nats", error=type(error).__name__)
