from __future__ import annotations

import numpy as np

from mesh.ids import TrackId
from spotter_cli.replay.reel import NS_PER_S, START_NS
from spotter_cli.replay.roll import Roll
from svc_vision.eye import Look
from svc_vision.people import People
from svc_vision.picture import Picture

PICTURE = Picture.of(np.zeros((360, 640, 3), np.uint8))
SOMEBODY = People(
    boxes=np.array([[200, 40, 320, 340]], np.float32),
    scores=np.ones(1, np.float32),
    keypoints=np.full((1, 33, 3), 0.5, np.float32),
    world=np.zeros((1, 33, 3), np.float32),
    regions=np.zeros(1, np.int64),
)


def look(number: int, seen: bool, cut: int = 0) -> Look:
    """The picture of a tenth of a second; `cut` is the number of the one after the newest cut."""
    at_ns, cut_ns = START_NS + number * NS_PER_S // 10, START_NS + cut * NS_PER_S // 10
    people, tracks = (SOMEBODY, (TrackId(1),)) if seen else (People.empty(), ())
    return Look(number, at_ns, at_ns, PICTURE, people, tracks, cut_time_ns=cut_ns if cut else 0)


def after_cut(looks: list[Look]) -> list[bool]:
    roll = Roll()
    return [observation.after_cut for one in looks for _, observation in roll.observations(one)]


def test_the_first_observation_of_a_person_after_a_cut_says_so_and_no_other() -> None:
    assert after_cut([look(0, True), look(1, True), *(look(n, True, 2) for n in (2, 3))]) == [False, False, True, False]


def test_who_is_not_in_the_picture_that_follows_the_cut_is_told_of_it_when_they_are_seen_again() -> None:
    assert after_cut([look(0, True), look(2, False, 1), look(3, True, 1), look(4, True, 1)]) == [False, True, False]


def test_who_comes_after_a_cut_was_never_seen_before_it() -> None:
    assert after_cut([look(0, False), look(1, False, 1), look(2, True, 1)]) == [False]
