"""`make bench`: measures, prints the table, writes docs/performance.md and its chart."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from mesh.launcher import LauncherError, LauncherSettings
from mesh.launcher.layout import PROJECT_DIR
from spotter_cli.bench.baseline import run_bare
from spotter_cli.bench.mesh_run import mesh_for_bench, run_mesh
from spotter_cli.bench.report import Measured, chart, page
from spotter_cli.sample import prepare_sample, sample_dir

DOCS = PROJECT_DIR / "docs"


async def measure(console: Console, film: Path) -> Measured:
    """Bare loop, every frame through the mesh, live through the mesh: one after the other, in that order."""
    console.print("bare loop …")
    bare = await asyncio.to_thread(run_bare, film, LauncherSettings().model_repository)
    home = Path(tempfile.mkdtemp(prefix="spotter-bench-"))
    unpacked = LauncherSettings().home.absolute() / "bin"
    if unpacked.is_dir():
        shutil.copytree(unpacked, home / "bin")
    try:
        console.print("mesh, every frame …")
        async with mesh_for_bench(home) as (mesh, client):
            fast = await run_mesh(mesh, client, film, every_frame=True)
            console.print("mesh, live …")
            live = await run_mesh(mesh, client, film, every_frame=False)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return Measured(film.stem, bare, fast, live)


def main() -> int:
    """Exit code: 0 measured, 1 the mesh couldn't be started."""
    console = Console(highlight=False)
    sample = prepare_sample(console, sample_dir())
    film = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else sample.video
    try:
        measured = asyncio.run(measure(console, film))
    except LauncherError as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        return 1
    text = page(measured)
    (DOCS / "performance.md").write_text(text, encoding="utf-8")
    chart(measured, DOCS / "images" / "performance.png")
    console.print(text, soft_wrap=True, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
