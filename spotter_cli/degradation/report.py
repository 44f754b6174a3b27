"""How counts and labels degrade: a table, a chart, and JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from spotter_cli.evaluation.scoring import (
    MANY_REPS,
    Scored,
    counting,
    holds,
    label_accuracy,
    phantom_reps,
    reps_outside_spans,
    with_many_reps,
)
from spotter_cli.summary import Json


@dataclass(frozen=True)
class Row:
    """Totals under one condition."""

    condition: str
    label_accuracy: float | None
    obo: float | None
    mae: float | None
    exact: float | None
    outside: int
    """Repetitions before or after a labelled span, and where nobody exercises."""
    holds_right: int
    holds: int


def row(condition: str, scored: Sequence[Scored]) -> Row:
    """Totals over the clips of one condition; counting over those with many repetitions."""
    many, held = counting(with_many_reps(scored)), holds(scored)
    outside = phantom_reps(scored) + reps_outside_spans(scored)
    right = sum(bool(one.hold_right) for one in held)
    return Row(condition, label_accuracy(scored), many.obo, many.mae, many.exact, outside, right, len(held))


def as_json(finder: str, results: Mapping[str, Sequence[Scored]]) -> Json:
    """Totals and clips by condition."""
    return {
        "finder": finder,
        "conditions": [asdict(row(name, scored)) for name, scored in results.items()],
        "clips": {
            name: [
                {"file": one.clip.file, "found": one.found.exercise, "reps": one.found.reps, "error": one.error}
                for one in scored
            ]
            for name, scored in results.items()
        },
    }


def as_markdown(finder: str, results: Mapping[str, Sequence[Scored]]) -> str:
    """A table of the totals, and one of the clips that a condition changes."""
    rows = [row(name, scored) for name, scored in results.items()]
    return "\n".join(
        [
            f"# How counts and labels degrade ({finder})",
            "",
            f"OBO, MAE and exact over the clips with ≥ {MANY_REPS} repetitions, labels by family over all clips",
            "with an exercise. Outside: repetitions, of anybody, before or after the labelled span, or where nobody",
            "exercises.",
            "",
            "| condition | label | OBO | MAE | exact | outside | holds within 10 % |",
            "|---|---|---|---|---|---|---|",
            *(
                f"| {one.condition} | {_number(one.label_accuracy)} | {_number(one.obo)} | {_number(one.mae)} "
                f"| {_number(one.exact)} | {one.outside} | {one.holds_right} of {one.holds} |"
                for one in rows
            ),
            "",
            *_changed(results),
        ]
    )


def draw(results: Mapping[str, Sequence[Scored]], path: Path) -> None:
    """Writes a bar chart as PNG: label accuracy, OBO and exact by condition."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [row(name, scored) for name, scored in results.items()]
    figure = Figure((9.0, 0.7 + 0.62 * len(rows)), 100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    bars = (("label by family", "label_accuracy"), ("OBO", "obo"), ("exact", "exact"))
    for place, (label, name) in enumerate(bars):
        values = [getattr(one, name) or 0.0 for one in rows]
        heights = [number + (place - 1) * 0.27 for number in range(len(rows))]
        drawn = axes.barh(heights, values, height=0.25, label=label)
        axes.bar_label(drawn, fmt="%.2f", fontsize=7, padding=2)
    axes.set_yticks(range(len(rows)), [one.condition for one in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _changed(results: Mapping[str, Sequence[Scored]]) -> list[str]:
    names = list(results)
    lines = ["| clip | true | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for same_clip in zip(*results.values(), strict=True):
        told = [f"{one.found.exercise} {one.found.reps}" for one in same_clip]
        if len(set(told)) > 1:
            truth = same_clip[0].clip
            reps = "/".join(map(str, truth.accepted))
            lines.append(f"| {truth.name} | {truth.exercise} {reps} | " + " | ".join(told) + " |")
    return ["## Clips that a condition changes", "", *lines, ""] if len(lines) > 2 else []


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
