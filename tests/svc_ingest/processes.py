"""svc_ingest as a process that can be killed and started again where it listened."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class IngestProcess:
    """One process of the service, and everything it wrote."""

    nats_url: str
    database_url: str
    vision_port: int
    home: Path
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    output: bytearray = field(default_factory=bytearray)
    _reader: threading.Thread | None = None

    def start(self) -> None:
        environment = os.environ | {
            "SPOTTER_HOME": str(self.home),
            "SPOTTER_NATS_URL": self.nats_url,
            "SPOTTER_DATABASE_URL": self.database_url,
            "SPOTTER_LISTEN_ADDRESS": self.address,
            "SPOTTER_VISION_ADDRESS": f"127.0.0.1:{self.vision_port}",
            "SPOTTER_STALL_AFTER_S": "2",
            "SPOTTER_FINISH_TIMEOUT_S": "5",
            "SPOTTER_OPEN_TIMEOUT_S": "2",
            "SPOTTER_REOPEN_MIN_S": "0.2",
            **self.settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "svc_ingest"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        serving = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout, serving))
        self._reader.start()
        assert serving.wait(60), self.output.decode()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self._ended()

    def _ended(self) -> int:
        assert self.process is not None and self._reader is not None
        code = self.process.wait(30)
        self._reader.join()
        return code

    def _read(self, stream: IO[bytes], serving: threading.Event) -> None:
        with stream:
            for line in stream:
                self.output += line
                if b'"serving"' in line and b'"address"' in line:
                    serving.set()
