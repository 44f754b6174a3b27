"""Draws and watches the films that haven't been watched yet, several at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av

from mesh.errors import SpotterError
from mesh.settings import load
from spotter_cli.fall_evaluation.seeing import LOOKS_PER_S, Kept, Seen, key_of, see
from spotter_cli.scene import SceneSpec, Sight
from spotter_cli.scene.render import fingerprint
from spotter_cli.tracking.eyes import Eyes, open_eyes
from spotter_cli.tracking.films import Film, cache_dir, prepare_film
from svc_vision.settings import VisionSettings

Told = Callable[[str, int, int], None]
"""Gets the name of each film that is ready, how many are, and how many there are."""


class UnwatchableError(Exception):
    """A film can't be decoded, or looking at it failed."""


@dataclass(frozen=True)
class Source:
    """A film that is drawn from a scene, or one that lies there."""

    name: str
    scene: SceneSpec | None = None
    path: Path | None = None

    def video(self) -> Path:
        """The film; drawn in this process where it isn't there."""
        if self.scene is not None:
            return self._drawn(self.scene).video
        assert self.path is not None
        return self.path

    def sight(self) -> Sight | None:
        """What is true of a drawn film."""
        return None if self.scene is None else self._drawn(self.scene).sight()

    def _drawn(self, scene: SceneSpec) -> Film:
        return prepare_film(self.name, scene, cache_dir(), workers=0)

    def key(self, finder: str) -> str:
        """Names what decides what is seen of it."""
        if self.scene is not None:
            return key_of(fingerprint(self.scene), finder, LOOKS_PER_S)
        assert self.path is not None
        status = self.path.stat()
        return key_of(self.path.name, status.st_size, status.st_mtime_ns, finder, LOOKS_PER_S)


def gather(
    sources: Sequence[Source], finder: str, kept: Kept, workers: int, told: Told
) -> tuple[dict[str, Seen], dict[str, str]]:
    """What is seen of each film, by its name, and why some can't be watched.

    Raises StartupError where the models can't be loaded.
    """
    seen: dict[str, Seen] = {}
    failed: dict[str, str] = {}
    missing: list[Source] = []
    for source in sources:
        before = kept.load(source.name, source.key(finder))
        if before is None:
            missing.append(source)
        else:
            seen[source.name] = before
    if not missing:
        return seen, failed
    with open_eyes(load(VisionSettings)):
        pass  # what is wrong with the models is told here, and not by each process
    with _pool(workers) as pool:
        jobs = {pool.submit(_watch, source, finder, kept): source for source in missing}
        for done in as_completed(jobs):
            name = jobs[done].name
            try:
                seen[name] = done.result()
            except UnwatchableError as error:
                failed[name] = str(error)
            told(name, len(seen) + len(failed), len(sources))
    return seen, failed


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    # spawned, not forked: threads of the models don't survive a fork
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_one_thread)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"


def _watch(source: Source, finder: str, kept: Kept) -> Seen:
    try:
        return kept.get(source.name, source.key(finder), lambda: see(source.video(), _eyes()[0], source.sight()))
    except (SpotterError, av.FFmpegError) as error:  # such errors can't be sent to another process
        raise UnwatchableError(str(error)) from None


@cache
def _eyes() -> tuple[Eyes, ExitStack]:
    """The models of this process, loaded once; they go when the process does."""
    stack = ExitStack()
    return stack.enter_context(open_eyes(load(VisionSettings))), stack
