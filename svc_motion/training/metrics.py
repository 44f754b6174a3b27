"""How right the written network is: on synthetic windows of a seed never trained on, and on real people.

python -m svc_motion.training.metrics [exercise_network.onnx]
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from svc_motion.network import NETWORK_FILE, ExerciseNetwork
from svc_motion.training import calibrate, real_windows
from svc_motion.training.camera import Camera
from svc_motion.training.movements import CLASSES, windows

SYNTHETIC_WINDOWS = 6_000
NOT_EXERCISES = ("none", "unknown")


def synthetic(network: ExerciseNetwork, seed: int) -> dict[str, float]:
    """Share of right windows, all together and by class."""
    joints, classes = windows(SYNTHETIC_WINDOWS, seed)
    points, confidence = Camera(np.random.default_rng(seed)).render(joints)
    said = np.concatenate(
        [
            network.probabilities(points[at : at + 200], confidence[at : at + 200]).argmax(axis=1)
            for at in range(0, len(points), 200)
        ]
    )
    right = np.array(network.classes)[said] == np.array(CLASSES)[classes]
    by_class = {name: _share(right[classes == index]) for index, name in enumerate(CLASSES)}
    return {"all": _share(right)} | by_class


def _share(values: np.ndarray | Sequence[bool]) -> float:
    return round(float(np.mean(values)), 3) if len(values) else float("nan")


def real(network: ExerciseNetwork, source: str) -> dict[str, Any]:
    """On the shared clips as one pose model saw them; empty where they are absent."""
    clips = real_windows.clips(source)
    if not clips:
        return {}
    windows_right, clips_right, quiet_inside, outside = [], [], [], []
    names = np.array(network.classes)
    silent = np.isin(names, NOT_EXERCISES)
    wrong: dict[str, str] = {}
    for clip in clips:
        shares = network.probabilities(clip.points, clip.confidence)
        outside.append(shares[clip.outside])
        if clip.family == "none" or not clip.inside.any():
            continue
        inside = shares[clip.inside]
        windows_right.append(names[inside.argmax(axis=1)] == clip.family)
        quiet_inside.append(silent[inside.argmax(axis=1)])
        best = str(names[~silent][inside.mean(axis=0)[~silent].argmax()])
        clips_right.append(best == clip.family)
        if best != clip.family:
            wrong[clip.clip] = best
    said_outside = np.concatenate(outside).argmax(axis=1)
    return {
        "clips": len(clips_right),
        "clip_accuracy": _share(clips_right),
        "windows": int(sum(map(len, windows_right))),
        "window_accuracy": _share(np.concatenate(windows_right)),
        "none_or_unknown_inside": _share(np.concatenate(quiet_inside)),
        "windows_outside": len(said_outside),
        "none_outside": _share(names[said_outside] == "none"),
        "none_or_unknown_outside": _share(silent[said_outside]),
        "clips_wrong": wrong,
    }


def metrics(path: Path) -> dict[str, Any]:
    """Everything that is written beside the weights."""
    network = ExerciseNetwork(path)
    found: dict[str, Any] = {"synthetic_accuracy": synthetic(network, 999_999_937)}
    for source in real_windows.SOURCES:
        if measured := real(network, source):
            found[f"real_{source}"] = measured
    return found | {"calibration": calibrate.report(path)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path, nargs="?", default=NETWORK_FILE)
    print(json.dumps(metrics(parser.parse_args().network), indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
