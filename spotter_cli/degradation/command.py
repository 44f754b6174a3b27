"""What `spotter evaluate-degradation` does: looks in as many processes as there are processors, then counts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from mesh.errors import SpotterError
from mesh.settings import load
from spotter_cli.degradation import report
from spotter_cli.degradation.conditions import CONDITIONS, FILM_CHANGES
from spotter_cli.degradation.motion_run import judge
from spotter_cli.degradation.recording import Recording, record, recording_path
from spotter_cli.evaluation.manifest import Clip
from spotter_cli.evaluation.scoring import Scored
from spotter_cli.session import write_json
from spotter_cli.tracking.eyes import Eyes, open_eyes
from svc_motion.library import Library, load_library
from svc_vision.opening import pose_model
from svc_vision.settings import VisionSettings

_OPEN = ExitStack()
"""What a process of the pool keeps open."""


def run(console: Console, clips: Sequence[Clip], out: Path) -> int:
    """Evaluates and writes the report. Raises StartupError where the models can't be loaded."""
    finder = pose_model(load(VisionSettings))
    load_library()  # a bad file is told before anything is looked at
    folder = out / "recordings"
    wanted = {
        (clip.path, change): recording_path(folder, clip.path, change, finder)
        for change in FILM_CHANGES
        for clip in clips
    }
    missing = {where: path for where, path in wanted.items() if not path.is_file()}
    with _pool() as pool:
        looking = {pool.submit(_look, film, change, path): path for (film, change), path in missing.items()}
        _show_progress(console, looking)
        seen = [clip for clip in clips if all(wanted[clip.path, change].is_file() for change in FILM_CHANGES)]
        judging = [
            pool.submit(_judge, clip, number, wanted[clip.path, condition.film])
            for number, condition in enumerate(CONDITIONS)
            for clip in seen
        ]
        scored = [future.result() for future in judging]
    results = {
        condition.name: scored[number * len(seen) : (number + 1) * len(seen)]
        for number, condition in enumerate(CONDITIONS)
    }
    write_json(out / "report.json", report.as_json(finder, results))
    (out / "report.md").write_text(report.as_markdown(finder, results), encoding="utf-8")
    report.draw(results, out / "degradation.png")
    console.print(report.as_markdown(finder, results), soft_wrap=True, markup=False)
    console.print(f"Report: {out / 'report.md'}", soft_wrap=True)
    return 0


def _pool() -> ProcessPoolExecutor:
    # Spawned, not forked: the inference engine's threads don't survive a fork. There is a process a processor already:
    # more threads for small matrices would only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn"))


def _show_progress(console: Console, looking: dict[Future[str], Path]) -> None:
    for number, future in enumerate(as_completed(looking), 1):
        if problem := future.result():
            console.print(problem, style="red", soft_wrap=True, markup=False)
        if number % 10 == 0 or number == len(looking):
            console.print(f"{number} of {len(looking)} films looked at")


def _look(film: Path, change: str, path: Path) -> str:
    """Why the film can't be looked at, empty where it was; errors of ours don't travel between processes."""
    try:
        record(film, change, _eyes()).save(path)
    except SpotterError as error:
        return f"{film.name}: {error.message}"
    return ""


@cache
def _eyes() -> Eyes:
    """Those of this process, which end with it."""
    return _OPEN.enter_context(open_eyes(load(VisionSettings)))


def _judge(clip: Clip, condition: int, path: Path) -> Scored:
    return judge(clip, Recording.load(path), _library(), CONDITIONS[condition])


@cache
def _library() -> Library:
    return load_library()
