"""Rows and library entries as messages of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from mesh import times
from mesh.ids import GymId
from spotter.common.v1 import exercise_pb2
from spotter.motion.v1 import motion_pb2
from svc_motion.library import Exercise, Fault, Severity, View
from svc_motion.messages import SEVERITIES
from svc_motion.session import SessionTotals
from svc_motion.vocabulary import Difficulty

_BODY_ALONE = "none"
_DIFFICULTIES = {
    Difficulty.BEGINNER: motion_pb2.DIFFICULTY_BEGINNER,
    Difficulty.INTERMEDIATE: motion_pb2.DIFFICULTY_INTERMEDIATE,
    Difficulty.ADVANCED: motion_pb2.DIFFICULTY_ADVANCED,
}
_VIEWS = {
    View.FRONT: motion_pb2.CAMERA_VIEW_FRONT,
    View.BACK: motion_pb2.CAMERA_VIEW_BACK,
    View.SIDE: motion_pb2.CAMERA_VIEW_SIDE,
    View.THREE_QUARTER: motion_pb2.CAMERA_VIEW_THREE_QUARTER,
    View.UNKNOWN: motion_pb2.CAMERA_VIEW_UNSPECIFIED,
}


def to_exercise(exercise: Exercise) -> motion_pb2.Exercise:
    """An exercise of the library."""
    return motion_pb2.Exercise(
        name=exercise.name,
        display_name=exercise.display_name,
        family=exercise.family,
        muscle_groups=exercise.muscle_groups,
        equipment=[thing for thing in exercise.equipment if thing != _BODY_ALONE],
        held=not exercise.counted,
        faults=[fault.name for fault in exercise.faults],
        aliases=exercise.aliases,
        description=exercise.description,
        difficulty=_DIFFICULTIES[exercise.difficulty],
        variant_of=exercise.variant_of or "",
        cues=exercise.cues,
        phases=[
            motion_pb2.ExercisePhase(name=phase.name, part=phase.part.value, text=phase.text)
            for phase in exercise.phases
        ],
        views=[_VIEWS[view] for view in exercise.primary_movement.views],
        fault_details=[_to_fault(fault) for fault in exercise.faults],
        joint=exercise.primary_movement.angle,
    )


def _to_fault(fault: Fault) -> motion_pb2.ExerciseFault:
    return motion_pb2.ExerciseFault(
        name=fault.name,
        severity=SEVERITIES[fault.severity],
        cue=fault.cue,
        views=[_VIEWS[view] for view in fault.views],
    )


def to_set(row: Any, repetitions: Sequence[Any] = (), *, families: Mapping[str, str]) -> motion_pb2.Set:
    """A set's row, with the rows of its repetitions where they are asked for; `families` by exercise."""
    return motion_pb2.Set(
        set_id=row.set_id,
        gym_id=row.gym_id,
        person_id=row.person_id,
        number=row.number,
        exercise=row.exercise,
        camera_ids=row.camera_ids,
        open=row.open,
        start_time=_time(row.start_time),
        end_time=_time(row.end_time),
        repetition_count=row.repetitions,
        partial_repetition_count=row.repetitions - row.full_repetitions,
        hold_s=row.hold_s,
        rest_before_s=row.rest_before_s,
        score=row.score,
        fault_counts=row.fault_counts,
        repetitions=[_to_repetition(repetition) for repetition in repetitions],
        corrected_exercise=row.corrected_exercise or "",
        corrected_repetition_count=row.corrected_repetitions,
        corrected_hold_s=row.corrected_hold_s,
        superset_number=row.superset_number,
        family=families.get(row.corrected_exercise or row.exercise, ""),
        day=row.day.isoformat() if row.day else "",
        range_of_motion_deg=row.range_sum_deg / row.range_count if row.range_count else None,
        correct_time=_time(row.correct_time) if row.correct_time else None,
    )


def to_session(
    gym_id: GymId, person_id: str, totals: SessionTotals, page: Sequence[Any], *, families: Mapping[str, str]
) -> motion_pb2.Session:
    """Totals of all of a person's sets, corrected values count, with a page of the sets."""
    exercises = totals.exercises
    return motion_pb2.Session(
        gym_id=gym_id,
        person_id=person_id,
        start_time=_time(min(row.start_time for row in exercises)) if exercises else None,
        end_time=_time(max(row.end_time for row in exercises)) if exercises else None,
        set_count=sum(row.sets for row in exercises),
        repetition_count=sum(row.repetitions for row in exercises),
        hold_s=sum(row.hold_s for row in exercises),
        totals=[
            motion_pb2.ExerciseTotal(
                exercise=row.exercise,
                set_count=row.sets,
                repetition_count=row.repetitions,
                hold_s=row.hold_s,
                score=row.score,
                fault_counts=totals.faults.get(row.exercise),
            )
            for row in exercises
        ],
        sets=[to_set(row, families=families) for row in page],
    )


def _to_repetition(row: Any) -> motion_pb2.Repetition:
    return motion_pb2.Repetition(
        number=row.number,
        start_time=_time(row.start_time),
        end_time=_time(row.end_time),
        range_of_motion_deg=row.range_of_motion_deg or 0.0,
        out_s=row.out_s,
        pause_s=row.pause_s,
        back_s=row.back_s,
        score=row.score,
        reasons=row.reasons,
        faults=[_to_found_fault(fault) for fault in row.faults],
        partial=row.partial,
        camera_id=row.camera_id,
        symmetry=row.form.get("symmetry"),
        stability=row.form.get("stability"),
        path_deviation=row.form.get("path_deviation"),
        not_judged=row.form.get("not_judged", ()),
        view=_VIEWS.get(row.form.get("view"), motion_pb2.CAMERA_VIEW_UNSPECIFIED),
    )


def _to_found_fault(stored: Mapping[str, Any]) -> exercise_pb2.Fault:
    """A fault as the store keeps it; repetitions from before it measured confidence have only name and severity."""
    time_ns = stored.get("time_ns")
    return exercise_pb2.Fault(
        name=stored["name"],
        severity=SEVERITIES[Severity(stored["severity"])],
        confidence=stored.get("confidence", 1.0),
        value=stored.get("value"),
        threshold=stored.get("threshold"),
        capture_time=times.to_timestamp(time_ns) if time_ns else None,
    )


def _time(moment: datetime) -> Timestamp:
    return times.to_timestamp(times.from_datetime(moment))
