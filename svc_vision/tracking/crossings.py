"""After people were over each other: whose track shows whom?

Whoever lies over another, or is lost near one, is tangled with them: from then on each of their tracks may show any of
them. A track that is clear again is described some times and compared with what everybody of the tangle looked like
before; the best pairing of tracks and ids holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import lap
import numpy as np
from numpy.typing import NDArray

from svc_vision.tracking.config import TrackerConfig
from svc_vision.tracking.gallery import Appearance
from svc_vision.tracking.lives import Life

LOST_NOW_S = 0.5
NEAR = 0.1
"""Body heights between two boxes."""
COLOURS_MARGIN = 2.0
"""So many times the margin is asked for where only colours were compared: light and pose change them."""
UNKNOWN = 0.4
"""Likeness assumed for an id that was never described."""


@dataclass(slots=True)
class _Check:
    """What a track looked like since it is clear."""

    asked_s: float = -np.inf
    looks: list[Appearance] = field(default_factory=list)


class Crossings:
    """Tangles of one camera."""

    def __init__(self, config: TrackerConfig) -> None:
        self._config = config
        self._checks: dict[int, _Check] = {}
        """By track."""

    def tangle(
        self, rows: Mapping[int, Life], shares: NDArray[np.float64], lost: Iterable[Life], time_s: float
    ) -> None:
        """Marks whoever lies over each other in this frame, and whoever is near somebody who has just been lost.

        Args:
            rows: who is in which row.
            shares: (N, N) share of the smaller box of two that the other covers.
            lost: everybody who is not in this frame.
            time_s: now.
        """
        for (row, first), (other_row, second) in combinations(rows.items(), 2):
            if shares[row, other_row] >= self._config.tangle_overlap:
                tie(first, second)
        for life in lost:
            if time_s - life.seen_s > LOST_NOW_S:
                continue
            margin = NEAR * (life.box[3] - life.box[1])
            low, high = life.box[:2] - margin, life.box[2:] + margin
            for other in rows.values():
                if (np.minimum(high, other.box[2:]) > np.maximum(low, other.box[:2])).all():
                    tie(life, other)

    def due(
        self,
        rows: Mapping[int, Life],
        tracks: NDArray[np.int64],
        shares: NDArray[np.float64],
        quality: NDArray[np.float64],
        time_s: float,
    ) -> list[int]:
        """Rows that are clear after a tangle and are to be described now."""
        found = []
        for row, life in rows.items():
            track = int(tracks[row])
            if life.free or shares[row].max(initial=0.0) >= self._config.tangle_overlap:
                self._checks.pop(track, None)
            elif shares[row].max(initial=0.0) <= self._config.apart_overlap:
                check = self._checks.setdefault(track, _Check())
                wanted = quality[row] >= self._config.describe_quality
                if wanted and time_s - check.asked_s >= self._config.check_interval_s:
                    check.asked_s = time_s
                    found.append(row)
        return found

    def note(self, track: int, look: Appearance) -> None:
        """What a track looks like that was due."""
        check = self._checks.setdefault(track, _Check())
        if look:
            check.looks.append(look)

    def settle(self, lives: Mapping[int, Life], rows: Mapping[int, Life], tracks: NDArray[np.int64]) -> dict[int, Life]:
        """Whom the rows show that have been described often enough; they are tangled no longer."""
        ready = [
            row
            for row in rows
            if (check := self._checks.get(int(tracks[row]))) and len(check.looks) >= self._config.checks
        ]
        if not ready:
            return {}
        numbers = {number for row in ready for number in _component(lives, rows[row].number)}
        members = [lives[number] for number in sorted(numbers)]
        scores = np.array([[self._score(rows[row], life, int(tracks[row])) for life in members] for row in ready])
        chosen, columns = lap.lapjvx(-scores, extend_cost=True, return_cost=False)
        settled = {ready[int(i)]: members[int(column)] for i, column in zip(chosen, columns, strict=True)}
        for row, life in settled.items():
            del self._checks[int(tracks[row])]
            untie(life, lives)
        return settled

    def forget(self, tracks: Iterable[int]) -> None:
        """Keeps only what is about these tracks."""
        kept = set(tracks)
        self._checks = {track: check for track, check in self._checks.items() if track in kept}

    def _score(self, shown: Life, life: Life, track: int) -> float:
        """How well a track fits an id: mean likeness, and a bonus for the id that it has."""
        likeness = [life.gallery.likeness(look) for look in self._checks[track].looks]
        known = [value for value in likeness if value is not None]
        fit = float(np.mean(known)) if known else UNKNOWN
        same_group = life is shown or life.number in shown.tangled or bool(life.tangled & shown.tangled)
        sure = any(look.embedding is not None for look in self._checks[track].looks)
        bonus = self._config.swap_margin * (1.0 if sure else COLOURS_MARGIN)
        return fit + (bonus if life is shown else 0.0) - (0.0 if same_group else 1.0)


def tie(first: Life, second: Life) -> None:
    """Either's track may show the other."""
    first.tangled.add(second.number)
    second.tangled.add(first.number)


def untie(life: Life, lives: Mapping[int, Life]) -> None:
    """It is known which track is theirs; whoever was tangled with them stays tangled with each other."""
    others = [lives[number] for number in life.tangled if number in lives]
    for first, second in combinations(others, 2):
        tie(first, second)
    for other in others:
        other.tangled.discard(life.number)
    life.tangled.clear()


def _component(lives: Mapping[int, Life], number: int) -> set[int]:
    """Everybody tangled with somebody, directly or through others, and they themselves."""
    found, waiting = {number}, [number]
    while waiting:
        for other in lives[waiting.pop()].tangled:
            if other in lives and other not in found:
                found.add(other)
                waiting.append(other)
    return found
