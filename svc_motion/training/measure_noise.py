"""How wrong pose models are, from how two of them disagree about the same frames: what `camera` imitates.

    python -m svc_motion.training.measure_noise

BlazePose and YOLO11n-pose err independently of each other (other networks, other training data), so the variance of
one's error is half of that of their difference. Lengths are in trunk lengths (middle of shoulders to middle of hips).
Needs the shared folder with the clips' keypoints (`SPOTTER_SHARED`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svc_motion.network import SAMPLE_HZ, SAMPLES, VALID_CONFIDENCE
from svc_motion.observation import BLAZEPOSE_TO_COCO
from svc_motion.training.real_windows import shared_folder

Array = NDArray[np.float64]

JOINTS = {
    "face": (0, 1, 2, 3, 4),
    "shoulder": (5, 6),
    "elbow": (7, 8),
    "wrist": (9, 10),
    "hip": (11, 12),
    "knee": (13, 14),
    "ankle": (15, 16),
}
PAIRS = {"arms": ((7, 8), (9, 10)), "legs": ((13, 14), (15, 16)), "trunk": ((5, 6), (11, 12))}
OUTLIER = 0.35
"""Trunk lengths; a difference above it is no noise but another opinion."""
APART = 0.25
"""Trunk lengths that left and right must be apart for a swap to be seen."""
SAME_PERSON = 0.35
"""Median difference, trunk lengths, up to which both models look at the same person."""


@dataclass(frozen=True)
class Clip:
    """Both models' keypoints of one clip at SAMPLE_HZ: points (n, 17, 2) in trunk lengths, confidences (n, 17)."""

    blazepose: Array
    blazepose_confidence: Array
    yolo: Array
    yolo_confidence: Array


def _resampled(times: Array, points: Array, confidence: Array, grid: Array) -> tuple[Array, Array]:
    confidence = np.where(np.isfinite(points).all(axis=-1), confidence, 0)
    nearest = np.abs(times[:, None] - grid).argmin(axis=0)
    return np.nan_to_num(points)[nearest], np.nan_to_num(confidence)[nearest]


def load_clip(name: str) -> Clip | None:
    """One clip; None where the models look at different people or hardly see anyone."""
    folder = shared_folder() / "keypoints"
    blaze, yolo = np.load(folder / "mp" / f"{name}.npz"), np.load(folder / "yolo11n_main" / f"{name}.npz")
    last_s = min(blaze["t"][-1], yolo["t"][-1])
    grid = np.arange(max(blaze["t"][0], yolo["t"][0]), last_s + 1e-6, 1 / SAMPLE_HZ)
    keypoints = blaze["kp"].astype(float)[:, BLAZEPOSE_TO_COCO]
    first, first_sure = _resampled(blaze["t"].astype(float), keypoints[..., :2], keypoints[..., 2], grid)
    second, second_sure = _resampled(yolo["t"].astype(float), yolo["keypoints"].astype(float), yolo["conf"], grid)
    seen = (second_sure > VALID_CONFIDENCE) & (first_sure > VALID_CONFIDENCE)
    if seen.sum() < 50:
        return None
    trunk = np.linalg.norm(second[:, [5, 6]].mean(axis=1) - second[:, [11, 12]].mean(axis=1), axis=-1)
    limb = [np.linalg.norm(second[:, a] - second[:, b], axis=-1) for a, b in ((11, 13), (12, 14), (13, 15), (14, 16))]
    known = seen[:, [5, 6, 11, 12]].all(axis=1)
    if known.sum() < 5:
        return None
    size = max(np.quantile(trunk[known], 0.8), max(np.quantile(length[known], 0.8) for length in limb) / 0.85)
    if np.median(np.linalg.norm(first - second, axis=-1)[seen]) / size > SAME_PERSON:
        return None
    return Clip(first / size, first_sure, second / size, second_sure)


def _windows(values: Array) -> list[Array]:
    return [values[at : at + SAMPLES] for at in range(0, len(values) - SAMPLES + 1, SAMPLES)]


