"""Joints that are lost for a moment stay where they were; joints that come and go with every frame are guesses."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from svc_motion.observation import BodyFrame

HELD_S = 0.2
"""A joint that was lost so long ago at most is where it was. Raising it freezes limbs that really left the picture."""
FLICKER_S = 1.0
FLICKER_SHARE = 0.6
"""A joint that changes between seen and not seen in this share of the frames is a guess of the pose model. Joints that
are lost at random, a fifth of them, change in a third of the frames; what is seen in every other frame always does."""


class JointMemory:
    """Remembers where and when each joint was seen last, and how often it came and went."""

    def __init__(self) -> None:
        self._flickering = np.zeros(17)
        self._seen = np.zeros(17, dtype=np.bool_)
        self._last_s = float("-inf")
        self.forget()

    def forget(self) -> None:
        """The camera cut: no joint is where it was."""
        self._points = np.full((17, 2), np.nan)
        self._confidence = np.zeros(17)
        self._seen_s = np.full(17, -np.inf)

    def fill(self, frame: BodyFrame) -> BodyFrame:
        """The same frame with what is known of lost joints, and without what is guessed. Frames come in order."""
        seen = frame.seen
        guessed = self._are_guesses(frame.time_s, seen)
        held = ~seen & (frame.time_s - self._seen_s <= HELD_S)
        self._points = np.where(seen[:, None], frame.points, self._points)
        self._confidence = np.where(seen, frame.confidence, self._confidence)
        self._seen_s = np.where(seen, frame.time_s, self._seen_s)
        if not (held.any() or guessed.any()):
            return frame
        known = (seen | held) & ~guessed
        points = np.where(known[:, None], self._points, np.nan)
        return replace(frame, points=points, confidence=np.where(known, self._confidence, 0.0))

    def _are_guesses(self, time_s: float, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        gain = 1 - np.exp(-min(max(time_s - self._last_s, 0.0), FLICKER_S) / FLICKER_S)
        changed = (seen != self._seen) & (time_s - self._last_s <= FLICKER_S)
        self._flickering += gain * (changed - self._flickering)
        self._seen, self._last_s = seen, time_s
        return np.asarray(self._flickering > FLICKER_SHARE, dtype=np.bool_)
