"""The same pictures give the same people, whether models run in process or on a real Triton server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from svc_vision.blazepose import pose_tracker
from svc_vision.blazepose.pose_tracker import PoseTracker
from svc_vision.executors.local import LocalExecutor
from svc_vision.executors.triton import TritonExecutor
from svc_vision.finder import PeopleFinder
from svc_vision.inference import Inference
from svc_vision.people import People
from svc_vision.picture import Picture
from svc_vision.yolo import yolo_finder
from svc_vision.yolo.yolo_finder import YoloFinder
from tests.triton_server import TritonServer

MODELS = [*pose_tracker.MODELS, yolo_finder.MODEL]
FARTHEST_PX = 15.0
"""In pictures of 1280 × 720. The last bits of two engines move BlazePose's regions, whose corners are whole pixels."""
FINDERS = pytest.mark.parametrize("finder", [YoloFinder, PoseTracker])


@pytest.fixture(scope="module")
def triton_executor(triton: TritonServer) -> Iterator[TritonExecutor]:
    executor = TritonExecutor(triton.address, MODELS, triton.repository)
    yield executor
    executor.close()


@pytest.fixture(scope="module")
def local_executor(triton: TritonServer) -> Iterator[LocalExecutor]:
    executor = LocalExecutor(triton.repository, MODELS, "f32")
    yield executor
    executor.close()


@pytest.fixture(scope="module", params=["jumping_jack_two_women.mp4", "squat_front_side_crossfit.mp4"])
def pictures(shared: Path, request: pytest.FixtureRequest) -> list[Picture]:
    """A dozen pictures of a clip, a fifth of a second apart."""
    with av.open(str(shared / "videos" / request.param)) as clip:
        frames = [
            frame.to_ndarray(format="bgr24") for index, frame in zip(range(72), clip.decode(video=0), strict=False)
            if index % 6 == 0
        ]  # fmt: skip
    return [Picture.of(np.ascontiguousarray(frame)) for frame in frames]


def _people(finder: Callable[[Inference], PeopleFinder], inference: Inference, pictures: list[Picture]) -> list[People]:
    found = finder(inference)
    return [found.update(picture) for picture in pictures]


@FINDERS
def test_the_same_pictures_give_the_same_people_from_both_executors(
    finder: Callable[[Inference], PeopleFinder],
    triton_executor: TritonExecutor,
    local_executor: LocalExecutor,
    pictures: list[Picture],
) -> None:
    here = _people(finder, local_executor, pictures)
    there = _people(finder, triton_executor, pictures)
    assert [len(people) for people in there] == [len(people) for people in here]
    assert max(len(people) for people in here) >= 1
    for one, other in zip(here, there, strict=True):
        np.testing.assert_allclose(other.boxes, one.boxes, atol=FARTHEST_PX)
        np.testing.assert_allclose(other.keypoints[..., :2], one.keypoints[..., :2], atol=FARTHEST_PX)
        gaps = np.abs(other.keypoints[..., :2] - one.keypoints[..., :2])
        assert np.median(gaps) < 0.5
        assert np.quantile(gaps, 0.9) < 2
        np.testing.assert_allclose(other.scores, one.scores, atol=0.01)
