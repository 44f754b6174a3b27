"""The evaluation of tracking as JSON for programs and as Markdown for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from spotter_cli.summary import Json
from spotter_cli.tracking.clips import ClipCount, CrowdClip
from spotter_cli.tracking.evaluation import FilmResult, Judged
from spotter_cli.tracking.mesh_run import MeshResult

ClipCounts = Sequence[tuple[CrowdClip, Mapping[str, ClipCount]]]

_COLUMNS = (
    "| film | people | tracker | HOTA | DetA | AssA | IDF1 | MOTA | switches | ids | mirrored ids | mirrored boxes |"
)


@dataclass(frozen=True, eq=False)
class Report:
    """All that was measured."""

    finder: str
    """Name of the model that found people."""
    films: Sequence[FilmResult]
    clips: ClipCounts
    meshed: Sequence[MeshResult]


def as_json(report: Report) -> Json:
    """All measures."""
    return {
        "finder": report.finder,
        "films": [
            {
                "film": one.film.name,
                "people": one.people,
                "trackers": {name: _judged(judged) for name, judged in one.judged.items()},
            }
            for one in report.films
        ],
        "clips": [
            {
                "clip": clip.name,
                "people": clip.people,
                "trackers": {name: asdict(count) for name, count in counts.items()},
            }
            for clip, counts in report.clips
        ],
        "mesh": [_meshed(one) for one in report.meshed],
    }


def as_markdown(report: Report) -> str:
    """A table of films and trackers, one of the means, one of the clips, one of the whole mesh."""
    films = report.films
    lines = ["# Evaluation of tracking", "", f"People found by {report.finder}; every frame looked at.", ""]
    lines += [*_means(films), "", _COLUMNS, "|---" * _COLUMNS.count(" | ") + "|---|"]
    lines += [_row(one, name, judged) for one in films for name, judged in one.judged.items()]
    if report.clips:
        lines += ["", "| clip | people | tracker | ids | frames with that many people |", "|---|---|---|---|---|"]
        lines += [
            f"| {clip.name} | {clip.people} | {name} | {count.ids} | {count.right_frames:.0%} |"
            for clip, counts in report.clips
            for name, count in counts.items()
        ]
    if report.meshed:
        lines += ["", "Through the whole mesh, the person ids that a client sees, all cameras of a scene together:", ""]
        lines += ["| scene | cameras | people | frames | HOTA | IDF1 | switches | persons | mirrored persons |"]
        lines += ["|---" * 9 + "|", *(_meshed_row(one) for one in report.meshed)]
    return "\n".join([*lines, ""])


def _means(films: Sequence[FilmResult]) -> list[str]:
    lines = [_COLUMNS.replace("film | people | tracker", "mean or sum over all films"), "|---" * 10 + "|"]
    for name in films[0].judged if films else ():
        judged = [one.judged[name] for one in films]
        means = [np.mean([_shares(one)[k] for one in judged]) for k in range(5)]
        counts = np.sum([_counts(one) for one in judged], axis=0).tolist()
        people = sum(one.people for one in films)
        cells = [*(f"{mean:.3f}" for mean in means), counts[0], f"{counts[1]} for {people} people", *counts[2:]]
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
    mistakes = judged.mistakes
    return judged.score.switches, judged.ids, len(mistakes.reflected_ids), mistakes.reflected_boxes


def _judged(judged: Judged) -> Json:
    mistakes = judged.mistakes
    return asdict(judged.score) | {
        "ids": judged.ids,
        "ids_of_people": {str(person): sorted(ids) for person, ids in sorted(mistakes.ids_of_person.items())},
        "switched_at": [asdict(switch) for switch in mistakes.switches],
        "reflected_ids": sorted(mistakes.reflected_ids),
        "reflected_boxes": mistakes.reflected_boxes,
    }


def _meshed(one: MeshResult) -> Json:
    return asdict(one.score) | {
        "scene": one.scene,
        "cameras": one.cameras,
        "people": one.people,
        "frames": one.frames,
        "persons": one.person_ids,
        "reflected_persons": len(one.mistakes.reflected_ids),
        "persons_of_people": {str(p): sorted(ids) for p, ids in sorted(one.mistakes.ids_of_person.items())},
    }


def _meshed_row(one: MeshResult) -> str:
    shares = f"{one.score.hota:.3f} | {one.score.idf1:.3f} | {one.score.switches}"
    counts = f"{one.cameras} | {one.people} | {one.frames}"
    return f"| {one.scene} | {counts} | {shares} | {one.person_ids} | {len(one.mistakes.reflected_ids)} |"
