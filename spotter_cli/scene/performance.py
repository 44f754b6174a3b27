"""People who go through postures one after another: falls, floor exercises, everyday movements of a gym."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.posture import Grounded, Posture, grounded
from spotter_cli.scene.skeleton import Dimensions

Pace = Literal["soft", "even", "dropping", "landing"]
"""How a movement runs through its time: starting and ending softly, evenly, faster and faster as what falls, or slower
and slower as what swings out."""
Anchor = Literal["feet", "left_foot", "right_foot", "toes", "hands", "knees", "hips", "head"]
Held = Literal["dumbbells", "barbell"]

_STEP_S = 1 / 30
_SOFTNESS_S = np.linspace(-0.05, 0.05, 5)
"""A body rounds the corners between movements off within this time."""


@dataclass(frozen=True)
class Move:
    """Go into a posture."""

    posture: Posture
    seconds: float
    pace: Pace = "soft"
    anchor: Anchor = "feet"
    """What stays where it is on the floor meanwhile."""
    drift_m: tuple[float, float] = (0.0, 0.0)
    """How far the anchor moves meanwhile: to the person's left, and forward, as they face at the very start."""
    held: Held | None = None
    label: str = ""
    """What begins with this move, for the truth: see `Performer.starts_s`."""


@dataclass(frozen=True)
class Performer:
    """A person of a scene who goes through moves, and stays in the last one's posture."""

    look: str
    position_m: tuple[float, float]
    """Where on the floor the hips begin."""
    yaw_deg: float
    """0 faces -y, growing to the person's left."""
    start: Posture
    moves: tuple[Move, ...]
    mat: bool = False
    """Whether a mat lies there."""
    exercise: str = "none"
    """What is exercised, and how often: the truth of the clip."""
    reps: int = 0
    rep_end_s: tuple[float, ...] = ()

    @property
    def end_s(self) -> float:
        """When the last posture is reached."""
        return sum(move.seconds for move in self.moves)

    def starts_s(self, label: str) -> list[float]:
        """When the moves with this label begin."""
        return [start for start, move in _timed(self.moves) if move.label == label]

    def ends_s(self, label: str) -> list[float]:
        """When the moves with this label end."""
        return [start + move.seconds for start, move in _timed(self.moves) if move.label == label]


class Performance:
    """The moves of a performer with a body: pose and place at a time."""

    def __init__(self, performer: Performer, body: Dimensions, step_s: float = _STEP_S) -> None:
        """`step_s`: how finely the way over the floor is worked out; coarser is done sooner."""
        self._performer, self._body, self._step_s = performer, body, step_s
        self._starts_s = np.array([start for start, _ in _timed(performer.moves)] or [0.0])
        self._values = np.array([performer.start.values(), *(move.posture.values() for move in performer.moves)])
        self._way = self._walked()

    def at(self, time_s: float) -> tuple[Grounded, tuple[float, float]]:
        """The grounded body, and where in the person's own frame its hips are, m."""
        steps_s = np.arange(len(self._way)) * self._step_s
        x, y = (float(np.interp(time_s, steps_s, self._way[:, axis])) for axis in range(2))
        return self._grounded(time_s), (x, y)

    def _grounded(self, time_s: float) -> Grounded:
        move = self._move(time_s)
        blended = np.mean([self._blend(time_s + offset) for offset in _SOFTNESS_S], axis=0)
        # nobody breathes out for good: who is still isn't frozen
        blended[_CHEST] += 0.5 * np.sin(1.7 * time_s)
        return grounded(self._body, Posture.of(blended), None if move is None else move.held)

    def _blend(self, time_s: float) -> Floats:
        number = self._number(time_s)
        if number is None:
            return np.asarray(self._values[0])
        move = self._performer.moves[number]
        share = _paced(move.pace, (time_s - self._starts_s[number]) / max(move.seconds, 1e-9))
        return np.asarray(self._values[number] * (1 - share) + self._values[number + 1] * share)

    def _walked(self) -> Floats:
        """(N, 2) m: where the hips are, every `step_s`, such that the anchors stay."""
        step_s, end_s = self._step_s, self._performer.end_s
        count = int(np.ceil(end_s / step_s)) + 2
        here, way = np.zeros(2), np.zeros((count, 2))
        before = self._grounded(0.0).places
        for step in range(1, count):
            places = self._grounded(step * step_s).places
            move = self._move((step - 0.5) * step_s)
            if move is not None and (step - 1) * step_s < end_s:
                left, forward = move.drift_m
                share = min(1.0, max(0.0, end_s / step_s - step + 1)) * step_s / max(move.seconds, step_s)
                here = here + before[move.anchor] - places[move.anchor] + np.array([left, -forward]) * share
            way[step], before = here, places
        return way

    def _move(self, time_s: float) -> Move | None:
        number = self._number(time_s)
        return None if number is None else self._performer.moves[number]

    def _number(self, time_s: float) -> int | None:
        """Of the move under way; the last one after the end; None before the first."""
        if time_s < 0 or not self._performer.moves:
            return None
        return int(np.searchsorted(self._starts_s, time_s, side="right")) - 1


def _timed(moves: Sequence[Move]) -> list[tuple[float, Move]]:
    """Each move with the time at which it begins."""
    starts = np.cumsum([0.0, *(move.seconds for move in moves)])
    return [(float(start), move) for start, move in zip(starts, moves, strict=False)]


def _paced(pace: Pace, share: float) -> float:
    bounded = min(max(share, 0.0), 1.0)
    if pace == "soft":
        return bounded * bounded * (3 - 2 * bounded)
    if pace == "dropping":
        return bounded * bounded
    return 1 - (1 - bounded) ** 2 if pace == "landing" else bounded


_CHEST = 4
"""Place of `Posture.chest` in its values."""
