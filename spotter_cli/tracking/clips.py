"""Recorded clips of which only the number of people is known: how many ids they get."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from spotter_cli.evaluation.manifest import ManifestError
from spotter_cli.tracking.evaluation import all_tracks
from spotter_cli.tracking.eye_run import watch
from spotter_cli.tracking.eyes import Eyes
from spotter_cli.tracking.tracks import Tracks, ids_of


@dataclass(frozen=True)
class CrowdClip:
    """A clip and how many people it shows; nobody of them comes twice into the picture."""

    path: Path
    people: int

    @property
    def name(self) -> str:
        """File name without its ending."""
        return self.path.stem


@dataclass(frozen=True)
class ClipCount:
    """What one tracker made of a clip."""

    ids: int
    right_frames: float
    """Share of the frames in which as many people are tracked as there are."""


def load_clips(manifest: Path) -> list[CrowdClip]:
    """The videos `track_*` of a manifest, see `evaluation.manifest`. Raises ManifestError."""
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        named = [(Path(str(entry["file"])), entry) for entry in entries if entry.get("kind") == "video"]
        return [
            CrowdClip((manifest.parent / file).absolute(), int(entry["people"]))
            for file, entry in named
            if file.name.startswith("track_")
        ]
    except OSError as error:
        raise ManifestError(f"{manifest} can't be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(f"{manifest} isn't a manifest: {error}.") from None


def count_clip(clip: CrowdClip, eyes: Eyes) -> Mapping[str, ClipCount]:
    """How many ids each tracker gave."""
    with av.open(str(clip.path)) as container:
        fps = float(container.streams.video[0].average_rate or 25)
    watched = watch(clip.path, eyes.make_finder, eyes.make_eye)
    return {name: _count(tracks, clip.people) for name, tracks in all_tracks(watched, fps).items()}


def _count(tracks: Tracks, people: int) -> ClipCount:
    right = [len(frame.ids) == people for frame in tracks]
    return ClipCount(len(ids_of(tracks)), float(np.mean(right)) if right else 0.0)
