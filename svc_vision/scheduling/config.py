"""Settings of the scheduling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScheduleConfig:
    """How often a camera is looked at; what happens when each is raised. Times are capture time."""

    busy_rate_hz: float = 15.0
    """Looks a second while somebody moves. Raised: finer timing of repetitions, fewer cameras."""
    idle_rate_hz: float = 2.0
    """The same while everybody stands still, or nobody is there. Raised: fewer cameras."""
    grace_s: float = 2.0
    """For so long after the last movement a camera counts as busy. Raised: pauses are seen finer, fewer cameras."""
    start_s: float = 2.0
    """For so long a stream counts as busy when it begins, so that whoever is there is found."""
    compare_s: float = 0.4
    """What is seen is compared with what was seen at least so long before. Raised: slower movement shows."""
    cell_change_min: float = 6.0
    """A cell of the thumbnail has changed when the luma (0..255) around it did by more. Raised: faint movement is
    missed."""
    cell_change_usual: float = 4.0
    """Nor by less than so many times what it usually changes by. Raised: screens and fans wake less."""
    cell_change_noise: float = 8.0
    """Nor by less than so many times what half of the cells change by at most; 8 are 5.4 standard deviations of the
    sensor's noise. Raised: dark and grainy pictures wake less."""
    cells_min: int = 3
    """So many changed cells are movement. Raised: small and far movement is missed, noise wakes less."""
    usual_s: float = 6.0
    """Time constant with which it is learned what is usual, while nobody moves. Raised: slower to ignore a fan."""
    joint_travel_min: float = 0.04
    """A joint has moved when it did by this share of the body's width + height. Raised: small exercises are missed."""
    joint_seen_min: float = 0.5
    """Confidence from which a joint says something about movement. Raised: half hidden people wake less."""
