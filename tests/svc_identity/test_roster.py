from __future__ import annotations

import itertools

import numpy as np
import pytest

from mesh.ids import PersonId
from svc_identity.roster import NS_PER_S, Roster, TrackKey
from svc_identity.sightings import Appearance, Box, Sighting, SightingBatch

LEFT = Box(0.1, 0.2, 0.3, 0.9)
RIGHT = Box(0.6, 0.2, 0.8, 0.9)
MIDDLE = Box(0.35, 0.2, 0.55, 0.9)
RED: Appearance = np.array([1, 0, 0, 0], np.float32)
BLUE: Appearance = np.array([0, 1, 0, 0], np.float32)


class Camera:
    """Feeds a roster as the service does: newcomers are admitted at once."""

    def __init__(self) -> None:
        self.roster = Roster()
        self._numbers = itertools.count(1)

    def see(self, at_s: float, *sightings: Sighting, ended: tuple[int, ...] = (), epoch: str = "a") -> dict[int, str]:
        batch = SightingBatch(epoch, int(at_s * NS_PER_S), sightings, ended)
        resolution = self.roster.resolve(batch)
        found = {track: str(person) for track, (person, _) in resolution.assigned.items()}
        for sighting in resolution.newcomers:
            person_id = PersonId(f"person-{next(self._numbers)}")
            self.roster.admit(batch, sighting, person_id)
            found[sighting.track_id] = person_id
        self.roster.forget(person.person_id for person in self.roster.departed())
        return found


@pytest.fixture
def camera() -> Camera:
    return Camera()


def test_a_track_keeps_its_person_wherever_it_goes(camera: Camera) -> None:
    assert camera.see(0, Sighting(1, LEFT)) == {1: "person-1"}
    assert camera.see(1, Sighting(1, RIGHT)) == {1: "person-1"}


@pytest.mark.parametrize(("away_s", "same"), [(0.5, True), (5.0, True), (9.9, True), (10.5, False)])
def test_a_short_loss_keeps_the_person_and_a_long_one_does_not(camera: Camera, away_s: float, same: bool) -> None:
    camera.see(0, Sighting(1, LEFT))
    found = camera.see(away_s, Sighting(2, LEFT), ended=(1,))
    assert (found[2] == "person-1") is same


def test_a_new_track_never_takes_over_somebody_who_is_still_there(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT))
    assert camera.see(1, Sighting(1, LEFT), Sighting(2, LEFT)) == {1: "person-1", 2: "person-2"}


def test_a_track_on_top_of_a_silent_one_waits_until_it_is_clear_who_it_is(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT))
    assert camera.see(0.5, Sighting(2, LEFT)) == {}
    assert camera.see(1.0, Sighting(2, LEFT), ended=(1,)) == {2: "person-1"}


def test_a_track_that_waited_is_somebody_new_when_the_other_is_seen_again(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT))
    assert camera.see(0.5, Sighting(2, LEFT)) == {}
    assert camera.see(1.0, Sighting(2, LEFT), Sighting(1, LEFT)) == {1: "person-1", 2: "person-2"}


def test_a_track_that_nobody_ended_is_stale_after_a_while(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT))
    assert camera.see(3.5, Sighting(2, LEFT)) == {2: "person-1"}


def test_a_stale_track_that_comes_back_does_not_share_its_person(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT))
    camera.see(3.5, Sighting(2, LEFT))
    found = camera.see(4.0, Sighting(1, RIGHT), Sighting(2, LEFT))
    assert found == {1: "person-2", 2: "person-1"}


def test_a_restart_of_vision_keeps_everybody_by_place(camera: Camera) -> None:
    before = camera.see(0, Sighting(1, LEFT), Sighting(2, RIGHT))
    assert camera.see(2, Sighting(1, RIGHT), Sighting(2, LEFT), epoch="b") == {1: before[2], 2: before[1]}


def test_the_track_ids_of_an_old_epoch_mean_nothing(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT))
    found = camera.see(1, Sighting(1, Box(0.95, 0.9, 0.99, 1.0)), epoch="b")
    assert found[1] == "person-2"


def test_two_lost_people_in_one_place_are_told_apart_by_their_clothes(camera: Camera) -> None:
    near = Box(0.14, 0.2, 0.34, 0.9)
    camera.see(0, Sighting(1, LEFT, RED), Sighting(2, near, BLUE))
    found = camera.see(1, Sighting(3, LEFT, BLUE), Sighting(4, near, RED), ended=(1, 2))
    assert found == {3: "person-2", 4: "person-1"}


def test_somebody_in_other_clothes_is_somebody_else(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT, RED))
    assert camera.see(1, Sighting(2, LEFT, BLUE), ended=(1,)) == {2: "person-2"}


def test_after_a_cut_of_the_picture_clothes_decide(camera: Camera) -> None:
    small = Box(0.9, 0.1, 0.93, 0.2)
    camera.see(0, Sighting(1, LEFT, RED), Sighting(2, RIGHT, BLUE))
    found = camera.see(0.1, Sighting(3, small, BLUE), ended=(1, 2))
    assert found == {3: "person-2"}


def test_nobody_jumps_through_the_room_without_time_to_walk(camera: Camera) -> None:
    camera.see(0, Sighting(1, Box(0.0, 0.3, 0.1, 0.6)))
    assert camera.see(0.2, Sighting(2, Box(0.8, 0.3, 0.9, 0.6)), ended=(1,)) == {2: "person-2"}


def test_lying_down_keeps_the_person(camera: Camera) -> None:
    camera.see(0, Sighting(1, Box(0.4, 0.2, 0.5, 0.9)))
    assert camera.see(1.5, Sighting(2, Box(0.3, 0.75, 0.65, 0.95)), ended=(1,)) == {2: "person-1"}


def test_people_are_matched_one_to_one_and_best_overall(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT), Sighting(2, MIDDLE))
    found = camera.see(1, Sighting(3, MIDDLE), Sighting(4, RIGHT), ended=(1, 2))
    assert found[3] == "person-2"
    assert found[4] != found[3]


def test_people_leave_ten_seconds_of_capture_time_after_they_were_last_seen(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT), Sighting(2, RIGHT))
    for second in range(1, 11):
        camera.see(second, Sighting(2, RIGHT))
        assert "person-1" in camera.roster.people
    camera.see(10.1, Sighting(2, RIGHT))
    assert set(camera.roster.people) == {"person-2"}


def test_capture_time_that_runs_back_is_another_recording(camera: Camera) -> None:
    camera.see(100, Sighting(1, LEFT))
    assert camera.see(0, Sighting(1, LEFT), epoch="b") == {1: "person-2"}
    assert set(camera.roster.people) == {"person-2"}


def test_who_is_restored_is_known_by_track_and_by_place(camera: Camera) -> None:
    camera.see(0, Sighting(1, LEFT), Sighting(2, RIGHT))
    restored = Camera()
    for person in camera.roster.people.values():
        keys = [key for key, track in camera.roster.tracks.items() if track.person_id == person.person_id]
        restored.roster.restore(person, keys if person.person_id == "person-1" else [])
    assert restored.see(1, Sighting(1, RIGHT), Sighting(5, RIGHT)) == {1: "person-1", 5: "person-2"}
    assert TrackKey("a", 5) in restored.roster.tracks
