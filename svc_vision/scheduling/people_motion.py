"""Whether people move, told from their keypoints in two looks."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from svc_vision.scheduling.config import ScheduleConfig

Id = TypeVar("Id", bound=int)
Float32 = NDArray[np.float32]


class PeopleMotion:
    """State of one camera."""

    def __init__(self, config: ScheduleConfig) -> None:
        self._config = config
        self._looks: deque[tuple[float, Mapping[int, Float32]]] = deque()

    def moved(self, time_s: float, track_ids: Sequence[int], keypoints: Float32) -> bool:
        """Whether somebody moved, came or went since a moment ago.

        Args:
            time_s: capture time of the look.
            track_ids: (N,) who is seen.
            keypoints: (N, K, 3) x px, y px, confidence 0..1; K as in the look before.
        """
        people = dict(zip(track_ids, keypoints, strict=True))
        while len(self._looks) > 1 and time_s - self._looks[1][0] >= self._config.compare_s:
            self._looks.popleft()
        newest = self._looks[-1][1] if self._looks else None
        oldest = self._looks[0][1] if self._looks else {}
        self._looks.append((time_s, people))
        if newest is None or newest.keys() != people.keys():
            return bool(people) or bool(newest)
        return any(self._travelled(oldest[track], points) for track, points in people.items() if track in oldest)

    def _travelled(self, before: Float32, now: Float32) -> bool:
        seen = (before[:, 2] >= self._config.joint_seen_min) & (now[:, 2] >= self._config.joint_seen_min)
        if np.count_nonzero(seen) < 2:
            return False
        extent = float(np.ptp(now[seen, :2], axis=0).sum())
        travel = float(np.linalg.norm(now[seen, :2] - before[seen, :2], axis=1).max())
        return travel > self._config.joint_travel_min * extent
