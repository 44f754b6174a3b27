"""What people run today: Ultralytics `YOLO.track()` in PyTorch, on one thread. Prints one line of JSON.

Runs in the export environment only, where ultralytics (AGPL-3.0) is: a measuring tool, no part of what Spotter runs.
`spotter_cli.bench.ultralytics_baseline` starts it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from triton_models.export.ultralytics_alone import import_ultralytics, stand_in_for_torchvision

ALLOWED_DIFFERENCE_PX = 0.05
"""Between PyTorch and the ONNX file that the weights came from; float32 sums in another order differ by 0.001."""
PACKAGES = ("ultralytics", "torch", "opencv-python-headless")


def main() -> int:
    """Exit code: 0 measured, 1 not, with the reason on stderr."""
    parser = argparse.ArgumentParser(description="Measures Ultralytics YOLO.track() on one clip, on one thread.")
    parser.add_argument("clip", type=Path)
    parser.add_argument("weights", type=Path, help="yolo11?-pose.pt, or an ONNX export that kept the tensors' names")
    parser.add_argument("--imgsz", type=int, default=640, help="longer side that the network sees, px")
    arguments = parser.parse_args()
    _use_one_thread()
    with tempfile.TemporaryDirectory(prefix="spotter-ultralytics-") as config, _stdout_to_stderr() as answer:
        import_ultralytics(Path(config))
        stand_in_for_torchvision()
        model, difference = _load(arguments.weights, arguments.clip)
        if difference is not None and difference > ALLOWED_DIFFERENCE_PX:
            sys.stderr.write(f"the network built from {arguments.weights.name} differs from it by {difference} px\n")
            return 1
        measured = _track(model, arguments.clip, arguments.imgsz)
        versions = {package: importlib.metadata.version(package) for package in PACKAGES}
        answer.write(json.dumps({**measured, "weights_difference_px": difference, "versions": versions}) + "\n")
    return 0


def _track(model: Any, clip: Path, imgsz: int) -> dict[str, Any]:
    """Tracks a whole clip. The first frame, with which ultralytics sets itself up, isn't in the times."""
    people: list[int] = []
    tracks: set[int] = set()
    began_s = began_cpu_s = 0.0
    results = model.track(
        source=str(clip), imgsz=imgsz, stream=True, tracker="bytetrack.yaml", device="cpu", verbose=False
    )
    for result in results:
        ids = result.boxes.id
        people.append(0 if ids is None else len(ids))
        tracks.update(() if ids is None else map(int, ids))
        if len(people) == 1:
            began_s, began_cpu_s = time.perf_counter(), time.process_time()
    timed = len(people) - 1
    if timed < 1:
        raise SystemExit(f"{clip.name} has {len(people)} frames; at least two are needed to measure one")
    return {
        "frames": len(people),
        "cpu_ms_per_frame": (time.process_time() - began_cpu_s) * 1000 / timed,
        "wall_ms_per_frame": (time.perf_counter() - began_s) * 1000 / timed,
        "people": people,
        "tracks": len(tracks),
    }


def _load(weights: Path, clip: Path) -> tuple[Any, float | None]:
    """The model, and how far it is from the ONNX file that its weights came from (None: it came from a checkpoint)."""
    from ultralytics import YOLO

    if weights.suffix != ".onnx":
        return YOLO(weights, task="pose"), None
    from triton_models.export.yolo_onnx import difference_px, load_folded

    network = load_folded(weights)
    network.args = {}
    model = YOLO("yolo11n-pose.yaml", task="pose")
    model.model = network
    return model, difference_px(network, weights, _first_picture(clip))


def _first_picture(clip: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    capture = cv2.VideoCapture(str(clip))
    try:
        there, frame = capture.read()
    finally:
        capture.release()
    if not there:
        raise SystemExit(f"OpenCV reads no frame from {clip.name}")
    return np.ascontiguousarray(cv2.resize(frame, (640, 384))[..., ::-1], np.uint8)


def _use_one_thread() -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "threads;1"


@contextlib.contextmanager
def _stdout_to_stderr() -> Iterator[Any]:
    """Whatever is printed goes to stderr; the answer alone goes to stdout."""
    answer = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        yield answer


if __name__ == "__main__":
    sys.exit(main())
