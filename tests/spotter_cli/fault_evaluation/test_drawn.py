"""Drawn sets with one fault each: what they are, and what is found in them where every joint is seen."""

from __future__ import annotations

from functools import cache

import pytest

from spotter_cli.fault_evaluation.drawn import DrawnSet, JudgedSet, as_markdown, drawn_sets, judge
from spotter_cli.scene_evaluation.__main__ import true_joints
from svc_motion.library import load_library

LIBRARY = load_library()
SETS = {one.name: one for one in drawn_sets()}


@cache
def judged(name: str) -> JudgedSet:
    return judge(SETS[name], true_joints(SETS[name].scene), LIBRARY)


def test_every_fault_that_is_drawn_is_one_of_its_exercise() -> None:
    for one in SETS.values():
        assert one.fault in {"", *(fault.name for fault in LIBRARY[one.exercise].faults)}
    assert len(drawn_sets()) == len(SETS)


@pytest.mark.parametrize("name", ["mountain_climber_hips_piking_42", "sit_up_half_sit_up_40"])
def test_a_strong_fault_is_found_in_most_repetitions_though_nothing_is_told(name: str) -> None:
    found = judged(name)
    assert set(found.exercises) == {SETS[name].exercise}
    assert found.flagged[SETS[name].fault] > found.repetitions / 2


@pytest.mark.parametrize("name", ["mountain_climber_hips_piking_15", "sit_up_clean_0"])
def test_clean_and_nearly_clean_sets_show_nothing(name: str) -> None:
    found = judged(name)
    assert found.repetitions >= 4
    assert not found.flagged


def test_the_table_tells_what_was_drawn_and_what_was_found() -> None:
    one = SETS["sit_up_half_sit_up_40"]
    assert isinstance(one, DrawnSet)
    table = "\n".join(as_markdown([judged(one.name)], "true joints"))
    assert "seen by true joints" in table
    assert "| sit_up | half_sit_up | 40° |" in table
