"""What happens in a scene: who does which exercise where, when each repetition starts and ends, and what is true."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from spotter_cli.scene.camera import CameraSpec
from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.mirror import MirrorSpec
from spotter_cli.scene.motions import FAULTS_OF, Exercise, Fault, pose_at
from spotter_cli.scene.performance import Performer
from spotter_cli.scene.props import Prop
from spotter_cli.scene.route import Visitor
from spotter_cli.scene.skeleton import Dimensions, Pose


@dataclass(frozen=True)
class PersonSpec:
    """One person of a scene."""

    exercise: Exercise
    reps: int
    position_m: tuple[float, float]
    """Where the person stands on the floor."""
    yaw_deg: float = 0.0
    """0 faces -y, growing to the person's left."""
    look: str = "blue"
    """A name of `looks.LOOKS`."""
    start_s: float = 1.5
    """Stands still until then."""
    tempo_s: float = 2.3
    """Mean duration of the movement of a repetition, holds not included."""
    fault: Fault | None = None
    faulty_reps: tuple[int, ...] | None = None
    """Repetitions (from 0) that show the fault; None for all."""
    seed: int = 0
    """Varies tempo and amplitude from repetition to repetition."""
    mat: bool = True
    """Whether a mat lies there."""

    def __post_init__(self) -> None:
        if self.fault is not None and self.fault not in FAULTS_OF[self.exercise]:
            raise ValueError(f"{self.exercise} cannot show the fault {self.fault}")


Person = PersonSpec | Visitor | Performer


@dataclass(frozen=True)
class SceneSpec:
    """A clip of one camera."""

    people: tuple[Person, ...]
    camera: CameraSpec = field(default_factory=CameraSpec)
    fps: int = 15
    duration_s: float | None = None
    """None: until everybody has stood still for `tail_s`."""
    tail_s: float = 1.5
    room: int = 0
    """Chooses the colours and textures of the room."""
    noise: float = 1.5
    """Standard deviation of the sensor noise, in grey levels."""
    exposure: float = 1.0
    """Share of the light that reaches the sensor; below 1 contrast is lost as well."""
    mirror: MirrorSpec | None = None
    props: tuple[Prop, ...] = ()
    """Furniture besides the room's own."""

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        seconds = self.duration_s
        if seconds is None:
            seconds = max((_end_s(person) for person in self.people), default=0.0) + self.tail_s
        return max(1, round(seconds * self.fps))


def _end_s(person: Person) -> float:
    if isinstance(person, Performer):
        return person.end_s
    if isinstance(person, Visitor):
        return max((segment.end_s for segment in person.segments), default=0.0)
    return max((repetition.end_s for repetition in schedule(person)), default=0.0)


@dataclass(frozen=True)
class Repetition:
    """One repetition: out, hold, back."""

    start_s: float
    out_s: float
    hold_s: float
    back_s: float
    amplitude: float
    fault: Fault | None

    @property
    def end_s(self) -> float:
        """When the body is back at the start."""
        return self.start_s + self.out_s + self.hold_s + self.back_s

    def effort(self, time_s: float) -> float:
        """Share of the movement (0..amplitude): half cosines joined by the hold."""
        into = time_s - self.start_s
        if into <= 0 or time_s >= self.end_s:
            return 0.0
        share = min(into / self.out_s, 1.0, (self.end_s - time_s) / self.back_s)
        return self.amplitude * 0.5 * (1 - float(np.cos(np.pi * share)))


def schedule(person: PersonSpec) -> tuple[Repetition, ...]:
    """The repetitions of a person, one after another, with the small irregularities of a human."""
    rng = np.random.default_rng(person.seed)
    faulty = range(person.reps) if person.faulty_reps is None else person.faulty_reps
    repetitions = []
    start = person.start_s
    for number in range(person.reps):
        half = person.tempo_s / 2 * rng.uniform(0.88, 1.12)
        hold, rest = rng.uniform(0.1, 0.3), rng.uniform(0.15, 0.4)
        fault = person.fault if number in faulty else None
        repetitions.append(Repetition(start, half, hold, half, rng.uniform(0.95, 1.0), fault))
        start = repetitions[-1].end_s + rest
    return tuple(repetitions)


def pose_of(person: PersonSpec, body: Dimensions, repetitions: Sequence[Repetition], time_s: float) -> Pose:
    """The pose of a person at a time; somebody who stands sways by a few millimetres."""
    current = next((r for r in repetitions if r.start_s <= time_s < r.end_s), None)
    effort, fault = (0.0, None) if current is None else (current.effort(time_s), current.fault)
    pose = pose_at(person.exercise, body, effort, fault)
    if person.exercise is Exercise.PUSH_UP:
        return pose
    phase = time_s + 3.7 * person.seed
    sway = np.array([0.005 * np.sin(1.9 * phase), 0.004 * np.sin(1.3 * phase + 1), 0.0])
    return replace(pose, hip_centre=pose.hip_centre + sway)


def to_room(person: PersonSpec, points: Floats) -> Floats:
    """Points (..., 3) of the person's frame in the room."""
    return stood(points, person.position_m, person.yaw_deg)


def stood(points: Floats, position_m: tuple[float, float], yaw_deg: float) -> Floats:
    """Points (..., 3) of a person's frame in the room, where that person is at a place on the floor."""
    turn = np.radians(yaw_deg)
    cos, sin = np.cos(turn), np.sin(turn)
    rotation = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return np.asarray(points @ rotation.T + np.array([*position_m, 0.0]))


@dataclass(frozen=True)
class PersonTruth:
    """What one person of a clip really does."""

    exercise: str
    reps: int
    faults: dict[str, int]
    """How many repetitions show each fault."""
    rep_end_s: list[float]
    """When each repetition ends, in seconds from the start of the clip."""
    box_px: list[float]
    """Left, top, right, bottom of the person in the first frame."""


@dataclass(frozen=True)
class SceneTruth:
    """What is true about a clip."""

    fps: int
    frames: int
    duration_s: float
    width_px: int
    height_px: int
    fingerprint: str
    """Names the renderer and the scene that made the clip."""
    people: list[PersonTruth]


def person_truth(person: PersonSpec, box_px: Sequence[float]) -> PersonTruth:
    """The truth that follows from the schedule of a person."""
    repetitions = schedule(person)
    faults = Counter(r.fault.value for r in repetitions if r.fault is not None)
    ends = [round(r.end_s, 3) for r in repetitions]
    box = [round(float(v), 1) for v in box_px]
    return PersonTruth(person.exercise.value, len(repetitions), dict(faults), ends, box)


def save_truth(truth: SceneTruth, path: Path) -> None:
    """Write a truth as JSON."""
    path.write_text(json.dumps(asdict(truth), indent=2) + "\n", encoding="utf-8")


def load_truth(path: Path) -> SceneTruth:
    """Read what `save_truth` wrote.

    Raises OSError if the file is not there, ValueError if it is not such a truth.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        people = [PersonTruth(**person) for person in values.pop("people")]
        return SceneTruth(people=people, **values)
    except (TypeError, KeyError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not the truth of a scene: {error}") from error
