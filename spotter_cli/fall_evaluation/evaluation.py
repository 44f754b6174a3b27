"""Joins what was seen and what was told with what is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spotter_cli.fall_evaluation.falls import FallFilm, FallKind
from spotter_cli.fall_evaluation.gathering import Source
from spotter_cli.fall_evaluation.judging import Alert
from spotter_cli.fall_evaluation.scoring import FallScore, Sighting, score_fall, sighting
from spotter_cli.fall_evaluation.seeing import Seen
from spotter_cli.fall_evaluation.training import TrainingFilm


@dataclass(frozen=True)
class FallResult:
    """One drawn fall."""

    film: FallFilm
    score: FallScore
    tracks: int
    """How many ids the one person got."""
    before: Sighting
    falling: Sighting
    lying: Sighting


@dataclass(frozen=True)
class QuietResult:
    """A film or a clip without a fall: every alert is false."""

    name: str
    seconds: float
    alerts: tuple[Alert, ...]
    seen: Sighting | None = None
    """Of the first person, where the truth is known."""


@dataclass(frozen=True)
class Evaluation:
    """Everything."""

    finder: str
    falls: Sequence[FallResult]
    training: Sequence[QuietResult]
    clips: Sequence[QuietResult]
    missing: Sequence[str]
    """Clips that couldn't be watched, with the reason."""

    def recall(self, kind: FallKind | None = None, in_time: bool = True) -> tuple[int, int]:
        """Falls told (soon enough, or at all), and falls."""
        falls = [one for one in self.falls if kind in (None, one.film.kind)]
        told = [one for one in falls if (one.score.in_time if in_time else one.score.told_s is not None)]
        return len(told), len(falls)

    def latencies_s(self, kind: FallKind | None = None) -> list[float]:
        """From the end of the fall to the alert, of those that were told."""
        found = [one.score.latency_s for one in self.falls if kind in (None, one.film.kind)]
        return sorted(one for one in found if one is not None)


def fall_result(film: FallFilm, seen: Seen, alerts: Sequence[Alert]) -> FallResult:
    """What became of a drawn fall."""
    start_s, end_s = film.start_s, film.end_s
    spans = ((0.0, start_s), (start_s, end_s), (end_s, float("inf")))
    before, falling, lying = (sighting(seen, *span) for span in spans)
    return FallResult(film, score_fall(alerts, start_s, end_s), len(set(seen.tracks.tolist())), before, falling, lying)


def training_result(film: TrainingFilm, seen: Seen, alerts: Sequence[Alert]) -> QuietResult:
    """What was said of a film in which nobody falls."""
    return QuietResult(film.name, film.duration_s, tuple(alerts), sighting(seen))


def clip_result(source: Source, seen: Seen, alerts: Sequence[Alert]) -> QuietResult:
    """What was said of a recorded clip."""
    seconds = float(seen.times_s[-1]) if len(seen.times_s) else 0.0
    return QuietResult(source.name, seconds, tuple(alerts))


def mean(sightings: Sequence[Sighting]) -> Sighting:
    """All looks together."""
    known = [one for one in sightings if one.looks]
    looks = sum(one.looks for one in known)
    if not looks:
        return Sighting(0, float("nan"), float("nan"))
    weights = np.array([one.looks for one in known]) / looks
    found, posed = (float(weights @ np.array([getattr(one, part) for one in known])) for part in ("found", "posed"))
    return Sighting(looks, found, posed)
