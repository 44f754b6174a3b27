"""Puts a new version into service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc

from mesh.triton import TritonClient
from triton_models.manifest import Model
from triton_models.rollout.candidate import Graph, check_agreement, local_slowdown, read_graph
from triton_models.rollout.errors import RolloutRefused, first_line
from triton_models.rollout.server import check_answers, check_in_server, serving_version
from triton_models.rollout.shelf import Shelf

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a candidate may differ in from the version that serves."""

    tolerance: float = 0.02
    """Greatest difference of answers, relative to the greatest value of each part of each output. Raised: coarser
    arithmetic passes, and so do smaller mistakes."""
    new_golden: bool = False
    """Other answers are wanted: they aren't compared, and become what later checks expect of this version."""
    max_slowdown: float = 1.5
    """How many times longer it may take. Raised: larger models pass, and cameras get fewer looks a second."""


@dataclass(frozen=True, slots=True)
class RolledOut:
    """A version that serves now."""

    version: int
    previous: int
    deviation: float | None
    """Greatest relative difference from the previous version's answers; None where it wasn't asked for."""
    slowdown: float
    """Times the previous version's time, the worse one of both measurements; below 1 is quicker."""


def roll_out(
    repository: Path, model: Model, source: Path, client: TritonClient | None, limits: Limits, progress: Progress
) -> RolledOut:
    """Checks a candidate at four gates and moves traffic to it.

    Args:
        repository: folder in Triton's layout, the one that the server serves.
        model: of the manifest, built.
        source: an ONNX file, or the folder of a version.
        client: the running server; None checks in this process only and leaves the version for whoever loads it next.
        limits: what may differ.
        progress: told in one line what was found at each gate.

    Raises:
        RolloutRefused: the candidate was not put into service; the old version serves, as it did all the time.
    """
    shelf = Shelf(repository / model.name)
    if not shelf.versions():
        raise RolloutRefused("MODEL_NOT_BUILT", f"{model.name} has no version yet; build the first: `{model.hint}`")
    with shelf.locked() as unfinished:
        if unfinished is not None:
            progress(f"removed version {unfinished}, whose rollout was cut off")
        previous = current_version(shelf, model, client)
        candidate, serving = read_graph(model, source), read_graph(model, shelf.path(previous))
        deviation, slowdown = _checked(shelf, candidate, serving, client, limits, progress)
        version = shelf.place(candidate)
        if client is not None:
            _move_traffic(shelf, client, candidate, version, previous)
            progress(f"version {version} serves; it answers under its real name as it must")
        shelf.settle()
    return RolledOut(version, previous, deviation, slowdown)


def current_version(shelf: Shelf, model: Model, client: TritonClient | None) -> int:
    """The version that serves: what the server says, else the newest on disk.

    Raises RolloutRefused SERVER_UNREACHABLE, MODEL_NOT_READY, or OTHER_REPOSITORY.
    """
    if client is None:
        return shelf.versions()[-1]
    try:
        version = serving_version(client, model.name)
        if version is not None and version not in shelf.versions():
            # A change was cut off between the disk and the server.
            client.load(model.name)
            version = serving_version(client, model.name)
    except grpc.RpcError as error:
        raise RolloutRefused(
            "SERVER_UNREACHABLE", f"Triton at {client.address} gives no answer: {error.details()}"
        ) from error
    if version is None:
        raise RolloutRefused(
            "MODEL_NOT_READY", f"{model.name} isn't ready in Triton at {client.address}: see `spotter models status`"
        )
    if version not in shelf.versions():
        raise RolloutRefused(
            "OTHER_REPOSITORY",
            f"Triton at {client.address} serves version {version} of {model.name}, which {shelf.folder} doesn't hold; "
            "name the repository that it serves with --repository",
        )
    return version


def _checked(
    shelf: Shelf, candidate: Graph, serving: Graph, client: TritonClient | None, limits: Limits, progress: Progress
) -> tuple[float | None, float]:
    """The first two gates: deviation and slowdown. Raises RolloutRefused."""
    if candidate.sha256 == serving.sha256:
        raise RolloutRefused("CANDIDATE_SAME", "it is, byte for byte, the version that serves already")
    deviation = None if limits.new_golden else check_agreement(candidate, serving, limits.tolerance)
    told = "its own numbers are kept" if deviation is None else f"answers differ by {deviation:.1g} at most"
    progress(f"the file loads and has the right tensors; {told}")
    # Processor time is steady however busy the machine is; what only the server makes slow is seen in the server.
    slowdown = local_slowdown(candidate, serving, limits.max_slowdown)
    _check_speed(slowdown, limits, "of processor time, in this process", progress)
    if client is not None:
        try:
            in_server = check_in_server(client, shelf.config, candidate, serving, limits.max_slowdown)
        except grpc.RpcError as error:
            raise RolloutRefused("SERVER_UNREACHABLE", f"the server is gone: {error.details()}") from error
        _check_speed(in_server, limits, "in the running server, which answers as it must", progress)
        slowdown = max(slowdown, in_server)
    return deviation, slowdown


def _check_speed(slowdown: float, limits: Limits, where: str, progress: Progress) -> None:
    if slowdown > limits.max_slowdown:
        raise RolloutRefused(
            "CANDIDATE_TOO_SLOW",
            f"it takes {slowdown:.2f} times as long as the version that serves ({where}), and "
            f"{limits.max_slowdown:g} are allowed; see --max-slowdown",
        )
    progress(f"it takes {slowdown:.2f} times as long as the version that serves ({where})")


def _move_traffic(shelf: Shelf, client: TritonClient, candidate: Graph, version: int, previous: int) -> None:
    """The last gate. Triton has the new version ready before the old one goes; where it fails, the old one stays."""
    name = candidate.model.name
    try:
        client.load(name)
        found = serving_version(client, name)
        if found != version:
            raise RolloutRefused(
                "OTHER_REPOSITORY",
                f"the server still serves version {found}: it serves another repository than {shelf.folder.parent}, "
                "or its version policy isn't the latest one",
            )
        check_answers(client, candidate, name)
    except (grpc.RpcError, RolloutRefused) as error:
        shelf.discard(version)
        reason = error.reason if isinstance(error, RolloutRefused) else "CANDIDATE_FAILED_IN_SERVER"
        words = error.details() if isinstance(error, grpc.Call) else str(error)
        outcome = bring_back(client, name, previous)
        raise RolloutRefused(reason, f"withdrawn again: {first_line(Exception(words))}. {outcome}") from error
    except BaseException:
        shelf.discard(version)
        bring_back(client, name, previous)
        raise


def bring_back(client: TritonClient, model: str, version: int) -> str:
    """Loads what is on disk, after a version was taken away; a sentence about how that went."""
    try:
        client.load(model)
        found = serving_version(client, model)
    except grpc.RpcError as error:
        return f"The server could not load version {version} again: {error.details()}"
    return f"Version {found} serves."
