"""The versions of one model on disk: a new one appears as a whole, an old one is never overwritten.

A journal beside them names the version that is on its way. Whoever holds the lock and finds one knows that its writer
died, and takes that version away again.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from triton_models import golden
from triton_models.rollout.candidate import FILE_NAME, Graph
from triton_models.rollout.errors import RolloutRefused
from triton_models.stamp import BUILD_REVISION, Stamp

LOCK, JOURNAL, SCRATCH = ".rollout.lock", ".rollout.json", ".rollout-"
WITHDRAWN = "withdrawn-"
"""Put before the number: a folder "3.withdrawn" would still be version 3 for Triton, which reads the digits only."""
_USED = re.compile(rf"(?:{WITHDRAWN})?(\d+)")


class Shelf:
    """The folder of one model in the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def config(self) -> Path:
        """Its `config.pbtxt`."""
        return self.folder / "config.pbtxt"

    def versions(self) -> list[int]:
        """Versions that may serve, the newest last."""
        return sorted(int(path.parent.name) for path in self.folder.glob(f"[0-9]*/{FILE_NAME}") if _number(path.parent))

    def withdrawn(self) -> list[int]:
        """Versions that were taken out of service, the newest last."""
        names = [path.name.removeprefix(WITHDRAWN) for path in self.folder.glob(f"{WITHDRAWN}*")]
        return sorted(int(name) for name in names if name.isdigit())

    def path(self, version: int) -> Path:
        """Folder of a version."""
        return self.folder / str(version)

    def withdrawn_path(self, version: int) -> Path:
        """Folder of a version that was taken out of service."""
        return self.folder / f"{WITHDRAWN}{version}"

    @contextlib.contextmanager
    def locked(self) -> Iterator[int | None]:
        """Holds the model for one change, and first undoes one whose writer died: its version, or None.

        Raises RolloutRefused ROLLOUT_RUNNING where another process holds it.
        """
        with (self.folder / LOCK).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RolloutRefused(
                    "ROLLOUT_RUNNING", f"another process is changing {self.folder.name} just now; wait for its end"
                ) from None
            yield self._recover()

    def place(self, candidate: Graph) -> int:
        """Puts a candidate beside the others as their newest version; `settle` or `withdraw` ends it."""
        used = [int(found[1]) for path in self.folder.iterdir() if (found := _USED.fullmatch(path.name))]
        version = max(used, default=0) + 1
        scratch = self.folder / f"{SCRATCH}{version}"
        scratch.mkdir()
        _write(scratch / FILE_NAME, candidate.data)
        stamp = Stamp(
            BUILD_REVISION, candidate.sha256, candidate.sha256,
            golden.numbers_of(candidate.model.name, candidate.outputs),
        )  # fmt: skip
        _write(scratch / "built.json", json.dumps(stamp.as_json()).encode())
        _write(self.folder / JOURNAL, json.dumps({"version": version}).encode())
        scratch.rename(self.path(version))
        _sync(self.folder)
        return version

    def settle(self) -> None:
        """The version on its way has proved itself."""
        (self.folder / JOURNAL).unlink(missing_ok=True)

    def withdraw(self, version: int) -> None:
        """Takes a version out of service; it stays beside the others under another name."""
        target = self.withdrawn_path(version)
        shutil.rmtree(target, ignore_errors=True)
        self.path(version).rename(target)
        _sync(self.folder)

    def restore(self, version: int) -> None:
        """Undoes `withdraw`."""
        self.withdrawn_path(version).rename(self.path(version))
        _sync(self.folder)

    def discard(self, version: int) -> None:
        """Removes a version that never served."""
        doomed = self.folder / f"{SCRATCH}{version}"
        self.path(version).rename(doomed)
        shutil.rmtree(doomed)
        self.settle()

    def _recover(self) -> int | None:
        for scratch in self.folder.glob(f"{SCRATCH}[0-9]*"):
            shutil.rmtree(scratch)
        try:
            version = int(json.loads((self.folder / JOURNAL).read_text(encoding="utf-8"))["version"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # Cut off while it was written, before anything was put in place.
            self.settle()
            return None
        if not self.path(version).is_dir():
            self.settle()
            return None
        self.discard(version)
        return version


def _number(folder: Path) -> bool:
    return folder.name.isdigit()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
