"""The yardstick runs in the export environment, on the weights that the repository is built from."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import pytest

from spotter_cli.bench import ultralytics_baseline
from spotter_cli.bench.ultralytics_baseline import BaselineError, run_ultralytics, unavailable

pytestmark = pytest.mark.timeout(300)
FRAMES = 8
PEOPLE_AT_LEAST = 4


@pytest.fixture(scope="module")
def weights(shared_dir: Path) -> Path:
    path = shared_dir / "models" / "yolo11n-pose.onnx"
    reason = unavailable(path)
    if reason:
        pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def clip(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of four people that moves a little."""
    picture = cv2.resize(cv2.imread(str(shared_dir / "images" / "bus.jpg")), (480, 640))
    path = tmp_path_factory.mktemp("clip") / "bus.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(25), width=480, height=640, pix_fmt="yuv420p")
        stream.bit_rate = 4_000_000
        for index in range(FRAMES):
            moved = cv2.warpAffine(picture, cv2.getRotationMatrix2D((240, 320), 0.3 * index, 1.0), (480, 640))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def test_it_tracks_everybody_and_says_what_a_frame_costs(weights: Path, clip: Path) -> None:
    run = run_ultralytics(clip, weights)
    assert run is not None
    assert run.frames == FRAMES and len(run.people) == FRAMES
    assert run.people[-1] >= PEOPLE_AT_LEAST and run.tracks >= run.people[-1]
    assert 1 < run.cpu_ms_per_frame < 5000 and run.wall_ms_per_frame > 1
    assert run.weights_difference_px is not None and run.weights_difference_px < 0.01
    assert run.versions["ultralytics"]


def test_weights_of_another_network_are_refused(weights: Path, clip: Path, shared_dir: Path) -> None:
    with pytest.raises(BaselineError, match="doesn't hold the weights of a YOLO11 pose network"):
        run_ultralytics(clip, shared_dir / "models" / "osnet_x0_25_msmt17.onnx")


def test_a_file_that_is_no_video_is_told(weights: Path) -> None:
    with pytest.raises(BaselineError, match="OpenCV reads no frame"):
        run_ultralytics(weights, weights)


def test_without_the_environment_or_the_weights_there_is_a_reason_and_no_run(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTTER_EXPORT_PYTHON", str(tmp_path / "python"))
    assert "make export-env" in str(unavailable())
    assert run_ultralytics(clip) is None
    (tmp_path / "python").touch()
    for variable in ("SPOTTER_MODELS", "SPOTTER_SHARED"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert ultralytics_baseline.find_weights() is None
    assert "yolo11n-pose.onnx" in str(unavailable())
    assert run_ultralytics(clip) is None
