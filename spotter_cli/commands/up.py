"""`spotter up`: runs the whole mesh until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from mesh.errors import StartupError
from mesh.launcher import LauncherError, LauncherSettings, Mesh
from mesh.settings import load


def up(*, triton: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Run everything on this machine until Ctrl-C: database, events, the six services, the public door.

    Settings are environment variables with the prefix SPOTTER_, for instance SPOTTER_HOME, SPOTTER_PUBLIC_PORT or
    SPOTTER_PORTS=free.

    Parameters
    ----------
    triton
        Run the models in a Triton server, which is installed once; the same as SPOTTER_TRITON=true.
    """
    return asyncio.run(_run(Console(highlight=False), triton))


async def _run(console: Console, with_triton: bool) -> int:
    began_s = time.monotonic()

    def say(part: str, what: str) -> None:
        console.print(f"[dim]{time.monotonic() - began_s:7.1f} s[/dim]  [bold]{part:<9}[/bold] {what}", soft_wrap=True)

    _cancel_on_signals(console)
    try:
        settings = load(LauncherSettings)
        async with Mesh(settings.model_copy(update={"triton": settings.triton or with_triton}), say) as mesh:
            console.print(f"\nOpen {mesh.local_url} (token in {mesh.layout.secrets / 'staff.token'}).")
            console.print(f"Stop with Ctrl-C. Logs: {mesh.layout.logs}\n", soft_wrap=True)
            await mesh.wait()
    except (LauncherError, StartupError) as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        return 1
    except asyncio.CancelledError:
        return 0


def _cancel_on_signals(console: Console) -> None:
    """The first Ctrl-C drains and ends everything; the second ends at once, and the kernel takes the parts along."""
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def interrupt() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
        console.print("\nStopping: streams finish, events are flushed …")
        if running is not None:
            running.cancel()

    for number in numbers:
        loop.add_signal_handler(number, interrupt)
