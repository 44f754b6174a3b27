"""Several cameras, one person: which of them counts.

One camera counts at a time, so that no repetition counts twice. Another one takes over when it sees the person clearly
better, between two repetitions where there is such a moment, or when the one that counted has lost them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from mesh.ids import CameraId
from svc_motion.events import LiveState, MotionState
from svc_motion.library import Library
from svc_motion.observation import LIMBS, BodyFrame, stacked
from svc_motion.posture import view_of

LOST_S = 1.0
"""A camera that hasn't seen the person for this long gives them to any other that does."""
BETTER = 1.2
"""Another camera takes over when it sees the person so many times as well."""
BETTER_FOR_S = 1.5
"""And has done so for this long: nobody is handed to and fro."""
LATEST_S = 6.0
"""By then it takes over in the middle of a repetition, too."""
BETWEEN_METER = 0.25
"""So near to the start of a stroke is between two repetitions."""
UNSUITED = 0.7
"""What is seen from where the exercise can't be judged counts so much."""
SMOOTHING_S = 1.0
VIEW_FRAMES: Final = 8
VIEW_STEP_S = 0.25


@dataclass
class _Seen:
    """What one camera sees of the person."""

    quality: float = 0.0
    """Mean confidence of the twelve body joints, unseen ones 0, over the last second."""
    last_s: float = float("-inf")
    frames: deque[BodyFrame] = field(default_factory=lambda: deque(maxlen=VIEW_FRAMES))

    def see(self, frame: BodyFrame) -> None:
        """Take a frame of this camera."""
        quality = float(frame.confidence[LIMBS].mean())
        share = min(1.0, (frame.time_s - self.last_s) / SMOOTHING_S)
        self.quality += share * (quality - self.quality)
        self.last_s = frame.time_s
        if not self.frames or frame.time_s - self.frames[-1].time_s >= VIEW_STEP_S:
            self.frames.append(frame)

    def suitability(self, library: Library, exercise: str | None) -> float:
        """1 where the exercise can be judged from here, else UNSUITED; 1 while nothing is known."""
        if exercise is None or exercise not in library or len(self.frames) < VIEW_FRAMES:
            return 1.0
        views = library[exercise].primary_movement.views
        seen_from = view_of(stacked([frame.points for frame in self.frames]))
        return 1.0 if not views or seen_from in views else UNSUITED


class ViewChoice:
    """Chooses the camera that counts one person. Times are capture times, whose clocks may differ by a little."""

    def __init__(self, library: Library, camera_id: CameraId) -> None:
        self.camera_id = camera_id
        """The camera that counts."""
        self._library = library
        self._cameras: dict[CameraId, _Seen] = {}
        self._better: tuple[CameraId, float] | None = None

    def see(self, camera_id: CameraId, frame: BodyFrame, live: LiveState) -> bool:
        """Take what a camera sees; True where it counts from this frame on, having just taken over or not."""
        seen = self._cameras.setdefault(camera_id, _Seen())
        seen.see(frame)
        if camera_id == self.camera_id:
            return True
        counting = self._cameras.get(self.camera_id)
        if counting is None or frame.time_s - counting.last_s >= LOST_S or self._takes_over(camera_id, seen, live):
            self.camera_id, self._better = camera_id, None
            return True
        return False

    def _takes_over(self, camera_id: CameraId, seen: _Seen, live: LiveState) -> bool:
        counting = self._cameras[self.camera_id]
        there = counting.quality * counting.suitability(self._library, live.exercise)
        if seen.quality * seen.suitability(self._library, live.exercise) < BETTER * there:
            if self._better is not None and self._better[0] == camera_id:
                self._better = None
            return False
        if self._better is None or self._better[0] != camera_id:
            self._better = camera_id, seen.last_s
            return False
        better_s = seen.last_s - self._better[1]
        between = live.state is not MotionState.EXERCISING or live.range_meter <= BETWEEN_METER
        return better_s >= LATEST_S or (better_s >= BETTER_FOR_S and between)
