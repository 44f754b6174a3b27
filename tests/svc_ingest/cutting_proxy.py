"""A network between ingest and a camera that breaks when a test says so, in the ways networks break."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import random
import socket
import struct
from dataclasses import dataclass, field


class Cut(enum.Enum):
    """How a connection ends."""

    CLOSED = "closed in good order"
    RESET = "reset in mid-packet"
    GARBAGE = "noise, then reset"
    HANDSHAKE = "reset, and the next attempt is cut off in its handshake"


@dataclass
class CuttingProxy:
    """Passes TCP through to a camera on this machine. `connections` counts those that were let through."""

    camera_port: int
    port: int = 0
    connections: int = 0
    _clients: set[asyncio.StreamWriter] = field(default_factory=set)
    _spoiled: int = 0
    _noise: random.Random = field(default_factory=lambda: random.Random(3))
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut(Cut.RESET)
        await asyncio.sleep(0)

    def cut(self, how: Cut) -> None:
        """Ends the connections that are open."""
        self._spoiled += how is Cut.HANDSHAKE
        for client in list(self._clients):
            if how is Cut.GARBAGE:
                client.write(self._noise.randbytes(3000))
            if how is Cut.CLOSED:
                client.close()
            else:
                _reset(client, after_flush=how is Cut.GARBAGE)
        self._clients.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._spoiled:
            self._spoiled -= 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"RTSP/1.0 200 O")
            _reset(writer, after_flush=True)
            return
        self.connections += 1
        self._clients.add(writer)
        camera_reader, camera_writer = await asyncio.open_connection("127.0.0.1", self.camera_port)
        await asyncio.gather(_pump(reader, camera_writer), _pump(camera_reader, writer))
        self._clients.discard(writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            if writer.is_closing():
                break
            writer.write(data)
            await writer.drain()
    writer.close()


def _reset(writer: asyncio.StreamWriter, after_flush: bool) -> None:
    """Ends a connection with RST, as a router that forgot it does."""
    found = writer.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if after_flush:
        writer.close()
    else:
        writer.transport.abort()
