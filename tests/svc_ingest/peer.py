"""The other end of Watch for tests: a real gRPC server that decodes what it is sent and keeps what it saw."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import av
import grpc

from spotter.common.v1 import stream_pb2
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc

NS_PER_TICK = 1_000


@dataclass
class Seen:
    """One Watch stream."""

    opening: vision_pb2.WatchOpen
    units: list[vision_pb2.AccessUnit] = field(default_factory=list)
    formats: list[vision_pb2.VideoFormat] = field(default_factory=list)
    """What came after the opening."""
    decoded: int = 0
    corrupt: int = 0
    ended: bool = False

    @property
    def capture_times_ns(self) -> list[int]:
        return [unit.capture_time_ns for unit in self.units]


class WatchPeer(vision_pb2_grpc.VisionServiceServicer):
    """Grants `window` credits, and one more for each unit while `grants` holds."""

    def __init__(self, window: int = 64) -> None:
        self.window = window
        self.grants = True
        self.delay_s = 0.0
        self.refused: set[str] = set()
        self.streams: list[Seen] = []
        self._server: grpc.aio.Server | None = None
        self.port = 0

    async def start(self, port: int = 0) -> str:
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        vision_pb2_grpc.add_VisionServiceServicer_to_server(self, self._server)
        for _ in range(20):
            with contextlib.suppress(RuntimeError):
                self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
                break
            await asyncio.sleep(0.1)
        await self._server.start()
        return f"127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self._server:
            await self._server.stop(0)

    def of(self, camera_id: str) -> list[Seen]:
        return [seen for seen in self.streams if seen.opening.open.camera_id == camera_id]

    async def StreamPreview(self, request: Any, context: Any) -> AsyncIterator[Any]:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "this end only watches")
        yield

    async def GetStatus(self, request: Any, context: Any) -> vision_pb2.GetStatusResponse:
        return vision_pb2.GetStatusResponse(executor="test")

    async def Watch(self, requests: AsyncIterator[vision_pb2.WatchRequest], context: Any) -> AsyncIterator[Any]:
        seen: Seen | None = None
        decoder: Any = None
        async for request in requests:
            kind = request.WhichOneof("message")
            if kind == "open":
                seen = Seen(request.open)
                self.streams.append(seen)
                if request.open.format.codec in self.refused:
                    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "this codec can't be decoded")
                decoder = _decoder(request.open.format)
                yield vision_pb2.WatchResponse(credit=stream_pb2.Credit(messages=self.window))
            elif kind == "format":
                assert seen is not None
                seen.formats.append(request.format)
                _decode(decoder, None, seen)
                decoder = _decoder(request.format)
            elif kind == "access_unit":
                assert seen is not None
                seen.units.append(request.access_unit)
                _decode(decoder, request.access_unit, seen)
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if self.grants:
                    yield vision_pb2.WatchResponse(credit=stream_pb2.Credit(messages=1))
                yield vision_pb2.WatchResponse(progress=_progress(seen))
            elif kind == "end_of_stream":
                assert seen is not None
                seen.ended = True
                _decode(decoder, None, seen)
                yield vision_pb2.WatchResponse(progress=_progress(seen))
                yield vision_pb2.WatchResponse(finished=vision_pb2.WatchFinished())


def _progress(seen: Seen) -> vision_pb2.WatchProgress:
    return vision_pb2.WatchProgress(
        frames_analysed=seen.decoded,
        frames_corrupt=seen.corrupt,
        last_sequence=seen.units[-1].sequence if seen.units else 0,
    )


def _decoder(found: vision_pb2.VideoFormat) -> Any:
    decoder = av.CodecContext.create(found.codec, "r")
    if found.extradata:
        decoder.extradata = found.extradata
    return decoder


def _decode(decoder: Any, unit: vision_pb2.AccessUnit | None, seen: Seen) -> None:
    packet = None
    if unit is not None:
        packet = av.Packet(unit.data)
        packet.pts = packet.dts = unit.presentation_ns // NS_PER_TICK
    try:
        seen.decoded += len(decoder.decode(packet))
    except av.error.FFmpegError:
        seen.corrupt += 1
