"""Which exercise a person does, or none: belief from windows of movement, kept open until there is evidence."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from svc_motion.library import NO_EXERCISE, UNKNOWN_EXERCISE, Exercise, Library
from svc_motion.network import SAMPLE_HZ, SAMPLES, Array32
from svc_motion.observation import LIMBS, BodyFrame, FloatArray, stacked
from svc_motion.posture import PostureSummary, motion_deg, summarise, view_of
from svc_motion.vocabulary import View

WINDOW_S = 3.0
"""Posture and movement are summarised over this long; the network sees the last two seconds of it."""
FIRST_S = 1.2
"""No window shorter than this is judged while more may come."""
STEP_S = 0.25
"""A window is judged this often."""
SETTLED_STEP_S = 0.5
"""The same while it is settled what the person does."""
MEMORY_S = 40.0
JUDGEMENTS_KEPT = 2 * round(MEMORY_S / STEP_S)
MIN_FRAMES = 6
MIN_JOINTS = 5
"""A window in which fewer joints a frame were seen says nothing."""
NEUTRAL = 0.6
"""Belief in a trait that could not be seen."""
MOVING_DEG = 45.0
"""A window in which some joint moves this much counts fully; in a still one no exercise can be told from standing."""
STILL_WEIGHT = 0.02
SIGNATURE_WEIGHT = 0.5
"""How much an exercise's signature counts beside the network: 0 not at all, 1 as much."""
LEAST_FIT = 0.01
"""No signature is refuted beyond this: a joint may have been guessed wrongly all along."""
ALONE_NONE, ALONE_UNKNOWN = 0.06, 0.02
"""Without a network, what `none` and `unknown` weigh against a signature that fits fully, which weighs 1."""
ALONE_IDLE = 0.5
"""The same for `none` where somebody walks or stands still."""
WALKED = 1.0
"""Who moves sideways by so many trunk lengths within the window walks; a lunge's step is less."""
UNTAUGHT_SHARE = 0.5
"""An exercise that the network was never taught competes with this share of what the network gives to `none`."""
UNKNOWN_PRIOR = 0.5
"""Movements without a name are rarer in a gym than in what the network was taught from, by about this."""
GIVEN_UP_UNKNOWN = 0.25
"""Share of what is given up that goes to `unknown`. Raising it makes recognition silent where joints are hidden."""


@dataclass(frozen=True, slots=True)
class Belief:
    """How likely each class is, over a span of time."""

    names: tuple[str, ...]
    """The exercises that take part in recognition, then `unknown` and `none`."""
    probabilities: FloatArray
    windows: int
    """How many judged windows it rests on."""

    @property
    def best(self) -> str:
        """The likeliest exercise of the library."""
        return self.names[int(np.argmax(self.probabilities[:-2]))]

    def of(self, name: str) -> float:
        """Probability of one class."""
        return float(self.probabilities[self.names.index(name)])


