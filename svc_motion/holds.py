"""Held exercises: when a hold has begun, and when it is over."""

from dataclasses import dataclass

START_S = 2.5
"""A posture must be kept this long before it is a hold: a rest on the floor, or the start of a push-up, is not."""
LOST_S = 2.0
"""A hold ends when the posture was not seen for this long."""


@dataclass(slots=True)
class HoldTracker:
    """Follows whether one held posture is being kept. Times are seconds of capture time."""

    exercise: str | None = None
    since_s: float = 0.0
    last_s: float = 0.0

    def clear(self) -> None:
        """Nothing is being held."""
        self.exercise = None

    def see(self, exercise: str | None, now_s: float, lead_s: float) -> None:
        """Tell which held exercise is seen now, if any; lead_s is how far back the judged window reached."""
        if exercise is None:
            if self.exercise is not None and now_s - self.last_s > LOST_S:
                self.clear()
            return
        if exercise != self.exercise:
            self.exercise, self.since_s = exercise, now_s - lead_s
        self.last_s = now_s

    @property
    def held_s(self) -> float:
        """Seconds from the first to the last sight of the posture; 0 while nothing is held."""
        return self.last_s - self.since_s if self.exercise is not None else 0.0

    @property
    def begun(self) -> bool:
        """Kept long enough to be a hold."""
        return self.held_s >= START_S
