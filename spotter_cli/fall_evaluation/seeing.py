"""What vision's own eye makes of a film, kept on disk: drawing and looking take minutes, judging takes seconds."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from mesh.times import NS_PER_S
from spotter_cli.scene import Sight
from spotter_cli.tracking.eye_run import START_NS, units_of
from spotter_cli.tracking.eyes import Eyes
from svc_vision.eye import Look, VideoFormat
from svc_vision.people import COCO17_FROM_BLAZEPOSE33, KeypointSchema

LOOKS_PER_S = 15.0


@dataclass(frozen=True, eq=False)
class Seen:
    """What was seen in the L looks at a film, of N rows of people."""

    times_s: NDArray[np.float64]
    """(L,) of the looks, from the start of the film."""
    looks: NDArray[np.int64]
    """(N,) in which look."""
    tracks: NDArray[np.int64]
    """(N,) whose; reflections are left out."""
    boxes: NDArray[np.float32]
    """(N, 4) px: left, top, right, bottom."""
    keypoints: NDArray[np.float32]
    """(N, K, 3): x px, y px, confidence; K is 33 of BlazePose or 17 of COCO."""
    size_px: NDArray[np.int64]
    """(2,) width and height of the pictures."""
    true_boxes: NDArray[np.float32]
    """(L, 4) px: around the pixels that show the first person of a drawn film; NaN where unknown or hidden."""
    true_joints: NDArray[np.float32]
    """(L, 17, 2) px of the same; NaN where unknown."""
    cut_times_s: NDArray[np.float64]
    """(L,) when the picture was cut last; NaN before the first time."""


def see(video: Path, eyes: Eyes, sight: Sight | None = None, looks_per_s: float = LOOKS_PER_S) -> Seen:
    """Sends a film through a new eye, with so many looks a second of film at most; `sight` is what is true of it."""
    looks: list[Look] = []
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        size_px = (stream.width, stream.height)
        codec = stream.codec_context
        eye = eyes.make_eye(eyes.make_finder(), VideoFormat(codec.name, bytes(codec.extradata or b""), 0))
        due_ns = 0
        for unit in [*units_of(container), None]:
            for waiting in eye.flush() if unit is None else eye.decode([unit]):
                # half a frame of 60 early is due as well: films don't come at multiples of our interval
                if waiting.unit.capture_time_ns >= due_ns - NS_PER_S // 120:
                    due_ns = max(due_ns, waiting.unit.capture_time_ns - NS_PER_S // 120) + round(NS_PER_S / looks_per_s)
                    looks.append(eye.look_at(waiting))
    return _collected(looks, size_px, sight)


def _collected(looks: list[Look], size_px: tuple[int, int], sight: Sight | None) -> Seen:
    rows: list[tuple[int, int, Any, Any]] = []
    for number, look in enumerate(looks):
        people = look.people
        keypoints = people.keypoints
        if people.schema is KeypointSchema.COCO_17:
            keypoints = keypoints[:, list(COCO17_FROM_BLAZEPOSE33)]
        rows += [
            (number, int(track), people.boxes[row], keypoints[row])
            for row, track in enumerate(look.track_ids)
            if track not in look.reflections
        ]
    boxes, true_joints = np.full((len(looks), 4), np.nan), np.full((len(looks), 17, 2), np.nan)
    if sight is not None:
        shown = [min(look.sequence, len(sight) - 1) for look in looks]
        boxes, true_joints = sight.visible_boxes[shown, 0], sight.keypoints[shown, 0]
    joints = rows[0][3].shape if rows else (33, 3)
    return Seen(
        np.array([(look.capture_time_ns - START_NS) / NS_PER_S for look in looks]),
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[3] for row in rows], np.float32).reshape(-1, *joints),
        np.array(size_px, np.int64),
        boxes.astype(np.float32),
        true_joints.astype(np.float32),
        np.array([(look.cut_time_ns - START_NS) / NS_PER_S if look.cut_time_ns else np.nan for look in looks]),
    )


@dataclass(frozen=True)
class Kept:
    """The folder of what was seen before."""

    folder: Path
    reuse: bool = False
    """Whether what an older renderer or an older eye made is taken too."""

    def load(self, name: str, key: str) -> Seen | None:
        """What was seen of the film, if it lies there and was made of the same film in the same way."""
        try:
            with np.load(self._path(name)) as archive:
                if not self.reuse and str(archive["key"]) != key:
                    return None
                return Seen(**{one.name: archive[one.name] for one in fields(Seen)})
        except (OSError, KeyError, ValueError):
            return None

    def save(self, name: str, key: str, seen: Seen) -> None:
        """Writes it beside its place and moves it there: a file that lies there is whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".seeing_", delete=False) as file:
            arrays = {one.name: getattr(seen, one.name) for one in fields(Seen)}
            np.savez_compressed(file, key=np.array(key), **arrays)
        Path(file.name).replace(self._path(name))

    def get(self, name: str, key: str, make: Callable[[], Seen]) -> Seen:
        """What lies there, or what `make` gives."""
        seen = self.load(name, key)
        if seen is None:
            seen = make()
            self.save(name, key, seen)
        return seen

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npz"


def key_of(*parts: object) -> str:
    """Names what decides what is seen."""
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()[:20]
