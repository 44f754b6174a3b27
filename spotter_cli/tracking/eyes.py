"""The service's finder and eye on this machine, as its settings say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2

from mesh.ids import CameraId
from spotter_cli.tracking.eye_run import EyeMaker
from svc_vision.eye import CameraEye, VideoFormat
from svc_vision.finder import FinderMaker, PeopleFinder
from svc_vision.opening import finder_maker, open_inference, pose_model, tracker_maker
from svc_vision.settings import VisionSettings

_CAMERA = CameraId("scene")
"""Nobody has told where the mirrors of this camera are."""


@dataclass(frozen=True)
class Eyes:
    """How to make what looks at a film."""

    finder: str
    """Name of the model that finds people."""
    make_finder: FinderMaker
    make_eye: EyeMaker


@contextmanager
def open_eyes(settings: VisionSettings) -> Iterator[Eyes]:
    """The models are loaded as long as this lasts. Raises StartupError where they can't be."""
    cv2.setNumThreads(1)
    inference = open_inference(settings)
    try:
        make_tracker = tracker_maker(settings, inference)

        def make_eye(finder: PeopleFinder, video: VideoFormat) -> CameraEye:
            return CameraEye(finder, video, tracker=make_tracker(_CAMERA, finder.sure_score))

        yield Eyes(pose_model(settings), finder_maker(settings, inference), make_eye)
    finally:
        inference.close()
