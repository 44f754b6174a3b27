"""Drawn sets with one fault each, seen by vision's own eye: exercises that no labelled set or recorded clip shows.

The body does what it is told to, so that the strength of a fault is known; what the pose model makes of the pictures,
which repetitions are counted and what they are recognised as is the product's own affair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mesh.times import NS_PER_S
from spotter_cli.fall_evaluation.seeing import Seen
from spotter_cli.fall_evaluation.views import CAMERA_Y_M, watching
from spotter_cli.fault_evaluation import faulty
from spotter_cli.fault_evaluation.clips import exercises_of, judged_last
from spotter_cli.scene import SceneSpec
from spotter_cli.scene import postures as at
from spotter_cli.scene.moves import cycle, mirrored, repeated, standing_up, still
from spotter_cli.scene.performance import Move, Performer
from spotter_cli.scene.posture import Posture
from spotter_cli.tracking.eye_run import START_NS
from svc_motion.events import MotionEvent, PersonId, RepetitionCounted
from svc_motion.library import Library
from svc_motion.observation import KeypointSchema, Observation
from svc_motion.person import PersonMotion

REPETITIONS: Final = 5
VIEW_DEG: Final = 80.0
"""How far the body is turned from facing the camera: from the side, not exactly."""
_FPS: Final = 15
_DOWN: Final = (
    Move(at.SQUATTING, 0.9),
    Move(at.SITTING_ON_FLOOR, 0.9),
    Move(at.SUPINE_KNEES_UP, 1.2, anchor="hips"),
    Move(faulty.LYING, 0.8, anchor="hips"),
)
_UP: Final = (
    Move(at.SUPINE_KNEES_UP, 0.8, anchor="hips"),
    Move(at.SITTING_ON_FLOOR, 1.2, anchor="hips"),
    Move(at.CROUCHING, 0.9),
)


@dataclass(frozen=True)
class DrawnSet:
    """A film of one set."""

    exercise: str
    fault: str
    """Of the library; empty in a clean set."""
    strength_deg: float
    scene: SceneSpec

    @property
    def name(self) -> str:
        """Names its film."""
        return f"{self.exercise}_{self.fault or 'clean'}_{self.strength_deg:.0f}"


@dataclass(frozen=True)
class JudgedSet:
    """What was found in a film."""

    drawn: DrawnSet
    exercises: Counter[str]
    """What its repetitions were counted as."""
    repetitions: int
    flagged: Counter[str]
    """How many repetitions carry each fault."""
    not_judged: int
    """Repetitions in which the drawn fault could not be judged."""


def _climbing(**strength: float) -> list[Move]:
    start, knee_up = faulty.mountain_climber(**strength)
    one, other = (cycle(end, start, 0.9, anchor="hands") for end in (knee_up, mirrored(knee_up)))
    return [*one, *other]


def _burpee(**strength: float) -> list[Move]:
    top, crouch, low = faulty.burpee(**strength)
    down = [Move(crouch, 0.5), Move(low, 0.4, "even", "hands"), still(low, 0.4)]
    return [*down, Move(crouch, 0.45, anchor="hands"), Move(top, 0.6), still(top, 0.3)]


def _on_the_back(of: Callable[..., Sequence[Posture]], seconds: float, **strength: float) -> list[Move]:
    low, high = of(**strength)
    return cycle(high, low, seconds, anchor="hips")


def _calf_raise(**strength: float) -> list[Move]:
    high, low = faulty.calf_raise(**strength)
    return cycle(high, low, 1.8, anchor="toes")


_WAYS: Final[dict[str, tuple[Callable[..., list[Move]], Sequence[Move], Sequence[Move]]]] = {
    "mountain_climber": (
        _climbing,
        (Move(at.CROUCHING, 0.9), Move(at.PLANK, 0.9, anchor="hands")),
        (Move(at.CROUCHING, 0.8, anchor="hands"),),
    ),
    "burpee": (_burpee, (), ()),
    "sit_up": (lambda **strength: _on_the_back(faulty.sit_up, 2.4, **strength), _DOWN, _UP),
    "crunch": (lambda **strength: _on_the_back(faulty.crunch, 1.8, **strength), _DOWN, _UP),
    "calf_raise": (_calf_raise, (), ()),
}
"""How a repetition goes, how its set begins and ends."""
_STRENGTHS: Final[tuple[tuple[str, str, str, tuple[float, ...]], ...]] = (
    ("mountain_climber", "hips_sagging", "sag_deg", (12, 30)),
    ("mountain_climber", "hips_piking", "pike_deg", (15, 42)),
    ("mountain_climber", "short_knee_drive", "short_deg", (38,)),
    ("burpee", "hips_sagging", "sag_deg", (30,)),
    ("burpee", "incomplete_lockout", "bent_deg", (45,)),
    ("sit_up", "pulling_neck", "neck_deg", (15, 50)),
    ("sit_up", "half_sit_up", "short_deg", (40,)),
    ("crunch", "pulling_neck", "neck_deg", (50,)),
    ("crunch", "half_crunch", "short_deg", (24,)),
    ("calf_raise", "half_calf_raise", "short_deg", (25,)),
    ("calf_raise", "bent_knees", "knees_deg", (50,)),
)
"""Exercise, fault, what is strengthened, by how much; less than 20 degrees is no fault."""
NO_FAULT_BELOW_DEG: Final = 20.0


def drawn_sets(names: Sequence[str] = ()) -> list[DrawnSet]:
    """A clean set of each exercise and those with faults; those of exercises whose names begin so."""
    wanted = [(exercise, "", "", 0.0) for exercise in _WAYS]
    wanted += [(exercise, fault, of, deg) for exercise, fault, of, strengths in _STRENGTHS for deg in strengths]
    chosen = [one for one in wanted if one[0].startswith(tuple(names) or "")]
    return [_drawn(exercise, fault, of, deg, number) for number, (exercise, fault, of, deg) in enumerate(chosen)]


def _drawn(exercise: str, fault: str, of: str, deg: float, number: int) -> DrawnSet:
    way, before, after = _WAYS[exercise]
    work, _ = repeated(way(**{of: deg}) if of else way(), REPETITIONS, seed=number)
    moves = (still(at.STANDING, 1.5), *before, *work, *after, standing_up(), still(at.STANDING, 1.0))
    person = Performer(
        ("blue", "rose", "green", "white")[number % 4],
        (0.0, CAMERA_Y_M + 4.4),
        VIEW_DEG,
        at.STANDING,
        moves,
        mat=True,
        exercise=exercise,
    )
    scene = SceneSpec((person,), watching(1.5), _FPS, duration_s=round(person.end_s, 2), room=number % 5)
    return DrawnSet(exercise, fault, deg, scene)


def judge(drawn: DrawnSet, seen: Seen, library: Library) -> JudgedSet:
    """Counts and judges everybody who was seen in a film, told nothing."""
    people: dict[int, PersonMotion] = {}
    events: dict[int, list[MotionEvent]] = {}
    width_px, height_px = (int(size) for size in seen.size_px)
    schema, last_ns = KeypointSchema(seen.keypoints.shape[1]), 0
    for look, track, keypoints in zip(seen.looks.tolist(), seen.tracks.tolist(), seen.keypoints, strict=True):
        last_ns = round(float(seen.times_s[look]) * NS_PER_S) + START_NS
        person = people.setdefault(track, PersonMotion(library, PersonId(str(track))))
        observation = Observation(last_ns, keypoints, schema, width_px, height_px)
        events.setdefault(track, []).extend(person.update(observation))
    for track, person in people.items():
        events[track] += person.flush(last_ns)
    counted = [one for of_track in events.values() for one in judged_last(of_track)]
    return JudgedSet(
        drawn,
        Counter(name for of_track in events.values() for name in _names(of_track)),
        len(counted),
        Counter(finding.name for one in counted for finding in one.faults),
        sum(drawn.fault in one.not_judged for one in counted),
    )


def _names(events: Sequence[MotionEvent]) -> Iterator[str]:
    """The exercise of each repetition, as its set was called last."""
    names = exercises_of(events)
    for event in events:
        if isinstance(event, RepetitionCounted):
            yield names[event.set_start_ns]


def as_markdown(judged: Sequence[JudgedSet], source: str) -> list[str]:
    """One line a film."""
    lines = [
        f"## Drawn sets, seen by {source}",
        "",
        f"{REPETITIONS} repetitions each, from {VIEW_DEG:.0f}° off the front.",
        "",
        "| drawn | fault | by | counted as | flagged with it | not judged | anything else |",
        "|---|---|---:|---|---:|---:|---|",
    ]
    for one in judged:
        drawn = one.drawn
        others = ", ".join(f"{name} {count}" for name, count in one.flagged.items() if name != drawn.fault) or "–"
        told = ", ".join(f"{name} {count}" for name, count in one.exercises.items()) or "nothing"
        found = f"{one.flagged[drawn.fault]} of {one.repetitions}" if drawn.fault else "–"
        lines.append(
            f"| {drawn.exercise} | {drawn.fault or 'clean'} | {drawn.strength_deg:.0f}° | {told} | {found} "
            f"| {one.not_judged} | {others} |"
        )
    return [*lines, ""]
