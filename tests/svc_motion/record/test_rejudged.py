"""What is stored of a set that turned out to be another exercise."""

from __future__ import annotations

from functools import partial

import pytest

from svc_motion.events import SetRecord
from svc_motion.judged import JudgedRepetitions
from svc_motion.library import load_library
from svc_motion.messages import set_id_of
from svc_motion.sets import OpenSet
from tests.svc_motion.form import movements
from tests.svc_motion.form.bodies import trace
from tests.svc_motion.record.diary import Diary, at

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIBRARY = load_library()


async def test_a_relabelled_set_keeps_no_fault_of_the_exercise_it_was_taken_for(diary: Diary) -> None:
    start_ns, judged = at("2026-03-02T10:00"), JudgedRepetitions()
    *told, _ = diary.events(start_ns, "deadlift", 2, score=50, hold_s=0.0, range_deg=20.0)
    before = SetRecord(start_ns, 1, "deadlift", 2, 2, start_ns, score_sum=100, faults={"rounded_back": 2})
    await diary.recorder.record(diary.moment(start_ns), None, told, before)
    judged.judge(LIBRARY["deadlift"], 2, trace(partial(movements.squat, depth=0.5), 90))
    kept = OpenSet.from_record(before)
    relabelled = kept.relabel("squat", start_ns / 1e9 + 9, judged.judged_as(LIBRARY["squat"], 2))
    for _ in range(2):
        await diary.recorder.record(diary.moment(start_ns), before, [relabelled], kept.record)
    stored = await diary.set(set_id_of(diary.moment(start_ns), start_ns))
    assert (stored.exercise, dict(stored.fault_counts)) == ("squat", {"shallow_squat": 1})
    forgotten, known = stored.repetitions
    assert [fault.name for fault in known.faults] == ["shallow_squat"]
    assert known.range_of_motion_deg != 20
    assert (list(forgotten.faults), forgotten.range_of_motion_deg) == ([], 0)
    assert forgotten.out_s == 1.0
    assert "shallow_squat" in forgotten.not_judged
