"""Draws gyms with people who exercise: films whose truth is known, that real pose models see."""

from spotter_cli.scene.camera import CameraSpec
from spotter_cli.scene.motions import Exercise, Fault
from spotter_cli.scene.render import render_scene
from spotter_cli.scene.sample import SAMPLE_SCENE, SampleGym, render_sample
from spotter_cli.scene.script import PersonSpec, PersonTruth, SceneSpec, SceneTruth, load_truth, save_truth

__all__ = [
    "SAMPLE_SCENE",
    "CameraSpec",
    "Exercise",
    "Fault",
    "PersonSpec",
    "PersonTruth",
    "SampleGym",
    "SceneSpec",
    "SceneTruth",
    "load_truth",
    "render_sample",
    "render_scene",
    "save_truth",
]
