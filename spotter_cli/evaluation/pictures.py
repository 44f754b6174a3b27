"""Pictures of an evaluation: a curve a clip, what goes wrong with frames of the film, and what is taken for what.

Needs matplotlib, which isn't part of what Spotter needs to run; `MissingMatplotlib` says how to get it.
"""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from mesh.errors import StartupError
from spotter_cli.evaluation.clip_run import Seen
from spotter_cli.evaluation.reasons import Reason
from spotter_cli.evaluation.scoring import Scored, confusion

SIZE_INCHES = (9.0, 3.0)
WRONG_INCHES = (12.0, 5.4)
RESOLUTION_DPI = 100
FRAMES = 6
FRAME_HEIGHT_PX = 240


class MissingMatplotlib(StartupError):
    """The library that draws isn't installed."""


def require_matplotlib() -> None:
    """Raises MissingMatplotlib where pictures can't be drawn."""
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingMatplotlib("The evaluation draws with matplotlib, which is missing: pip install 'spotter[dev]'")


def draw(seen: Seen, scored: Scored, path: Path) -> None:
    """Writes the picture of a clip as PNG."""
    figure = _figure(SIZE_INCHES)
    _draw_curve(figure.add_subplot(), seen, scored)
    _save(figure, path)


def draw_wrong(seen: Seen, scored: Scored, reason: Reason, path: Path) -> None:
    """Writes a clip that is wrong as PNG: why, frames of the moments that show it, and the curve below."""
    figure = _figure(WRONG_INCHES)
    moments_s = _moments(seen, reason)
    frames = _frames(seen.clip.path, moments_s)
    grid = figure.add_gridspec(2, max(1, len(frames)), height_ratios=(1.2, 1))
    for place, (moment_s, frame) in enumerate(frames):
        axes = figure.add_subplot(grid[0, place])
        axes.imshow(frame)
        axes.set_axis_off()
        axes.set_title(f"{moment_s:.1f} s", fontsize=8)
    _draw_curve(figure.add_subplot(grid[1, :]), seen, scored)
    figure.suptitle("\n".join(textwrap.wrap(" ".join(reason.sentences), 150)), fontsize=9)
    _save(figure, path)


def draw_confusion(scored: Sequence[Scored], path: Path) -> None:
    """Writes which family was taken for which as PNG; rows are true, columns found."""
    counts = confusion(scored)
    names = sorted({name for pair in counts for name in pair})
    matrix = np.array([[counts.get((true, found), 0) for found in names] for true in names], dtype=np.int64)
    figure = _figure((2.5 + 0.42 * len(names), 2.0 + 0.38 * len(names)))
    axes = figure.add_subplot()
    axes.imshow(matrix, cmap="Blues")
    for row, column in zip(*np.nonzero(matrix), strict=True):
        dark = matrix[row, column] > matrix.max() / 2
        right = "white" if dark else "black"
        axes.text(column, row, matrix[row, column], ha="center", va="center", color=right if row == column else "red")
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("found")
    axes.set_ylabel("true")
    _save(figure, path)


def _figure(size_inches: tuple[float, float]) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(size_inches, RESOLUTION_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _draw_curve(axes: Any, seen: Seen, scored: Scored) -> None:
    truth, found = scored.clip, scored.found
    held = truth.hold_s or truth.span_s
    if held is not None:
        axes.axvspan(*held, color="tab:green", alpha=0.08, label="labelled span")
    axes.plot(seen.curve.times_s, seen.curve.range_ratios, color="tab:blue", linewidth=1.2)
    for mark_s in truth.marks_s:
        axes.plot(mark_s, -0.02, marker="^", color="tab:green", markersize=6)
    ends_s = [end_s for one in found.own_sets for _, end_s in one.repetitions]
    for number, end_s in enumerate(ends_s, 1):
        axes.axvline(end_s, color="tab:orange", linewidth=1)
        axes.annotate(str(number), (end_s, 1.02), ha="center", fontsize=8, color="tab:orange")
    axes.set_ylim(-0.08, 1.14)
    axes.set_xlabel("s since the first frame (green: noted by people; orange: counted)")
    axes.set_ylabel("range of motion")
    axes.set_title(f"{truth.name}: true {truth.exercise} {truth.reps}, found {found.exercise} {found.reps}", fontsize=9)


def _moments(seen: Seen, reason: Reason) -> list[float]:
    """What the reason points at, else moments spread over the clip."""
    if reason.moments_s:
        chosen = reason.moments_s[:FRAMES]
        return sorted({max(0.0, moment_s + shift_s) for moment_s in chosen for shift_s in (-0.5, 0.0)})[:FRAMES]
    last_s = max([*seen.curve.times_s, *(seen.clip.span_s or ()), *(seen.clip.hold_s or ()), 1.0])
    return [float(moment_s) for moment_s in np.linspace(0.05, 0.95, FRAMES) * last_s]


def _frames(film: Path, moments_s: list[float]) -> list[tuple[float, npt.NDArray[np.uint8]]]:
    """(moment, (H, W, 3) RGB) of the first frame at or after each moment; fewer where the film is shorter."""
    found: list[tuple[float, npt.NDArray[np.uint8]]] = []
    left = list(moments_s)
    try:
        with av.open(str(film)) as container:
            for frame in container.decode(video=0):
                if left and frame.time is not None and frame.time >= left[0]:
                    width = max(2, round(frame.width * FRAME_HEIGHT_PX / frame.height))
                    small = frame.reformat(width=width, height=FRAME_HEIGHT_PX, format="rgb24")
                    found.append((left.pop(0), small.to_ndarray().astype(np.uint8)))
                if not left:
                    break
    except (av.FFmpegError, OSError):
        return found  # a film that can't be read has its reason in words
    return found
