"""What commands that use a mesh share: reaching it, showing progress, ending on Ctrl-C, errors as sentences."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
from rich.console import Console

from mesh.errors import StartupError
from mesh.launcher import LauncherError
from spotter_cli.access import Access
from spotter_cli.live_client import LiveClient
from spotter_cli.summary import Json
from spotter_cli.terminal import Lines, live_table
from spotter_cli.watching import Options, Watching


def run(console: Console, work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Runs a command; its exit code. What can go wrong becomes a sentence and 1; Ctrl-C ends it with 130."""
    try:
        return asyncio.run(_cancelled_by_signals(work()))
    except (LauncherError, StartupError, OSError) as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        return 1
    except grpc.aio.AioRpcError as error:
        console.print(f"[red]{error.details() or error.code().name}[/red]", soft_wrap=True)
        return 1
    except asyncio.CancelledError:
        return 130


async def watch_sources(
    console: Console, client: LiveClient, sources: Sequence[str], options: Options
) -> tuple[Watching, Json]:
    """Watches with a table or with lines until everything is over or Ctrl-C; detaches; the watch and its summary."""
    lines = Lines(console)
    watching = Watching(client, options, (lambda line: None) if console.is_terminal else lines.tell)
    try:
        if console.is_terminal:
            async with live_table(console, watching):
                await watching.run(sources)
        else:
            await watching.run(sources)
    except asyncio.CancelledError:
        # Ctrl-C ends the watch, not the command: the cameras are to be detached and the summary is to be written.
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
    found = await watching.finish()
    if not console.is_terminal:
        # The last table on a terminal says them already.
        for source, sentence in watching.problems.items():
            lines.tell(f"{source}: {sentence}")
    return watching, found


def show_link(console: Console, access: Access, open_browser: bool) -> None:
    """Says what to open, and opens it where there is a screen. The link is a key: it isn't written into files."""
    if console.is_terminal:
        console.print(f"Open [link={access.link}]{access.link}[/link]", soft_wrap=True, highlight=False)
    else:
        console.print(f"Open {access.url} and sign in with the token in {access.token_file}", soft_wrap=True)
    if open_browser and _has_screen():
        with suppress(webbrowser.Error):
            webbrowser.open(access.link)


def write_json(path: Path, value: Json) -> None:
    """Writes a JSON file, making its folder where that isn't there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


async def _cancelled_by_signals(work: Coroutine[Any, Any, int]) -> int:
    """The first Ctrl-C or SIGTERM cancels; the second has its usual effect."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    numbers = (signal.SIGINT, signal.SIGTERM)

    def interrupt() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
        task.cancel()

    for number in numbers:
        loop.add_signal_handler(number, interrupt)
    return await task
