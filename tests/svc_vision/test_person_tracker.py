"""Ids that appearance gives back, and crossings after which nobody has another's id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from svc_vision.tracking.config import TrackerConfig
from svc_vision.tracking.describer import Describer
from svc_vision.tracking.tracker import PersonTracker
from tests.svc_vision.paper_people import BLUE, GREEN, GREY, RED, Paper, scene

FPS = 15.0


def follow(
    film: Callable[[float], Sequence[Paper]], seconds: float, config: TrackerConfig | None = None
) -> list[dict[tuple[int, int, int], int]]:
    """Id by colour of the shirt, frame by frame."""
    config = config or TrackerConfig()
    tracker = PersonTracker(Describer(None, config), config)
    frames = []
    for index in range(round(seconds * FPS)):
        papers = film(index / FPS)
        picture, people = scene(papers)
        numbers = tracker.update(picture, people, index / FPS).numbers.tolist()
        frames.append({p.shirt: n for p, n in zip([p for p in papers if p.found], numbers, strict=True) if n > 0})
    return frames


def ids(frames: list[dict[tuple[int, int, int], int]], shirt: tuple[int, int, int]) -> set[int]:
    return {frame[shirt] for frame in frames if shirt in frame}


def test_everybody_has_an_id_in_the_first_frame() -> None:
    frames = follow(lambda t: [Paper(150, RED), Paper(450, BLUE)], 0.1)
    assert frames[0] == {RED: 1, BLUE: 2}


@pytest.mark.parametrize("back_at_x", [60.0, 580.0])
def test_who_leaves_the_picture_and_comes_back_has_the_same_id(back_at_x: float) -> None:
    def film(t: float) -> list[Paper]:
        walker = [Paper(300 - 150 * t, RED)] if t < 2 else [Paper(back_at_x, RED)] if t > 8 else []
        return [*walker, Paper(400, BLUE)]

    frames = follow(film, 10)
    assert ids(frames, RED) == {1}
    assert len(ids(frames, BLUE)) == 1


def test_another_person_at_the_same_place_gets_an_id_of_their_own_soon() -> None:
    def film(t: float) -> list[Paper]:
        return [Paper(300, RED)] if t < 2 else [Paper(300, GREEN)] if t > 4 else []

    frames = follow(film, 6)
    assert ids(frames, RED) == {1} and ids(frames, GREEN) == {2}
    assert any(GREEN in frame for frame in frames[: round(4.6 * FPS)])


def test_one_uniform_is_no_proof() -> None:
    def film(t: float) -> list[Paper]:
        somebody = [Paper(100, RED)] if t < 2 else [Paper(600, replace_shirt(RED))] if t > 20 else []
        return [*somebody, Paper(320, replace_shirt(RED, 2))]

    def replace_shirt(colour: tuple[int, int, int], by: int = 1) -> tuple[int, int, int]:
        return colour[0], colour[1], colour[2] - by

    frames = follow(film, 22)
    assert len({number for frame in frames for number in frame.values()}) == 3


def meet_and_turn_back(t: float) -> list[Paper]:
    """Both walk to the middle, are one box there, and go back to where they came from."""
    away = abs(t - 2.0)
    together = away < 0.35
    left, right = Paper(320 - 90 * away, RED), Paper(320 + 90 * away, BLUE)
    return [replace(right, found=not together), left]


def pass_each_other(t: float) -> list[Paper]:
    along = 90 * (t - 2.0)
    return [replace(Paper(320 + along, RED), found=abs(along) > 30), Paper(320 - along, BLUE)]


@pytest.mark.parametrize("film", [meet_and_turn_back, pass_each_other])
def test_after_a_crossing_everybody_has_their_own_id(film: Callable[[float], list[Paper]]) -> None:
    frames = follow(film, 4)
    assert set(frames[0].values()) == {1, 2}
    assert frames[-1] == frames[0]


def test_tracks_that_took_each_others_person_are_put_right() -> None:
    """The boxes jump over each other between two frames: nobody could tell but by looks."""

    def film(t: float) -> list[Paper]:
        gap = 30.0 if 1.0 <= t < 1.5 else 120.0
        side = 1 if t < 1.2 else -1
        return [Paper(320 - side * gap, RED), Paper(320 + side * gap, BLUE)]

    with_looks, without = follow(film, 3), follow(film, 3, TrackerConfig(appearance=False))
    assert without[-1] == {RED: 2, BLUE: 1}, "the scene no longer confuses boxes"
    assert with_looks[-1] == {RED: 1, BLUE: 2}


def test_two_in_the_same_clothes_are_not_swapped_by_chance() -> None:
    def film(t: float) -> list[Paper]:
        along = 60 * (t - 2.0)
        return [Paper(320 + along, GREY), Paper(320 - along, (121, 121, 121))]

    with_looks, without = follow(film, 4), follow(film, 4, TrackerConfig(appearance=False))
    assert with_looks[-1] == without[-1]
