"""The generator gives every class of plausible skeletons: a fixed body, on the floor, as many cycles as asked for."""

import numpy as np
import pytest

from svc_motion.network import BONES
from svc_motion.training.figure import SAMPLES, Array, Draw
from svc_motion.training.movements import CLASSES, MOVEMENTS, SHARE, windows

HELD = {"plank", "side_plank"}
NOT_EXERCISES = {"none", "unknown"}
RIGID = [bone for bone in BONES if bone not in ((5, 11), (6, 12))]
"""The trunk's sides get shorter when it bends; nothing else does."""
IN_TURN = {"mountain_climber"}
"""A repetition is one side's, so each side moves half as often."""
TRIES = 10


class SteadyDraw(Draw):
    """Draws as always, but every repetition is alike and a window holds exactly `cycles` of them."""

    cycles = 3

    def repetitions(
        self, fastest_s: float = 0.8, slowest_s: float = 6.0, hold: float = 0.12, least: float = 0.35
    ) -> tuple[Array, Array]:
        turn = np.arange(SAMPLES) * self.cycles / SAMPLES
        return 0.5 - 0.5 * np.cos(2 * np.pi * turn), np.floor(turn)


def _cycles(joints: Array) -> int:
    """Cycles of the joints' first principal component: where its spectrum is highest."""
    series = (joints - joints.mean(axis=0)).reshape(len(joints), -1)
    first = np.linalg.svd(series, full_matrices=False)[0][:, 0]
    return int(np.abs(np.fft.rfft(first))[1:].argmax()) + 1


@pytest.mark.parametrize("name", CLASSES)
def test_a_movement_keeps_its_bones_and_stays_on_the_floor(name: str) -> None:
    rng = np.random.default_rng(7)
    for _ in range(2 * TRIES):
        joints = MOVEMENTS[name](Draw(rng))
        assert joints.shape == (SAMPLES, 17, 3)
        assert np.isfinite(joints).all()
        starts, ends = np.array(RIGID).T
        lengths = np.linalg.norm(joints[:, starts] - joints[:, ends], axis=-1)
        assert np.ptp(lengths, axis=0).max() < 0.02
        assert lengths.min() > 0.1
        assert lengths.max() < 0.7
        assert joints[:, 15:, 2].min() > -0.1
        assert joints[..., 2].max() < 3.2


@pytest.mark.parametrize("name", sorted(set(CLASSES) - HELD - NOT_EXERCISES))
def test_a_counted_exercise_moves_as_often_as_it_was_asked_to(name: str) -> None:
    rng = np.random.default_rng(11)
    for cycles in (2, 3, 4):
        SteadyDraw.cycles = cycles
        found = [_cycles(MOVEMENTS[name](SteadyDraw(rng))) for _ in range(TRIES)]
        # some draw sides in turn, and a joint that turns back twice in a repetition shows twice as many
        halves = {cycles // 2, (cycles + 1) // 2}
        assert np.mean([count in {cycles, 2 * cycles} | halves for count in found]) >= 0.8
        assert np.mean([count in (halves if name in IN_TURN else {cycles}) for count in found]) >= 0.5


def test_the_same_seed_gives_the_same_windows_of_all_classes() -> None:
    joints, classes = windows(400, seed=3)
    again, same = windows(400, seed=3)
    assert np.array_equal(joints, again)
    assert np.array_equal(classes, same)
    assert set(classes.tolist()) == set(range(len(CLASSES)))


def test_not_exercising_is_drawn_most() -> None:
    assert set(SHARE) <= set(CLASSES)
    assert max(SHARE, key=lambda name: SHARE[name]) == "none"
