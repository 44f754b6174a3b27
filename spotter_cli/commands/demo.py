"""`spotter demo`: the whole mesh watches a gym that Spotter has drawn itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from spotter_cli.access import reach_mesh
from spotter_cli.live_client import LiveClient
from spotter_cli.sample import compare, prepare_sample, print_comparison, sample_dir
from spotter_cli.scene import SampleGym
from spotter_cli.session import run, show_link, watch_sources, write_json
from spotter_cli.terminal import Lines
from spotter_cli.watching import Options


def demo(
    *,
    once: bool = False,
    summary: Path | None = None,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
) -> int:
    """Show the whole of Spotter on a drawn gym: two people, known repetitions, one fault.

    Parameters
    ----------
    once
        Show the film once, compare what was found with the truth, and end; otherwise until Ctrl-C.
    summary
        Write what was found into this JSON file.
    browser
        Open the web app.
    """
    console = Console(highlight=False)
    sample = prepare_sample(console, sample_dir())
    return run(console, lambda: _demo(console, sample, once, summary, browser))


async def _demo(console: Console, sample: SampleGym, once: bool, summary_file: Path | None, browser: bool) -> int:
    lines = Lines(console)
    async with (
        reach_mesh(lambda part, what: lines.tell(f"{part}: {what}")) as access,
        LiveClient.connected(access) as client,
    ):
        show_link(console, access, browser)
        options = Options(once=once, every_frame=False)
        watching, found = await watch_sources(console, client, [str(sample.video)], options)
    if summary_file is not None:
        write_json(summary_file, found)
    if once:
        print_comparison(console, compare(sample.people, found), len(found["people"]))
    return 1 if watching.problems else 0
