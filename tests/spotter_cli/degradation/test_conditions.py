from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from spotter_cli.degradation.conditions import CONDITIONS, FILM_CHANGES, dropped, flat, halved, mirrored, slowed
from spotter_cli.replay.reel import NS_PER_S, START_NS
from svc_motion.observation import KeypointSchema, Observation
from svc_vision.eye import Unit, Waiting
from svc_vision.picture import Picture


def pictures(rate_hz: float, count: int) -> Iterator[Waiting]:
    """Black, the left half white."""
    bgr = np.zeros((64, 96, 3), np.uint8)
    bgr[:, :48] = 255
    for number in range(count):
        at_ns = START_NS + round(number * NS_PER_S / rate_hz)
        yield Waiting(Unit(number, at_ns, at_ns, at_ns - START_NS, False, b""), Picture.of(bgr))


def observed() -> Observation:
    keypoints = np.column_stack([np.arange(33), np.arange(33) + 100, np.full(33, 0.9)])
    return Observation(START_NS, keypoints, KeypointSchema.BLAZEPOSE_33, 640, 360, np.zeros((33, 3)))


@pytest.mark.parametrize(("rate_hz", "kept"), [(30, 40), (24, 30), (10, 40), (5, 20)])
def test_a_slow_camera_gives_at_most_ten_pictures_a_second(rate_hz: float, kept: int) -> None:
    left = list(slowed(pictures(rate_hz, round(4 * rate_hz))))
    assert len(left) <= 41
    assert len(left) >= kept - 10


def test_half_resolution_has_half_the_sides() -> None:
    (small,) = halved(pictures(10, 1))
    assert (small.picture.width, small.picture.height) == (48, 32)


def test_a_mirror_exchanges_left_and_right() -> None:
    (turned,) = mirrored(pictures(10, 1))
    assert turned.picture.bgr()[:, 60:].mean() > 200 > 50 > turned.picture.bgr()[:, :36].mean()


def test_flat_keypoints_are_the_seventeen_without_depth() -> None:
    bare = flat(observed(), np.random.default_rng(0))
    assert bare.schema is KeypointSchema.COCO_17 and bare.world is None
    assert bare.keypoints[5, 0] == 11, "the left shoulder"


def test_a_fifth_of_the_joints_is_lost() -> None:
    rng = np.random.default_rng(0)
    lost = np.mean([dropped(observed(), rng).keypoints[:, 2] == 0 for _ in range(200)])
    assert lost == pytest.approx(0.2, abs=0.02)


def test_every_condition_is_of_a_film_that_is_made() -> None:
    assert {condition.film for condition in CONDITIONS} == set(FILM_CHANGES)
