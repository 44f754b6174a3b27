"""History, totals, streaks, bests, trends, balance and weeks, over gRPC and PostgreSQL."""

from __future__ import annotations

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from spotter.common.v1 import exercise_pb2
from spotter.motion.v1 import record_pb2
from svc_motion.record.service import SETS_A_PAGE
from tests.svc_motion.record.diary import NS, Diary, at, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
TODAY = "2026-03-11"  # A Wednesday.


async def history(diary: Diary, **more: object) -> record_pb2.GetHistoryResponse:
    return await diary.stub.GetHistory(
        record_pb2.GetHistoryRequest(gym_id=diary.gym_id, person_id=diary.person_id, **more)  # type: ignore[arg-type]
    )


async def test_days_come_newest_first_with_their_sets_in_order(diary: Diary) -> None:
    await diary.train("2026-03-09T10:00", "squat", 8, score=90)
    await diary.train("2026-03-09T10:05", "plank", hold_s=42.5, score=70)
    await diary.train("2026-03-11T18:00", "push_up", 12)
    days = (await history(diary)).days
    assert [day.day for day in days] == ["2026-03-11", "2026-03-09"]
    monday = days[1]
    assert (monday.set_count, monday.repetition_count, monday.hold_s, monday.score) == (2, 8, 42.5, 80.0)
    assert [made.exercise for made in monday.sets] == ["squat", "plank"]
    assert {total.exercise: total.repetition_count for total in monday.totals} == {"squat": 8, "plank": 0}
    squats = monday.sets[0]
    assert (squats.family, squats.day, squats.range_of_motion_deg) == ("squat", "2026-03-09", 90.0)


async def test_an_open_set_is_not_in_the_record_yet(diary: Diary) -> None:
    await diary.begin("2026-03-11T10:00", "squat")
    assert not (await history(diary)).days


async def test_pages_hold_every_day_once_and_a_token_only_for_its_request(diary: Diary) -> None:
    for day in range(1, 8):
        await diary.train(f"2026-03-{day:02}T10:00", "squat", day)
    seen: list[str] = []
    token = ""
    while True:
        page = await history(diary, page_size=3, page_token=token)
        seen += [day.day for day in page.days]
        token = page.next_page_token
        if not token:
            break
        first_token = token
    assert seen == [f"2026-03-{day:02}" for day in range(7, 0, -1)]
    with pytest.raises(Exception, match="another request"):
        await history(diary, page_size=3, page_token=first_token, start_day="2026-03-02")
    within = await history(diary, start_day="2026-03-02", end_day="2026-03-04")
    assert [day.day for day in within.days] == ["2026-03-04", "2026-03-03", "2026-03-02"]


async def test_a_page_of_days_holds_few_enough_sets_whatever_its_size(diary: Diary) -> None:
    for day in (1, 2, 3):
        count = SETS_A_PAGE // 2 - 20 * (day == 3)
        await diary.repeat(await diary.train(f"2026-03-{day:02}T10:00", "squat", 8), count - 1)
    page = await history(diary)
    assert [(day.day, len(day.sets)) for day in page.days] == [("2026-03-03", 130), ("2026-03-02", 150)]
    rest = await history(diary, page_token=page.next_page_token)
    assert [day.day for day in rest.days] == ["2026-03-01"] and not rest.next_page_token
    without_sets = await history(diary, read_mask=FieldMask(paths=["day"]))
    assert len(without_sets.days) == 3


async def test_a_mask_leaves_only_what_is_asked_for(diary: Diary) -> None:
    await diary.train("2026-03-11T10:00", "squat", 8)
    [day] = (await history(diary, read_mask=FieldMask(paths=["day", "sets.*.exercise"]))).days
    assert day == record_pb2.HistoryDay(day="2026-03-11", sets=[{"exercise": "squat"}])  # type: ignore[list-item]
    [whole] = (await history(diary, read_mask=FieldMask(paths=["*"]))).days
    assert whole.set_count == 1 and whole.sets[0].repetition_count == 8


async def test_a_day_is_one_of_the_gyms_clock(postgres_url: str, nats_url: str) -> None:
    async with opened(postgres_url, nats_url, "America/New_York") as office:
        diary = await office.new_diary()
        await diary.train("2026-03-11T02:30", "squat", 5)
        assert [day.day for day in (await history(diary)).days] == ["2026-03-10"]


async def test_totals_sum_all_days_or_some(diary: Diary) -> None:
    await diary.train("2026-03-09T10:00", "squat", 8, score=60)
    await diary.train("2026-03-10T10:00", "squat", 10, score=80)
    await diary.train("2026-03-10T10:10", "plank", hold_s=30.0)
    request = record_pb2.GetTotalsRequest(gym_id=diary.gym_id, person_id=diary.person_id)
    totals = (await diary.stub.GetTotals(request)).totals
    assert (totals.day_count, totals.set_count, totals.repetition_count, totals.hold_s) == (2, 3, 18, 30.0)
    assert (totals.first_day, totals.last_day) == ("2026-03-09", "2026-03-10")
    squats = totals.exercises[0]
    assert (squats.exercise, squats.set_count, squats.score, squats.fault_counts["shallow"]) == ("squat", 2, 70.0, 2)
    request.start_day = "2026-03-10"
    assert (await diary.stub.GetTotals(request)).totals.repetition_count == 10


