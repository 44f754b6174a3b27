"""How much belief a set needs to open."""

import numpy as np
import pytest

from svc_motion.counter import Stroke
from svc_motion.movement import Movement
from svc_motion.opening import LAST_CHANCE_BELIEF, LAST_CHANCE_SMALL_BELIEF, needed_belief

MOVE = Movement(np.arange(4.0), np.zeros(4), 0.0, 90.0, 1.0)


def stroke(rise: float) -> Stroke:
    return Stroke(0.0, 0.2, 1.0, 2.0, rise, rise, True)


@pytest.mark.parametrize(
    ("rise", "needed"),
    [(35, LAST_CHANCE_SMALL_BELIEF), (59, LAST_CHANCE_SMALL_BELIEF), (61, LAST_CHANCE_BELIEF)],
)
def test_at_the_end_a_small_movement_needs_more_belief_than_a_large_one(rise: float, needed: float) -> None:
    assert needed_belief([stroke(rise)], MOVE, at_end=True) == needed


def test_while_more_can_come_two_alike_need_less_belief_than_one() -> None:
    one = needed_belief([stroke(90)], MOVE, at_end=False)
    two = needed_belief([stroke(90), stroke(80)], MOVE, at_end=False)
    unlike = needed_belief([stroke(90), stroke(30)], MOVE, at_end=False)
    assert two < one == unlike