def joint_errors(clips: Sequence[Clip], joints: tuple[int, ...]) -> dict[str, float]:
    """Standard deviations a coordinate of one model's error: lasting over a window, slow, white; share of outliers."""
    biases, residuals, outliers, seen_frames = [], [], 0, 0
    lagged: dict[int, list[Array]] = {0: [], 1: [], 3: []}
    for clip in clips:
        difference = clip.blazepose - clip.yolo
        seen = (clip.blazepose_confidence > VALID_CONFIDENCE) & (clip.yolo_confidence > VALID_CONFIDENCE)
        far = (np.linalg.norm(difference, axis=-1) > OUTLIER) & seen
        outliers += int(far[:, joints].sum())
        seen_frames += int(seen[:, joints].sum())
        for window, usable in zip(_windows(difference), _windows((seen & ~far).astype(float)), strict=True):
            for joint in joints:
                if usable[:, joint].mean() < 0.9:
                    continue
                series = window[usable[:, joint] > 0, joint]
                biases.append(series.mean(axis=0))
                centred = series - series.mean(axis=0)
                residuals.append(centred)
                for lag, products in lagged.items():
                    products.append((centred[lag:] * centred[: len(centred) - lag]).mean(axis=0))
    variance, near, later = (float(np.mean(lagged[lag])) / 2 for lag in (0, 1, 3))
    slow = max(near + (near - later) / 4, 0.0)
    return {
        "bias": float(np.sqrt(np.mean(np.square(biases)) / 2)),
        "slow": float(np.sqrt(slow)),
        "white": float(np.sqrt(max(variance - slow, 0.0))),
        "correlation_1": near / variance,
        "correlation_3": later / variance,
        "outliers": outliers / max(seen_frames, 1),
    }


def window_spread(clips: Sequence[Clip]) -> float:
    """How much windows differ in their noise: standard deviation of the logarithm of its size."""
    sizes = []
    for clip in clips:
        difference = clip.blazepose - clip.yolo
        for window in _windows(difference):
            jitter = np.linalg.norm(window - np.median(window, axis=0), axis=-1)
            sizes.append(float(np.log(np.median(jitter) + 1e-4)))
    return float(np.std(sizes))


def dropouts(confidence: Sequence[Array], joints: tuple[int, ...]) -> dict[str, float]:
    """Share of frames in which a joint is not seen, and how long it stays so, seconds."""
    lost = [values[:, joint] <= VALID_CONFIDENCE for values in confidence for joint in joints]
    share = float(np.mean(np.concatenate(lost)))
    runs = sum(int(np.count_nonzero(np.diff(series.astype(int), prepend=0) == 1)) for series in lost)
    partly = float(np.mean([0 < series.mean() < 1 for series in lost]))
    frames = sum(int(series.sum()) for series in lost)
    return {"share": share, "run_s": frames / max(runs, 1) / SAMPLE_HZ, "clips_partly": partly}


def swaps(clips: Sequence[Clip], pairs: tuple[tuple[int, int], ...]) -> dict[str, float]:
    """Share of frames in which the models take left and right of a pair the other way round, and for how long."""
    swapped, frames, runs = 0, 0, 0
    for clip in clips:
        seen = (clip.blazepose_confidence > VALID_CONFIDENCE) & (clip.yolo_confidence > VALID_CONFIDENCE)
        for left, right in pairs:
            apart = np.linalg.norm(clip.yolo[:, left] - clip.yolo[:, right], axis=-1) > APART
            usable = seen[:, left] & seen[:, right] & apart
            first, second = clip.blazepose[:, [left, right]], clip.yolo[:, [left, right]]
            straight = np.linalg.norm(first - second, axis=-1).sum(axis=1)
            crossed = np.linalg.norm(first - second[:, ::-1], axis=-1).sum(axis=1)
            here = usable & (crossed < 0.5 * straight)
            swapped, frames = swapped + int(here.sum()), frames + int(usable.sum())
            runs += int(np.count_nonzero(np.diff(here.astype(int), prepend=0) == 1))
    return {"share": swapped / max(frames, 1), "run_s": swapped / max(runs, 1) / SAMPLE_HZ}


def measure() -> dict[str, object]:
    """All of it over the shared clips. Raises FileNotFoundError where they are absent."""
    manifest = json.loads((shared_folder() / "MANIFEST.json").read_text())["files"]
    names = [Path(file["file"]).stem for file in manifest if file["kind"] == "video"]
    clips = [clip for clip in map(load_clip, names) if clip is not None]
    return {
        "clips": len(clips),
        "seconds": round(sum(len(clip.yolo) for clip in clips) / SAMPLE_HZ),
        "error": {name: joint_errors(clips, joints) for name, joints in JOINTS.items()},
        "log_spread_of_windows": window_spread(clips),
        "dropout_yolo": {name: dropouts([c.yolo_confidence for c in clips], joints) for name, joints in JOINTS.items()},
        "dropout_blazepose": {
            name: dropouts([clip.blazepose_confidence for clip in clips], joints) for name, joints in JOINTS.items()
        },
        "swaps": {name: swaps(clips, pairs) for name, pairs in PAIRS.items()},
    }


def main() -> None:
    """Print it."""
    rounded = json.loads(json.dumps(measure()), parse_float=lambda text: round(float(text), 4))
    for name, value in rounded.items():
        if not isinstance(value, dict):
            print(f"{name}: {value}")  # noqa: T201
            continue
        print(name)  # noqa: T201
        for part, numbers in value.items():
            print(f"  {part:9}", "  ".join(f"{key} {number}" for key, number in numbers.items()))  # noqa: T201


if __name__ == "__main__":
    main()
