"""The evaluation of faults as JSON for programs and as Markdown for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from spotter_cli.fault_evaluation.bounds import Threshold
from spotter_cli.fault_evaluation.clips import SOURCES, Mark, SeenClip
from spotter_cli.fault_evaluation.measures import Counts, Interval
from spotter_cli.fault_evaluation.scoring import Row, ScoredSet
from spotter_cli.summary import Json

_HEAD = (
    "| label | our faults | labelled of items | precision | recall | F1 | by frame: P / R / F1 | not judged |",
    "|---|---|---:|---:|---:|---:|---:|---:|",
)
_LIMIT_HEAD = (
    "| label | ours | our metric, cut on train | our metric, cut on test | best metric of train | all metrics, "
    "regression of train | best metric of test |",
    "|---|---:|---|---|---|---:|---|",
)
_LIMITS_TOLD = (
    "F1 on the test part. *Our metric, cut on test* is the most that any threshold could reach; where it is low, the "
    "metric doesn't show the fault. *Best metric of test* is chosen on the test part itself: an optimistic bound."
)
_CLIP_HEAD = (
    "| clip | said to be wrong | counted | in the marked time: flagged with it | with anything | outside: with it | "
    "with anything |",
    "|---|---|---:|---:|---:|---:|---:|",
)


def as_json(sets: Sequence[ScoredSet], clips: Sequence[SeenClip]) -> Json:
    """All measures."""
    return {
        "sets": [
            {
                "set": one.labelled.name,
                "split": one.labelled.split,
                "test_items": one.test_items,
                "other_findings": dict(one.other_findings),
                "labels": [_row_json(row) for row in one.rows],
            }
            for one in sets
        ],
        "clips": [_clip_json(one) for one in clips],
    }


def as_markdown(sets: Sequence[ScoredSet], clips: Sequence[SeenClip]) -> str:
    """Tables of the sets, what limits them, and the clips."""
    lines = ["# Evaluation of faults", ""]
    for one in sets:
        lines += _set_lines(one)
    for source in SOURCES if clips else ():
        lines += _clip_lines([one for one in clips if one.source == source], source)
    return "\n".join(lines) + "\n"


def _set_lines(one: ScoredSet) -> Iterator[str]:
    yield from (f"## {one.labelled.name}", "", one.labelled.about, "", f"Split {one.labelled.split}.", "")
    yield from _HEAD
    yield from (_row_line(row) for row in one.rows)
    others = ", ".join(f"{name} in {count}" for name, count in one.other_findings.items())
    yield from ("", f"Other faults found in the {one.test_items} test items: {others or 'none'}.", "")
    yield from (f"- {row.label.name}: the authors report {row.label.reported}." for row in one.rows)
    if any(row.test.labelled for row in one.rows):
        yield from ("", *_LIMIT_HEAD)
        yield from (_limit_line(row) for row in one.rows)
        yield from ("", _LIMITS_TOLD)
    yield ""


def _row_line(row: Row) -> str:
    test, frames = row.test, row.test_frames
    items = test.labelled + test.false_alarms + test.quiet
    if not row.judged:
        why = "can't be judged" if row.faults else "no such fault"
        return f"| {row.label.name} | {why} | {test.labelled} of {items} | – | – | – | – | {row.not_judged} |"
    shares = " / ".join(_number(value) for value in (frames.precision, frames.recall, frames.f1))
    return (
        f"| {row.label.name} | {', '.join(row.faults)} | {test.labelled} of {items} "
        f"| {_with(test.precision, test.precision_interval)} | {_with(test.recall, test.recall_interval)} "
        f"| {_with(test.f1, row.f1_interval)} | {shares} | {row.not_judged} |"
    )


def _limit_line(row: Row) -> str:
    limits = row.limits
    ours = row.test.f1 if row.judged else None
    return (
        f"| {row.label.name} | {_number(ours)} | {_cut(limits.fitted)} | {_cut(limits.best)} "
        f"| {_cut(limits.single)} | {_number(limits.regression)} | {_cut(limits.oracle)} |"
    )


def _clip_lines(clips: Sequence[SeenClip], source: str) -> Iterator[str]:
    marked = [one for one in clips if one.mark is not None]
    clean = [one for one in clips if one.mark is None]
    yield from (f"## Recorded clips, keypoints `{source}`", "", *_CLIP_HEAD)
    yield from (_clip_line(one) for one in marked)
    inside = [mark.finds(rep) for one, mark in _marks(marked) for rep in one.repetitions if mark.holds(rep)]
    outside = [bool(rep.faults) for one, mark in _marks(marked) for rep in one.repetitions if not mark.holds(rep)]
    yield ""
    yield f"Repetitions in marked times: {sum(inside)} of {len(inside)} flagged with what is marked. Others of these"
    yield f"clips: {sum(outside)} of {len(outside)} flagged with anything."
    reps = sum(len(one.repetitions) for one in clean)
    flags = sum((one.flags for one in clean), Counter[str]())
    flagged = sum(bool(rep.faults) for one in clean for rep in one.repetitions)
    told = ", ".join(f"{name} {count}" for name, count in flags.most_common())
    yield from (
        "",
        f"{len(clean)} clips without a known fault: {flagged} of {reps} repetitions flagged ({told or 'nothing'}).",
        "",
    )


def _marks(clips: Sequence[SeenClip]) -> Iterator[tuple[SeenClip, Mark]]:
    yield from ((one, one.mark) for one in clips if one.mark is not None)


def _clip_line(one: SeenClip) -> str:
    mark = one.mark
    assert mark is not None
    inside = [rep for rep in one.repetitions if mark.holds(rep)]
    outside = [rep for rep in one.repetitions if not mark.holds(rep)]
    cells = [
        f"{sum(mark.finds(rep) for rep in inside)} of {len(inside)}",
        ", ".join(sorted({fault for rep in inside for fault in rep.faults})) or "–",
        f"{sum(mark.finds(rep) for rep in outside)} of {len(outside)}",
        ", ".join(sorted({fault for rep in outside for fault in rep.faults})) or "–",
    ]
    return f"| {one.clip.name} | {mark.says} | {len(one.repetitions)} {one.exercise} | {' | '.join(cells)} |"


def _row_json(row: Row) -> Json:
    limits = row.limits
    return {
        "label": row.label.name,
        "exercise": row.label.exercise,
        "faults": list(row.faults),
        "reported": row.label.reported,
        "reported_f1": row.label.reported_f1,
        "train": asdict(row.train),
        "test": _counts_json(row.test) | {"f1_interval": row.f1_interval},
        "test_frames": _counts_json(row.test_frames),
        "not_judged": row.not_judged,
        "limits": {
            "fitted": _cut_json(limits.fitted),
            "best": _cut_json(limits.best),
            "single": _cut_json(limits.single),
            "regression": limits.regression,
            "oracle": _cut_json(limits.oracle),
        },
    }


def _counts_json(counts: Counts) -> Json:
    return asdict(counts) | {
        "precision": counts.precision,
        "precision_interval": counts.precision_interval,
        "recall": counts.recall,
        "recall_interval": counts.recall_interval,
        "f1": counts.f1,
    }


def _cut_json(cut: tuple[Threshold, float] | None) -> Json | None:
    return None if cut is None else {"rule": str(cut[0]), "f1": cut[1]}


def _clip_json(one: SeenClip) -> Json:
    mark = one.mark
    return {
        "clip": one.clip.name,
        "source": one.source,
        "exercise": one.exercise,
        "marked": None if mark is None else {"says": mark.says, "from_s": mark.from_s, "faults": list(mark.faults)},
        "repetitions": [
            {
                "start_s": round(rep.start_s, 2),
                "end_s": round(rep.end_s, 2),
                "marked": mark is not None and mark.holds(rep),
                "faults": sorted(rep.faults),
            }
            for rep in one.repetitions
        ],
    }


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _with(value: float | None, interval: Interval | None) -> str:
    return _number(value) if interval is None else f"{_number(value)} ({interval[0]:.2f} to {interval[1]:.2f})"


def _cut(cut: tuple[Threshold, float] | None) -> str:
    return "–" if cut is None else f"{cut[1]:.2f} (`{cut[0]}`)"
