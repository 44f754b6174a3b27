"""How soon repetitions are told, on a drawn set whose joints are known."""

from pathlib import Path

import pytest

from spotter_cli.evaluation.promptness import PROMPT_S, Delays, Repetition, Told, main, measured, observations_of, table
from spotter_cli.scene_evaluation.__main__ import true_joints
from spotter_cli.scene_evaluation.exercises import exercise_films
from svc_motion.library import load_library


@pytest.fixture(scope="module")
def crunches() -> list[Repetition]:
    film = next(film for film in exercise_films() if film.name == "crunch_80")
    seen = true_joints(film.scene)
    return measured(observations_of(seen), load_library(), observations_of(seen, true=True))


def test_small_repetitions_after_lying_down_are_told_while_they_are_done(crunches: list[Repetition]) -> None:
    assert len(crunches) == 7
    assert sum(one.told is Told.LIVE for one in crunches) >= 4


def test_what_is_told_in_an_open_set_is_told_when_it_ends(crunches: list[Repetition]) -> None:
    delays_s = [one.delay_s for one in crunches if one.told is Told.LIVE]
    assert all(delay_s is not None and abs(delay_s) <= PROMPT_S for delay_s in delays_s)


def test_delays_are_summed_up_by_exercise_without_those_told_with_the_opening() -> None:
    told = [Repetition("squat", Told.LIVE, 0.0, at_s, 2.0) for at_s in (1.6, 2.0, 2.2, 2.4)]
    lines = table([*told, Repetition("squat", Told.OPENING, 0.0, 9.0, 2.0)], lambda one: one.exercise)
    assert "| squat | 4 | 0.10 | 0.34 | 0.50 | 0.25 |" in lines
    assert any(line.startswith("With the opening of their set: 1, p50 7.00 s") for line in lines)


def test_early_and_late_are_told_apart() -> None:
    delays = Delays.of([-0.5, 0.0, 0.1, 0.5])
    assert (delays.within, delays.late) == (0.5, 0.25)


def test_a_folder_without_recordings_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = tmp_path / "MANIFEST.json"
    manifest.write_text('{"files": []}')
    assert main(["--recordings", str(tmp_path), "--manifest", str(manifest), "--no-drawn"]) == 0
    assert "evaluate-degradation" in capsys.readouterr().out
