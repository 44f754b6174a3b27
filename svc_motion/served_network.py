"""Which file the exercise network is read from, where it runs, and what happens when none can be used."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import structlog

from mesh.errors import StartupError
from mesh.triton import TritonClient
from svc_motion.network import MODEL_NAME, NETWORK_FILE, ExerciseNetwork, NetworkFileError
from svc_motion.triton_network import TritonNetwork

ROLLOUT_JOURNAL = ".rollout.json"
"""Where `spotter models rollout` notes the version that is on its way and not yet proved."""
LOOK_INTERVAL_S = 10.0
"""How often the model repository is looked at for another version."""
_log = structlog.get_logger()


def choose_network(
    named: Path | None, repository: Path | None, triton: TritonClient | None = None
) -> ExerciseNetwork | None:
    """The network of the named file; else of the model repository; else the one that comes with this package.

    Without any, exercises are recognised by the signatures of their files alone, and a warning says so.

    Args:
        named: a file that the operator asked for.
        repository: model repository in Triton's layout, whose highest version is taken.
        triton: the server that is asked; None runs the network in this process.

    Raises:
        StartupError: the named file can't be used, or isn't what a server serves.
    """
    if named is not None:
        if triton is not None:
            raise StartupError(
                "SPOTTER_EXERCISE_NETWORK names a file, and SPOTTER_EXERCISE_EXECUTOR=triton asks a server, which "
                "serves the model repository: unset one of them, or put the file into service with `spotter models "
                f"rollout {MODEL_NAME} {named}`."
            )
        try:
            return ExerciseNetwork(named)
        except NetworkFileError as error:
            raise StartupError(
                f"SPOTTER_EXERCISE_NETWORK: {error}. Unset it to use the one that is built in."
            ) from None
    for path in filter(None, (newest_version(repository) if repository else None, NETWORK_FILE)):
        try:
            return ExerciseNetwork(path) if triton is None else TritonNetwork(triton, path)
        except NetworkFileError as error:
            _log.warning("exercise_network_unusable", file=str(path), reason=error.reason)
    _log.warning("exercise_network_missing", used="signatures of the exercise files alone")
    return None


def newest_version(repository: Path) -> Path | None:
    """The network's file of the highest version in a model repository; None where there is none.

    Versions that were withdrawn don't count (their folders are no numbers), nor one that is just being rolled out.
    """
    folder = repository / MODEL_NAME
    unproved = _unproved_version(folder)
    files = [path for path in folder.glob("*/model.onnx") if path.parent.name.isdigit()]
    proved = [path for path in files if path.parent.name != unproved]
    return max(proved, key=lambda path: int(path.parent.name), default=None)


async def keep_newest(network: ExerciseNetwork, repository: Path, interval_s: float = LOOK_INTERVAL_S) -> None:
    """Takes up a version that is rolled out, and goes back from one that is withdrawn; runs until it is cancelled.

    A file that can't be used, or has other classes, is named once, and the network stays as it is.
    """
    seen: tuple[Path, int] | None = None
    while True:
        state = await asyncio.to_thread(_state, repository)
        if state != seen:
            if seen is not None or state[0] != network.path:
                await _take_up(network, state[0])
            seen = state
        await asyncio.sleep(interval_s)


async def _take_up(network: ExerciseNetwork, path: Path) -> None:
    try:
        found = await asyncio.to_thread(ExerciseNetwork, path)
    except NetworkFileError as error:
        _log.warning("exercise_network_unusable", file=str(path), reason=error.reason)
        return
    if found.classes != network.classes:
        _log.warning("exercise_network_unusable", file=str(path), reason="it has other classes; restart to use it")
        return
    network.take_over(found)
    _log.info("exercise_network_taken_up", file=str(path))


def _state(repository: Path) -> tuple[Path, int]:
    """The file to use, and when it was written, ns; 0 where it can't be looked at now."""
    path = NETWORK_FILE
    try:
        path = newest_version(repository) or NETWORK_FILE
        return path, path.stat().st_mtime_ns
    except OSError:
        return path, 0


def _unproved_version(folder: Path) -> str:
    try:
        return str(json.loads((folder / ROLLOUT_JOURNAL).read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
