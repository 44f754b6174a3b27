"""The scenes show what they say they show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spotter_cli.commands.evaluate_tracking import evaluate_tracking
from spotter_cli.scene import Visitor
from spotter_cli.scene.camera import Camera
from spotter_cli.scene.looks import LOOKS
from spotter_cli.scene.walls import BACK_M, FRONT_M, SIDES_M
from spotter_cli.tracking.scenes import SCENES, TrackingScene

ALL = pytest.mark.parametrize("scene", SCENES.values(), ids=lambda scene: scene.name)


def visitors(scene: TrackingScene) -> list[Visitor]:
    return [person for person in scene.spec.people if isinstance(person, Visitor)]


@ALL
def test_a_scene_has_as_many_people_as_its_name_says_and_all_stay_in_the_room(scene: TrackingScene) -> None:
    number = next(int(word) for word in scene.name.split("_") if word.isdigit())
    people = visitors(scene)
    assert len(people) == len({person.look for person in people}) == number
    assert {person.look for person in people} <= set(LOOKS)
    for person in people:
        for time_s in np.arange(0, scene.spec.frame_count / scene.spec.fps, 0.2):
            x, y = person.place(time_s).position_m
            assert SIDES_M[0] < x < SIDES_M[1]
            assert FRONT_M < y < BACK_M


@ALL
def test_people_do_not_walk_through_one_another(scene: TrackingScene) -> None:
    people = visitors(scene)
    for time_s in np.arange(0, scene.spec.frame_count / scene.spec.fps, 1 / 15):
        places = np.array([person.place(time_s).position_m for person in people])
        apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(len(people))
        assert apart.min() > 0.4, time_s


@ALL
def test_films_are_named_by_scene_and_camera(scene: TrackingScene) -> None:
    names = list(scene.films())
    expected = [scene.name] if len(scene.cameras) == 1 else [f"{scene.name}_{letter}" for letter in "abcd"]
    assert names == expected[: len(scene.cameras)]
    for film, camera in zip(scene.films().values(), scene.cameras, strict=True):
        assert film.camera == camera
        assert 15 <= film.frame_count / film.fps <= 25


def test_in_the_scene_of_leaving_each_person_is_out_of_the_picture_for_some_seconds() -> None:
    scene = SCENES["leave_and_return_3"]
    camera = Camera(scene.cameras[0])
    for person in visitors(scene):
        places = [person.place(time_s).position_m for time_s in np.arange(0, 21, 0.1)]
        pixels, _ = camera.project(np.array([[*place, 0.9] for place in places]))
        inside = (pixels[:, 0] > 0) & (pixels[:, 0] < camera.width_px)
        assert inside[0]
        assert inside[-1]
        assert np.count_nonzero(~inside) / 10 > 2.5


def test_a_scene_that_is_not_known_is_answered_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate_tracking("crossing_9") == 1
    said = capsys.readouterr().out
    assert "crossing_9" in said
    assert "crossing_2" in said


def test_the_page_lists_the_scenes() -> None:
    page = (Path(__file__).parents[3] / "docs" / "tracking.md").read_text(encoding="utf-8")
    listed = page.split("<!-- scenes: begin -->")[1].split("<!-- scenes: end -->")[0]
    rows = [tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in listed.splitlines()[3:] if line]
    assert rows == [(scene.name, scene.about) for scene in SCENES.values()]
