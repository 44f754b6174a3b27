"""What the settings open: executor, models, finder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesh.errors import StartupError
from svc_vision.blazepose.pose_tracker import PoseTracker
from svc_vision.opening import finder_maker, open_inference
from svc_vision.settings import VisionSettings
from svc_vision.yolo.feet import FeetFinder
from svc_vision.yolo.yolo_finder import YoloFinder


def settings_for(repository: Path, home: Path, **changes: object) -> VisionSettings:
    return VisionSettings.model_validate(
        {"model_repository": repository, "home": home, "inference_precision": "f32", **changes}
    )


@pytest.mark.parametrize(
    ("changes", "finder", "models"),
    [
        ({}, YoloFinder, {"yolo11_pose"}),
        ({"pose_model": "yolo11"}, YoloFinder, {"yolo11_pose"}),
        ({"pose_feet": True}, FeetFinder, {"yolo11_pose", "blazepose_landmark"}),
        ({"pose_model": "blazepose"}, PoseTracker, {"blazepose_detect", "blazepose_landmark"}),
    ],
)
def test_the_pose_model_is_chosen_by_setting(
    model_repository: Path, tmp_path: Path, changes: dict[str, object], finder: type, models: set[str]
) -> None:
    settings = settings_for(model_repository, tmp_path, **changes)
    inference = open_inference(settings)
    assert isinstance(finder_maker(settings, inference)(), finder)
    extra = {"person_embedding", "face_detect", "face_embedding"}
    assert set(inference.models()) - extra == models
    inference.close()


def test_without_yolo_everything_works_on_blazepose(blazepose_repository: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    for model in ("blazepose_detect", "blazepose_landmark"):
        shutil.copytree(blazepose_repository / model, repository / model)
    (repository / "yolo11_pose").mkdir()
    (repository / "yolo11_pose" / "config.pbtxt").write_text('name: "yolo11_pose"')
    settings = settings_for(repository, tmp_path)
    inference = open_inference(settings)
    assert isinstance(finder_maker(settings, inference)(), PoseTracker)
    assert list(inference.models()) == ["blazepose_detect", "blazepose_landmark"]
    with pytest.raises(StartupError, match=r"spotter models build --accept AGPL-3\.0"):
        open_inference(settings_for(repository, tmp_path, pose_model="yolo11"))


def test_a_repository_without_models_stops_the_start_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="spotter models build"):
        open_inference(settings_for(tmp_path, tmp_path))
