"""The evaluation of tracking as JSON for programs and as Markdown for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from spotter_cli.summary import Json
from spotter_cli.tracking.clips import ClipCount, CrowdClip
from spotter_cli.tracking.evaluation import FilmResult, Judged

ClipCounts = Sequence[tuple[CrowdClip, Mapping[str, ClipCount]]]

_COLUMNS = "| film | people | tracker | HOTA | DetA | AssA | IDF1 | MOTA | switches | ids | mirrored ids |"


def as_json(finder: str, films: Sequence[FilmResult], clips: ClipCounts) -> Json:
    """All measures."""
    return {
        "finder": finder,
        "films": [
            {
                "film": one.film.name,
                "people": one.people,
                "trackers": {name: _judged(judged) for name, judged in one.judged.items()},
            }
            for one in films
        ],
        "clips": [
            {
                "clip": clip.name,
                "people": clip.people,
                "trackers": {name: asdict(count) for name, count in counts.items()},
            }
            for clip, counts in clips
        ],
    }


def as_markdown(finder: str, films: Sequence[FilmResult], clips: ClipCounts) -> str:
    """A table of films and trackers, one of the means, one of the clips."""
    lines = ["# Evaluation of tracking", "", f"People found by {finder}; every frame looked at.", ""]
    lines += [*_means(films), "", _COLUMNS, "|---" * _COLUMNS.count(" | ") + "|---|"]
    lines += [_row(one, name, judged) for one in films for name, judged in one.judged.items()]
    if clips:
        lines += ["", "| clip | people | tracker | ids | frames with that many people |", "|---|---|---|---|---|"]
        lines += [
            f"| {clip.name} | {clip.people} | {name} | {count.ids} | {count.right_frames:.0%} |"
            for clip, counts in clips
            for name, count in counts.items()
        ]
    return "\n".join([*lines, ""])


def _means(films: Sequence[FilmResult]) -> list[str]:
    lines = ["| mean or sum over all films | HOTA | DetA | AssA | IDF1 | MOTA | switches | ids | mirrored ids |"]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for name in films[0].judged if films else ():
        judged = [one.judged[name] for one in films]
        means = [np.mean([_shares(one)[k] for one in judged]) for k in range(5)]
        counts = np.sum([_counts(one) for one in judged], axis=0).tolist()
        people = sum(one.people for one in films)
        cells = [*(f"{mean:.3f}" for mean in means), counts[0], f"{counts[1]} for {people} people", counts[2]]
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    return lines


def _row(result: FilmResult, name: str, judged: Judged) -> str:
    shares = " | ".join(f"{value:.3f}" for value in _shares(judged))
    counts = " | ".join(map(str, _counts(judged)))
    return f"| {result.film.name} | {result.people} | {name} | {shares} | {counts} |"


def _shares(judged: Judged) -> tuple[float, ...]:
    one = judged.score
    return one.hota, one.det_a, one.ass_a, one.idf1, one.mota


def _counts(judged: Judged) -> tuple[int, ...]:
    return judged.score.switches, judged.ids, len(judged.mistakes.reflected_ids)


def _judged(judged: Judged) -> Json:
    mistakes = judged.mistakes
    return asdict(judged.score) | {
        "ids": judged.ids,
        "ids_of_people": {str(person): sorted(ids) for person, ids in sorted(mistakes.ids_of_person.items())},
        "switched_at": [asdict(switch) for switch in mistakes.switches],
        "reflected_ids": sorted(mistakes.reflected_ids),
        "reflected_boxes": mistakes.reflected_boxes,
    }
