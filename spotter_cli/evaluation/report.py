"""The evaluation as JSON for programs and as Markdown for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from spotter_cli.evaluation.scoring import (
    MANY_REPS,
    Counting,
    Scored,
    confusion,
    counting,
    holds,
    label_accuracy,
    phantom_reps,
    reps_outside_spans,
    with_many_reps,
)
from spotter_cli.summary import Json


def as_json(scored: Sequence[Scored]) -> Json:
    """Clips and totals; the totals over all clips, and once more over those with many repetitions."""
    return {
        "clips": [_clip(one) for one in scored],
        "totals": asdict(counting(scored))
        | {
            "label_accuracy": label_accuracy(scored),
            f"at_least_{MANY_REPS}_reps": asdict(counting(with_many_reps(scored))),
            "reps_where_nobody_exercises": phantom_reps(scored),
            "reps_outside_spans": reps_outside_spans(scored),
            "holds": len(holds(scored)),
            "holds_right": sum(bool(one.hold_right) for one in holds(scored)),
            "failed": sum(bool(one.problem) for one in scored),
        },
    }


def as_markdown(scored: Sequence[Scored], reasons: Mapping[str, Sequence[str]] | None = None) -> str:
    """A table of the clips, one of the totals, which exercise was taken for which, and what is wrong with the others.

    `reasons`: sentences by the file of the clip.
    """
    many = counting(with_many_reps(scored))
    return "\n".join(
        [
            "# Evaluation",
            "",
            "Every clip went through the whole mesh, every frame analysed. Error: found minus the nearest right count.",
            "OBO: share of clips with |error| ≤ 1. MAE: mean of |error| / true count. Labels count by family.",
            "",
            "| over | clips | OBO | MAE | exact |",
            "|---|---|---|---|---|",
            _counting_row(f"clips with ≥ {MANY_REPS} repetitions", many),
            _counting_row("all clips", counting(scored)),
            "",
            f"Label accuracy: {_number(label_accuracy(scored))}. "
            f"Repetitions counted where nobody exercises: {phantom_reps(scored)}; "
            f"before or after the labelled span of a clip: {reps_outside_spans(scored)}.",
            "",
            *(_hold_line(one) for one in holds(scored)),
            "",
            "| clip | true | reps | found | reps | error | |",
            "|---|---|---|---|---|---|---|",
            *(_clip_row(one) for one in scored),
            "",
            "## Taken for",
            "",
            *_confusion_table(scored),
            "",
            *_wrong(scored, reasons or {}),
        ]
    )


def _clip(one: Scored) -> Json:
    entry: Json = {
        "file": one.clip.file,
        "truth": {"exercise": one.clip.exercise, "reps": one.clip.reps},
        "found": {"exercise": one.found.exercise, "reps": one.found.reps},
        "error": one.error,
        "outside_span": one.outside,
    }
    if one.true_hold_s is not None:
        entry["truth"]["hold_s"], entry["found"]["hold_s"] = round(one.true_hold_s, 2), round(one.found.held_s, 2)
    return entry | ({"problem": one.problem} if one.problem else {})


def _hold_line(one: Scored) -> str:
    right = "within" if one.hold_right else "**not** within"
    return f"- {one.clip.name}: held {one.true_hold_s:.1f} s, told {one.found.held_s:.1f} s, {right} 10 %"


def _wrong(scored: Sequence[Scored], reasons: Mapping[str, Sequence[str]]) -> list[str]:
    lines = ["## What is wrong", ""]
    for one in scored:
        if one.wrong:
            picture = f"[picture](wrong/{one.clip.name}.png)"
            lines.append(f"- **{one.clip.name}** ({picture}): " + " ".join(reasons.get(one.clip.file, ())))
    return [*lines, ""] if len(lines) > 2 else []


def _clip_row(one: Scored) -> str:
    reps = "/".join(map(str, one.clip.accepted))
    label = "" if one.true_family == one.found_family else "other exercise"
    outside = f"{one.outside} outside the span" if one.outside else ""
    remark = "; ".join(part for part in (label, outside, one.problem) if part)
    cells = (one.clip.name, one.clip.exercise, reps, one.found.exercise, one.found.reps, f"{one.error:+d}", remark)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _counting_row(over: str, measures: Counting) -> str:
    numbers = (_number(measures.obo), _number(measures.mae), _number(measures.exact))
    return f"| {over} | {measures.clips} | " + " | ".join(numbers) + " |"


def _confusion_table(scored: Sequence[Scored]) -> list[str]:
    counts = confusion(scored)
    true_families = sorted({true for true, _ in counts})
    found_families = sorted({found for _, found in counts})
    rows = [
        f"| {true} | " + " | ".join(str(counts.get((true, found), "")) for found in found_families) + " |"
        for true in true_families
    ]
    return ["| true \\ found | " + " | ".join(found_families) + " |", "|---" * (len(found_families) + 1) + "|", *rows]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
