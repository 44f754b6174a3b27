import pytest

from svc_motion.holds import LOST_S, START_S, HoldTracker


def test_a_hold_begins_only_after_the_posture_was_kept() -> None:
    tracker = HoldTracker()
    tracker.see("plank", 10.0, 0.0)
    tracker.see("plank", 10.0 + START_S - 0.1, 0.0)
    assert not tracker.begun
    tracker.see("plank", 10.0 + START_S, 0.0)
    assert tracker.begun
    assert tracker.held_s == pytest.approx(START_S)


def test_a_short_loss_is_bridged_and_a_long_one_ends_it() -> None:
    tracker = HoldTracker()
    tracker.see("plank", 10.0, 0.0)
    tracker.see(None, 10.0 + LOST_S - 0.1, 0.0)
    assert tracker.exercise == "plank"
    tracker.see(None, 10.0 + LOST_S + 0.1, 0.0)
    assert tracker.exercise is None
    assert tracker.held_s == 0


def test_another_posture_starts_anew() -> None:
    tracker = HoldTracker()
    tracker.see("plank", 10.0, 0.0)
    tracker.see("wall_sit", 14.0, 1.0)
    assert (tracker.exercise, tracker.since_s) == ("wall_sit", 13.0)
