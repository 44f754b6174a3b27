"""A scene small enough to render in a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spotter_cli.scene import CameraSpec, Exercise, PersonSpec, SceneSpec

MakeScene = Callable[..., SceneSpec]


@pytest.fixture
def small_scene() -> MakeScene:
    """Makes a scene of so many frames: one person in a small picture, moving from the first frame on."""

    def make(frames: int = 10, exercise: Exercise = Exercise.SQUAT) -> SceneSpec:
        person = PersonSpec(exercise, reps=1, position_m=(0.0, 0.0), start_s=0.0, tempo_s=1.0)
        return SceneSpec((person,), CameraSpec(width_px=320, height_px=180), duration_s=frames / 15)

    return make