async def test_streaks_run_up_to_today_or_yesterday(diary: Diary) -> None:
    for day in ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-09", "2026-03-10"):
        await diary.train(f"{day}T10:00", "squat", 5)
    request = record_pb2.GetStreaksRequest(gym_id=diary.gym_id, person_id=diary.person_id, as_of_day=TODAY)
    streaks = (await diary.stub.GetStreaks(request)).streaks
    assert (streaks.current_days, streaks.longest_days, streaks.longest_end_day) == (2, 4, "2026-03-05")
    assert (streaks.current_weeks, streaks.longest_weeks, streaks.last_day) == (2, 2, "2026-03-10")


async def test_a_best_is_told_once_before_the_sets_end_and_listed(diary: Diary) -> None:
    await diary.train("2026-03-09T10:00", "squat", 8, score=80)
    assert not await diary.told("personal_best_reached")
    best_set = await diary.train("2026-03-11T10:00", "squat", 11, score=80)
    await diary.train("2026-03-11T10:10", "squat", 9, score=80)
    told = [event.personal_best_reached for event in await diary.told("personal_best_reached")]
    assert [(best.kind, best.value, best.previous_value) for best in told] == [
        (exercise_pb2.BEST_KIND_SET_REPETITIONS, 11.0, 8.0),
        (exercise_pb2.BEST_KIND_DAY_REPETITIONS, 11.0, 8.0),
    ]
    request = record_pb2.ListPersonalBestsRequest(gym_id=diary.gym_id, person_id=diary.person_id)
    listed = (await diary.stub.ListPersonalBests(request)).personal_bests
    assert [(best.kind, best.value, best.day) for best in listed] == [
        (exercise_pb2.BEST_KIND_SET_REPETITIONS, 11.0, "2026-03-11"),
        (exercise_pb2.BEST_KIND_SCORE, 80.0, "2026-03-09"),
        (exercise_pb2.BEST_KIND_DAY_REPETITIONS, 20.0, "2026-03-11"),
    ]
    assert listed[0].set_id == best_set
    request.page_size = 2
    page = await diary.stub.ListPersonalBests(request)
    request.page_token = page.next_page_token
    rest = await diary.stub.ListPersonalBests(request)
    assert [*page.personal_bests, *rest.personal_bests] == list(listed) and not rest.next_page_token


async def test_unknown_exercises_have_no_bests(diary: Diary) -> None:
    await diary.train("2026-03-09T10:00", "unknown", 8)
    await diary.train("2026-03-10T10:00", "unknown", 12)
    assert not await diary.told("personal_best_reached")
    request = record_pb2.ListPersonalBestsRequest(gym_id=diary.gym_id, person_id=diary.person_id)
    assert not (await diary.stub.ListPersonalBests(request)).personal_bests


async def test_trends_show_form_and_range_by_week(diary: Diary) -> None:
    for day, score, range_deg in (("2026-02-23", 60, 80.0), ("2026-03-02", 70, None), ("2026-03-09", 80, 90.0)):
        await diary.train(f"{day}T10:00", "squat", 5, score=score, range_deg=range_deg)
    request = record_pb2.GetTrendsRequest(gym_id=diary.gym_id, person_id=diary.person_id, as_of_day=TODAY)
    [trend] = (await diary.stub.GetTrends(request)).trends
    assert [(point.week_start_day, point.score) for point in trend.points] == [
        ("2026-02-23", 60.0),
        ("2026-03-02", 70.0),
        ("2026-03-09", 80.0),
    ]
    assert [point.range_of_motion_deg for point in trend.points] == [80.0, 0.0, 90.0]
    assert (trend.score_per_week, trend.range_of_motion_deg_per_week) == (10.0, 5.0)
    request.weeks = 1
    assert [len(found.points) for found in (await diary.stub.GetTrends(request)).trends] == [1]


async def test_muscle_balance_counts_sets_for_the_first_group_and_half_for_others(diary: Diary) -> None:
    await diary.train("2026-03-10T10:00", "squat", 8)
    request = record_pb2.GetMuscleBalanceRequest(gym_id=diary.gym_id, person_id=diary.person_id, as_of_day=TODAY)
    balance = (await diary.stub.GetMuscleBalance(request)).balance
    groups = {share.muscle_group: share.set_count for share in balance.muscle_groups}
    assert groups["quadriceps"] == 1.0 and groups["glutes"] == 0.5 and groups["biceps"] == 0.0
    assert sum(share.share_ratio for share in balance.muscle_groups) == pytest.approx(1.0)
    assert (balance.start_day, balance.end_day) == ("2026-02-12", TODAY)


async def test_this_week_is_held_against_the_same_days_of_last_week(diary: Diary) -> None:
    for day, count in (("2026-03-03", 5), ("2026-03-06", 7), ("2026-03-10", 9)):
        await diary.train(f"{day}T10:00", "squat", count)
    request = record_pb2.CompareWeeksRequest(gym_id=diary.gym_id, person_id=diary.person_id, as_of_day=TODAY)
    comparison = (await diary.stub.CompareWeeks(request)).comparison
    weeks = (comparison.this_week, comparison.last_week, comparison.last_week_so_far)
    assert [week.repetition_count for week in weeks] == [9, 12, 5]


async def test_alternating_exercises_are_a_superset(diary: Diary) -> None:
    start_ns = at("2026-03-11T10:00")
    for number, exercise in enumerate(("push_up", "row", "push_up", "squat")):
        gap_ns = 300 * NS if exercise == "squat" else 0
        await diary.train(start_ns + number * 40 * NS + gap_ns, exercise, 10)
    [day] = (await history(diary)).days
    assert [made.superset_number for made in day.sets] == [1, 1, 1, 0]
