"""`spotter watch`: attaches sources, and shows live who does what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from spotter_cli.access import reach_mesh
from spotter_cli.live_client import LiveClient
from spotter_cli.session import run, show_link, watch_sources, write_json
from spotter_cli.terminal import Lines
from spotter_cli.watching import Options


def watch(
    *sources: str,
    once: bool = False,
    fast: bool = False,
    summary: Path | None = None,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
) -> int:
    """Watch cameras or files, and show who does what.

    Uses the mesh that runs on this machine, or starts one for as long as it watches. Ends with exit code 1 where a
    source could not be read, else 0.

    Parameters
    ----------
    sources
        Files, or addresses like rtsp://user:password@camera/stream and device:/dev/video0.
    once
        Read files once and end with them, instead of again and again.
    fast
        Analyse every frame as quickly as possible, instead of at the speed of capture. Implies --once.
    summary
        Write what was found into this JSON file.
    browser
        Open the web app.
    """
    console = Console(highlight=False)
    if not sources:
        console.print("Name at least one file or camera address, for instance: spotter watch gym.mp4")
        return 1
    options = Options(once=once or fast, every_frame=fast)
    return run(console, lambda: _watch(console, sources, options, summary, browser))


async def _watch(
    console: Console, sources: tuple[str, ...], options: Options, summary_file: Path | None, browser: bool
) -> int:
    lines = Lines(console)
    async with (
        reach_mesh(lambda part, what: lines.tell(f"{part}: {what}")) as access,
        LiveClient.connected(access) as client,
    ):
        show_link(console, access, browser)
        watching, found = await watch_sources(console, client, sources, options)
    if summary_file is not None:
        write_json(summary_file, found)
    return 1 if watching.problems else 0
