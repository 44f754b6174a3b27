"""Which ways down alert, and which don't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from svc_motion.observation import KeypointSchema, Observation
from svc_motion.safety import FallDetector, SafetyEvent, SafetyKind, SafetyWatch
from tests.svc_motion.safety import falls, normal
from tests.svc_motion.safety.acting import View, film, then
from tests.svc_motion.safety.falls import FALL_S, KINDS, LENGTH_S

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
    cut = then(normal.after((9, normal.STAND)), 4.0, normal.play((0, normal.SUPINE), (5, normal.SUPINE)))
    assert not alerts(film(cut, LENGTH_S, View(turn_deg=90)))


def test_somebody_who_gets_up_at_once_is_not_told() -> None:
    up = normal.after((0.35, normal.HANDS_DOWN), (0.3, normal.PRONE), (0.3, normal.PRONE), (0.8, normal.STAND))
    assert not alerts(film(up, LENGTH_S, View(turn_deg=90)))


def test_two_people_are_watched_apart() -> None:
    watch = SafetyWatch()
    lying = film(falls.play((0, normal.SUPINE)), LENGTH_S, View(turn_deg=90))
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
