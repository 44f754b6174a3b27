from __future__ import annotations

from typing import Any

from spotter_cli.sample import compare
from spotter_cli.scene import PersonTruth

SQUATS = PersonTruth("squat", 6, {"knees_caving_in": 3}, [], [])
CURLS = PersonTruth("bicep_curl", 8, {}, [], [])


def person(exercise: str, reps: int, faults: dict[str, int] | None = None) -> dict[str, Any]:
    return {"sets": [{"exercise": exercise, "reps": reps, "faults": faults or {}}]}


def test_people_are_matched_by_what_they_do_whatever_their_order() -> None:
    found = {"people": [person("bicep_curl", 8), person("squat", 6, {"knees_caving_in": 3})]}
    assert all(match.equal for match in compare([SQUATS, CURLS], found))


def test_a_missing_repetition_fault_or_person_is_not_equal() -> None:
    for people in (
        [person("squat", 5, {"knees_caving_in": 3}), person("bicep_curl", 8)],
        [person("squat", 6), person("bicep_curl", 8)],
        [person("bicep_curl", 8)],
    ):
        squats, curls = compare([SQUATS, CURLS], {"people": people})
        assert curls.equal and not squats.equal
