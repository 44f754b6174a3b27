"""How sure the network is against how right it is, and the temperature that brings both together.

    python -m svc_motion.training.calibrate [exercise_network.onnx] [--out calibrated.onnx]

One number (Guo et al. 2017, arXiv:1706.04599), fitted to windows that no training saw: synthetic ones and, where they
are at hand, those of the shared clips, both weighing the same. Told is what it does to other synthetic windows, and to
each half of the clips at the temperature that is fitted without it. `--out` writes a copy of the file with the number
in its metadata, which svc_motion obeys; the graph stays as it is.
"""

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

from svc_motion.network import NETWORK_FILE, NONE_CLASS, TEMPERATURE, Array32, ExerciseNetwork, tempered
from svc_motion.training import real_windows
from svc_motion.training.camera import Camera
from svc_motion.training.movements import CLASSES, windows

FIT_SEED, TEST_SEED = 888_888_883, 777_777_777
"""Neither is a seed of training or of `metrics`."""
SYNTHETIC_WINDOWS = 6_000
BINS = 15
COLDEST, HOTTEST = 0.25, 4.0
GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Judged:
    """What the network said of windows, and what they showed."""

    shares: Array32
    """(N, classes) before any temperature."""
    truth: np.ndarray
    """(N,) index of the right class."""

    def at(self, temperature: float) -> "Judged":
        """The same at a temperature."""
        return Judged(tempered(self.shares, temperature), self.truth)

    @property
    def log_loss(self) -> float:
        """Mean negative logarithm of what was given to the right class, nats."""
        given = self.shares[np.arange(len(self.truth)), self.truth].astype(np.float64)
        return float(-np.log(np.maximum(given, 1e-12)).mean())

    @property
    def calibration_error(self) -> float:
        """Expected calibration error: mean over 15 bins of |how sure - how right|, each bin by its windows."""
        sure = self.shares.max(axis=1).astype(np.float64)
        right = self.shares.argmax(axis=1) == self.truth
        places = np.minimum((sure * BINS).astype(int), BINS - 1)
        gaps = [abs(float((sure[places == bin_] - right[places == bin_]).sum())) for bin_ in range(BINS)]
        return float(sum(gaps) / len(sure))

    @property
    def summary(self) -> dict[str, float]:
        """For the report."""
        sure, right = self.shares.max(axis=1), self.shares.argmax(axis=1) == self.truth
        numbers = {
            "ece": self.calibration_error,
            "nll": self.log_loss,
            "mean_confidence": float(sure.mean()),
            "accuracy": float(right.mean()),
        }
        return {"windows": len(self.truth)} | {name: round(value, 4) for name, value in numbers.items()}


def joined(parts: Sequence[Judged]) -> Judged:
    """All windows of several."""
    return Judged(np.concatenate([part.shares for part in parts]), np.concatenate([part.truth for part in parts]))


def synthetic(network: ExerciseNetwork, seed: int, count: int = SYNTHETIC_WINDOWS) -> Judged:
    """Windows of the generator."""
    joints, truth = windows(count, seed)
    points, confidence = Camera(np.random.default_rng(seed)).render(joints)
    shares = [network.probabilities(points[at : at + 200], confidence[at : at + 200]) for at in range(0, count, 200)]
    return Judged(np.concatenate(shares), truth)


def real(network: ExerciseNetwork) -> list[Judged]:
    """Windows of two halves of the shared clips, every second one by name; empty where they are absent.

    A clip is in the same half for both pose models.
    """
    halves: tuple[list[Judged], list[Judged]] = ([], [])
    clips = [clip for source in real_windows.SOURCES for clip in real_windows.clips(source)]
    names = sorted({clip.clip for clip in clips})
    for clip in clips:
        if (judged := _of_clip(network, clip)) is not None:
            halves[names.index(clip.clip) % 2].append(judged)
    return [joined(half) for half in halves if half]


def fitted(parts: Sequence[Judged]) -> float:
    """The temperature with the least sum of mean log losses, by golden section over its logarithm."""
    low, high = math.log(COLDEST), math.log(HOTTEST)

    def loss(logarithm: float) -> float:
        return sum(part.at(math.exp(logarithm)).log_loss for part in parts)

    while high - low > 1e-4:
        left, right = high - GOLDEN_RATIO * (high - low), low + GOLDEN_RATIO * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return round(math.exp((low + high) / 2), 3)


def with_temperature(data: bytes, temperature: float) -> bytes:
    """The file with another temperature in its metadata; without one for 1, as training writes it."""
    model = onnx.load_model_from_string(data)
    properties = {entry.key: entry.value for entry in model.metadata_props if entry.key != TEMPERATURE}
    if temperature != 1.0:
        properties[TEMPERATURE] = f"{temperature:g}"
    helper.set_model_props(model, properties)
    return bytes(model.SerializeToString(deterministic=True))


def report(path: Path) -> dict[str, Any]:
    """The temperature, and what it does; the file's own is left aside."""
    network = ExerciseNetwork(path)
    network.temperature = 1.0
    made, others, halves = synthetic(network, FIT_SEED), synthetic(network, TEST_SEED), real(network)
    temperature = fitted([made, *([joined(halves)] if halves else [])])
    found: dict[str, Any] = {
        "temperature": temperature,
        "synthetic": {"alone": fitted([made]), "before": others.summary, "after": others.at(temperature).summary},
    }
    if halves:
        crosswise = [fitted([made, other]) for other in reversed(halves)]
        after = joined([half.at(one) for half, one in zip(halves, crosswise, strict=True)])
        found["real"] = {
            "alone": fitted([joined(halves)]), "each_half_at": crosswise,
            "before": joined(halves).summary, "after": after.summary,
        }  # fmt: skip
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path, nargs="?", default=NETWORK_FILE)
    parser.add_argument("--out", type=Path, help="write a copy that carries the temperature")
    options = parser.parse_args()
    found = report(options.network)
    if options.out:
        options.out.write_bytes(with_temperature(options.network.read_bytes(), found["temperature"]))
    print(json.dumps(found, indent=2))  # noqa: T201


def _of_clip(network: ExerciseNetwork, clip: real_windows.RealWindows) -> Judged | None:
    """Windows inside the exercise as its family, those outside as `none`; what is neither has no right answer."""
    truth = np.full(len(clip.begin_s), -1)
    truth[clip.outside] = CLASSES.index(NONE_CLASS)
    if clip.family != NONE_CLASS and clip.family in CLASSES:
        truth[clip.inside] = CLASSES.index(clip.family)
    known = truth >= 0
    if not known.any():
        return None
    return Judged(network.probabilities(clip.points[known], clip.confidence[known]), truth[known])


if __name__ == "__main__":
    main()
