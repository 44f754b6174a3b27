"""Opens what the settings ask for: the executor with the models that lie ready, and the finder of people on it."""

from __future__ import annotations

from typing import Literal

import structlog

from mesh.errors import StartupError
from mesh.ids import CameraId
from svc_vision.blazepose import pose_tracker
from svc_vision.blazepose.pose_tracker import PoseTracker
from svc_vision.details import DetailConfig, DetailMaker
from svc_vision.embedding import PersonEmbedder
from svc_vision.errors import ModelError
from svc_vision.executors.local import LocalExecutor
from svc_vision.executors.model_files import is_present
from svc_vision.faces import FaceDescriber
from svc_vision.finder import FinderMaker, PeopleFinder
from svc_vision.inference import Inference
from svc_vision.settings import VisionSettings
from svc_vision.tracking.config import TrackerConfig
from svc_vision.tracking.describer import Describer
from svc_vision.tracking.mirrors import Mirrors
from svc_vision.tracking.tracker import PersonTracker, TrackerMaker, motion_config
from svc_vision.yolo import feet, yolo_finder
from svc_vision.yolo.config import YoloConfig
from svc_vision.yolo.feet import FeetConfig, FeetFinder
from svc_vision.yolo.yolo_finder import YoloFinder

PoseModel = Literal["yolo11", "blazepose"]
OPTIONAL_MODELS = ("person_embedding", "face_detect", "face_embedding")
"""Loaded where the repository has them; what each is good for is its user's affair."""
_log = structlog.get_logger()


def pose_model(settings: VisionSettings) -> PoseModel:
    """Which model finds people. Raises StartupError where the one that was named isn't there."""
    if settings.pose_model == "blazepose":
        return "blazepose"
    if is_present(settings.model_repository / yolo_finder.MODEL):
        return "yolo11"
    if settings.pose_model == "auto":
        return "blazepose"
    raise StartupError(
        f"SPOTTER_POSE_MODEL=yolo11, but {settings.model_repository} holds no {yolo_finder.MODEL}. Build it with "
        "`spotter models build --accept AGPL-3.0` (docs/models.md says what that licence asks for), "
        "or choose SPOTTER_POSE_MODEL=auto."
    )


def open_inference(settings: VisionSettings) -> Inference:
    """The executor with all models that are needed, and the optional ones that are there. Raises StartupError."""
    needed = _needed(settings, pose_model(settings))
    models = [*needed, *(one for one in OPTIONAL_MODELS if is_present(settings.model_repository / one))]
    try:
        inference = _executor(settings, models)
    except ModelError as error:
        raise StartupError(error.message) from None
    for model in inference.describe():
        _log.info("model_loaded", model=model.name, device=model.device, precision=model.precision)
    return inference


def finder_maker(settings: VisionSettings, inference: Inference) -> FinderMaker:
    """Makes one finder a camera. Raises StartupError as `pose_model` does."""
    if pose_model(settings) == "blazepose":
        return lambda: PoseTracker(inference)
    config = YoloConfig(long_side_px=settings.pose_long_side_px)

    def make() -> PeopleFinder:
        finder = YoloFinder(inference, config)
        if not settings.pose_feet:
            return finder
        return FeetFinder(inference, finder, FeetConfig(min_height_px=settings.pose_feet_min_height_px))

    return make


def tracker_maker(settings: VisionSettings, inference: Inference) -> TrackerMaker:
    """Makes one tracker a camera, with embeddings where the repository has the model."""
    embedder = PersonEmbedder(inference) if PersonEmbedder.available(inference) else None

    def make(camera_id: CameraId, sure_score: float) -> PersonTracker:
        config = TrackerConfig(
            appearance=settings.track_by_appearance,
            motion=motion_config(sure_score),
            embedding_interval_s=settings.embedding_interval_s,
            embeddings_per_s=settings.embeddings_per_s,
        )
        mirrors = Mirrors(polygons=settings.mirrors.get(camera_id, [])) if settings.find_reflections else None
        return PersonTracker(Describer(embedder, config), config, mirrors)

    return make


def detail_maker(settings: VisionSettings, inference: Inference) -> DetailMaker:
    """Makes what reads badges and describes faces, one a camera; faces only where the repository has their models."""
    faces = FaceDescriber(inference) if FaceDescriber.available(inference) else None
    return DetailMaker(faces, DetailConfig(settings.badge_interval_s, settings.face_interval_s))


def _needed(settings: VisionSettings, chosen: PoseModel) -> list[str]:
    if chosen == "blazepose":
        return list(pose_tracker.MODELS)
    return [yolo_finder.MODEL, *(feet.MODELS if settings.pose_feet else ())]


def _executor(settings: VisionSettings, models: list[str]) -> Inference:
    if settings.executor == "triton":
        # Its client brings gRPC stubs and protobuf classes that nobody else needs.
        from svc_vision.executors.triton import TritonExecutor

        return TritonExecutor(settings.triton_address, models, settings.model_repository, settings.triton_shared_memory)
    return LocalExecutor(
        settings.model_repository,
        models,
        settings.inference_precision,
        streams=settings.workers,
        cache=settings.home / "cache",
    )
