"""How the network does on real people: windows of the shared clips' precomputed keypoints. Never trained on."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from svc_motion.network import SAMPLE_HZ, SAMPLES, Array32
from svc_motion.observation import LIMBS, BodyFrame, KeypointSchema, Observation, body_frame
from svc_motion.recognition import sampled

SOURCES = ("mp", "yolo11n_main")
"""BlazePose and YOLO11n-pose over the same clips."""
FAMILY = {
    "barbell_squat": "squat",
    "goblet_squat": "squat",
    "bulgarian_split_squat": "lunge",
    "split_squat": "lunge",
    "romanian_deadlift": "deadlift",
    "dumbbell_row": "row",
    "barbell_row": "row",
    "hammer_curl": "bicep_curl",
    "crunch": "sit_up",
}
STRIDE_S = 0.4
MIN_JOINTS = 5
EDGE_S = 0.5
"""A window counts as outside the labelled span when no more than this of it lies within."""


@dataclass(frozen=True)
class RealWindows:
    """Windows of one clip."""

    clip: str
    family: str
    """`none` for clips without an exercise."""
    points: Array32
    """(N, T, 17, 2) px."""
    confidence: Array32
    begin_s: np.ndarray
    """(N,) when each window begins; it lasts two seconds or the whole clip."""
    span_s: tuple[float, float]
    """The labelled span of the exercise; empty for `none`."""

    @property
    def outside(self) -> np.ndarray:
        """(N,) which windows lie outside the exercise."""
        end_s = self.begin_s + SAMPLES / SAMPLE_HZ
        shared_s = np.minimum(end_s, self.span_s[1]) - np.maximum(self.begin_s, self.span_s[0])
        return np.asarray(shared_s <= EDGE_S, dtype=np.bool_)

    @property
    def inside(self) -> np.ndarray:
        """(N,) which windows lie (all but half a second) within the exercise."""
        end_s = self.begin_s + SAMPLES / SAMPLE_HZ
        whole = (self.begin_s >= self.span_s[0] - EDGE_S) & (end_s <= self.span_s[1] + EDGE_S)
        return np.asarray(whole, dtype=np.bool_) if whole.any() else ~self.outside


def shared_folder() -> Path:
    """Where the shared test data lies; it may be absent."""
    return Path(os.environ.get("SPOTTER_SHARED", Path(__file__).parents[3] / "shared"))


def clips(source: str) -> list[RealWindows]:
    """Windows of every clip of the manifest; empty where the shared folder is absent."""
    folder = shared_folder()
    if not (folder / "MANIFEST.json").exists():
        return []
    found = []
    for file in json.loads((folder / "MANIFEST.json").read_text())["files"]:
        if file["kind"] != "video":
            continue
        name = Path(file["file"]).stem
        windows = _windows(_frames(folder / "keypoints" / source / f"{name}.npz", source))
        if windows is None:
            continue
        family = FAMILY.get(file["exercise"], file["exercise"])
        span_s = tuple(file.get("span_s") or (-1e9, 1e9)) if family != "none" else (-1e9, -1e9)
        found.append(RealWindows(name, family, *windows, (span_s[0], span_s[1])))
    return found


def _frames(path: Path, source: str) -> list[BodyFrame]:
    data = np.load(path)
    if source == "mp":
        keypoints, schema = data["kp"].astype(np.float64), KeypointSchema.BLAZEPOSE_33
    else:
        keypoints = np.concatenate([data["keypoints"], data["conf"][..., None]], axis=2).astype(np.float64)
        schema = KeypointSchema.COCO_17
    width, height = (int(size) for size in data["wh"])
    return [
        body_frame(Observation(int(time_s * 1e9), pose, schema, width, height))
        for time_s, pose in zip(data["t"].astype(float), keypoints, strict=True)
    ]


def _windows(frames: list[BodyFrame]) -> tuple[Array32, Array32, np.ndarray] | None:
    """Points, confidences and begins of windows in which enough joints were seen."""
    points, confidences, begins = [], [], []
    times = np.array([frame.time_s for frame in frames])
    length_s = (SAMPLES - 1) / SAMPLE_HZ
    ends = np.arange(min(length_s, times[-1] - times[0]) + times[0], times[-1] + 1e-6, STRIDE_S)
    for end_s in ends:
        within = [frame for frame in frames if end_s - length_s - 0.15 <= frame.time_s <= end_s + 1e-6]
        if len(within) < 6 or np.mean([frame.confidence[LIMBS] > 0 for frame in within]) * 12 < MIN_JOINTS:
            continue
        window = sampled(within)
        points.append(window[0])
        confidences.append(window[1])
        begins.append(end_s - length_s)
    return (np.stack(points), np.stack(confidences), np.array(begins)) if points else None
