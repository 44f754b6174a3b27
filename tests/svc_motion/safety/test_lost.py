"""Somebody who is lost standing, and somebody else who lies there soon after."""

from __future__ import annotations

import pytest

from mesh.ids import CameraId
from svc_motion.events import PersonId
from svc_motion.observation import Observation
from svc_motion.safety import SafetyEvent, SafetyKind, SafetyWatch
from tests.svc_motion.safety import normal
from tests.svc_motion.safety.acting import Motion, View, film
from tests.svc_motion.safety.falls import BOTTOM, FALL_S, KINDS, LENGTH_S

BEFORE, AFTER = PersonId("before"), PersonId("after")
FRONT, BACK = CameraId("front"), CameraId("back")
LOST_S, FOUND_S = FALL_S + 0.3, FALL_S + 1.7


def alerts(
    seen: list[Observation],
    lost_s: float = LOST_S,
    found_s: float = FOUND_S,
    camera_id: CameraId = FRONT,
    cut_s: float = 0.0,
) -> list[tuple[PersonId, SafetyEvent]]:
    """One person, who is lost for a while and gets another name."""
    watch, told = SafetyWatch(), []
    for one in seen:
        time_s = one.capture_time_ns / 1e9 - 1000
        if lost_s <= time_s < found_s:
            continue
        person_id, camera = (BEFORE, FRONT) if time_s < lost_s else (AFTER, camera_id)
        watch.cut(camera, round((1000 + cut_s) * 1e9) if 0 < cut_s <= time_s else 0)
        told += [(person_id, event) for event in watch.see(person_id, one, None, camera)]
    return told


@pytest.mark.parametrize("kind", ["left", "right", "forward", "collapse"])
def test_who_is_lost_in_a_fall_is_told_under_the_new_name(kind: str) -> None:
    ((person_id, event),) = alerts(film(KINDS[kind], LENGTH_S, View(turn_deg=60, height_m=1.6)))
    assert (person_id, event.kind) == (AFTER, SafetyKind.FALL)
    assert abs(event.episode_ns / 1e9 - 1000 - LOST_S) < 0.2
    assert event.time_ns / 1e9 - 1000 - FOUND_S <= 2.0


def test_the_same_observations_tell_the_same() -> None:
    seen = film(KINDS["left"], LENGTH_S, View(turn_deg=60))
    assert alerts(seen) == alerts(seen) != []


QUIET: dict[str, Motion] = {
    "stands": normal.after((9, normal.STAND)),
    "sits on the floor": normal.after((0.7, normal.CROUCHED), (0.6, normal.SITTING_LOW), (5, normal.SITTING_LOW)),
    "plank": normal.after((1.0, normal.HANDS_DOWN), (0.4, normal.PLANK), (6, normal.PLANK)),
    "push-ups": normal.after(
        (1.0, normal.HANDS_DOWN), (0.4, normal.PLANK), *normal.repeated(normal.PRONE, normal.PLANK, 4, 1.4)
    ),
    "squats": normal.after((1.0, normal.STAND), *normal.repeated(BOTTOM, normal.STAND, 3, 2.0)),
}


@pytest.mark.parametrize("name", QUIET)
def test_who_is_lost_and_found_training_is_not_told(name: str) -> None:
    for turn_deg in (0, 60, 120, 250):
        assert not alerts(film(QUIET[name], LENGTH_S, View(turn_deg=turn_deg))), turn_deg


def test_who_lies_elsewhere_came_later_or_is_seen_by_another_camera_is_not_told() -> None:
    fallen = film(KINDS["left"], LENGTH_S, View(turn_deg=60))
    aside = film(lambda time_s: KINDS["left"](time_s).moved(x=0 if time_s < LOST_S else -2.5), LENGTH_S, View())
    assert not alerts(aside)
    assert not alerts(fallen, found_s=FALL_S + 3.0)
    assert not alerts(fallen, camera_id=BACK)
    assert not alerts(fallen, cut_s=FOUND_S)


def test_who_comes_back_beside_one_who_lies_there_was_not_lost() -> None:
    watch, told = SafetyWatch(), []
    lying = film(lambda _: normal.SUPINE.moved(x=0.6), LENGTH_S, View(turn_deg=60))
    standing = film(normal.NORMAL["standing"], LENGTH_S, View(turn_deg=60, lost_s=(LOST_S, FOUND_S)))
    back = {one.capture_time_ns: one for one in standing}
    for one in lying:
        if one.capture_time_ns in back:
            told += watch.see(BEFORE, back[one.capture_time_ns], None, FRONT)
        if one.capture_time_ns / 1e9 - 1000 >= FOUND_S:
            told += watch.see(AFTER, one, None, FRONT)
    assert not told


def test_who_stands_up_again_is_not_told() -> None:
    up = normal.after((1.3, normal.PRONE), (1.5, normal.PRONE), (1.0, normal.STAND), (4, normal.STAND))
    assert not alerts(film(up, LENGTH_S, View(turn_deg=60)), lost_s=3.2, found_s=4.8)
