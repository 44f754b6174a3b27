"""One chart a section, with Matplotlib: labelled axes, readable in a narrow column, no colour that carries alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from spotter_cli.bench.results import Result
from spotter_cli.summary import Json

GREY, BLUE, ORANGE = "#8a8f98", "#3b6fb6", "#d97b29"
PARTS = ("vision", "motion", "ingest", "edge", "identity", "coach", "postgres", "nats", "envoy")
PALETTE = ("#3b6fb6", "#d97b29", "#4c9f70", "#b4525f", "#7d65ab", "#8d6b4f", "#c984b5", "#6f7681", "#a8a441")


def draw(result: Result, images: Path) -> str | None:
    """Draws a section's chart; its address from the page, None for a section that has none."""
    picture = _CHARTS.get(result.section)
    if picture is None:
        return None
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.2), layout="constrained")
    picture(axes, result.data)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    name = f"performance-{result.section}.png"
    figure.savefig(images / name, dpi=120)
    pyplot.close(figure)
    return f"images/{name}"


def _tax(axes: Any, data: Json) -> None:
    labels, places = [], []
    for number, way in enumerate(data["ways"]):
        loop, mesh = 2.6 * number, 2.6 * number + 1
        places += [loop, mesh]
        labels += [f"{way['pose_model']} {way['precision']}: bare loop", "whole mesh"]
        axes.barh(loop, way["bare_ms"], color=GREY)
        axes.annotate(f"{way['bare_ms']:.1f}", (way["bare_ms"], loop), (4, 0), textcoords="offset points", va="center")
        left = 0.0
        for part, colour in zip(PARTS, PALETTE, strict=True):
            width = way["parts_ms"].get(part, 0.0)
            axes.barh(mesh, width, left=left, color=colour, label=part if number == 0 else None)
            left += width
        told = f"{way['mesh_ms']:.1f}  (efficiency {way['efficiency']:.2f})"
        axes.annotate(told, (left, mesh), (4, 0), textcoords="offset points", va="center")
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.margins(x=0.25)
    axes.set_xlabel("CPU time of a frame, ms")
    axes.legend(ncols=9, fontsize=7, loc="upper center", bbox_to_anchor=(0.4, -0.2), frameon=False, columnspacing=1)


def _executors(axes: Any, data: Json) -> None:
    rows = data["rows"]
    for number, row in enumerate(rows):
        axes.barh(number - 0.2, row["wall_ms"], height=0.38, color=BLUE, label="wall" if number == 0 else None)
        axes.barh(number + 0.2, row["cpu_ms"], height=0.38, color=GREY, label="CPU" if number == 0 else None)
        told = f"{row['people']} people"
        axes.annotate(
            told, (max(row["wall_ms"], row["cpu_ms"]), number), (4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(rows)), [row["executor"] for row in rows])
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel(f"time of a picture, ms ({data['pose_model']})")
    axes.legend(frameon=False, fontsize=8, loc="lower right")


def _cameras(axes: Any, data: Json) -> None:
    for which, colour, label in (("scheduled", BLUE, "scheduled"), ("unscheduled", ORANGE, "every frame")):
        trials = sorted(data[which], key=lambda trial: trial["cameras"])
        numbers = [trial["cameras"] for trial in trials]
        axes.plot(numbers, [trial["cores"] for trial in trials], color=colour, label=label)
        for held, marker in ((True, "o"), (False, "x")):
            chosen = [trial for trial in trials if trial["holds"] == held]
            axes.plot([one["cameras"] for one in chosen], [one["cores"] for one in chosen], marker, color=colour)
    axes.axhline(data["cores"], color=GREY, linestyle=":", label="cores of the machine")
    axes.set_xlabel("cameras (○ counts intact, × not)")
    axes.set_ylabel("cores used by the mesh")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)


def _memory(axes: Any, data: Json) -> None:
    minutes = [passed_s / 60 for passed_s, _ in data["samples"]]
    for part, colour in zip(PARTS, PALETTE, strict=True):
        axes.plot(minutes, [found.get(part, 0.0) for _, found in data["samples"]], color=colour, label=part)
    axes.set_xlabel(f"minutes with {data['cameras']} cameras")
    axes.set_ylabel("MiB")
    axes.set_ylim(bottom=0)
    axes.legend(ncols=3, fontsize=7, frameon=False)


_CHARTS: dict[str, Callable[[Any, Json], None]] = {
    "tax": _tax,
    "executors": _executors,
    "cameras": _cameras,
    "memory": _memory,
}
