"""What serves now, and what it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc

from mesh.triton import ModelStatistics, TritonClient
from triton_models import manifest
from triton_models.rollout.shelf import Shelf


@dataclass(frozen=True, slots=True)
class VersionStatus:
    """One model of the repository."""

    model: str
    versions: tuple[int, ...]
    """On disk, the newest last."""
    withdrawn: tuple[int, ...]
    """On disk, out of service."""
    serving: int | None
    """In the server; None where it serves none, or no server was asked."""
    reason: str
    """Why the server serves none; empty otherwise."""
    statistics: ModelStatistics | None
    """Of the serving version."""


def status(repository: Path, client: TritonClient | None) -> Iterator[VersionStatus]:
    """Every model of the manifest that is built, or that the server knows. Raises `grpc.RpcError`."""
    index = client.index() if client else []
    for name in manifest.load():
        shelf = Shelf(repository / name)
        versions = shelf.versions() if shelf.folder.is_dir() else []
        known = [one for one in index if one.name == name]
        ready = [one.version for one in known if one.is_ready and one.version is not None]
        if not versions and not ready:
            continue
        serving = max(ready, default=None)
        reason = "" if ready or client is None else next((one.reason for one in known if one.reason), "not loaded")
        yield VersionStatus(
            name, tuple(versions), tuple(shelf.withdrawn()), serving, reason, _statistics(client, name, serving)
        )


def _statistics(client: TritonClient | None, model: str, version: int | None) -> ModelStatistics | None:
    if client is None or version is None:
        return None
    try:
        return next((one for one in client.statistics(model) if one.version == version), None)
    except grpc.RpcError:  # It went between the two questions.
        return None
