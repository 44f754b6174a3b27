"""Draws gyms with people who exercise: films whose truth is known, that real pose models see."""

from spotter_cli.scene.camera import CameraSpec
from spotter_cli.scene.mirror import MirrorSpec
from spotter_cli.scene.motions import Exercise, Fault
from spotter_cli.scene.render import render_scene
from spotter_cli.scene.route import Stand, Train, Visitor, Walk
from spotter_cli.scene.sample import SAMPLE_SCENE, SampleGym, render_sample
from spotter_cli.scene.script import PersonSpec, PersonTruth, SceneSpec, SceneTruth, load_truth, save_truth
from spotter_cli.scene.sight import Sight, load_sight, mot_lines

__all__ = [
    "SAMPLE_SCENE",
    "CameraSpec",
    "Exercise",
    "Fault",
    "MirrorSpec",
    "PersonSpec",
    "PersonTruth",
    "SampleGym",
    "SceneSpec",
    "SceneTruth",
    "Sight",
    "Stand",
    "Train",
    "Visitor",
    "Walk",
    "load_sight",
    "load_truth",
    "mot_lines",
    "render_sample",
    "render_scene",
    "save_truth",
]
