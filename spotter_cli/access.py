"""How a command reaches a mesh: one that runs, or one of its own for as long as the command takes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from mesh.launcher import AlreadyRunning, LauncherSettings, Mesh
from mesh.launcher.layout import Layout
from mesh.launcher.process import Say
from mesh.settings import load

STARTING_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Access:
    """Where the door of a mesh is, and the key to it."""

    grpc_target: str
    """host:port of Envoy."""
    url: str
    """Where a browser on this machine finds the web app."""
    token: str
    """Of the role staff. A secret."""
    token_file: Path

    @property
    def link(self) -> str:
        """Opens the web app with all rights. A secret."""
        return f"{self.url}/#token={self.token}"


@asynccontextmanager
async def reach_mesh(say: Say) -> AsyncIterator[Access]:
    """The mesh of SPOTTER_HOME: the running one, or one that is started for the block and stopped after it.

    Raises LauncherError where none runs and none can be started.
    """
    settings = load(LauncherSettings)
    layout = Layout(settings.home.absolute())
    access = running_mesh(layout)
    if access is not None:
        say("mesh", f"using the one that runs at {access.url}")
        yield access
        return
    try:
        async with Mesh(settings, say):
            yield _access(layout, json.loads(layout.mesh_file.read_text()))
    except AlreadyRunning:
        say("mesh", "another process is starting one; waiting for it")
        yield await _wait_for(layout)


def running_mesh(layout: Layout) -> Access | None:
    """The mesh that runs in a home; None where none does."""
    try:
        described = json.loads(layout.mesh_file.read_text())
        return _access(layout, described) if psutil.pid_exists(int(described["pids"]["launcher"])) else None
    except (OSError, ValueError, KeyError):
        return None


async def _wait_for(layout: Layout) -> Access:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + STARTING_TIMEOUT_S
    while loop.time() < deadline:
        access = running_mesh(layout)
        if access is not None:
            return access
        await asyncio.sleep(0.2)
    raise AlreadyRunning(
        f"A mesh is being started in {layout.home}, but isn't ready after {STARTING_TIMEOUT_S:.0f} s; "
        f"look into {layout.logs}."
    )


def _access(layout: Layout, described: dict[str, Any]) -> Access:
    token_file = layout.secrets / "staff.token"
    return Access(
        described["edge_grpc_target"],
        described.get("local_url") or described["public_url"],
        token_file.read_text().strip(),
        token_file,
    )
