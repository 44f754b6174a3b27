"""How much attention one camera needs: its full rate while something moves, a look now and then while nothing does.

Everything is decided when a frame is decoded, by capture time alone: the same film gets the same looks on any machine
that is quick enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from svc_vision.scheduling.config import ScheduleConfig
from svc_vision.scheduling.people_motion import PeopleMotion
from svc_vision.scheduling.picture_motion import PictureMotion

EARLY_SHARE = 0.25
"""A frame that comes this share of a busy period before its time is taken: clocks of cameras jitter."""
GAP_S = 5.0
"""After so long without frames, or when the clock runs back, a camera begins anew."""


class Attention:
    """State of one camera."""

    def __init__(self, config: ScheduleConfig) -> None:
        self._config = config
        self._last_s: float | None = None
        self._begin(0.0)

    def _begin(self, time_s: float) -> None:
        self._picture = PictureMotion(self._config)
        self._people = PeopleMotion(self._config)
        self._busy_until_s = time_s + self._config.start_s
        self._due_s = time_s
        self._people_still = False
        self._idle = False

    @property
    def idle(self) -> bool:
        """Nothing moved in the newest frame, nor lately."""
        return self._idle

    def wants(self, time_s: float, thumbnail: NDArray[np.uint8]) -> bool:
        """Whether this frame should be looked at.

        Args:
            time_s: capture time.
            thumbnail: (h, w) luma of the whole frame, small.
        """
        if self._last_s is None or not 0 <= time_s - self._last_s <= GAP_S:
            self._begin(time_s)
        self._last_s = time_s
        if self._picture.moved(time_s, thumbnail, learn=self._people_still):
            self._busy_until_s = max(self._busy_until_s, time_s + self._config.grace_s)
        was_idle, self._idle = self._idle, time_s > self._busy_until_s
        if was_idle and not self._idle:
            self._due_s = time_s
        period_s = 1 / (self._config.idle_rate_hz if self._idle else self._config.busy_rate_hz)
        if time_s < self._due_s - EARLY_SHARE / self._config.busy_rate_hz:
            return False
        self._due_s = max(self._due_s + period_s, time_s)
        return True

    def saw(self, time_s: float, track_ids: Sequence[int], keypoints: NDArray[np.float32]) -> None:
        """What a look at the frame of this capture time has found; see `PeopleMotion.moved`."""
        moved = self._people.moved(time_s, track_ids, keypoints)
        self._people_still = not moved
        if moved:
            self._busy_until_s = max(self._busy_until_s, time_s + self._config.grace_s)
