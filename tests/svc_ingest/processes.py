"""svc_ingest as a process that can be killed and started again where it listened."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class IngestProcess:
    nats_url: str
    database_url: str
    vision_address: str
    home: Path
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    process: asyncio.subprocess.Process | None = None
    output: bytearray = field(default_factory=bytearray)
    reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        environment = os.environ | {
            "SPOTTER_HOME": str(self.home),
            "SPOTTER_NATS_URL": self.nats_url,
            "SPOTTER_DATABASE_URL": self.database_url,
            "SPOTTER_LISTEN_ADDRESS": self.address,
            "SPOTTER_VISION_ADDRESS": self.vision_address,
            "SPOTTER_STALL_AFTER_S": "2",
            "SPOTTER_FINISH_TIMEOUT_S": "5",
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "svc_ingest",
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        started = asyncio.Event()
        self.reading = asyncio.create_task(self._read(started))
        await asyncio.wait_for(started.wait(), 30)

    async def kill(self) -> None:
        assert self.process is not None and self.reading is not None
        self.process.kill()
        await self.process.wait()
        await self.reading

    async def stop(self) -> int:
        assert self.process is not None and self.reading is not None
        if self.process.returncode is None:
            self.process.terminate()
        code = await self.process.wait()
        await self.reading
        return code

    async def _read(self, started: asyncio.Event) -> None:
        assert self.process is not None and self.process.stdout is not None
        async for line in self.process.stdout:
            self.output += line
            if b'"serving"' in line and b'"address"' in line:
                started.set()
