"""Holds back a body that jumps through the picture until it is clear what that is.

A pose model slips: for some frames it lays the skeleton over a plate, a machine or somebody else, then it is back. Such
frames hold movements that nobody made. A cut of the camera, or a person who is found again elsewhere, stays.
"""

import numpy as np

from svc_motion.observation import LIMBS, BodyFrame, FloatArray

SLIP_SHARE = 0.15
"""Joints that move this share of the body's width + height, in the median, within SLIP_S: 5 m/s of an adult."""
SLIP_S = 0.067
BACK_SHARE = 0.2
"""A body within this share of where it was is back."""
LONGEST_S = 0.5
"""What lasts longer is no slip. Raised, longer slips are left out, and counting stands still for longer after a cut."""
MIN_COMMON = 4
"""With fewer joints in both frames nothing can be said."""


def jump(before: BodyFrame, after: BodyFrame) -> float:
    """How far the middle one of the joints moved between two frames, in the body's width + height; 0 if unknown."""
    steps = after.points[LIMBS] - before.points[LIMBS]
    moved = np.sort(np.hypot(steps[:, 0], steps[:, 1]))
    common = len(moved) - int(np.isnan(moved).sum())
    if common < MIN_COMMON:
        return 0.0
    median = (moved[(common - 1) // 2] + moved[common // 2]) / 2
    return float(2 * median / (_extent(before.points) + _extent(after.points)))


class SlipFilter:
    """Frames of one person in, the same ones out, without those that are slips."""

    def __init__(self) -> None:
        self._last: BodyFrame | None = None
        self._held: list[BodyFrame] = []

    def take(self, frame: BodyFrame) -> list[BodyFrame]:
        """What can be believed now, oldest first: usually the frame itself."""
        if self._held and frame.time_s - self._held[-1].time_s > LONGEST_S:
            self._held = []  # Nobody was seen since, and nothing says any more what that was.
        believed = [frame]
        if self._last is not None and not self._is_believed(self._last, frame):
            self._held.append(frame)
            if frame.time_s - self._held[0].time_s < LONGEST_S:
                return []
            believed = self._held
        self._last, self._held = frame, []
        return believed

    def _is_believed(self, last: BodyFrame, frame: BodyFrame) -> bool:
        moved = jump(last, frame)
        if self._held:  # Who is back comes from where the slip was; after a cut the body goes on where it is.
            return moved <= min(BACK_SHARE, jump(self._held[-1], frame))
        return moved <= SLIP_SHARE * max(1.0, (frame.time_s - last.time_s) / SLIP_S)

    def forget(self) -> None:
        """What comes now is seen by another camera."""
        self._last = None
        self._held = []


def _extent(points: FloatArray) -> float:
    """Width + height of what was seen of a body, px."""
    return float((np.fmax.reduce(points) - np.fmin.reduce(points)).sum())
