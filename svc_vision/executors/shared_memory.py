"""Regions of POSIX shared memory that a Triton on this machine reads inputs from and writes outputs to.

A region is a file in /dev/shm whose owner holds a lock on it for as long as it lives. The kernel takes the lock away
when the owner dies, however it dies and in whichever container, so whatever can be locked is a leftover and is removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

FOLDER = Path("/dev/shm")
PREFIX = "spotter-tensors-"
SMALLEST_BYTES = 64 * 1024
QUARANTINE_S = 60.0
"""After a request that failed, the server may still write its answer for as long as this."""


class Region:
    """One piece of shared memory, used by one request at a time."""

    def __init__(self, size: int) -> None:
        """Makes it. Raises OSError where there is no room."""
        self.size = size
        self.is_registered = False
        """Whether the server has mapped it."""
        self.is_uncertain = False
        """Whether the server may still write into it, because the last request ended without an answer."""
        while True:
            self.name = PREFIX + secrets.token_hex(8)
            self.path = FOLDER / self.name
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            if os.fstat(self._file).st_nlink:  # Else `sweep` of another process was quicker than the lock.
                break
            os.close(self._file)
        try:
            os.posix_fallocate(self._file, 0, size)  # Full memory is an error now, not a SIGBUS when it is written.
            self.memory = mmap.mmap(self._file, size)
        except OSError:
            self.remove()
            raise

    @property
    def key(self) -> str:
        """Its name as shm_open(3) takes it."""
        return f"/{self.name}"

    def remove(self) -> None:
        """Removes the file; the memory is freed when nobody maps it any more."""
        self.path.unlink(missing_ok=True)
        os.close(self._file)


class RegionPool:
    """Regions kept for life, in sizes of powers of two; as many as there are requests at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._free: dict[int, list[Region]] = {}
        self._quarantine: list[tuple[float, Region]] = []
        self._all: list[Region] = []

    @contextlib.contextmanager
    def borrow(self, size: int) -> Iterator[Region]:
        """A region of at least `size` bytes for one request. Raises OSError where there is no room for a new one."""
        region = self._take(max(SMALLEST_BYTES, 1 << (size - 1).bit_length()))
        try:
            yield region
        finally:
            with self._lock:
                if region.is_uncertain:
                    self._quarantine.append((time.monotonic() + QUARANTINE_S, region))
                else:
                    self._free.setdefault(region.size, []).append(region)

    def close(self) -> list[str]:
        """Removes all regions. Returns the names of those that the server has mapped."""
        with self._lock:
            regions, self._all, self._free, self._quarantine = self._all, [], {}, []
        for region in regions:
            region.remove()
        return [region.name for region in regions if region.is_registered]

    def _take(self, size: int) -> Region:
        with self._lock:
            now_s = time.monotonic()
            while self._quarantine and self._quarantine[0][0] <= now_s:
                rested = self._quarantine.pop(0)[1]
                rested.is_uncertain = False
                self._free.setdefault(rested.size, []).append(rested)
            free = self._free.get(size)
            if free:
                return free.pop()
            region = Region(size)
            self._all.append(region)
            return region


def sweep() -> list[str]:
    """Removes the regions of processes that are gone. Returns their names."""
    removed = []
    for path in FOLDER.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # Locked by its owner, of another user, or just removed by somebody else.
            file = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                removed.append(path.name)
            finally:
                os.close(file)
    return removed
