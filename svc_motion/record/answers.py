"""Rows of the record as messages of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mesh import times
from spotter.common.v1 import exercise_pb2
from spotter.motion.v1 import motion_pb2, record_pb2
from svc_motion.record import days
from svc_motion.record.bests import Best
from svc_motion.record.sums import weekly_slope

CORRECTED_BY = {"member": record_pb2.CORRECTED_BY_MEMBER, "staff": record_pb2.CORRECTED_BY_STAFF}


def to_history_day(row: Any, exercises: Sequence[Any], sets: Sequence[motion_pb2.Set]) -> record_pb2.HistoryDay:
    """A day's sums, with its rows by exercise and its sets."""
    ordered = sorted(exercises, key=lambda found: (-found.sets, found.exercise))
    return record_pb2.HistoryDay(
        day=row.day.isoformat(),
        start_time=times.to_timestamp(times.from_datetime(row.start_time)),
        end_time=times.to_timestamp(times.from_datetime(row.end_time)),
        set_count=row.sets,
        repetition_count=row.repetitions,
        hold_s=row.hold_s,
        score=_mean(row.score_sum, row.judged_sets),
        totals=[_to_total(found, found.fault_counts) for found in ordered],
        sets=sets,
    )


def to_totals(rows: Sequence[Any], faults: Mapping[str, Mapping[str, int]]) -> record_pb2.Totals:
    """Sums by exercise, and over all of them."""
    all_days = sorted({day for row in rows for day in row.days})
    return record_pb2.Totals(
        first_day=all_days[0].isoformat() if all_days else "",
        last_day=all_days[-1].isoformat() if all_days else "",
        day_count=len(all_days),
        set_count=sum(row.sets for row in rows),
        repetition_count=sum(row.repetitions for row in rows),
        partial_repetition_count=sum(row.partial_repetitions for row in rows),
        hold_s=sum(row.hold_s for row in rows),
        score=_mean(sum(row.score_sum for row in rows), sum(row.judged_sets for row in rows)),
        exercises=[_to_total(row, faults.get(row.exercise, {})) for row in rows],
    )


def to_streaks(found: days.Streaks) -> record_pb2.Streaks:
    """Training in a row."""
    return record_pb2.Streaks(
        current_days=found.current_days,
        longest_days=found.longest_days,
        longest_end_day=_iso(found.longest_end_day),
        current_weeks=found.current_weeks,
        longest_weeks=found.longest_weeks,
        last_day=_iso(found.last_day),
    )


def to_best(best: Best) -> record_pb2.PersonalBest:
    """A personal best."""
    return record_pb2.PersonalBest(
        exercise=best.exercise,
        kind=exercise_pb2.BestKind.ValueType(best.kind),
        value=best.value,
        day=best.day.isoformat(),
        set_id=best.set_id,
    )


def to_trends(rows: Sequence[Any]) -> list[record_pb2.ExerciseTrend]:
    """Rows by exercise and week, in this order, as a trend for each exercise."""
    trends: dict[str, list[Any]] = {}
    for row in rows:
        trends.setdefault(row.exercise, []).append(row)
    return [_to_trend(exercise, weeks) for exercise, weeks in trends.items()]


def to_balance(first: date, last: date, sets_by_group: Mapping[str, float]) -> record_pb2.MuscleBalance:
    """Fractional sets by muscle group."""
    total = sum(sets_by_group.values())
    return record_pb2.MuscleBalance(
        start_day=first.isoformat(),
        end_day=last.isoformat(),
        muscle_groups=[
            record_pb2.MuscleGroupShare(muscle_group=group, set_count=count, share_ratio=count / total if total else 0)
            for group, count in sets_by_group.items()
        ],
    )


def to_correction(row: Any) -> record_pb2.Correction:
    """A correction."""
    return record_pb2.Correction(
        correction_id=row.correction_id,
        set_id=row.set_id,
        person_id=row.person_id,
        create_time=times.to_timestamp(times.from_datetime(row.create_time)),
        corrected_by=CORRECTED_BY[row.corrected_by],
        reason=row.reason,
        measured_exercise=row.measured_exercise,
        exercise=row.exercise,
        measured_repetition_count=row.measured_repetitions,
        repetition_count=row.repetitions,
        measured_hold_s=row.measured_hold_s,
        hold_s=row.hold_s,
    )


def to_summary(row: Any) -> record_pb2.CorrectionSummary:
    """How one exercise was measured."""
    return record_pb2.CorrectionSummary(
        exercise=row.exercise,
        set_count=row.sets,
        corrected_set_count=row.corrected or 0,
        relabelled_set_count=row.relabelled or 0,
        mean_count_error=row.count_error or 0,
        mean_count_bias=row.count_bias or 0,
        mean_hold_error_s=row.hold_error_s or 0,
    )


def _to_total(row: Any, faults: Mapping[str, int]) -> motion_pb2.ExerciseTotal:
    return motion_pb2.ExerciseTotal(
        exercise=row.exercise,
        set_count=row.sets,
        repetition_count=row.repetitions,
        hold_s=row.hold_s,
        score=_mean(row.score_sum, row.judged_sets),
        fault_counts=faults,
    )


def _to_trend(exercise: str, rows: Sequence[Any]) -> record_pb2.ExerciseTrend:
    points = [
        record_pb2.TrendPoint(
            week_start_day=row.week.isoformat(),
            set_count=row.sets,
            repetition_count=row.repetitions,
            hold_s=row.hold_s,
            score=_mean(row.score_sum, row.judged_sets),
            range_of_motion_deg=_mean(row.range_sum_deg, row.range_count),
        )
        for row in rows
    ]
    scored = [(row.week, point.score) for row, point in zip(rows, points, strict=True) if row.judged_sets]
    ranged = [(row.week, point.range_of_motion_deg) for row, point in zip(rows, points, strict=True) if row.range_count]
    return record_pb2.ExerciseTrend(
        exercise=exercise,
        points=points,
        score_per_week=weekly_slope(scored),
        range_of_motion_deg_per_week=weekly_slope(ranged),
    )


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
