from pathlib import Path

import pytest

from svc_motion.library import EXERCISE_FOLDER, Exercise, ExerciseFileError, load_library

REQUIRED = {
    "squat", "push_up", "bicep_curl", "lateral_raise", "shoulder_press",
    "jumping_jack", "deadlift", "lunge", "pull_up", "plank",
}  # fmt: skip
SQUAT = (EXERCISE_FOLDER / "squat.yaml").read_text()


def refused(folder: Path, text: str, name: str = "squat.yaml") -> ExerciseFileError:
    (folder / name).write_text(text)
    with pytest.raises(ExerciseFileError) as caught:
        load_library(folder)
    return caught.value


def test_the_library_holds_the_ten_exercises_and_their_faults() -> None:
    library = load_library()
    assert set(library.names) >= REQUIRED
    assert not library["plank"].counted
    faults = {fault.name for exercise in library.exercises.values() for fault in exercise.faults}
    assert faults >= {"shallow_squat", "knees_caving_in", "hips_sagging", "elbows_flaring", "half_curl"}


def test_a_cue_can_be_said_in_a_breath() -> None:
    cues = [fault.cue for exercise in load_library().exercises.values() for fault in exercise.faults]
    assert all(len(cue.split()) <= 7 for cue in cues)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("severity: moderate", "severity: awful"), "severity"),
        (("metric: knee_min_deg", "metric: knee_colour"), "metric"),
        (("kind: counted", "kind: guessed"), "kind"),
        (("    above: 108", "    above: 108\n    below: 20"), "exactly one of above and below"),
        (("tolerance: 15}", "tolerance: -1}"), "tolerance"),
        (("signals: [knee_angle, leg_extension, body_extension]", "signals: [knee]"), "signals"),
        (("family: squat", "familly: squat"), "famil"),
    ],
)
def test_a_bad_value_is_named_with_its_line_and_the_reason(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    text = SQUAT.replace(*change, 1)
    error = refused(tmp_path, text)
    assert reason in str(error)
    assert str(error).startswith(f"squat.yaml, line {error.line}: ")
    if "famil" not in reason and "exactly" not in reason:
        wanted = next(n for n, line in enumerate(text.splitlines(), 1) if change[1].strip() in line)
        assert error.line == wanted


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "name: squat\naliases: [a, b\nkind: counted\n")
    assert error.line in (2, 3)
    assert "YAML" in error.reason


def test_a_file_named_differently_from_its_exercise_is_refused(tmp_path: Path) -> None:
    assert "called 'other'" in refused(tmp_path, SQUAT, "other.yaml").reason


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExerciseFileError, match="no exercise files"):
        load_library(tmp_path)


def test_a_fault_that_cannot_be_measured_never_shows() -> None:
    exercise: Exercise = load_library()["squat"]
    assert not any(fault.shows(float("nan")) for fault in exercise.faults)
