"""Which ways down alert, and which don't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from svc_motion.observation import KeypointSchema, Observation
from svc_motion.safety import FallDetector, SafetyEvent, SafetyKind, SafetyWatch
from tests.svc_motion.safety import falls, normal
from tests.svc_motion.safety.acting import Motion, View, film, play, then
from tests.svc_motion.safety.falls import BOTTOM, FALL_S, KINDS, LENGTH_S, RACKED

LYING_BY_S = 1.6
"""After so long all falls of the catalogue have ended."""
LEGS = (13, 14, 15, 16)


def alerts(seen: list[Observation]) -> list[SafetyEvent]:
    detector = FallDetector()
    return [event for observation in seen for event in detector.update(observation)]


def delay_s(event: SafetyEvent) -> float:
    return event.time_ns / 1e9 - 1000 - FALL_S


@pytest.mark.parametrize("fps", [8, 15, 30])
@pytest.mark.parametrize("kind", KINDS)
def test_a_fall_alerts_once_within_two_seconds_of_its_end(kind: str, fps: float) -> None:
    (event,) = alerts(film(KINDS[kind], LENGTH_S, View(turn_deg=110, fps=fps)))
    assert event.kind is SafetyKind.FALL
    assert 0 < delay_s(event) <= LYING_BY_S + 2
    assert abs(event.episode_ns / 1e9 - 1000 - FALL_S) < 1.5


@pytest.mark.parametrize("turn_deg", range(0, 360, 45))
def test_falls_over_like_a_tree_alert_from_every_side(turn_deg: float) -> None:
    for side in ("forward", "backward", "left", "right"):
        assert len(alerts(film(KINDS[side], LENGTH_S, View(turn_deg=turn_deg, height_m=1.4)))) == 1, side


def test_a_fall_alerts_though_the_legs_are_hidden() -> None:
    assert len(alerts(film(KINDS["left"], LENGTH_S, View(hidden=LEGS)))) == 1


def test_a_fall_alerts_though_the_person_is_lost_for_a_moment_on_the_way() -> None:
    lost = View(turn_deg=90, lost_s=(FALL_S + 0.5, FALL_S + 0.9))
    assert len(alerts(film(KINDS["forward"], LENGTH_S, lost))) == 1


def test_the_same_observations_give_the_same_alert() -> None:
    seen = film(KINDS["trip"], LENGTH_S, View(turn_deg=60))
    assert alerts(seen) == alerts(seen) != []


@pytest.mark.parametrize("turn_deg", [30, 160, 270])
@pytest.mark.parametrize("name", normal.NORMAL)
def test_training_and_everyday_movements_do_not_alert(name: str, turn_deg: float) -> None:
    view = View(turn_deg=turn_deg, fps=12, seed=int(turn_deg))
    assert not alerts(film(normal.NORMAL[name], normal.length_s(name), view))


def test_another_person_who_lies_where_one_stood_is_no_fall() -> None:
    cut = then(normal.after((9, normal.STAND)), 4.0, play((0, normal.SUPINE), (5, normal.SUPINE)))
    assert not alerts(film(cut, LENGTH_S, View(turn_deg=90)))


def test_somebody_who_gets_up_at_once_is_not_told() -> None:
    up = normal.after((0.35, normal.HANDS_DOWN), (0.3, normal.PRONE), (0.3, normal.PRONE), (0.8, normal.STAND))
    assert not alerts(film(up, LENGTH_S, View(turn_deg=90)))


@pytest.mark.parametrize("turn_deg", [60, 110, 200, 290])
def test_somebody_who_falls_after_a_halt_in_a_squat_is_told(turn_deg: float) -> None:
    prone = replace(normal.PRONE, wrists=RACKED.wrists)
    halted = normal.after((1.0, BOTTOM), (1.2, BOTTOM), (0.55, prone), (5, prone))
    assert len(alerts(film(halted, LENGTH_S, View(turn_deg=turn_deg)))) == 1


def test_arms_that_lie_overhead_towards_the_camera_hold_nobody_up() -> None:
    flat = replace(normal.PRONE, wrists=((0.2, -0.93, 0.06), (-0.2, -0.93, 0.06)))
    for turn_deg in (0, 20, 340):
        fall = normal.after((0.7, flat), (5, flat))
        assert len(alerts(film(fall, LENGTH_S, View(turn_deg=turn_deg)))) == 1, turn_deg
        plank = normal.after((0.35, normal.HANDS_DOWN), (0.25, normal.PLANK), (5, normal.PLANK))
        assert not alerts(film(plank, LENGTH_S, View(turn_deg=turn_deg))), turn_deg


@pytest.mark.parametrize("turn_deg", [90, 120, 240, 270])
def test_a_tight_crouch_seen_from_the_side_is_no_fall(turn_deg: float) -> None:
    for hip_m, pitch_deg in ((0.28, 62.0), (0.36, 62.0), (0.36, 50.0)):
        crouched = replace(normal.CROUCHED, hip=(0, 0.18, hip_m), pitch_deg=pitch_deg)
        down = normal.after((0.55, crouched), (4, crouched), (0.8, normal.STAND))
        assert not alerts(film(down, LENGTH_S, View(turn_deg=turn_deg))), (hip_m, pitch_deg)


def test_letting_the_back_fall_from_sitting_is_no_fall() -> None:
    for turn_deg in range(0, 360, 45):
        down = normal.after(
            (0.6, normal.SITTING_LOW), (2, normal.SITTING_LOW), (0.5, normal.SUPINE), (4, normal.SUPINE)
        )
        assert not alerts(film(down, 11.0, View(turn_deg=turn_deg))), turn_deg


def collapse_after(visits: int) -> Motion:
    """Burpees, then the knees give way."""
    before = normal.burpees(visits, chest_down=True)
    heap, lying = falls.HEAP, falls.LYING_LEFT
    return normal.after(*before, (0.5, normal.STAND), (0.45, heap), (0.4, lying), (12, lying))


def test_only_visits_to_the_floor_that_end_on_the_feet_make_a_rhythm() -> None:
    for visits, delay_s in ((1, (0.0, 2.0)), (3, (8.0, 12.0))):
        lies_s = 3.0 + 2.75 * visits + 1.35
        (event,) = alerts(film(collapse_after(visits), lies_s + 13, View(turn_deg=90)))
        assert delay_s[0] <= event.time_ns / 1e9 - 1000 - lies_s <= delay_s[1]


def cut_at(seen: list[Observation], at_s: float, second: list[Observation]) -> list[Observation]:
    """The first picture until a time, then the other, whose first observation follows the cut."""
    split = next(n for n, one in enumerate(seen) if one.capture_time_ns / 1e9 - 1000 >= at_s)
    return [*seen[:split], replace(second[split], after_cut=True), *second[split + 1 :]]


def test_what_is_lower_after_a_cut_has_not_fallen() -> None:
    standing = film(normal.NORMAL["standing"], LENGTH_S, View(distance_m=3.0))
    for motion in (play((0, normal.SUPINE)), KINDS["left"]):
        lower = film(motion, LENGTH_S, View(turn_deg=90, distance_m=6.0))
        late_s = FALL_S + LYING_BY_S
        assert not alerts(cut_at(standing, late_s, lower))


def test_a_fall_before_a_cut_is_told_after_it_and_once() -> None:
    near = film(KINDS["left"], LENGTH_S, View(distance_m=4.0))
    far = film(KINDS["left"], LENGTH_S, View(distance_m=6.0, turn_deg=30))
    (plain,) = alerts(near)
    lying_s = plain.time_ns / 1e9 - 1000
    (told_after,) = alerts(cut_at(near, lying_s - 0.3, far))
    assert 0 < told_after.time_ns / 1e9 - 1000 - lying_s <= 1.2
    assert len(alerts(cut_at(near, lying_s + 0.5, far))) == 1


def test_two_people_are_watched_apart() -> None:
    watch = SafetyWatch()
    lying = film(play((0, normal.SUPINE)), LENGTH_S, View(turn_deg=90))
    standing = film(normal.NORMAL["standing"], LENGTH_S, View(turn_deg=90))
    found = []
    for one, two in zip(lying, standing, strict=True):
        found += watch.see("a", one) + watch.see("b", two)  # type: ignore[arg-type]
    assert not found


@pytest.mark.parametrize("source", ["mp", "yolo11n_main"])
def test_no_shared_clip_alerts(shared_dir: Path, source: str) -> None:
    clips = sorted((shared_dir / "keypoints" / source).glob("*.npz"))
    assert clips
    for path in clips:
        with np.load(path) as data:
            if source == "mp":
                keypoints, schema = data["kp"].astype(float), KeypointSchema.BLAZEPOSE_33
            else:
                keypoints = np.concatenate([data["keypoints"], data["conf"][..., None]], axis=2).astype(float)
                schema = KeypointSchema.COCO_17
            width, height = (int(size) for size in data["wh"])
            watch = SafetyWatch()
            for time_s, pose in zip(data["t"].tolist(), keypoints, strict=True):
                observation = Observation(int((1000 + time_s) * 1e9), pose, schema, width, height)
                assert not watch.see("p", observation), f"{path.stem} at {time_s:.1f} s"  # type: ignore[arg-type]
