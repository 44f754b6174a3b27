"""The list of labelled clips: a JSON object with `files`, of which entries of kind `video` are clips.

ManifestError -- the file can't be read, or an entry lacks what a clip needs; says which and why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTHING = "none"
"""Exercise of a clip in which nobody exercises."""


class ManifestError(ValueError):
    """The manifest can't be used."""


@dataclass(frozen=True)
class Clip:
    """A clip and what is true about it."""

    file: str
    """As the manifest names it."""
    path: Path
    exercise: str
    reps: int
    accepted: tuple[int, ...]
    """Counts that are right; several where the clip starts in mid-repetition."""
    span_s: tuple[float, float] | None = None
    """From the beginning of the first repetition to the end of the last; None where nobody said."""
    hold_s: tuple[float, float] | None = None
    """From when to when something is held; None in clips of counted exercises."""
    marks_s: tuple[float, ...] = ()
    """The turning point of each repetition, where somebody noted them."""

    @property
    def name(self) -> str:
        """File name without its ending, for reports and pictures."""
        return Path(self.file).stem


def load_manifest(path: Path) -> list[Clip]:
    """The clips of a manifest, in its order; media files lie relative to its folder. Raises ManifestError."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["files"]
        return [_clip(entry, path.parent) for entry in entries if entry.get("kind") == "video"]
    except OSError as error:
        raise ManifestError(f"{path} can't be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(f"{path} isn't a manifest: {error}.") from None


def _clip(entry: dict[str, Any], folder: Path) -> Clip:
    file = str(entry["file"])
    try:
        reps = int(entry["reps"])
        accepted = tuple(int(count) for count in entry.get("reps_accepted") or (reps,))
        marks_s = tuple(float(mark) for mark in entry.get("bottoms_s") or entry.get("tops_s") or ())
        return Clip(
            file,
            (folder / file).absolute(),
            str(entry["exercise"]),
            reps,
            accepted,
            _span(entry, "span_s"),
            _span(entry, "hold_s"),
            marks_s,
        )
    except (KeyError, TypeError) as error:
        raise ManifestError(f"the entry {file} has no usable {error}") from None


def _span(entry: dict[str, Any], name: str) -> tuple[float, float] | None:
    span = entry.get(name)
    if span is None:
        return None
    begin_s, end_s = (float(moment) for moment in span)
    if end_s < begin_s:
        raise ValueError(f"{name} of {entry['file']} ends before it begins")
    return begin_s, end_s
