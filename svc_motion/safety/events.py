"""What the safety domain tells: a person may need help, where, and since when."""

from dataclasses import dataclass
from enum import StrEnum


class SafetyKind(StrEnum):
    """Why a person may need help."""

    FALL = "fall"
    """Fell, and lies still."""
    PINNED = "pinned"
    """A lift went down and doesn't come up again."""


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """Somebody may need help. One event for each fall or failed lift; the same observations give the same event."""

    kind: SafetyKind
    episode_ns: int
    """Capture time at which the fall, or the lift that failed, began: with person and kind it names the event."""
    time_ns: int
    """Capture time at which it was decided."""
    place_x: float
    """Where the hips are, share of the picture's width, 0 (left) .. 1."""
    place_y: float
    """Likewise of its height, 0 (top) .. 1."""
