"""Keeps what a finder found in a film, so that changes of a tracker can be tried without finding everybody again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from svc_vision.people import KeypointSchema, People

_ARRAYS = ("boxes", "scores", "keypoints", "world", "regions")


def save_people(frames: Sequence[People], path: Path) -> None:
    """Writes the people of each frame as a NumPy archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {name: np.concatenate([getattr(people, name) for people in frames]) for name in _ARRAYS}
    counts = np.array([len(people) for people in frames])
    schemas = np.array([people.schema.name for people in frames])
    with path.open("wb") as file:
        np.savez_compressed(file, counts=counts, schemas=schemas, **arrays)


def load_people(path: Path) -> list[People]:
    """Reads what `save_people` wrote; raises OSError where there is nothing."""
    with np.load(path) as archive:
        ends = np.cumsum(archive["counts"])[:-1]
        parts = {name: np.split(archive[name], ends) for name in _ARRAYS}
        schemas = [KeypointSchema[name] for name in archive["schemas"].tolist()]
    return [
        People(schema=schema, **{name: frames[index] for name, frames in parts.items()})
        for index, schema in enumerate(schemas)
    ]
