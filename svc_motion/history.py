"""The last seconds of one person: joints, movement signals and what was believed of them."""

import warnings
from collections import deque
from enum import Enum

import numpy as np

from svc_motion.counter import Stroke
from svc_motion.filling import JointMemory
from svc_motion.form import RepetitionTrace, trace_of
from svc_motion.holds import POSITION_KINDS
from svc_motion.library import Exercise, Library
from svc_motion.movement import Movement, movement
from svc_motion.observation import HIPS, SHOULDERS, BodyFrame, FloatArray, stacked
from svc_motion.recognition import Recogniser
from svc_motion.signals import SIDES, SIGNAL_NAMES, SignalBank
from svc_motion.slips import jump
from svc_motion.window import HISTORY_S, SignalWindow

CUT_SHARE = 0.35
"""Joints that jump this share of the body's width + height within 0.2 s belong to another shot or person."""


_POSITION_COLUMNS = np.array([[SIGNAL_NAMES.index(f"{kind}_{side}") for kind in POSITION_KINDS] for side in SIDES])


class Taken(Enum):
    """What became of a frame."""

    SKIPPED = 0
    """It came too soon after the last one."""
    ADDED = 1
    JUDGED = 2
    """Added, and it completed a window of recognition."""


class History:
    """What the sets of one person are found and counted in."""

    def __init__(self, library: Library) -> None:
        self.recogniser = Recogniser(library)
        self.last_s = float("-inf")
        """Capture time of the last observation."""
        self.seen_s = float("-inf")
        """The same of the last one that showed enough of the body."""
        self.cuts = 0
        """How often the camera cut."""
        self._joints = JointMemory()
        self._bank = SignalBank()
        self._window = SignalWindow()
        self._frames: deque[BodyFrame] = deque()

    @property
    def empty(self) -> bool:
        """Nothing was seen since the last cut."""
        return not self._frames

    def add(self, frame: BodyFrame, settled: bool) -> Taken:
        """Take a frame that shows enough of the body. `settled`: no doubt is left about the running set."""
        self.seen_s = frame.time_s
        frame = self._joints.fill(frame)
        self._frames.append(frame)
        while frame.time_s - self._frames[0].time_s > HISTORY_S:
            self._frames.popleft()
        if not self._window.push(self._bank.update(frame)):
            return Taken.SKIPPED
        return Taken.JUDGED if self.recogniser.push(frame, settled=settled) else Taken.ADDED

    def is_cut(self, frame: BodyFrame) -> bool:
        """Whether a frame belongs to another shot than the ones before."""
        if not self._frames:
            return False
        last = self._frames[-1]
        return jump(last, frame) > CUT_SHARE * max(1.0, (frame.time_s - last.time_s) / 0.2)

    def forget(self) -> None:
        """The camera cut: nothing may join what was before with what comes."""
        self.cuts += 1
        self._frames.clear()
        self._window.clear()
        self._joints.forget()
        self._bank.forget_place()
        self.recogniser.forget_frames()

    def movement(self, exercise: Exercise, since_s: float) -> Movement | None:
        """The movement signal of an exercise since a time; None when too little was seen."""
        primary = exercise.primary_movement
        paired = primary.alternation == "pair"
        move = movement(self._window, primary.signal_indices, since_s, primary.min_range_deg, paired)
        if move is None and primary.hidden_signals:
            move = movement(self._window, primary.hidden_signal_indices, since_s, primary.min_range_deg, paired)
        return move

    def positions(self, since_s: float) -> tuple[FloatArray, FloatArray]:
        """Times (n,) and the position of a hold (n, 3) since a time: each signal's mean, or the side that was seen."""
        times, values, _ = self._window.since(since_s)
        by_side = values[:, _POSITION_COLUMNS]
        mean, left, right = by_side[:, 2], by_side[:, 0], by_side[:, 1]
        return times, np.where(np.isfinite(mean), mean, np.where(np.isfinite(left), left, right))

    def travel(self, start_s: float, end_s: float) -> float:
        """How far the trunk was carried through the picture between two times, sideways or in size, in its lengths."""
        inside = [frame.points for frame in self._frames if start_s <= frame.time_s <= end_s]
        if len(inside) < 2:
            return 0.0
        trunks = stacked(inside)[:, [*SHOULDERS, *HIPS]]
        edge = max(1, len(trunks) // 10)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # joints that were never seen are normal here
            first, last = np.nanmedian(trunks[:edge], axis=0), np.nanmedian(trunks[-edge:], axis=0)
            length = float(np.nanmax(np.hypot(*np.moveaxis(trunks[:, :2] - trunks[:, 2:], 2, 0))))
            aside = float(np.nanmean((last - first)[:, 0]))
        return abs(aside) / max(length, 1e-6) if np.isfinite(aside) and np.isfinite(length) else 0.0

    def frames_since(self, since_s: float) -> list[BodyFrame]:
        """The frames since a time."""
        return [frame for frame in self._frames if frame.time_s >= since_s]

    def trace(self, move: Movement, stroke: Stroke) -> RepetitionTrace:
        """Everything measured while a stroke was done."""
        inside = (move.times_s >= stroke.start_s) & (move.times_s <= stroke.top_s)
        _, values, _ = self._window.since(stroke.start_s)
        frames = [frame for frame in self._frames if stroke.start_s <= frame.time_s <= stroke.top_s]
        return trace_of(move.times_s[inside], move.values[inside], values[: int(inside.sum())], frames)
