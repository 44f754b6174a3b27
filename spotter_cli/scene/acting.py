"""The people of a scene with their bodies: meshes and joints in the room at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spotter_cli.scene.body import Figure
from spotter_cli.scene.geometry import Floats, Mesh
from spotter_cli.scene.looks import LOOKS
from spotter_cli.scene.performance import Performance, Performer
from spotter_cli.scene.route import Segment, Train, Visitor
from spotter_cli.scene.script import Person, PersonSpec, PersonTruth, person_truth, pose_of, schedule, stood
from spotter_cli.scene.skeleton import Pose
from spotter_cli.scene.walking import stride_m, walking_pose

_BEFORE_TRAINING_S = 0.5
_REST_S = 0.7
"""Longest hold and rest of a repetition together, see `script.schedule`."""
_SLOWEST = 1.12
"""Longest movement of a repetition, as a multiple of the tempo."""


@dataclass(frozen=True)
class Stance:
    """A pose and where on the floor it is."""

    pose: Pose
    position_m: tuple[float, float]
    yaw_deg: float


class Actor(ABC):
    """One person of a scene."""

    def __init__(self, look: str) -> None:
        self.figure = Figure(LOOKS[look])

    @abstractmethod
    def stance(self, time_s: float) -> Stance:
        """How and where the person stands."""

    @abstractmethod
    def truth(self, box_px: Sequence[float]) -> PersonTruth:
        """What the person does in the whole scene."""

    def meshes(self, time_s: float) -> list[Mesh]:
        """All parts of the body in the room."""
        stance = self.stance(time_s)
        parts = self.figure.meshes(stance.pose)
        return [part.with_vertices(stood(part.vertices, stance.position_m, stance.yaw_deg)) for part in parts]

    def joints(self, time_s: float) -> Floats:
        """Joints (17, 3) m in the room."""
        stance = self.stance(time_s)
        return stood(self.figure.joints(stance.pose), stance.position_m, stance.yaw_deg)


class _Trainee(Actor):
    """Somebody who exercises in one place."""

    def __init__(self, spec: PersonSpec) -> None:
        super().__init__(spec.look)
        self._spec, self._repetitions = spec, schedule(spec)

    def stance(self, time_s: float) -> Stance:
        pose = pose_of(self._spec, self.figure.dimensions, self._repetitions, time_s)
        return Stance(pose, self._spec.position_m, self._spec.yaw_deg)

    def truth(self, box_px: Sequence[float]) -> PersonTruth:
        return person_truth(self._spec, box_px)


class _Guest(Actor):
    """Somebody who follows a plan."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(visitor.look)
        self._visitor = visitor
        self._trained = [_trained(visitor, segment) for segment in visitor.segments]

    def stance(self, time_s: float) -> Stance:
        place, body = self._visitor.place(time_s), self.figure.dimensions
        trained = None if place.step is None or place.pace > 0 else self._trained[place.step]
        if trained is None:
            phase = (place.walked_m / stride_m(body) + 0.37 * self._visitor.seed) % 1.0
            pose = walking_pose(body, phase, place.pace)
        else:
            pose = pose_of(trained, body, schedule(trained), time_s)
        return Stance(pose, place.position_m, place.yaw_deg)

    def truth(self, box_px: Sequence[float]) -> PersonTruth:
        truths = [person_truth(one, box_px) for one in self._trained if one is not None]
        if not truths:
            return PersonTruth("none", 0, {}, [], list(box_px))
        ends_s = [end for truth in truths for end in truth.rep_end_s]
        return PersonTruth(truths[0].exercise, len(ends_s), {}, ends_s, truths[0].box_px)


class _Mover(Actor):
    """Somebody who goes through postures."""

    def __init__(self, performer: Performer) -> None:
        super().__init__(performer.look)
        self._performer = performer
        self._performance = Performance(performer, self.figure.dimensions)

    def stance(self, time_s: float) -> Stance:
        body, hips_m = self._performance.at(time_s)
        one = self._performer
        x, y, _ = stood(np.array([*hips_m, 0.0]), one.position_m, one.yaw_deg).tolist()
        return Stance(body.pose, (x, y), one.yaw_deg)

    def truth(self, box_px: Sequence[float]) -> PersonTruth:
        one = self._performer
        return PersonTruth(one.exercise, one.reps, {}, list(one.rep_end_s), [round(float(v), 1) for v in box_px])


def actor_of(person: Person) -> Actor:
    """The body of a person of a scene."""
    if isinstance(person, Visitor):
        return _Guest(person)
    return _Mover(person) if isinstance(person, Performer) else _Trainee(person)


def _trained(visitor: Visitor, segment: Segment) -> PersonSpec | None:
    """Somebody who does what this step of the plan asks for; None where it isn't training."""
    step = segment.step
    if not isinstance(step, Train):
        return None
    seconds = step.seconds - _BEFORE_TRAINING_S
    return PersonSpec(
        step.exercise,
        reps=max(0, int(seconds / (_SLOWEST * step.tempo_s + _REST_S))),
        position_m=(float(segment.to_m[0]), float(segment.to_m[1])),
        yaw_deg=segment.yaw_deg,
        look=visitor.look,
        start_s=segment.start_s + _BEFORE_TRAINING_S,
        tempo_s=step.tempo_s,
        seed=visitor.seed,
    )
