"""How near the counts and labels are to the truth. Measures of the repetition-counting literature:

OBO (off by one) is the share of clips with an error of at most one, MAE the mean of |error| / true count over clips
with a true count above 0 (Dwibedi et al., Counting Out Time, CVPR 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spotter.motion.v1 import motion_pb2
from spotter_cli.evaluation.manifest import NOTHING, Clip

MANY_REPS = 3
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
    "side_plank": "plank",
    "pushup": "push_up",
}
"""Family of kinds that manifests name and the exercise library doesn't; every kind of squat is a squat."""


@dataclass(frozen=True)
class Found:
    """What the mesh made of a clip: the person with the most repetitions, else the one with the longest set."""

    exercise: str
    """The one with the most repetitions; "none" where no set was found."""
    reps: int
    """Of all sets of that person."""
    person_id: str = ""


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


@dataclass(frozen=True)
class Counting:
    """Measures over some clips; None where there is no clip to measure."""

    clips: int
    obo: float | None
    mae: float | None
    exact: float | None


def choose(sets: Sequence[motion_pb2.Set]) -> Found:
    """The person that a clip is about."""
    people: dict[str, list[motion_pb2.Set]] = {}
    for found in sets:
        people.setdefault(found.person_id, []).append(found)
    if not people:
        return Found(NOTHING, 0)
    person_id, own = max(people.items(), key=lambda item: (_reps(item[1]), max(map(_seconds, item[1]))))
    weight: Counter[str] = Counter()
    for found in own:
        # A hold has no repetitions; its seconds only decide where nothing was counted.
        weight[found.exercise] += found.repetition_count * 10_000 + round(_seconds(found))
    return Found(weight.most_common(1)[0][0], _reps(own), person_id)


def score(clip: Clip, found: Found, families: Mapping[str, str], problem: str = "") -> Scored:
    """Compares a clip with the truth. `families` says the family of each exercise of the library."""
    error = min((found.reps - right for right in clip.accepted), key=abs)
    return Scored(clip, found, error, family(clip.exercise, families), family(found.exercise, families), problem)


def family(exercise: str, families: Mapping[str, str]) -> str:
    """Family of an exercise, under whatever name a manifest has it."""
    known = ALIASES.get(exercise, exercise)
    return families.get(known, known)


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
    """Repetitions counted in clips in which nobody exercises."""
    return sum(one.found.reps for one in scored if one.clip.exercise == NOTHING)


def _reps(sets: Sequence[motion_pb2.Set]) -> int:
    return sum(found.repetition_count for found in sets)


def _seconds(found: motion_pb2.Set) -> float:
    return (found.end_time.ToNanoseconds() - found.start_time.ToNanoseconds()) / 1e9


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
