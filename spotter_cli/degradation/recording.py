"""What the eye saw in a film, kept on disk, so that a change of motion is measured without looking again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from spotter_cli.degradation.conditions import FILM_CHANGES
from spotter_cli.replay.reel import START_NS, Reel
from spotter_cli.replay.roll import Roll
from spotter_cli.tracking.eyes import Eyes
from svc_motion.observation import KeypointSchema, Observation

FORMAT = 2
"""Raised when what is stored changes."""


@dataclass(frozen=True)
class Recording:
    """Everybody's observations in a film, in the order in which motion would get them."""

    people: tuple[int, ...]
    """Number of the person of each observation, from 0."""
    observations: tuple[Observation, ...]
    end_ns: int
    """Capture time of the last picture that was looked at; START_NS where there was none."""

    def save(self, path: Path) -> None:
        """Writes it; a reader never sees half a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        first = self.observations[0] if self.observations else None
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            people=np.array(self.people, dtype=np.int32),
            times_ns=np.array([one.capture_time_ns for one in self.observations], dtype=np.int64),
            keypoints=_stack([one.keypoints for one in self.observations]),
            world=_stack([one.world for one in self.observations if one.world is not None]),
            size_px=np.array([[one.frame_width_px, one.frame_height_px] for one in self.observations], dtype=np.int32),
            schema=np.array(first.schema.value if first else 0),
            after_cut=np.array([one.after_cut for one in self.observations], dtype=np.bool_),
            end_ns=np.array(self.end_ns, dtype=np.int64),
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Reads what `save` wrote. Raises OSError and ValueError where that isn't there or not whole."""
        with np.load(path, allow_pickle=False) as stored:
            kept = {name: stored[name] for name in stored.files}
        schema = KeypointSchema(int(kept["schema"])) if len(kept["people"]) else KeypointSchema.COCO_17
        world = kept["world"] if len(kept["world"]) else [None] * len(kept["people"])
        observations = tuple(
            Observation(int(time_ns), keypoints, schema, int(width), int(height), depth, bool(after_cut))
            for time_ns, keypoints, (width, height), depth, after_cut in zip(
                kept["times_ns"], kept["keypoints"], kept["size_px"], world, kept["after_cut"], strict=True
            )
        )
        return cls(tuple(int(person) for person in kept["people"]), observations, int(kept["end_ns"]))


def _stack(arrays: list[npt.NDArray[np.floating]]) -> npt.NDArray[np.float32]:
    return np.array(arrays, dtype=np.float32) if arrays else np.zeros((0, 0, 3), dtype=np.float32)


def record(film: Path, change: str, eyes: Eyes) -> Recording:
    """Looks at every picture of a film that the change lets through. Raises what opening a source raises."""
    reel = Reel(film, lambda video: eyes.make_eye(eyes.make_finder(), video))
    roll = Roll()
    numbers: dict[str, int] = {}
    people: list[int] = []
    observations: list[Observation] = []
    end_ns = START_NS
    for waiting in FILM_CHANGES[change](reel.play(0.0, lambda: False)):
        look = reel.eye.look_at(waiting)
        end_ns = max(end_ns, look.capture_time_ns)
        for person, observation in roll.observations(look):
            people.append(numbers.setdefault(person, len(numbers)))
            observations.append(observation)
    return Recording(tuple(people), tuple(observations), end_ns)


def recording_path(folder: Path, film: Path, change: str, finder: str) -> Path:
    """Where the recording of a film lies; another file of the same name has another place."""
    stat = film.stat()
    told = f"{FORMAT}|{film.absolute()}|{stat.st_size}|{stat.st_mtime_ns}|{change}|{finder}"
    return folder / finder / f"{film.stem}-{change}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.npz"