class _Judgements:
    """What was judged in the last MEMORY_S, in rows of arrays: every stroke of every frame asks for a mean of them."""

    def __init__(self, classes: int) -> None:
        self._times = np.zeros(JUDGEMENTS_KEPT)
        self._shares = np.zeros((JUDGEMENTS_KEPT, classes))
        self._weights = np.zeros(JUDGEMENTS_KEPT)
        self._end = 0

    @property
    def newest_s(self) -> float:
        """When the last window was judged; -inf before the first."""
        return float(self._times[self._end - 1]) if self._end else float("-inf")

    def add(self, time_s: float, shares: FloatArray, weight: float) -> None:
        if self._end == len(self._times):
            begin = max(int(self._times.searchsorted(time_s - MEMORY_S)), len(self._times) // 2)
            self._end -= begin
            for array in (self._times, self._shares, self._weights):
                array[: self._end] = array[begin:].copy()
        self._times[self._end], self._shares[self._end], self._weights[self._end] = time_s, shares, weight
        self._end += 1

    def mean(self, since_s: float, until_s: float) -> tuple[FloatArray, int]:
        """Weighted mean of what was judged in a span, and how much that was."""
        times = self._times[: self._end]
        begin = int(times.searchsorted(max(since_s, self.newest_s - MEMORY_S)))
        end = int(times.searchsorted(until_s, side="right"))
        if begin >= end:
            return np.full(self._shares.shape[1], 1 / self._shares.shape[1]), 0
        weights = self._weights[begin:end]
        return np.asarray(weights @ self._shares[begin:end] / weights.sum()), end - begin


class Recogniser:
    """Collects frames, judges a window every quarter of a second and remembers the judgements."""

    def __init__(self, library: Library) -> None:
        self._exercises = library.recognised
        self._network = library.network
        self.names = (*(exercise.name for exercise in self._exercises), UNKNOWN_EXERCISE, NO_EXERCISE)
        self._frames: deque[BodyFrame] = deque()
        self._judged = _Judgements(len(self.names))

    def forget_frames(self) -> None:
        """The camera cut: no window may join what was before with what comes; judgements stay."""
        self._frames.clear()

    def push(self, frame: BodyFrame, settled: bool = False) -> bool:
        """Add a frame; True when a new window was judged. `settled`: no doubt is left about the running set."""
        self._frames.append(frame)
        while frame.time_s - self._frames[0].time_s > WINDOW_S:
            self._frames.popleft()
        due = frame.time_s - self._judged.newest_s >= (SETTLED_STEP_S if settled else STEP_S) - 1e-6
        long_enough = frame.time_s - self._frames[0].time_s >= FIRST_S
        return self.judge() if due and long_enough else False

    def judge(self) -> bool:
        """Judge the frames at hand now, however few; False when they show too little."""
        if len(self._frames) < MIN_FRAMES:
            return False
        confidence = stacked([frame.confidence for frame in self._frames])
        if np.count_nonzero(confidence[:, LIMBS]) < MIN_JOINTS * len(self._frames):
            return False
        points = stacked([frame.points for frame in self._frames])
        now_s = self._frames[-1].time_s
        posture = summarise(points)
        shares_by_class = self._taught()
        weight = max(STILL_WEIGHT, min(1.0, motion_deg(posture) / MOVING_DEG) ** 2)
        self._judged.add(now_s, combined(self._exercises, shares_by_class, posture, view_of(points)), weight)
        return True

    def _taught(self) -> dict[str, float] | None:
        """What the network says of the last two seconds, by class; None without a network."""
        if self._network is None:
            return None
        points, confidence = sampled(list(self._frames))
        shares = self._network.probabilities(points[None], confidence[None])[0]
        return dict(zip(self._network.classes, shares.tolist(), strict=True))

    def belief(self, since_s: float) -> Belief:
        """Mean of the judgements made since then; even when there are none."""
        return self.belief_between(since_s, float("inf"))

    def belief_between(self, since_s: float, until_s: float) -> Belief:
        """Mean of the judgements made in a span, those of moving windows weighing most."""
        return Belief(self.names, *self._judged.mean(since_s, until_s))

    @property
    def posture(self) -> PostureSummary:
        """Posture over the frames at hand."""
        return summarise(stacked([frame.points for frame in self._frames]))


def fit(exercise: Exercise, posture: PostureSummary, view: View = View.UNKNOWN) -> float:
    """How well posture and movement fit the exercise's recognition signature, 0..1 (a geometric mean over traits)."""
    logarithm = 0.0
    for trait in exercise.recognition:
        value = posture.feature(trait.feature)
        shown = math.isfinite(value) and (view is View.UNKNOWN or view in trait.views)
        logarithm += math.log(trait.belief(value) if shown else NEUTRAL)
    return math.exp(3 * logarithm / len(exercise.recognition))


def idleness(posture: PostureSummary) -> float:
    """How much posture looks like walking about or standing around, 0..1."""
    walked = posture.body_travel / WALKED if math.isfinite(posture.body_travel) else 0.0
    return float(max(min(walked, 1.0) ** 2, 1.0 - min(motion_deg(posture) / MOVING_DEG, 1.0)))


def combined(
    exercises: tuple[Exercise, ...],
    shares: dict[str, float] | None,
    posture: PostureSummary,
    view: View = View.UNKNOWN,
) -> FloatArray:
    """Probabilities of all exercises, then of unknown and none: the network's, weighed by how the signatures fit.

    What the network gives to an exercise whose signature speaks against it is given up: part of it to exercises that
    the network was never taught, as far as their signatures fit, part of it to `unknown`. Without a network (None)
    the signatures decide alone.
    """
    fits = np.array([max(fit(exercise, posture, view), LEAST_FIT) for exercise in exercises])
    if shares is None:
        seen = np.array([*fits**2, ALONE_UNKNOWN, max(ALONE_NONE, ALONE_IDLE * idleness(posture))])
        return np.asarray(seen / seen.sum(), dtype=np.float64)
    none = shares[NO_EXERCISE]
    taught = np.array([shares.get(exercise.name, 0.0) for exercise in exercises])
    foreign = max(1.0 - none - float(taught.sum()), 0.0)
    agreed = taught * fits**SIGNATURE_WEIGHT
    given_up = float((taught - agreed).sum())
    claims = fits**2 * np.array([exercise.name not in shares for exercise in exercises])
    agreed += claims * (foreign + given_up + UNTAUGHT_SHARE * none)
    unsure = NEUTRAL**SIGNATURE_WEIGHT
    unknown = UNKNOWN_PRIOR * (unsure * foreign + GIVEN_UP_UNKNOWN * given_up) * (1.0 - float(claims.max()))
    seen = np.array([*agreed, unknown, unsure * none])
    return np.asarray(seen / seen.sum(), dtype=np.float64)


def sampled(frames: list[BodyFrame]) -> tuple[Array32, Array32]:
    """The last two seconds at 15 Hz: points (T, 17, 2), unseen ones 0, and confidences (T, 17).

    Frames that span less time are played forth and back until the window is full.
    """
    times = np.array([frame.time_s for frame in frames])
    points = np.nan_to_num(stacked([frame.points for frame in frames]))
    confidence = stacked([frame.confidence for frame in frames])
    count = min(SAMPLES, int((times[-1] - times[0]) * SAMPLE_HZ + 1e-6) + 1)
    grid = times[-1] - np.arange(count)[::-1] / SAMPLE_HZ
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    before = after - 1
    share = np.clip((grid - times[before]) / np.maximum(times[after] - times[before], 1e-6), 0, 1)
    both = (confidence[before] > 0) & (confidence[after] > 0)
    nearest = np.where(share > 0.5, after, before)
    between = points[before] * (1 - share)[:, None, None] + points[after] * share[:, None, None]
    filled = np.where(both[..., None], between, points[nearest])
    sure = np.where(both, np.minimum(confidence[before], confidence[after]), confidence[nearest])
    order = _forth_and_back(count)
    return filled[order].astype(np.float32), sure[order].astype(np.float32)


def _forth_and_back(count: int) -> list[int]:
    """SAMPLES indices that walk 0..count-1 and back as often as needed."""
    if count == 1:
        return [0] * SAMPLES
    period = 2 * count - 2
    return [min(step % period, period - step % period) for step in range(SAMPLES)]
