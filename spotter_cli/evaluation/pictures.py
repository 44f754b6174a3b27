"""A picture a clip: where in the range of motion the person was, and where repetitions were counted.

Needs matplotlib, which isn't part of what Spotter needs to run; `MissingMatplotlib` says how to get it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from mesh.errors import StartupError
from spotter_cli.evaluation.clip_run import Seen
from spotter_cli.evaluation.scoring import Scored

SIZE_INCHES = (9.0, 3.0)
RESOLUTION_DPI = 100


class MissingMatplotlib(StartupError):
    """The library that draws isn't installed."""


def require_matplotlib() -> None:
    """Raises MissingMatplotlib where pictures can't be drawn."""
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingMatplotlib("The evaluation draws with matplotlib, which is missing: pip install 'spotter[dev]'")


def draw(seen: Seen, scored: Scored, path: Path) -> None:
    """Writes the picture of a clip as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(SIZE_INCHES, RESOLUTION_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(seen.curve.times_s, seen.curve.range_ratios, color="tab:blue", linewidth=1.2)
    for number, end_s in enumerate(seen.repetition_ends_s, 1):
        axes.axvline(end_s, color="tab:orange", linewidth=1)
        axes.annotate(str(number), (end_s, 1.02), ha="center", fontsize=8, color="tab:orange")
    axes.set_ylim(-0.05, 1.12)
    axes.set_xlabel("s since the first frame")
    axes.set_ylabel("range of motion")
    truth, found = scored.clip, scored.found
    axes.set_title(f"{truth.name}: true {truth.exercise} {truth.reps}, found {found.exercise} {found.reps}", fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
