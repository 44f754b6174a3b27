"""GetSession: sums over the whole visit, its sets page by page."""

from __future__ import annotations

import grpc
import pytest

from spotter.motion.v1 import motion_pb2, record_pb2
from tests.svc_motion.record.diary import NS, Diary, at

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def session_of(diary: Diary, **more: object) -> motion_pb2.GetSessionResponse:
    return await diary.sets.GetSession(
        motion_pb2.GetSessionRequest(gym_id=diary.gym_id, person_id=diary.person_id, **more)  # type: ignore[arg-type]
    )


async def test_pages_hold_every_set_once_and_sums_are_of_all(diary: Diary) -> None:
    start_ns = at("2026-03-11T10:00")
    made = [await diary.train(start_ns + 60 * number * NS, "squat", number + 1) for number in range(5)]
    made += [await diary.begin("2026-03-11T12:00", "lunge")]
    seen: list[str] = []
    token = ""
    while True:
        page = await session_of(diary, page_size=4, page_token=token)
        seen += [one.set_id for one in page.session.sets]
        assert (page.session.set_count, page.session.repetition_count) == (6, 15)
        assert [total.exercise for total in page.session.totals] == ["squat", "lunge"]
        if not (token := page.next_page_token):
            break
        first_token = token
    assert seen == made
    somebody_else = motion_pb2.GetSessionRequest(gym_id=diary.gym_id, person_id=made[0], page_token=first_token)
    with pytest.raises(grpc.aio.AioRpcError, match="another request"):
        await diary.sets.GetSession(somebody_else)


async def test_sums_hold_corrected_values_mean_scores_and_faults(diary: Diary) -> None:
    wrong = await diary.train("2026-03-11T10:00", "squat", 8, score=60)
    await diary.train("2026-03-11T10:05", "squat", 10, score=80)
    held = await diary.train("2026-03-11T10:10", "plank", hold_s=30.0, score=70)
    await diary.stub.CorrectSet(
        record_pb2.CorrectSetRequest(
            gym_id=diary.gym_id,
            set_id=wrong,
            exercise="lunge",
            repetition_count=7,
            corrected_by=record_pb2.CORRECTED_BY_STAFF,
        )
    )
    session = (await session_of(diary)).session
    assert (session.set_count, session.repetition_count, session.hold_s) == (3, 17, 30.0)
    assert [(total.exercise, total.set_count, total.score) for total in session.totals] == [
        ("lunge", 1, 60.0),
        ("squat", 1, 80.0),
        ("plank", 1, 70.0),
    ]
    assert session.totals[0].fault_counts == {"shallow": 1}
    assert session.start_time == session.sets[0].start_time
    assert session.end_time == (await diary.set(held)).end_time


async def test_a_client_that_knows_no_pages_gets_200_sets_and_sees_that_there_are_more(diary: Diary) -> None:
    await diary.repeat(await diary.train("2026-03-11T10:00", "squat", 8), 200)
    answer = await session_of(diary)
    assert (answer.session.set_count, len(answer.session.sets)) == (201, 200)
    rest = await session_of(diary, page_token=answer.next_page_token)
    assert len(rest.session.sets) == 1 and not rest.next_page_token


async def test_somebody_without_sets_has_an_empty_session(diary: Diary) -> None:
    answer = await session_of(diary)
    assert answer.session == motion_pb2.Session(gym_id=diary.gym_id, person_id=diary.person_id)
