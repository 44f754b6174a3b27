"""Reads one source in a thread of its own. Demultiplexing leaves the interpreter's lock, decoding never happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import av
import av.error
import structlog

from svc_ingest import media
from svc_ingest.bridge import Bridge
from svc_ingest.formats import StreamFormat
from svc_ingest.gif import has_picture
from svc_ingest.packets import AccessUnit, VideoFormat
from svc_ingest.problems import Problem, explain_open, explain_read, no_video
from svc_ingest.sources import Source
from svc_ingest.timeline import ArrivalTimeline, FastTimeline, PacedTimeline, StampRepair, Timeline

_log = structlog.get_logger()
NS_PER_S = 1_000_000_000
MAX_UNIT_BYTES = 8 * 2**20
SHORT_SHARE = 0.95


@dataclass(frozen=True)
class ReadPlan:
    """How a source is read, and where its numbers go on."""

    source: Source
    paced: bool
    """A file at the speed of capture."""
    once: bool
    """A file ends at its end."""
    open_timeout_s: float
    read_timeout_s: float
    sequence: int = 1
    """Number of the first access unit."""
    start_ns: int = 0
    """Where on the camera's scale the source's first picture is."""
    position_ns: int = 0
    """How far into a file to begin; reading starts at the key frame before."""
    origin_ns: int | None = None
    """Capture time of a fast file's first picture; None means now."""
    format: VideoFormat | None = None
    """Format before the source was opened again, kept where nothing changed."""


@dataclass(frozen=True)
class Opened:
    """The source is open."""

    format: VideoFormat
    origin_ns: int
    """Capture time of its first picture, as planned."""


@dataclass(frozen=True)
class Finished:
    """A file was read to its end."""

    detail: str
    """What staff should know; empty where all is well."""


@dataclass(frozen=True)
class Broken:
    """The source can't be opened, or was lost."""

    problem: Problem
    opened: bool


Item = Opened | AccessUnit | Finished | Broken


class SourceReader:
    """The thread that reads one source until its end, a problem, or `stop`."""

    def __init__(self, plan: ReadPlan, bridge: Bridge[Item], now_ns: Callable[[], int] = time.time_ns) -> None:
        self._plan = plan
        self._bridge = bridge
        self._now_ns = now_ns
        self._sequence = plan.sequence
        self._skipping = True
        self._thread = threading.Thread(target=self._run, name="source-reader", daemon=True)

    def start(self) -> None:
        """Begins to read."""
        self._thread.start()

    def stop(self) -> None:
        """Asks the thread to end; it does so at the next packet or timeout, and closes what it opened."""
        self._bridge.close()

    def _run(self) -> None:
        try:
            item = self._read()
        except Exception as error:  # A defect must show as a failed camera, not as a thread that is gone.
            _log.error("reader_failed", error=type(error).__name__)
            item = Broken(Problem(f"{self._plan.source.shown} can't be read; the log has more.", True), False)
        if item is not None:
            self._bridge.put(item)

    def _read(self) -> Item | None:
        plan, started_s = self._plan, time.monotonic()
        try:
            container = media.open_source(plan.source, plan.open_timeout_s, plan.read_timeout_s)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            return Broken(explain_open(error, plan.source, plan.open_timeout_s, time.monotonic() - started_s), False)
        with container:
            if not container.streams.video:
                return Broken(no_video(plan.source), False)
            try:
                return self._read_stream(container, container.streams.video[0])
            except (av.error.FFmpegError, OSError) as error:
                return Broken(explain_read(error, plan.source, plan.read_timeout_s), True)

    def _read_stream(self, container: Any, stream: Any) -> Item | None:
        plan = self._plan
        origin_ns, timeline = self._timeline()
        rate_hz = media.frame_rate_hz(stream)
        repair = StampRepair(media.first_pts_ns(stream), plan.start_ns, round(NS_PER_S / rate_hz) if rate_hz else 0)
        if plan.position_ns > 0:
            media.seek(container, stream, plan.position_ns)
        format_: StreamFormat | None = None
        while True:
            count, damage = 0, ""
            try:
                for packet in _packets(container, stream):
                    if format_ is None:
                        format_, new = StreamFormat(stream, packet, plan.source, plan.format), True
                    else:
                        new = format_.follow(packet)
                    if new and not self._bridge.put(Opened(format_.current, origin_ns)):
                        return None
                    count += 1
                    if not self._forward(packet, repair, timeline, format_.current):
                        return None
            except av.error.InvalidDataError:
                damage = "the rest is damaged"
            if plan.source.live:
                raise av.error.EOFError(-1, "the stream ended")
            if count == 0:
                return Broken(no_video(plan.source), False)
            if plan.once:
                return Finished(_shortfall(plan.source, stream, repair.end_ns - plan.start_ns, damage))
            repair.restart()
            container.seek(0)

    def _timeline(self) -> tuple[int, Timeline]:
        plan, now_ns = self._plan, self._now_ns()
        if plan.source.live:
            return now_ns, ArrivalTimeline()
        if plan.paced:
            origin_ns = now_ns - plan.start_ns - plan.position_ns
            return origin_ns, PacedTimeline(origin_ns)
        origin_ns = plan.origin_ns if plan.origin_ns is not None else now_ns - plan.start_ns
        return origin_ns, FastTimeline(origin_ns)

    def _forward(self, packet: Any, repair: StampRepair, timeline: Timeline, found: VideoFormat) -> bool:
        stamps = repair.stamp(*media.stamps_ns(packet))
        wait_ns = timeline.due_ns(stamps, self._now_ns()) - self._now_ns()
        if wait_ns > 0 and self._bridge.wait_closed(wait_ns / NS_PER_S):
            return False
        now_ns = self._now_ns()
        capture_ns = timeline.capture_ns(stamps, now_ns)
        sequence, self._sequence = self._sequence, self._sequence + 1
        self._skipping = (self._skipping and not packet.is_keyframe) or packet.size > MAX_UNIT_BYTES
        if self._skipping:
            return not self._bridge.closed
        return self._bridge.put(
            AccessUnit(
                sequence,
                capture_ns,
                # A file's picture that is decoded early for the sake of later ones was not there before its time.
                max(now_ns, capture_ns) if self._plan.paced else now_ns,
                stamps.presentation_ns,
                stamps.decode_ns,
                stamps.duration_ns,
                bool(packet.is_keyframe),
                bytes(packet),
                found,
            )
        )


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    gif = stream.codec_context.name == "gif"
    for packet in container.demux(stream):
        if packet.size > 0 and not (gif and not has_picture(bytes(packet))):
            yield packet


def _shortfall(source: Source, stream: Any, read_ns: int, damage: str) -> str:
    """A sentence where less could be read than the file says it holds."""
    promised_ns = media.duration_ns(stream)
    if not damage and read_ns >= promised_ns * SHORT_SHARE:
        return ""
    return (
        f"{source.shown} is incomplete: {read_ns / NS_PER_S:.1f} s of {promised_ns / NS_PER_S:.1f} s could be read"
        f"{' (' + damage + ')' if damage else ''}; what was read has been analysed."
    )
