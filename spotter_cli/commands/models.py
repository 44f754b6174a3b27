"""`spotter models`: which models there are, building and checking them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape

from mesh.errors import StartupError
from mesh.settings import load

if TYPE_CHECKING:
    from triton_models.manifest import Model
    from triton_models.settings import ModelSettings

INDENT = 10

app = App(
    name="models",
    help="The models that find people, recognise them and tell what they do: list, build, verify, roll out.",
)
app.command("spotter_cli.commands.models_rollout:status", name="status")
app.command("spotter_cli.commands.models_rollout:rollout", name="rollout")
app.command("spotter_cli.commands.models_rollout:rollback", name="rollback")
app.command(
    "spotter_cli.commands.models_export:export",
    name="export",
    help="Turn a PyTorch checkpoint into a model for the repository.",
)


@app.command(name="list")
def list_models(*, repository: Path | None = None) -> int:
    """Say for each model what it is for, its licence, whether it is built, and how to get it.

    Parameters
    ----------
    repository
        Folder in Triton's layout; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    """
    from triton_models import manifest

    console = Console(highlight=False)
    settings = _settings(console)
    if settings is None:
        return 1
    for model in manifest.load().values():
        console.print(_described(model, repository or settings.model_repository), soft_wrap=True)
    return 0


@app.command
def build(
    *names: str,
    models_dir: Path | None = None,
    accept: Annotated[Sequence[str], Parameter(negative="")] = (),
    repository: Path | None = None,
    instances: int | None = None,
) -> int:
    """Build models into the repository; what is there already stays as it is.

    Parameters
    ----------
    names
        Models to build. Without any: those for poses and exercises, and every other whose file is in the folder.
    models_dir
        Folder with the files that models are built from, under any name; SPOTTER_MODELS where none is named.
    accept
        A licence that isn't permissive and that you accept, for instance AGPL-3.0; also SPOTTER_MODELS_ACCEPT.
    repository
        Folder in Triton's layout; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    instances
        How many of each model a Triton server runs side by side.
    """
    from triton_models.build import build as build_models
    from triton_models.errors import ModelRepositoryError

    console = Console(highlight=False)
    settings = _settings(console)
    if settings is None:
        return 1
    accepted = settings.accepted | {licence.strip() for value in accept for licence in value.split(",")}
    try:
        report = build_models(
            repository or settings.model_repository,
            lambda line: console.print(line, markup=False, soft_wrap=True),
            names,
            models_dir or settings.models,
            accepted,
            instances,
        )
    except ModelRepositoryError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    return 1 if report.failed else 0


@app.command
def verify(*names: str, repository: Path | None = None) -> int:
    """Run built models on their golden pictures and say exactly what differs; the exit code is 1 where something does.

    Parameters
    ----------
    names
        Models to check. Without any: all that are built.
    repository
        Folder in Triton's layout; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    """
    from triton_models import manifest
    from triton_models.errors import ManifestError

    console = Console(highlight=False)
    settings = _settings(console)
    if settings is None:
        return 1
    try:
        models = [manifest.model(name) for name in names] or list(manifest.load().values())
    except ManifestError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    folder = repository or settings.model_repository
    results = [_verified(console, folder, model, needed=bool(names)) for model in models]
    return 0 if all(results) else 1


def _verified(console: Console, repository: Path, model: Model, needed: bool) -> bool:
    from triton_models.verify import verify as verify_model

    verdicts = list(verify_model(repository, model))
    if not verdicts and (needed or model.default):
        console.print(f"[red]missing[/red]   {model.name}\n{'':{INDENT}}→ {escape(model.hint)}", soft_wrap=True)
        return False
    for verdict in verdicts:
        mark = "[green]ok     [/green]" if verdict.ok else "[red]differs[/red]"
        found = f"within {verdict.deviation:.1g} of the golden numbers" if verdict.ok else ""
        console.print(f"{mark}   {model.name} version {verdict.version}  {found}", soft_wrap=True)
        for problem in verdict.problems:
            console.print(f"{'':{INDENT}}{escape(problem.strip())}", soft_wrap=True)
    return all(verdict.ok for verdict in verdicts)


def _described(model: Model, repository: Path) -> str:
    from triton_models.stamp import versions

    there = versions(repository, model.name)
    mark = "[green]built  [/green]" if there else "[yellow]without[/yellow]"
    state = f"version {', '.join(there)}" if there else "not built"
    lines = [
        f"{mark}   [bold]{model.name}[/bold]  {state}, {model.licence.id}",
        f"{'':{INDENT}}{escape(model.purpose)}",
        f"{'':{INDENT}}gain: {escape(model.gain)}",
    ]
    if not model.licence.permissive:
        lines.append(f"{'':{INDENT}}licence: {escape(model.licence.words)}")
    if not there:
        lines.append(f"{'':{INDENT}}[dim]→ {escape(model.hint)}[/dim]")
    return "\n".join(lines)


def _settings(console: Console) -> ModelSettings | None:
    from triton_models.settings import ModelSettings

    try:
        return load(ModelSettings)
    except StartupError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return None
