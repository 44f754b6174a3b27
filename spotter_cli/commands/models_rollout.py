"""`spotter models status|rollout|rollback`: versions of a model, put into service and taken back."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from mesh.errors import StartupError
from mesh.launcher import LauncherSettings
from mesh.launcher.layout import LOOPBACK, Layout
from mesh.settings import load

if TYPE_CHECKING:
    from mesh.triton import TritonClient
    from triton_models.manifest import Model
    from triton_models.rollout import VersionStatus

ADDRESS_VARIABLE = "SPOTTER_TRITON_ADDRESS"
SERVED_COLUMNS = ("serves", "inferences", "failed", "ms", "of it queue", "batches")
NUMBERS = SERVED_COLUMNS[1:-1]


def status(*, repository: Path | None = None, triton: str | None = None) -> int:
    """Say which versions there are, which one serves, and what it did since it was loaded.

    Parameters
    ----------
    repository
        Folder in Triton's layout; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    triton
        host:port of a Triton server's gRPC; SPOTTER_TRITON_ADDRESS, else the server of the mesh that runs here.
    """
    from triton_models.rollout import status as all_models

    def run(console: Console, folder: Path, client: TritonClient | None) -> None:
        console.print(_table(list(all_models(folder, client)), served=client is not None))
        console.print(_where(folder, client), soft_wrap=True)

    return _with_server(repository, triton, run)


def rollout(
    name: str,
    source: Path,
    *,
    repository: Path | None = None,
    triton: str | None = None,
    tolerance: float = 0.02,
    new_golden: bool = False,
    max_slowdown: float = 1.5,
) -> int:
    """Put a new version of a model into service, while the old one serves; it is refused where it doesn't prove itself.

    Parameters
    ----------
    name
        Model of the manifest.
    source
        An ONNX file with the model's tensors, or the folder of a version.
    repository
        Folder in Triton's layout; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    triton
        host:port of a Triton server's gRPC; SPOTTER_TRITON_ADDRESS, else the server of the mesh that runs here.
    tolerance
        Greatest difference from the serving version's answers to the golden pictures, relative to the greatest value.
    new_golden
        Other answers are wanted; they become what later checks expect of this version.
    max_slowdown
        How many times longer than the serving version it may take.
    """
    from triton_models import manifest
    from triton_models.rollout import Limits, roll_out

    def run(console: Console, folder: Path, client: TritonClient | None) -> None:
        limits, model = Limits(tolerance, new_golden, max_slowdown), manifest.model(name)
        done = roll_out(folder, model, source, client, limits, _teller(console))
        console.print(f"[green]{name} version {done.version}[/green] {_taken_up(model, client)}", soft_wrap=True)
        console.print(f"Back to version {done.previous}: spotter models rollback {name}", soft_wrap=True)

    return _with_server(repository, triton, run)


def rollback(name: str, *, repository: Path | None = None, triton: str | None = None) -> int:
    """Take the newest version of a model out of service, and go back to the one before it.

    Parameters
    ----------
    name
        Model of the manifest.
    repository
        Folder in Triton's layout; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    triton
        host:port of a Triton server's gRPC; SPOTTER_TRITON_ADDRESS, else the server of the mesh that runs here.
    """
    from triton_models import manifest
    from triton_models.rollout import roll_back

    def run(console: Console, folder: Path, client: TritonClient | None) -> None:
        model = manifest.model(name)
        done = roll_back(folder, model, client, _teller(console))
        console.print(
            f"[green]{name} version {done.version}[/green] {_taken_up(model, client)}; version {done.withdrawn} lies "
            f"beside it as withdrawn-{done.withdrawn}",
            soft_wrap=True,
        )

    return _with_server(repository, triton, run)


def _with_server(
    repository: Path | None, triton: str | None, run: Callable[[Console, Path, TritonClient | None], None]
) -> int:
    import grpc

    from triton_models.errors import ModelRepositoryError
    from triton_models.rollout import RolloutRefused
    from triton_models.settings import ModelSettings

    console = Console(highlight=False)
    try:
        folder = repository or load(ModelSettings).model_repository
        with _client(triton) as client:
            run(console, folder.absolute(), client)
        return 0
    except RolloutRefused as error:
        console.print(f"refused, {error.reason}: {error}", style="red", markup=False, soft_wrap=True)
    except (ModelRepositoryError, StartupError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
    except grpc.RpcError as error:
        words = f"The Triton server gives no answer: {error.details()}"
        console.print(words, style="red", markup=False, soft_wrap=True)
    return 1


@contextlib.contextmanager
def _client(address: str | None) -> Iterator[TritonClient | None]:
    """The server that was named, else the one of the mesh that runs here; None where there is none."""
    from mesh.triton import TritonClient

    found = address or os.environ.get(ADDRESS_VARIABLE) or _running(Layout(load(LauncherSettings).home.absolute()))
    if not found:
        yield None
        return
    client = TritonClient(found)
    try:
        yield client
    finally:
        client.close()


def _running(layout: Layout) -> str | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return f"{LOOPBACK}:{json.loads(layout.mesh_file.read_text())['triton']['grpc']}"
    return None


def _teller(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(f"  {line}", markup=False, soft_wrap=True)


def _taken_up(model: Model, client: TritonClient | None) -> str:
    who = " and ".join(model.used_by)
    if model.found_while_running:
        place = "serves" if client is not None else "is in the repository"
        return f"{place}; {who}, where it runs the model in its own process, takes it up within half a minute"
    if client is not None:
        return "serves"
    return f"is in the repository; no Triton server runs here, so {who} takes it up at its next start"


def _where(folder: Path, client: TritonClient | None) -> str:
    server = f"served by Triton at {client.address}" if client else "no Triton server runs: services load the newest"
    return f"{folder}, {server}"


def _table(rows: list[VersionStatus], served: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("model", "versions", *(SERVED_COLUMNS if served else ())):
        table.add_column(title, justify="right" if title in NUMBERS else "left", no_wrap=title == "model")
    for row in rows:
        versions = ", ".join([*map(str, row.versions), *(f"{number} withdrawn" for number in row.withdrawn)])
        table.add_row(row.model, versions, *(_served_cells(row) if served else ()))
    return table


def _served_cells(row: VersionStatus) -> list[str]:
    if row.serving is None:
        return [f"[red]nothing: {row.reason}[/red]"]
    found = row.statistics
    if found is None:
        return [str(row.serving)]
    mean = f"mean {found.inferences / found.executions:.2f}: " if found.executions else ""
    sizes = " ".join(f"{size}×{count}" for size, count in sorted(found.batches.items()))
    return [
        str(row.serving), str(found.inferences), str(found.failures), f"{found.mean_ms:.1f}",
        f"{found.mean_queue_ms:.1f}", f"{mean}{sizes}",
    ]  # fmt: skip
