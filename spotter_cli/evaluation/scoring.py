"""How near the counts and labels are to the truth. Measures of the repetition-counting literature:

OBO (off by one) is the share of clips with an error of at most one, MAE the mean of |error| / true count over clips
with a true count above 0 (Dwibedi et al., Counting Out Time, CVPR 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spotter_cli.evaluation.manifest import NOTHING, Clip

MANY_REPS = 3
HOLD_TOLERANCE = 0.1
"""A hold is right when its seconds differ from the truth by at most this share."""
SPAN_MARGIN_S = 0.5
"""People note the ends of a span to about this, and a pose follows a body with some delay."""
ALIASES = {
    "air_squat": "squat",
    "back_squat": "squat",
    "barbell_squat": "squat",
    "front_squat": "squat",
    "goblet_squat": "squat",
    "barbell_row": "row",
    "dumbbell_row": "row",
    "seated_row": "row",
    "chin_up": "pull_up",
    "dumbbell_curl": "bicep_curl",
    "hammer_curl": "bicep_curl",
    "overhead_press": "shoulder_press",
    "romanian_deadlift": "deadlift",
    "sumo_deadlift": "deadlift",
    "bulgarian_split_squat": "lunge",
    "split_squat": "lunge",
    "crunch": "sit_up",
    "side_plank": "plank",
    "pushup": "push_up",
}
"""Family of kinds that manifests name and the exercise library doesn't; every kind of squat is a squat."""


@dataclass(frozen=True)
class DoneSet:
    """A set as the mesh told it; times in seconds since the clip's first frame."""

    person_id: str
    exercise: str
    start_s: float
    end_s: float
    hold_s: float = 0.0
    repetitions: tuple[tuple[float, float], ...] = ()
    """When each began and ended."""


@dataclass(frozen=True)
class Found:
    """What the mesh made of a clip: the person with the most repetitions, else the one with the longest set."""

    exercise: str
    """The one with the most repetitions; "none" where no set was found."""
    reps: int
    """Of all sets of that person."""
    person_id: str = ""
    held_s: float = 0.0
    """Of all sets of that person."""
    sets: tuple[DoneSet, ...] = ()
    """Of everybody."""

    @property
    def own_sets(self) -> list[DoneSet]:
        """Those of the person that the clip is about, in the order of time."""
        return sorted((one for one in self.sets if one.person_id == self.person_id), key=lambda one: one.start_s)


@dataclass(frozen=True)
class Scored:
    """A clip, what was found, and how far that is from the truth."""

    clip: Clip
    found: Found
    error: int
    """Found minus the nearest count that is right."""
    true_family: str
    found_family: str
    problem: str = ""
    """Why the clip could not be looked at; empty where it could."""

    @property
    def outside(self) -> int:
        """Repetitions, of anybody, where there are none: before or after the labelled span."""
        return len(outside_span(self.clip, self.found.sets))

    @property
    def true_hold_s(self) -> float | None:
        """How long something was held; None where nothing was."""
        return None if self.clip.hold_s is None else self.clip.hold_s[1] - self.clip.hold_s[0]

    @property
    def hold_right(self) -> bool | None:
        """Whether the seconds held are near enough; None where nothing was held."""
        true_s = self.true_hold_s
        return None if true_s is None else abs(self.found.held_s - true_s) <= HOLD_TOLERANCE * true_s

    @property
    def wrong(self) -> bool:
        """Whether anything about the clip is."""
        told_apart = self.true_family == self.found_family
        return bool(self.error or self.outside or self.problem or self.hold_right is False or not told_apart)


@dataclass(frozen=True)
class Counting:
    """Measures over some clips; None where there is no clip to measure."""

    clips: int
    obo: float | None
    mae: float | None
    exact: float | None


def choose(sets: Sequence[DoneSet]) -> Found:
    """The person that a clip is about."""
    people: dict[str, list[DoneSet]] = {}
    for done in sets:
        people.setdefault(done.person_id, []).append(done)
    if not people:
        return Found(NOTHING, 0)
    person_id, own = max(people.items(), key=lambda item: (_reps(item[1]), max(map(_seconds, item[1]))))
    weight: Counter[str] = Counter()
    for done in own:
        # A hold has no repetitions; its seconds only decide where nothing was counted.
        weight[done.exercise] += len(done.repetitions) * 10_000 + round(_seconds(done))
    exercise = weight.most_common(1)[0][0]
    return Found(exercise, _reps(own), person_id, sum(done.hold_s for done in own), tuple(sets))


def score(clip: Clip, found: Found, families: Mapping[str, str], problem: str = "") -> Scored:
    """Compares a clip with the truth. `families` says the family of each exercise of the library."""
    error = min((found.reps - right for right in clip.accepted), key=abs)
    return Scored(clip, found, error, family(clip.exercise, families), family(found.exercise, families), problem)


def family(exercise: str, families: Mapping[str, str]) -> str:
    """Family of an exercise, under whatever name a manifest has it."""
    known = ALIASES.get(exercise, exercise)
    return families.get(known, known)


def outside_span(clip: Clip, sets: Sequence[DoneSet]) -> list[tuple[float, float]]:
    """Repetitions that ended before or after the labelled span; all of them where nobody exercises.

    The end is when a repetition is told: the first of a set may begin early, with a grip that takes long.
    """
    done = sorted(repetition for one in sets for repetition in one.repetitions)
    if clip.exercise == NOTHING:
        return done
    if clip.span_s is None:
        return []
    first_s, last_s = clip.span_s[0] - SPAN_MARGIN_S, clip.span_s[1] + SPAN_MARGIN_S
    return [(start_s, end_s) for start_s, end_s in done if not first_s <= end_s <= last_s]


def counting(scored: Sequence[Scored]) -> Counting:
    """Measures of counting over these clips."""
    if not scored:
        return Counting(0, None, None, None)
    relative = [abs(one.error) / one.clip.reps for one in scored if one.clip.reps > 0]
    return Counting(
        len(scored),
        _share([abs(one.error) <= 1 for one in scored]),
        sum(relative) / len(relative) if relative else None,
        _share([one.error == 0 for one in scored]),
    )


def with_many_reps(scored: Sequence[Scored]) -> list[Scored]:
    """Clips with at least MANY_REPS repetitions: on shorter ones, OBO forgives nearly everything."""
    return [one for one in scored if one.clip.reps >= MANY_REPS]


def label_accuracy(scored: Sequence[Scored]) -> float | None:
    """Share of clips with an exercise whose family was recognised."""
    labelled = [one for one in scored if one.clip.exercise != NOTHING]
    return _share([one.true_family == one.found_family for one in labelled]) if labelled else None


def confusion(scored: Sequence[Scored]) -> dict[tuple[str, str], int]:
    """How often each true family was taken for each found one."""
    return dict(Counter((one.true_family, one.found_family) for one in scored))


def phantom_reps(scored: Sequence[Scored]) -> int:
    """Repetitions, of anybody, counted in clips in which nobody exercises."""
    return sum(one.outside for one in scored if one.clip.exercise == NOTHING)


def reps_outside_spans(scored: Sequence[Scored]) -> int:
    """Repetitions, of anybody, counted before or after the labelled span of clips in which somebody exercises."""
    return sum(one.outside for one in scored if one.clip.exercise != NOTHING)


def holds(scored: Sequence[Scored]) -> list[Scored]:
    """Clips in which something is held."""
    return [one for one in scored if one.clip.hold_s is not None]


def _reps(sets: Sequence[DoneSet]) -> int:
    return sum(len(done.repetitions) for done in sets)


def _seconds(done: DoneSet) -> float:
    return done.end_s - done.start_s


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
