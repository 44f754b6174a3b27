"""Ultralytics `YOLO.track()` as a yardstick, measured in the export environment beside what Spotter takes.

Ultralytics is AGPL-3.0: it runs as a program of its own, in an environment of its own, and only here.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triton_models.export.environment import MISSING, PROJECT_DIR, export_python, run_in_environment

PROGRAM = "spotter_cli.bench.ultralytics_track"
WEIGHTS = ("yolo11n-pose.onnx", "yolo11n-pose.pt")
TIMEOUT_S = 1800.0


class BaselineError(Exception):
    """The environment is there, but the measurement failed."""


@dataclass(frozen=True)
class UltralyticsRun:
    """What Ultralytics took for a clip, on one thread: decoding, the network, ByteTrack and its results."""

    frames: int
    cpu_ms_per_frame: float
    """User + system, without the first frame, with which it sets itself up."""
    wall_ms_per_frame: float
    people: tuple[int, ...]
    """Tracked people, frame by frame."""
    tracks: int
    """Different track ids in the whole clip."""
    weights_difference_px: float | None
    """Between the PyTorch network and the ONNX file that its weights were taken from; None: they came from a .pt."""
    versions: dict[str, str]

    @property
    def mean_people(self) -> float:
        """Tracked people a frame."""
        return sum(self.people) / len(self.people)


def unavailable(weights: Path | None = None) -> str | None:
    """Why the yardstick can't be measured here, and what to do; None where it can."""
    if export_python() is None:
        return MISSING
    if (weights or find_weights()) is None:
        return f"no {' or '.join(WEIGHTS)} in the folders named by SPOTTER_MODELS or in SPOTTER_SHARED's models"
    return None


def find_weights() -> Path | None:
    """YOLO11n pose weights of this machine, the same that the model repository is built from."""
    return next((path for folder in _folders() for name in WEIGHTS if (path := folder / name).is_file()), None)


def run_ultralytics(clip: Path, weights: Path | None = None) -> UltralyticsRun | None:
    """Tracks a clip at 640 px as Ultralytics does by default; None where `unavailable` gives a reason.

    Raises:
        BaselineError: the program failed; the message holds its last words.
    """
    python, weights = export_python(), weights or find_weights()
    if python is None or weights is None:
        return None
    try:
        done = run_in_environment(
            python, ["-m", PROGRAM, str(clip.absolute()), str(weights.absolute())], timeout_s=TIMEOUT_S, capture=True
        )
    except subprocess.TimeoutExpired as error:
        raise BaselineError(f"Ultralytics took more than {TIMEOUT_S:.0f} s for {clip.name}") from error
    if done.returncode != 0:
        raise BaselineError(f"Ultralytics failed on {clip.name}: {' '.join(done.stderr.strip().splitlines()[-3:])}")
    measured = json.loads(done.stdout)
    return UltralyticsRun(**{**measured, "people": tuple(measured["people"])})


def _folders() -> Iterator[Path]:
    if named := os.environ.get("SPOTTER_MODELS"):
        yield Path(named)
    yield Path(os.environ.get("SPOTTER_SHARED") or PROJECT_DIR.parent / "shared") / "models"
