"""Streaks, supersets, bests, slopes, masks and days of requests, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from mesh.errors import InvalidArgument
from spotter.motion.v1 import motion_pb2, record_pb2
from svc_motion.record import requests
from svc_motion.record.bests import BestKind, new_bests
from svc_motion.record.days import streaks
from svc_motion.record.masks import ReadMask
from svc_motion.record.sums import weekly_slope
from svc_motion.record.supersets import SetSpan, superset_numbers

WEDNESDAY = date(2026, 3, 11)


@pytest.mark.parametrize(
    ("days_ago", "current", "longest", "weeks"),
    [
        ([], 0, 0, 0),
        ([0], 1, 1, 1),
        ([1], 1, 1, 1),
        ([2], 0, 1, 1),
        ([0, 1, 2, 5, 6, 7, 8], 3, 4, 2),
        ([9, 16], 0, 1, 2),
        ([17], 0, 1, 0),
        ([-1, 0], 1, 1, 1),
    ],
)
def test_streaks(days_ago: list[int], current: int, longest: int, weeks: int) -> None:
    days = sorted(WEDNESDAY - timedelta(days=ago) for ago in days_ago)
    found = streaks(days, WEDNESDAY)
    assert (found.current_days, found.longest_days, found.current_weeks) == (current, longest, weeks)


def spans(text: str) -> list[SetSpan]:
    """Sets of 60 s: letters are exercises, a dot is a rest of a minute, nothing one of 10 s."""
    made: list[SetSpan] = []
    time_s = 0
    for letter in text:
        if letter == ".":
            time_s += 60
        else:
            made.append(SetSpan(str(len(made)), letter, time_s * 10**9, (time_s + 60) * 10**9))
            time_s += 70
    return made


@pytest.mark.parametrize(
    ("sets", "numbers"),
    [
        ("", []),
        ("a.b.a.b", [0, 0, 0, 0]),
        ("ab", [0, 0]),
        ("aaa", [0, 0, 0]),
        ("aba", [1, 1, 1]),
        ("ab.ab.ab", [1] * 6),
        ("ab.ba", [1] * 4),
        ("abc.abc.d.ef.ef", [1] * 6 + [0] + [2] * 4),
        ("ab.cd", [0, 0, 0, 0]),
    ],
)
def test_supersets(sets: str, numbers: list[int]) -> None:
    assert list(superset_numbers(spans(sets)).values()) == numbers


def test_a_best_must_beat_something_by_a_whole_step() -> None:
    before = {BestKind.SET_REPETITIONS: 10.0, BestKind.HOLD: 30.0, BestKind.SCORE: 0.0}
    assert [best.kind for best in new_bests(dict.fromkeys(BestKind, 11.0), before)] == [BestKind.SET_REPETITIONS]
    assert not new_bests({BestKind.HOLD: 30.9}, before)
    assert new_bests({BestKind.HOLD: 31.0}, before)[0].previous_value == 30.0


def test_a_slope_is_per_week_however_the_weeks_lie() -> None:
    monday = date(2026, 3, 9)
    assert weekly_slope([]) == weekly_slope([(monday, 5.0)]) == 0.0
    assert weekly_slope([(monday, 70.0), (monday + timedelta(weeks=4), 80.0)]) == 2.5


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("shoe_size", "no field"),
        ("sets.exercise", "repeated"),
        ("day.year", "no field"),
        ("sets.*.shoe_size", "no field"),
        ("start_time.seconds.x", "no field"),
    ],
)
def test_a_mask_that_does_not_fit_is_told_why(path: str, reason: str) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        ReadMask(FieldMask(paths=[path]), record_pb2.HistoryDay.DESCRIPTOR)


def test_a_mask_keeps_what_it_names_and_no_more() -> None:
    made = motion_pb2.Set(set_id="s", exercise="squat", fault_counts={"shallow": 2}, repetitions=[{"number": 1}])  # type: ignore[list-item]
    day = record_pb2.HistoryDay(day="2026-03-11", set_count=1, sets=[made])
    paths = ["sets.*.repetitions.*.number", "sets.*.fault_counts", "sets"]
    assert ReadMask(FieldMask(paths=["sets", "day"]), day.DESCRIPTOR).wants("sets")
    assert not ReadMask(FieldMask(paths=["day"]), day.DESCRIPTOR).wants("sets")
    for order in (paths, paths[:2]):
        pruned = record_pb2.HistoryDay()
        pruned.CopyFrom(day)
        ReadMask(FieldMask(paths=order), day.DESCRIPTOR).applied(pruned)
        assert pruned.day == "" and pruned.sets[0].fault_counts["shallow"] == 2
        assert (pruned.sets[0].exercise == "squat") == (order is paths)


@pytest.mark.parametrize("value", ["yesterday", "2026-02-30", "20260301", "2026-W10-1", "2026-3-1"])
def test_what_is_not_a_day_names_the_field(value: str) -> None:
    with pytest.raises(InvalidArgument, match="start_day must be a day"):
        requests.day_range(value, "")


def test_a_range_and_a_count_have_bounds() -> None:
    with pytest.raises(InvalidArgument, match="end_day"):
        requests.day_range("2026-03-02", "2026-03-01")
    assert requests.count(0, "weeks", 12, 260) == 12
    with pytest.raises(InvalidArgument, match="weeks must be 1 to 260"):
        requests.count(261, "weeks", 12, 260)
