"""Takes the newest version out of service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import grpc

from mesh.triton import TritonClient
from triton_models.manifest import Model
from triton_models.rollout.candidate import read_graph
from triton_models.rollout.errors import RolloutRefused, first_line
from triton_models.rollout.rollout import Progress, bring_back, current_version
from triton_models.rollout.server import check_answers, serving_version
from triton_models.rollout.shelf import Shelf


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What serves again, and what doesn't any more."""

    version: int
    withdrawn: int


def roll_back(repository: Path, model: Model, client: TritonClient | None, progress: Progress) -> RolledBack:
    """Withdraws the newest version and serves the one before it, which is checked first.

    Raises RolloutRefused NOTHING_TO_ROLL_BACK where there is none, or where it doesn't work any more; then nothing has
    changed.
    """
    shelf = Shelf(repository / model.name)
    versions = shelf.versions()
    if len(versions) < 2:
        there = f"only version {versions[0]}" if versions else "no version"
        raise RolloutRefused("NOTHING_TO_ROLL_BACK", f"{model.name} has {there}; there is none to go back to")
    with shelf.locked() as unfinished:
        if unfinished is not None:
            progress(f"removed version {unfinished}, whose rollout was cut off")
            versions = shelf.versions()
        if len(versions) < 2:
            raise RolloutRefused("NOTHING_TO_ROLL_BACK", f"{model.name} has only version {versions[0]} now")
        current_version(shelf, model, client)
        *_, target, newest = versions
        graph = read_graph(model, shelf.path(target))
        progress(f"version {target} loads and has the right tensors")
        shelf.withdraw(newest)
        if client is not None:
            try:
                client.load(model.name)
                if (found := serving_version(client, model.name)) != target:
                    raise RolloutRefused("OTHER_REPOSITORY", f"the server serves version {found} instead of {target}")
                check_answers(client, graph, model.name)
            except (grpc.RpcError, RolloutRefused) as error:
                shelf.restore(newest)
                words = error.details() if isinstance(error, grpc.Call) else str(error)
                outcome = bring_back(client, model.name, newest)
                raise RolloutRefused(
                    "ROLLBACK_FAILED", f"version {newest} is back: {first_line(Exception(words))}. {outcome}"
                ) from error
            progress(f"version {target} serves")
    return RolledBack(target, newest)
