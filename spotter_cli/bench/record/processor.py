"""Processor time: what a call costs however busy the machine is."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass
from typing import Self

import psutil


@dataclass(frozen=True)
class Spent:
    """Milliseconds of processor time."""

    motion: float
    """svc_motion: reading, making messages, gRPC."""
    postgres: float
    client: float
    """The thread that asks, and takes the answer apart."""

    @classmethod
    def so_far(cls) -> Self:
        """Of svc_motion and PostgreSQL among our children since they started, and of this thread.

        A server process of PostgreSQL that ended is counted no more; svc_motion keeps those it asks through.
        """
        motion = postgres = 0.0
        for process in psutil.Process().children(recursive=True):
            try:
                times, command = process.cpu_times(), " ".join(process.cmdline())
            except psutil.NoSuchProcess:
                continue
            if "svc_motion" in command:
                motion += times.user + times.system
            elif "postgres" in command:
                postgres += times.user + times.system
        return cls(motion * 1000, postgres * 1000, time.thread_time() * 1000)

    def since(self, before: Spent, times: int) -> Spent:
        """Of one of `times` calls."""
        return Spent(*((now - then) / times for now, then in zip(astuple(self), astuple(before), strict=True)))

    def cells(self) -> str:
        """Cells of a table: each, and all together."""
        return "".join(f" {value:.1f} |" for value in (*astuple(self), sum(astuple(self))))

    def __str__(self) -> str:
        return f"processor {self.motion:.1f} + {self.postgres:.1f} + {self.client:.1f} ms"
