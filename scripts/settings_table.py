"""Writes docs/settings.md from the settings' own classes, so that the page can't say anything else than the code."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from mesh.launcher import LauncherSettings, services
from mesh.launcher.layout import Layout, free_ports
from mesh.launcher.secrets import Secrets
from mesh.settings import SERVICES, MeshSettings
from triton_models.settings import ModelSettings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"
PREFIX = "SPOTTER_"
INTRODUCTION = """# Settings

Every setting is an environment variable. A value that can't be used stops the process with a sentence that names the
variable, what was found, and what is allowed. Lists are written as JSON, for instance
`SPOTTER_SERVICES='["ingest","vision"]'`. Paths are relative to the folder in which a process starts; defaults that lie
in the checkout are shown without its place.

`spotter up`, and every command that starts a mesh, hands its whole environment on to the services and sets the
variables marked ● itself. So every variable without the mark can simply be exported before.

Also read: `OTEL_EXPORTER_OTLP_ENDPOINT` (a collector for traces; absent means none) and, by tests and `make evaluate`,
`SPOTTER_SHARED` (folder of the test clips); for [exporting](export.md), `SPOTTER_EXPORT_PYTHON` (Python with PyTorch).

This page is written by `scripts/settings_table.py`; change the settings' classes, not the page.
"""


def page() -> str:
    """The whole text of docs/settings.md."""
    parts = [INTRODUCTION]
    for title, owner, marked in sections():
        parts += [f"## {title}", "", "| variable | default | |", "|---|---|---|", *rows(owner, marked), ""]
    return "\n".join(parts)


def sections() -> Iterator[tuple[str, type[BaseSettings], frozenset[str]]]:
    """Title, settings class, and the variables in it that the launcher sets."""
    yield "`spotter up`", LauncherSettings, frozenset()
    yield "Every service", MeshSettings, frozenset.intersection(*(set_by_launcher(service) for service in SERVICES))
    for service in SERVICES:
        yield f"{services.MODULES[service]}", settings_of(service), set_by_launcher(service)
    yield "`spotter models` and `make models`", ModelSettings, frozenset()


def settings_of(service: str) -> type[MeshSettings]:
    """The settings class of a service."""
    module = importlib.import_module(f"{services.MODULES[service]}.settings")
    return next(
        found
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, MeshSettings) and found.__module__ == module.__name__
    )


def rows(owner: type[BaseSettings], marked: frozenset[str]) -> Iterator[str]:
    """One row for each setting that the class itself declares."""
    for name in vars(owner)["__annotations__"]:
        if name in owner.model_fields:
            field = owner.model_fields[name]
            mark = " ●" if variable(name, field) in marked else ""
            yield f"| `{variable(name, field)}`{mark} | {default(field)} | {field.description} |"


def variable(name: str, field: FieldInfo) -> str:
    """Name of the environment variable of a field."""
    return str(field.validation_alias) if field.validation_alias else PREFIX + name.upper()


def default(field: FieldInfo) -> str:
    """A field's default as one would write it; what lies in the checkout without the place of the checkout."""
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    if isinstance(value, tuple):
        value = "[" + ", ".join(f'"{one}"' for one in value) + "]"
    if isinstance(value, float):
        value = f"{value:g}"
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if value is not None and str(value) else ""


def set_by_launcher(service: str) -> frozenset[str]:
    """The variables that the launcher sets for a service, whatever stands in its own environment."""
    nowhere = Path("/nowhere")
    secrets = Secrets("", "", nowhere, nowhere, "", "")
    urls = {"nats": "", "database": "", "public": ""}
    with patch.dict(os.environ, {}, clear=True):
        made = services.environment(service, LauncherSettings(), Layout(nowhere), free_ports(), secrets, urls)
    return frozenset(name for name in made if name.startswith(PREFIX))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is current")
