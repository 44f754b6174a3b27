"""Corrections: both values kept, sums with the corrected one, once for each request."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mesh.ids import new_id
from spotter.motion.v1 import record_pb2
from tests.svc_motion.record.diary import Diary

pytestmark = pytest.mark.asyncio(loop_scope="module")
Code = grpc.StatusCode
DAY = "2026-03-11"


def asked(diary: Diary, set_id: str, **what: object) -> record_pb2.CorrectSetRequest:
    return record_pb2.CorrectSetRequest(
        gym_id=diary.gym_id,
        set_id=set_id,
        corrected_by=record_pb2.CORRECTED_BY_MEMBER,
        **what,  # type: ignore[arg-type]
    )


async def totals(diary: Diary) -> dict[str, tuple[int, float]]:
    request = record_pb2.GetTotalsRequest(gym_id=diary.gym_id, person_id=diary.person_id)
    found = (await diary.stub.GetTotals(request)).totals
    return {total.exercise: (total.repetition_count, total.hold_s) for total in found.exercises}


async def refused(diary: Diary, request: record_pb2.CorrectSetRequest) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await diary.stub.CorrectSet(request)
    status = rpc_status.from_call(caught.value)
    info = error_details_pb2.ErrorInfo()
    assert status is not None and status.details[0].Unpack(info)
    return caught.value.code(), str(info.reason)


async def test_both_values_are_kept_and_the_corrected_one_counts(diary: Diary) -> None:
    set_id = await diary.train(f"{DAY}T10:00", "squat", 8)
    answer = await diary.stub.CorrectSet(asked(diary, set_id, exercise="lunge", repetition_count=9, reason="one each"))
    assert (answer.set.exercise, answer.set.repetition_count) == ("squat", 8)
    assert (answer.set.corrected_exercise, answer.set.corrected_repetition_count) == ("lunge", 9)
    assert (answer.set.family, answer.correction.reason) == ("lunge", "one each")
    assert await totals(diary) == {"lunge": (9, 0.0)}
    kept = await diary.set(set_id)
    assert len(kept.repetitions) == 8 and kept.corrected_repetition_count == 9
    [told] = [event.set_corrected for event in await diary.told("set_corrected")]
    assert (told.measured_exercise, told.exercise, told.measured_repetitions, told.repetitions) == (
        "squat",
        "lunge",
        8,
        9,
    )


async def test_no_repetitions_at_all_is_a_correction_too(diary: Diary) -> None:
    set_id = await diary.train(f"{DAY}T10:00", "squat", 3)
    answer = await diary.stub.CorrectSet(asked(diary, set_id, repetition_count=0))
    assert answer.set.HasField("corrected_repetition_count") and answer.set.corrected_repetition_count == 0
    assert await totals(diary) == {"squat": (0, 0.0)}


async def test_the_same_request_again_corrects_once(diary: Diary) -> None:
    set_id, request_id = await diary.train(f"{DAY}T10:00", "squat", 8), new_id()
    first = await diary.stub.CorrectSet(asked(diary, set_id, repetition_count=10, request_id=request_id))
    await diary.stub.CorrectSet(asked(diary, set_id, repetition_count=11))
    again = await diary.stub.CorrectSet(asked(diary, set_id, repetition_count=10, request_id=request_id))
    assert again.correction == first.correction
    assert again.set.corrected_repetition_count == 11
    assert len(await diary.told("set_corrected")) == 2
    other = await diary.train(f"{DAY}T11:00", "squat", 8)
    reused = asked(diary, other, repetition_count=10, request_id=request_id)
    assert await refused(diary, reused) == (Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED")


async def test_corrections_at_the_same_time_take_turns(diary: Diary) -> None:
    sets = [await diary.train(f"{DAY}T10:{minute:02}", "squat", 8) for minute in (0, 10)]
    request_id = new_id()
    requests = [asked(diary, set_id, repetition_count=count) for set_id in sets for count in range(20, 24)]
    requests += [asked(diary, sets[0], repetition_count=30, request_id=request_id)] * 4
    await asyncio.gather(*(diary.stub.CorrectSet(request) for request in requests))
    assert len(await diary.told("set_corrected")) == 9
    now = [await diary.set(set_id) for set_id in sets]
    assert (await totals(diary))["squat"][0] == sum(made.corrected_repetition_count for made in now)
    listed = await diary.stub.ListCorrections(record_pb2.ListCorrectionsRequest(gym_id=diary.gym_id, page_size=5))
    rest = await diary.stub.ListCorrections(
        record_pb2.ListCorrectionsRequest(gym_id=diary.gym_id, page_size=5, page_token=listed.next_page_token)
    )
    ids = [made.correction_id for made in [*listed.corrections, *rest.corrections]]
    assert len(ids) == len(set(ids)) == 9 and not rest.next_page_token


async def test_an_exercise_changes_between_counted_and_held_with_its_amount_only(diary: Diary) -> None:
    set_id = await diary.train(f"{DAY}T10:00", "squat", 8)
    for wrong in ({"exercise": "plank"}, {"hold_s": 20.0}, {"exercise": "plank", "repetition_count": 5}):
        assert await refused(diary, asked(diary, set_id, **wrong)) == (Code.INVALID_ARGUMENT, "INVALID_FIELD")
    await diary.stub.CorrectSet(asked(diary, set_id, exercise="plank", hold_s=30.5))
    assert await totals(diary) == {"plank": (0, 30.5)}
    assert await refused(diary, asked(diary, set_id, exercise="squat")) == (Code.INVALID_ARGUMENT, "INVALID_FIELD")
    await diary.stub.CorrectSet(asked(diary, set_id, exercise="squat", repetition_count=8))
    assert await totals(diary) == {"squat": (8, 0.0)}


async def test_form_that_was_judged_as_another_exercise_is_in_no_score(diary: Diary) -> None:
    await diary.train(f"{DAY}T10:00", "lunge", 8, score=90)
    wrong = await diary.train(f"{DAY}T10:10", "squat", 8, score=20)
    await diary.stub.CorrectSet(asked(diary, wrong, exercise="lunge"))
    request = record_pb2.GetTotalsRequest(gym_id=diary.gym_id, person_id=diary.person_id)
    found = (await diary.stub.GetTotals(request)).totals
    assert (found.set_count, found.score, dict(found.exercises[0].fault_counts)) == (2, 90.0, {"shallow": 1})


@pytest.mark.parametrize(
    ("what", "code", "reason"),
    [
        ({}, Code.INVALID_ARGUMENT, "INVALID_FIELD"),
        ({"exercise": "juggling"}, Code.INVALID_ARGUMENT, "EXERCISE_UNKNOWN"),
        ({"repetition_count": 10_001}, Code.INVALID_ARGUMENT, "INVALID_FIELD"),
        ({"repetition_count": 5, "reason": "x" * 201}, Code.INVALID_ARGUMENT, "INVALID_FIELD"),
        ({"repetition_count": 5, "request_id": "twice"}, Code.INVALID_ARGUMENT, "INVALID_FIELD"),
    ],
)
async def test_what_can_not_be_is_refused_with_a_reason(
    diary: Diary, what: dict[str, object], code: grpc.StatusCode, reason: str
) -> None:
    set_id = await diary.train(f"{DAY}T10:00", "squat", 8)
    assert await refused(diary, asked(diary, set_id, **what)) == (code, reason)
    assert not (await diary.set(set_id)).HasField("correct_time")


async def test_an_open_set_and_one_that_is_not_there_are_not_corrected(diary: Diary) -> None:
    open_id = await diary.begin(f"{DAY}T10:00", "squat")
    assert await refused(diary, asked(diary, open_id, repetition_count=1)) == (Code.FAILED_PRECONDITION, "SET_OPEN")
    nowhere = asked(diary, new_id(), repetition_count=1)
    assert await refused(diary, nowhere) == (Code.NOT_FOUND, "SET_NOT_FOUND")


async def test_the_summary_says_how_far_counting_was_off(diary: Diary) -> None:
    sets = [await diary.train(f"{DAY}T10:{minute:02}", "squat", 8) for minute in (0, 5, 10, 15)]
    held = await diary.train(f"{DAY}T11:00", "plank", hold_s=30.0)
    await diary.stub.CorrectSet(asked(diary, sets[0], repetition_count=10))
    await diary.stub.CorrectSet(asked(diary, sets[1], repetition_count=7))
    await diary.stub.CorrectSet(asked(diary, sets[2], exercise="lunge"))
    await diary.stub.CorrectSet(asked(diary, held, hold_s=33.0))
    request = record_pb2.GetCorrectionSummaryRequest(gym_id=diary.gym_id, as_of_day=DAY)
    plank, squat = (await diary.stub.GetCorrectionSummary(request)).summaries
    assert (squat.exercise, squat.set_count, squat.corrected_set_count, squat.relabelled_set_count) == (
        "squat",
        4,
        3,
        1,
    )
    assert (squat.mean_count_error, squat.mean_count_bias) == (1.5, -0.5)
    assert (plank.exercise, plank.corrected_set_count, plank.mean_hold_error_s) == ("plank", 1, 3.0)
