"""Which lost person a new track may be: by place and size, and by appearance where both have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import lap
import numpy as np
from numpy.typing import NDArray

from svc_identity.sightings import Appearance, Box, Embedding, Sighting


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosines by which one kind of vector is judged; what happens when each is raised."""

    least: float
    """Below it two are never the same. Raised: poor light costs ids."""
    cut: float
    """From it on place doesn't matter, as after a cut of the picture. Raised: cuts cost ids."""


COLOURS = Likeness(least=0.5, cut=0.92)
EMBEDDINGS: Mapping[str, Likeness] = {"osnet_x0_25_msmt17": Likeness(least=0.6, cut=0.85)}
"""By model. Measured for OSNet on clips of people who train (5th to 95th percentile of cosines): one person on one
camera 0.72 to 0.99, and 99 % from 0.60; two on one camera 0.47 to 0.73, and 99 % to 0.83; one person from two sides
0.60 to 0.83."""


@dataclass(frozen=True, slots=True)
class MatchConfig:
    """Parameters; what happens when each is raised."""

    reach_at_once: float = 0.6
    """How far a person may be from where they were lost, in box lengths. Raised: more jumps are forgiven."""
    reach_per_s: float = 1.2
    """Box lengths a person may walk in a second. Raised: faster walkers keep their id, strangers are taken for them."""
    reach_limit: float = 3.0
    """Reach grows no farther, box lengths. Raised: who left at one edge may come back at the other."""
    min_size_ratio: float = 0.35
    """Least ratio of the boxes' lengths (root of the area). Raised: lying down may cost the id."""
    likeness_weight: float = 0.4
    """Share of appearance in the score. Raised: place matters less."""
    ambiguous_likeness_weight: float = 0.85
    """The share where place alone can't tell two candidates apart."""
    ambiguous_margin: float = 0.2
    """Place scores closer than this can't be told apart."""
    min_score: float = 0.25
    """Least score of a match. Raised: fewer people are kept, and fewer mixed up."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who was lost on this camera."""

    box: Box
    appearance: Appearance | None
    lost_s: float
    """Capture time since the last sighting, >= 0."""
    embedding: Embedding | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Sighting and candidate by their index, and how sure it is, 0..1."""

    sighting: int
    candidate: int
    score: float


def match(
    sightings: Sequence[Sighting], candidates: Sequence[Candidate], config: MatchConfig | None = None
) -> list[Match]:
    """The best one-to-one assignment; pairs below `min_score` stay apart."""
    if not sightings or not candidates:
        return []
    scores = _scores(sightings, candidates, config or MatchConfig())
    rows, columns = lap.lapjvx(-scores, extend_cost=True, return_cost=False)
    return [
        Match(int(row), int(column), float(scores[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if scores[row, column] > 0
    ]


def likeness(first: Sighting, second: Candidate) -> tuple[float, Likeness] | None:
    """Cosine and how to judge it: of the embeddings where one model made both, else of the colours, else None."""
    one, other = first.embedding, second.embedding
    if one is not None and other is not None and _comparable(one, other):
        return float(np.dot(one.vector, other.vector)), EMBEDDINGS[one.model]
    colours, others = first.appearance, second.appearance
    if colours is None or others is None or colours.shape != others.shape:
        return None
    return float(np.dot(colours, others)), COLOURS


def _comparable(one: Embedding, other: Embedding) -> bool:
    return one.model == other.model and one.model in EMBEDDINGS and one.vector.shape == other.vector.shape


def _scores(sightings: Sequence[Sighting], candidates: Sequence[Candidate], config: MatchConfig) -> NDArray[np.float64]:
    """(S, C) scores; 0 where a pair is impossible."""
    place = np.array([[_place(s.box, c, config) for c in candidates] for s in sightings], np.float64)
    scores = np.zeros_like(place)
    for row, sighting in enumerate(sightings):
        weight = _likeness_weight(place, row, config)
        for column, candidate in enumerate(candidates):
            score = _score(place[row, column], likeness(sighting, candidate), weight, config)
            scores[row, column] = score if score >= config.min_score else 0.0
    return scores


def _likeness_weight(place: NDArray[np.float64], row: int, config: MatchConfig) -> float:
    ordered = np.sort(place[row])[::-1]
    ambiguous = len(ordered) > 1 and ordered[1] > 0 and ordered[0] - ordered[1] < config.ambiguous_margin
    return config.ambiguous_likeness_weight if ambiguous else config.likeness_weight


def _score(place: float, alike: tuple[float, Likeness] | None, weight: float, config: MatchConfig) -> float:
    if alike is None:
        return place
    cosine, limits = alike
    if cosine < limits.least:
        return 0.0
    if place <= 0.0:
        return cosine * weight if cosine >= limits.cut else 0.0
    return (1 - weight) * place + weight * cosine


def _place(box: Box, candidate: Candidate, config: MatchConfig) -> float:
    """How well a box continues the candidate's, 0..1: overlap, or nearness within reach."""
    larger, smaller = max(box.area, candidate.box.area), min(box.area, candidate.box.area)
    if larger <= 0 or np.sqrt(smaller / larger) < config.min_size_ratio:
        return 0.0
    length = max(box.longer_side, candidate.box.longer_side)
    reach = length * min(config.reach_at_once + config.reach_per_s * candidate.lost_s, config.reach_limit)
    return max(box.overlap(candidate.box), 1.0 - box.distance(candidate.box) / reach, 0.0)
