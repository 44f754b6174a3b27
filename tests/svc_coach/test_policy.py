from __future__ import annotations

import json

from svc_coach.policy import (
    NS_PER_S,
    AlertAcknowledged,
    AlertTold,
    BestReached,
    Decision,
    FaultSeen,
    HoldFault,
    Kind,
    Occurrence,
    PersonState,
    Policy,
    RepetitionDone,
    SetDone,
    Severity,
)

SHALLOW = FaultSeen("shallow_squat", Severity.MAJOR)
CAVING = FaultSeen("knees_caving_in", Severity.DANGER)
SAGGING = FaultSeen("hips_sagging", Severity.DANGER)


class Person:
    """Tells a policy what one person does; the state goes through its stored form every time."""

    def __init__(self) -> None:
        self.state = PersonState()
        self._policy = Policy()

    def does(self, at_s: float, occurrence: Occurrence) -> Decision | None:
        self.state = PersonState.from_json(json.loads(json.dumps(self.state.to_json())))
        return self._policy.decide(self.state, occurrence, int(at_s * NS_PER_S))

    def squats(self, at_s: float, number: int, *faults: FaultSeen, set_id: str = "a") -> Decision | None:
        return self.does(at_s, RepetitionDone(set_id, "squat", number, faults, 80.0))


def test_the_first_fault_is_corrected_with_what_was_measured() -> None:
    assert Person().squats(3, 1, SHALLOW) == Decision(
        "shallow_squat", Kind.CORRECTION, "squat", "shallow_squat", Severity.MAJOR, 1, 80.0
    )


def test_the_most_dangerous_fault_of_a_repetition_comes_first() -> None:
    for faults in ((SHALLOW, CAVING), (CAVING, SHALLOW)):
        decision = Person().squats(3, 1, *faults)
        assert decision is not None
        assert decision.fault == "knees_caving_in"


def test_two_corrections_are_thirty_seconds_apart() -> None:
    person = Person()
    spoken = [at_s for at_s in range(0, 100, 3) if _is_correction(person.squats(at_s, at_s + 1, CAVING))]
    assert spoken == [0, 30, 60, 90]


def test_the_interval_holds_over_sets_and_faults() -> None:
    person = Person()
    assert _is_correction(person.squats(0, 1, SHALLOW))
    assert person.does(10, HoldFault("b", "plank", SAGGING)) is None
    assert _is_correction(person.does(31, HoldFault("b", "plank", SAGGING)))


def test_a_late_event_of_before_the_last_correction_is_not_spoken_of() -> None:
    person = Person()
    assert _is_correction(person.squats(100, 1, SHALLOW))
    assert person.does(40, HoldFault("b", "plank", SAGGING)) is None


def test_a_corrected_fault_that_is_gone_for_two_repetitions_is_praised_once() -> None:
    person = Person()
    person.squats(0, 1, SHALLOW)
    assert person.squats(3, 2) is None
    praise = person.squats(6, 3)
    assert praise is not None
    assert (praise.situation, praise.kind, praise.fault) == ("fault_gone", Kind.PRAISE, "shallow_squat")
    assert person.squats(9, 4) is None


def test_a_fault_that_returns_is_not_gone() -> None:
    person = Person()
    person.squats(0, 1, SHALLOW)
    assert [person.squats(3, 2), person.squats(6, 3, SHALLOW), person.squats(9, 4)] == [None, None, None]


def test_another_exercise_says_nothing_about_the_fault() -> None:
    person = Person()
    person.squats(0, 1, SHALLOW)
    assert all(person.does(at_s, RepetitionDone("b", "bicep_curl", at_s)) is None for at_s in (1, 2, 3))


def test_a_fault_that_was_never_corrected_is_not_praised() -> None:
    person = Person()
    person.squats(0, 1, CAVING)
    person.squats(3, 2, SHALLOW, CAVING)
    said = [person.squats(6, 3), person.squats(9, 4), person.squats(12, 6)]
    assert [decision.fault for decision in said if decision] == ["knees_caving_in"]


def test_every_fifth_repetition_is_a_milestone() -> None:
    person = Person()
    said = {number: person.squats(number, number) for number in range(1, 22)}
    assert [number for number, decision in said.items() if decision] == [5, 10, 15, 20]


def test_a_faulty_repetition_is_never_cheered() -> None:
    person = Person()
    said = [person.squats(number, number, CAVING) for number in range(1, 11)]
    assert {decision.kind for decision in said if decision} == {Kind.CORRECTION}


def test_a_fault_comes_before_a_milestone() -> None:
    assert _is_correction(Person().squats(0, 5, SHALLOW))


def test_a_repetition_that_was_told_before_changes_nothing() -> None:
    person = Person()
    person.squats(0, 1, SHALLOW)
    person.squats(3, 2)
    before = person.state.to_json()
    assert person.squats(3, 2) is None
    assert person.squats(0, 1, CAVING) is None
    assert person.state.to_json() == before


def test_sets_that_end_are_told_by_how_they_went() -> None:
    person = Person()
    ends = [
        SetDone("a", "squat", 2, 90, 0),
        SetDone("b", "squat", 8, 60, 0),
        SetDone("c", "squat", 8, 90, 0),
        SetDone("d", "squat", 8, 60, 0),
        SetDone("e", "plank", 0, 60, 34),
        SetDone("f", "plank", 0, 60, 75),
        SetDone("g", "plank", 0, 60, 20),
    ]
    said = [person.does(at_s, end) for at_s, end in enumerate(ends)]
    assert [(decision.situation, decision.number) if decision else None for decision in said] == [
        None,
        ("first_set_finished", 8),
        ("good_set_finished", 8),
        ("set_finished", 8),
        ("hold", 30),
        ("hold", 60),
        None,
    ]


def _is_correction(decision: Decision | None) -> bool:
    return decision is not None and decision.kind is Kind.CORRECTION


def test_a_best_is_told_instead_of_the_sets_end_and_only_one_of_a_set() -> None:
    person = Person()
    first = person.does(30, BestReached("a", "squat", "best_repetitions", 12))
    assert first == Decision("best_repetitions", Kind.MILESTONE, "squat", number=12)
    assert person.does(30, BestReached("a", "squat", "best_score", 97)) is None
    assert person.does(30, SetDone("a", "squat", 12, 97, 0)) is None
    next_end = person.does(200, SetDone("b", "squat", 10, 70, 0))
    assert next_end is not None and next_end.situation == "set_finished"


def test_alerts_silence_until_each_is_acknowledged_in_whatever_order_their_events_come() -> None:
    person = Person()
    assert person.does(0, AlertTold("x")) is None
    assert person.does(1, AlertTold("y")) is None
    assert person.squats(40, 1, CAVING) is None
    assert person.does(41, AlertAcknowledged("x")) is None
    assert person.does(42, SetDone("a", "squat", 8, 90, 0)) is None
    assert person.does(43, AlertAcknowledged("y")) is None
    assert person.does(44, AlertTold("y")) is None, "told again, and known already"
    assert _is_correction(person.squats(50, 2, CAVING))
    early = Person()
    assert early.does(0, AlertAcknowledged("z")) is None
    assert early.does(1, AlertTold("z")) is None
    assert _is_correction(early.squats(2, 1, CAVING))
