"""`make bench`: measures section by section, keeps each as JSON, writes docs/performance.md and its charts from them.

    make bench [ARGS="--only tax,executors --quick"]
    python -m spotter_cli.bench --page          # writes the page again from what lies in out/bench

Sections: tax, ultralytics, executors, cameras, memory. What can't be measured here is said to be missing, with the
reason. YOLO11 needs its weights and SPOTTER_MODELS_ACCEPT=AGPL-3.0, or a repository that has been built with it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console

from mesh.launcher import LauncherError
from mesh.launcher.layout import PROJECT_DIR
from spotter_cli.bench import executors, many_cameras, memory, page, tax, yardstick
from spotter_cli.bench.context import Context, find_repository
from spotter_cli.bench.results import SECTIONS, load_all, save
from spotter_cli.sample import prepare_sample, sample_dir
from spotter_cli.summary import Json
from svc_vision.errors import ModelError

DOCS = PROJECT_DIR / "docs"
MEASURES: dict[str, Callable[[Context], Coroutine[Any, Any, Json]]] = {
    "tax": tax.measure,
    "ultralytics": yardstick.measure,
    "executors": executors.measure,
    "cameras": many_cameras.measure,
    "memory": memory.measure,
}


def main() -> int:
    """Exit code: 0 measured, 1 a section failed, 2 the command line is wrong."""
    chosen = _arguments()
    console = Console(highlight=False)
    failed = [] if chosen.page else _measure(console, chosen)
    results = load_all(chosen.out)
    if chosen.write_page:
        page.write(results, DOCS)
    console.print(page.summary(results), soft_wrap=True, markup=False)
    for section, why in failed:
        console.print(f"[red]{section}: {why}[/red]", soft_wrap=True)
    return 1 if failed else 0


def _measure(console: Console, chosen: argparse.Namespace) -> list[tuple[str, str]]:
    began_s = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"{time.monotonic() - began_s:6.0f} s  {line}", soft_wrap=True, markup=False)

    sample = prepare_sample(console, sample_dir())
    repository = find_repository((chosen.out / "repository").absolute(), tell)
    film = chosen.film.absolute() if chosen.film else sample.video
    truth = () if chosen.film else tuple(sample.people)
    context = Context(film, truth, repository, chosen.quick, tell)
    failed = []
    for section in chosen.only:
        try:
            save(chosen.out, section, asyncio.run(MEASURES[section](context)), chosen.quick)
        except (LauncherError, ModelError, RuntimeError, TimeoutError, OSError) as error:
            # The rest of an unattended run is worth having.
            failed.append((section, f"{type(error).__name__}: {error}"))
            tell(f"{section} failed: {error}")
    return failed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_sections, default=SECTIONS, help="sections with commas between them")
    parser.add_argument("--quick", action="store_true", help="shorter everywhere; the numbers are rough")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page from what there is")
    parser.add_argument("--out", type=Path, default=PROJECT_DIR / "out" / "bench", help="folder of the JSON files")
    parser.add_argument("--film", type=Path, help="another film for tax, ultralytics and executors")
    parser.add_argument("--no-page", dest="write_page", action="store_false", help="leave docs/performance.md alone")
    return parser.parse_args()


def _sections(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = set(names) - set(SECTIONS)
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    return tuple(section for section in SECTIONS if section in names)


if __name__ == "__main__":
    sys.exit(main())
