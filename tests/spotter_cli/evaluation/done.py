"""Sets as tests need them."""

from __future__ import annotations

from pathlib import Path

from spotter_cli.evaluation.manifest import Clip
from spotter_cli.evaluation.scoring import DoneSet


def clip(exercise: str, reps: int, accepted: tuple[int, ...] = (), **truth: tuple[float, ...]) -> Clip:
    """A clip of which this much is true."""
    return Clip(f"videos/{exercise}.mp4", Path("x"), exercise, reps, accepted or (reps,), **truth)  # type: ignore[arg-type]


def one_set(person_id: str, exercise: str, reps: int, seconds: float = 10, hold_s: float = 0.0) -> DoneSet:
    """A set from the clip's first frame on; its repetitions take a second each."""
    spans = tuple((float(number), number + 1.0) for number in range(reps))
    return DoneSet(person_id, exercise, 0.0, seconds, hold_s, spans)
