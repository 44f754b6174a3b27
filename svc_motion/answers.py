"""Rows and library entries as messages of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mesh import times
from mesh.ids import GymId
from spotter.common.v1 import exercise_pb2
from spotter.motion.v1 import motion_pb2
from svc_motion.library import Exercise, Fault, Severity, View
from svc_motion.messages import SEVERITIES
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
    made = motion_pb2.Set(
        set_id=row.set_id,
        gym_id=row.gym_id,
        person_id=row.person_id,
        number=row.number,
        exercise=row.exercise,
        camera_ids=row.camera_ids,
        open=row.open,
        start_time=times.to_timestamp(times.from_datetime(row.start_time)),
        end_time=times.to_timestamp(times.from_datetime(row.end_time)),
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
    )
    if row.correct_time is not None:
        made.correct_time.CopyFrom(times.to_timestamp(times.from_datetime(row.correct_time)))
    return made


def to_session(
    gym_id: GymId, person_id: str, rows: Sequence[Any], *, families: Mapping[str, str]
) -> motion_pb2.Session:
    """A person's sets, oldest first, as a session with totals by exercise; corrected values count."""
    session = motion_pb2.Session(gym_id=gym_id, person_id=person_id, set_count=len(rows))
    totals: dict[str, motion_pb2.ExerciseTotal] = {}
    for row in rows:
        made = session.sets.add()
        made.CopyFrom(to_set(row, families=families))
        exercise = made.corrected_exercise or made.exercise
        corrected = made.HasField("correct_time")
        repetitions = made.corrected_repetition_count if corrected else made.repetition_count
        hold_s = made.corrected_hold_s if corrected else made.hold_s
        session.repetition_count += repetitions
        session.hold_s += hold_s
        total = totals.setdefault(exercise, motion_pb2.ExerciseTotal(exercise=exercise))
        total.score = (total.score * total.set_count + made.score) / (total.set_count + 1)
        total.set_count += 1
        total.repetition_count += repetitions
        total.hold_s += hold_s
        for name, count in made.fault_counts.items():
            total.fault_counts[name] += count
    if session.sets:
        session.start_time.CopyFrom(session.sets[0].start_time)
        session.end_time.CopyFrom(max((made.end_time for made in session.sets), key=times.from_timestamp))
    session.totals.extend(totals.values())
    return session


def _to_repetition(row: Any) -> motion_pb2.Repetition:
    return motion_pb2.Repetition(
        number=row.number,
        start_time=times.to_timestamp(times.from_datetime(row.start_time)),
        end_time=times.to_timestamp(times.from_datetime(row.end_time)),
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
