"""Nanoseconds since the epoch inside, google.protobuf.Timestamp and Duration in messages."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

NS_PER_S = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ns() -> int:
    """Wall clock in ns; only wiring and servers ask for it, domain code is handed its time."""
    return time.time_ns()


def to_timestamp(time_ns: int) -> Timestamp:
    """ns since the epoch as a Timestamp."""
    return Timestamp(seconds=time_ns // NS_PER_S, nanos=time_ns % NS_PER_S)


def from_timestamp(timestamp: Timestamp) -> int:
    """A Timestamp as ns since the epoch."""
    return timestamp.seconds * NS_PER_S + timestamp.nanos


def to_duration(duration_s: float) -> Duration:
    """Seconds as a Duration."""
    duration = Duration()
    duration.FromNanoseconds(round(duration_s * NS_PER_S))
    return duration


def to_seconds(duration: Duration) -> float:
    """A Duration as seconds."""
    return duration.seconds + duration.nanos / NS_PER_S


def to_datetime(time_ns: int) -> datetime:
    """ns since the epoch as an aware datetime (UTC), exact to the microsecond."""
    return datetime.fromtimestamp(time_ns // NS_PER_S, UTC).replace(microsecond=time_ns % NS_PER_S // 1000)


def from_datetime(moment: datetime) -> int:
    """An aware datetime as ns since the epoch."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * NS_PER_S + since.microseconds * 1000
