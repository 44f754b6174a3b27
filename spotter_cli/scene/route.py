"""People who move about: a plan of walking, standing and exercising, and where it has them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.motions import Exercise

_SOFTNESS_S = np.linspace(-0.22, 0.22, 9)
"""A body starts, stops and turns within this time around the corner of its plan."""


@dataclass(frozen=True)
class Walk:
    """Walk in a straight line."""

    to_m: tuple[float, float]
    speed_mps: float = 1.2


@dataclass(frozen=True)
class Stand:
    """Stand still."""

    seconds: float
    yaw_deg: float | None = None
    """0 faces -y, growing to the person's left; None: as before."""


@dataclass(frozen=True)
class Train:
    """Do an exercise that one does on one's feet, as many repetitions as fit."""

    exercise: Exercise
    seconds: float
    yaw_deg: float = 0.0
    tempo_s: float = 2.0
    """Mean duration of the movement of a repetition."""

    def __post_init__(self) -> None:
        if self.exercise is Exercise.PUSH_UP:
            raise ValueError("a person with a plan stays on the feet, and can't do push-ups")


Step = Walk | Stand | Train


@dataclass(frozen=True)
class Place:
    """Where a person with a plan is at a time."""

    position_m: tuple[float, float]
    yaw_deg: float
    walked_m: float
    pace: float
    """0 stands, 1 walks."""
    step: int | None
    """Number of the step under way; None after the last."""


@dataclass(frozen=True)
class Segment:
    """One step with its times and places."""

    step: Step
    start_s: float
    end_s: float
    from_m: Floats
    to_m: Floats
    yaw_deg: float
    walked_m: float
    """Way behind the person when the step begins."""

    def share(self, time_s: float) -> float:
        """Share of the step that is done, 0..1."""
        return min(max((time_s - self.start_s) / max(self.end_s - self.start_s, 1e-9), 0.0), 1.0)


@dataclass(frozen=True)
class Visitor:
    """A person of a scene who follows a plan; stands still when it ends."""

    look: str
    start_m: tuple[float, float]
    plan: tuple[Step, ...]
    seed: int = 0
    """Varies tempo and amplitude of what is exercised."""

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The plan with times."""
        return _segments(self.start_m, self.plan)

    def place(self, time_s: float) -> Place:
        """Where the person is, softened around the corners of the plan."""
        raw = [self._raw(time_s + offset) for offset in _SOFTNESS_S]
        x, y, yaw_deg, walked_m, pace = np.mean(raw, axis=0).tolist()
        current = next((n for n, s in enumerate(self.segments) if s.start_s <= time_s < s.end_s), None)
        return Place((x, y), yaw_deg, walked_m, pace, current)

    def _raw(self, time_s: float) -> Floats:
        segments = self.segments
        if not segments:
            return np.array([*self.start_m, 0.0, 0.0, 0.0])
        one = next((s for s in segments if time_s < s.end_s), segments[-1])
        way = one.to_m - one.from_m
        share = one.share(time_s)
        walking = isinstance(one.step, Walk) and one.start_s <= time_s < one.end_s
        walked_m = one.walked_m + float(np.linalg.norm(way)) * share
        return np.array([*(one.from_m + way * share), one.yaw_deg, walked_m, float(walking)])


def heading_deg(way: Floats) -> float:
    """The yaw of somebody who walks along a vector (2,)."""
    return float(np.degrees(np.arctan2(way[0], -way[1])))


def _segments(start_m: tuple[float, float], plan: Sequence[Step]) -> tuple[Segment, ...]:
    here, time_s, walked_m = np.array(start_m, float), 0.0, 0.0
    segments: list[Segment] = []
    yaw_deg = _first_yaw_deg(here, plan)
    for step in plan:
        there, wanted_deg, seconds = here, yaw_deg, 0.0
        if isinstance(step, Walk):
            there = np.array(step.to_m, float)
            wanted_deg = heading_deg(there - here)
            seconds = float(np.linalg.norm(there - here)) / step.speed_mps
        else:
            seconds = step.seconds
            wanted_deg = yaw_deg if step.yaw_deg is None else step.yaw_deg
        yaw_deg += (wanted_deg - yaw_deg + 180) % 360 - 180  # the short way round
        segments.append(Segment(step, time_s, time_s + seconds, here, there, yaw_deg, walked_m))
        walked_m += float(np.linalg.norm(there - here))
        here, time_s = there, time_s + seconds
    return tuple(segments)


def _first_yaw_deg(here: Floats, plan: Sequence[Step]) -> float:
    if plan and isinstance(plan[0], Walk):
        return heading_deg(np.array(plan[0].to_m, float) - here)
    return 0.0
