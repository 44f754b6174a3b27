"""Which exercise a person does, or none: belief from windows of movement, kept open until there is evidence."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from svc_motion.library import NO_EXERCISE, Exercise, Library
from svc_motion.observation import BodyFrame, FloatArray
from svc_motion.posture import PostureSummary, summarise

WINDOW_S = 3.0
STEP_S = 0.25
"""A window is judged this often."""
MEMORY_S = 40.0
MIN_FRAMES = 6
MIN_JOINTS = 5
"""A window in which fewer joints a frame were seen says nothing."""
NEUTRAL = 0.6
"""Belief in a trait that could not be seen."""
NONE_LEVEL = 0.25
"""Belief in `none` before anything was seen: an exercise must fit better than this."""


@dataclass(frozen=True, slots=True)
class Belief:
    """How likely each class is, over a span of time."""

    names: tuple[str, ...]
    """All exercises, then `none`."""
    probabilities: FloatArray
    windows: int
    """How many judged windows it rests on."""

    @property
    def best(self) -> str:
        """The likeliest exercise, `none` left out."""
        return self.names[int(np.argmax(self.probabilities[:-1]))]

    def of(self, name: str) -> float:
        """Probability of one class."""
        return float(self.probabilities[self.names.index(name)])


class Recogniser:
    """Collects frames, judges a window every quarter of a second and remembers the judgements."""

    def __init__(self, library: Library) -> None:
        self._exercises = tuple(library.exercises.values())
        self.names = (*library.names, NO_EXERCISE)
        self._frames: deque[BodyFrame] = deque()
        self._judged: deque[tuple[float, FloatArray]] = deque()

    def forget_frames(self) -> None:
        """The camera cut: no window may join what was before with what comes; judgements stay."""
        self._frames.clear()

    def push(self, frame: BodyFrame) -> bool:
        """Add a frame; True when a new window was judged."""
        self._frames.append(frame)
        while frame.time_s - self._frames[0].time_s > WINDOW_S:
            self._frames.popleft()
        due = not self._judged or frame.time_s - self._judged[-1][0] >= STEP_S - 1e-6
        long_enough = frame.time_s - self._frames[0].time_s >= WINDOW_S / 3
        return self.judge() if due and long_enough else False

    def judge(self) -> bool:
        """Judge the frames at hand now, however few; False when they show too little."""
        if len(self._frames) < MIN_FRAMES:
            return False
        if np.mean([frame.limbs_seen for frame in self._frames]) < MIN_JOINTS:
            return False
        points = np.stack([frame.points for frame in self._frames])
        now_s = self._frames[-1].time_s
        self._judged.append((now_s, scores(self._exercises, summarise(points))))
        while now_s - self._judged[0][0] > MEMORY_S:
            self._judged.popleft()
        return True

    def belief(self, since_s: float) -> Belief:
        """Mean of the judgements made since then; even when there are none."""
        return self.belief_between(since_s, float("inf"))

    def belief_between(self, since_s: float, until_s: float) -> Belief:
        """Mean of the judgements made in a span."""
        chosen = [probabilities for time_s, probabilities in self._judged if since_s <= time_s <= until_s]
        if not chosen:
            return Belief(self.names, np.full(len(self.names), 1 / len(self.names)), 0)
        return Belief(self.names, np.mean(chosen, axis=0), len(chosen))

    @property
    def posture(self) -> PostureSummary:
        """Posture over the frames at hand."""
        return summarise(np.stack([frame.points for frame in self._frames]))


def fit(exercise: Exercise, posture: PostureSummary) -> float:
    """How well posture and movement fit the exercise's recognition signature, 0..1 (a geometric mean over traits)."""
    beliefs = []
    for trait in exercise.recognition:
        value = posture.feature(trait.feature)
        if np.isnan(value):
            beliefs.append(NEUTRAL)
            continue
        outside = max(trait.low - value, value - trait.high, 0.0)
        beliefs.append(0.5 ** (outside / trait.tolerance) ** 2)
    return float(np.exp(np.mean(np.log(np.maximum(beliefs, 1e-4)))) ** 3)


def scores(exercises: tuple[Exercise, ...], posture: PostureSummary) -> FloatArray:
    """Probabilities of all exercises and, last, of none."""
    raw = np.array([fit(exercise, posture) for exercise in exercises] + [NONE_LEVEL]) ** 2
    return np.asarray(raw / raw.sum(), dtype=np.float64)
