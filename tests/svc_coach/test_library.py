from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from svc_coach.library import MAX_TEXT_LENGTH, Library, TemplateError, fill

ROOT = Path(__file__).parents[2]


def test_every_fault_of_every_exercise_has_a_template_of_its_own() -> None:
    templates = Library.load()
    for path in (ROOT / "svc_motion" / "exercises").glob("*.yaml"):
        exercise = yaml.safe_load(path.read_text())
        for fault in exercise.get("faults") or []:
            assert templates.find(fault["name"], exercise["name"]).name == fault["name"], fault["name"]


def test_every_sentence_is_short_enough_to_be_spoken() -> None:
    for template in Library.load().templates:
        for turn in range(len(template.texts)):
            assert 0 < len(fill(template, turn, 100, "bench_press")) <= MAX_TEXT_LENGTH


def test_wordings_are_used_in_turn() -> None:
    template = Library.load().find("shallow_squat", "squat")
    said = [fill(template, turn, 3, "squat") for turn in range(len(template.texts) + 1)]
    assert len({*said}) == len(template.texts) > 1
    assert said[0] == said[-1]


def test_the_exercises_own_template_comes_before_the_general_one() -> None:
    templates = Library.load()
    assert templates.find("fault_gone", "squat").exercise == "squat"
    assert templates.find("fault_gone", "plank").exercise == ""


def test_an_unknown_fault_still_gets_a_sentence() -> None:
    assert Library.load().find("fault_of_tomorrow", "squat").name == "any_fault"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 121, "120"),
        ("{person} did it", "filled in"),
        ("two\nlines", "one line"),
    ],
)
def test_a_text_that_cannot_be_said_is_named(tmp_path: Path, text: str, reason: str) -> None:
    entries = [{"name": "any_fault", "kind": "correction", "texts": [text]}]
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(entries))
    with pytest.raises(TemplateError, match=reason):
        Library.load(tmp_path)


def test_a_folder_without_the_general_template_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {name: other, kind: praise, texts: [Well done.]}")
    with pytest.raises(TemplateError, match="any_fault"):
        Library.load(tmp_path)
