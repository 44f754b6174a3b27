"""The shared videos as precomputed keypoints, as they are or degraded: thinned, mirrored, noisy, coarse, with holes."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import KeypointSchema, Observation

START_S = 1000.0
"""Capture time of a clip's first moment."""


def _swapped(pairs: list[tuple[int, int]], count: int) -> list[int]:
    """Order of the joints after left and right changed places."""
    order = list(range(count))
    for left, right in pairs:
        order[left], order[right] = right, left
    return order


BLAZEPOSE_MIRROR = _swapped([(1, 4), (2, 5), (3, 6), *((left, left + 1) for left in range(7, 33, 2))], 33)
COCO_MIRROR = _swapped([(left, left + 1) for left in range(1, 17, 2)], 17)
FAMILY = {
    "barbell_squat": "squat",
    "goblet_squat": "squat",
    "bulgarian_split_squat": "lunge",
    "dumbbell_row": "row",
    "barbell_row": "row",
}
HALF_NOISE = 0.003
"""What halving a picture adds to a pose model's error, in body heights: about a third of its own noise."""


@dataclass(frozen=True)
class Clip:
    """One video of the manifest."""

    name: str
    exercise: str
    repetitions: tuple[int, ...]
    """Accepted counts."""
    span_s: tuple[float, float] | None
    """Where the labelled repetitions lie."""
    hold_s: float | None
    """Labelled length of a hold."""
    tops_s: tuple[float, ...]
    """Ends of the lifting strokes, where they were labelled."""


@dataclass(frozen=True)
class Degraded:
    """What is done to the keypoints before they are counted."""

    fps: float | None = None
    mirror: bool = False
    noise: float = 0.0
    """Standard deviation in body heights."""
    half: bool = False
    """As if the picture had half the size: rounded to its pixels, a little noise."""
    drop: float = 0.0
    """Share of joints that are lost, at random."""


def shared_folder() -> Path:
    """Where the shared test data lies; it may be absent."""
    return Path(os.environ.get("SPOTTER_SHARED", Path(__file__).parents[3] / "shared"))


def clips() -> list[Clip]:
    """All videos of the manifest."""
    files = json.loads((shared_folder() / "MANIFEST.json").read_text())["files"]
    return [
        Clip(
            Path(file["file"]).stem,
            FAMILY.get(file["exercise"], file["exercise"]),
            tuple(file.get("reps_accepted") or [file["reps"]]),
            (file["span_s"][0], file["span_s"][1]) if "span_s" in file else None,
            file["hold_s"][1] - file["hold_s"][0] if "hold_s" in file else None,
            tuple(file.get("tops_s", ())),
        )
        for file in files
        if file["kind"] == "video" and isinstance(file.get("reps"), int)
    ]


def observations(name: str, source: str = "mp", degraded: Degraded = Degraded()) -> list[Observation]:
    """Keypoints of one clip, degraded."""
    data = np.load(shared_folder() / "keypoints" / source / f"{name}.npz")
    if source == "mp":
        keypoints, schema = data["kp"].astype(np.float64), KeypointSchema.BLAZEPOSE_33
    else:
        keypoints = np.concatenate([data["keypoints"], data["conf"][..., None]], axis=2).astype(np.float64)
        schema = KeypointSchema.COCO_17
    width, height = (int(size) for size in data["wh"])
    if degraded.mirror:
        keypoints = keypoints[:, BLAZEPOSE_MIRROR if source == "mp" else COCO_MIRROR]
        keypoints[..., 0] = width - keypoints[..., 0]
    _spoil(keypoints, degraded)
    taken: list[Observation] = []
    for time_s, pose in zip(data["t"].astype(float), keypoints, strict=True):
        time_ns = int((START_S + time_s) * 1e9)
        if degraded.fps and taken and time_ns - taken[-1].capture_time_ns < 1e9 / degraded.fps - 1e6:
            continue
        taken.append(Observation(time_ns, pose, schema, width, height))
    return taken


def _spoil(keypoints: NDArray[np.float64], degraded: Degraded) -> None:
    """Add noise, round and drop, in place."""
    rng = np.random.default_rng(0)
    noise = degraded.noise + HALF_NOISE * degraded.half
    if noise:
        found = keypoints[np.isfinite(keypoints[..., 1]).all(axis=1), :, 1]
        size = np.median(np.ptp(found, axis=1)) if len(found) else 0.0
        keypoints[..., :2] += rng.normal(0, noise * size, keypoints[..., :2].shape)
    if degraded.half:
        keypoints[..., :2] = 2 * np.round(keypoints[..., :2] / 2)
    if degraded.drop:
        keypoints[rng.random(keypoints.shape[:2]) < degraded.drop] = np.nan
