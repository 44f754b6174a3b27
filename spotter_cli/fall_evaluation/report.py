"""The evaluation of falls as JSON for programs and as Markdown for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np

from spotter_cli.fall_evaluation.evaluation import Evaluation, FallResult, QuietResult, mean
from spotter_cli.fall_evaluation.falls import FallKind
from spotter_cli.fall_evaluation.scoring import IN_TIME_S, Sighting
from spotter_cli.summary import Json


def as_json(whole: Evaluation) -> Json:
    """Every film, and the totals."""
    told, falls = whole.recall()
    return {
        "finder": whole.finder,
        "falls": falls,
        "told_in_time": told,
        "told": whole.recall(in_time=False)[0],
        "median_latency_s": _median(whole.latencies_s()),
        "alerts_too_many": sum(len(one.score.too_many) for one in whole.falls),
        "training_s": sum(one.seconds for one in whole.training),
        "false_alarms_in_training": sum(len(one.alerts) for one in whole.training),
        "clips_s": sum(one.seconds for one in whole.clips),
        "false_alarms_in_clips": sum(len(one.alerts) for one in whole.clips),
        "clips_not_watched": list(whole.missing),
        "fall_films": [_fall(one) for one in whole.falls],
        "quiet_films": [_quiet(one) for one in (*whole.training, *whole.clips)],
    }


def as_markdown(whole: Evaluation) -> str:
    """The tables."""
    return (
        "\n".join(["# Falls", "", f"Found by {whole.finder}.", "", *_recall(whole), *_false(whole), *_seen(whole)])
        + "\n"
    )


def _recall(whole: Evaluation) -> Iterator[str]:
    if not whole.falls:
        return
    yield f"| kind | falls | told within {IN_TIME_S:.0f} s | later | median latency s | worst s | alerts too many |"
    yield "|---|---|---|---|---|---|---|"
    kinds: list[FallKind | None] = [kind for kind in FallKind if whole.recall(kind)[1]]
    for kind in [*kinds, None]:
        told, falls = whole.recall(kind)
        later = whole.recall(kind, in_time=False)[0] - told
        latencies_s = whole.latencies_s(kind)
        extra = sum(len(one.score.too_many) for one in whole.falls if kind in (None, one.film.kind))
        worst = _number(latencies_s[-1] if latencies_s else None)
        name = "all" if kind is None else kind.value
        yield f"| {name} | {falls} | {told} | {later} | {_number(_median(latencies_s))} | {worst} | {extra} |"
    missed = [one.film.name for one in whole.falls if one.score.told_s is None]
    yield ""
    yield f"Missed: {', '.join(missed) or 'none'}."
    yield ""


def _false(whole: Evaluation) -> Iterator[str]:
    yield "| without a fall | films | minutes | false alarms | where |"
    yield "|---|---|---|---|---|"
    for name, results in (("drawn training", whole.training), ("recorded clips", whole.clips)):
        if results:
            minutes = sum(one.seconds for one in results) / 60
            alarms = [f"{one.name} {alert.kind} {alert.decided_s:.1f} s" for one in results for alert in one.alerts]
            yield f"| {name} | {len(results)} | {minutes:.1f} | {len(alarms)} | {'; '.join(alarms)} |"
    yield ""
    if whole.missing:
        yield f"Not watched: {'; '.join(whole.missing)}."
        yield ""


def _seen(whole: Evaluation) -> Iterator[str]:
    parts: list[tuple[str, list[Sighting]]] = [
        ("before the fall", [one.before for one in whole.falls]),
        ("falling", [one.falling for one in whole.falls]),
        ("lying", [one.lying for one in whole.falls]),
        ("training", [one.seen for one in whole.training if one.seen is not None]),
    ]
    yield "| drawn people | looks | found | trunk right |"
    yield "|---|---|---|---|"
    for name, sightings in parts:
        whole_of_it = mean(sightings)
        if whole_of_it.looks:
            yield f"| {name} | {whole_of_it.looks} | {whole_of_it.found:.3f} | {whole_of_it.posed:.3f} |"


def _fall(one: FallResult) -> Json:
    return {
        "name": one.film.name,
        "kind": one.film.kind.value,
        "start_s": one.film.start_s,
        "end_s": one.film.end_s,
        "told_s": one.score.told_s,
        "latency_s": one.score.latency_s,
        "too_many": [asdict(alert) for alert in one.score.too_many],
        "ids": one.tracks,
        "seen": {part: _sighting(getattr(one, part)) for part in ("before", "falling", "lying")},
    }


def _quiet(one: QuietResult) -> Json:
    return {
        "name": one.name,
        "seconds": round(one.seconds, 1),
        "alerts": [asdict(alert) for alert in one.alerts],
        "seen": None if one.seen is None else _sighting(one.seen),
    }


def _sighting(one: Sighting) -> Json:
    return {name: None if math.isnan(value) else round(value, 3) for name, value in asdict(one).items()}


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 3) if values else None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
