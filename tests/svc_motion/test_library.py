from pathlib import Path

import pytest

from svc_motion.library import EXERCISE_FOLDER, Exercise, ExerciseFileError, View, load_library

REQUIRED = {
    "squat", "goblet_squat", "barbell_squat", "lunge", "split_squat", "deadlift", "romanian_deadlift", "hip_thrust",
    "push_up", "pull_up", "dip", "bench_press", "shoulder_press", "lateral_raise", "front_raise", "bicep_curl",
    "hammer_curl", "triceps_extension", "row", "lat_pulldown", "plank", "side_plank", "sit_up", "crunch",
    "jumping_jack", "burpee", "mountain_climber", "leg_raise", "calf_raise", "kettlebell_swing",
}  # fmt: skip
SQUAT = (EXERCISE_FOLDER / "squat.yaml").read_text()


def refused(folder: Path, text: str, name: str = "squat.yaml") -> ExerciseFileError:
    (folder / name).write_text(text)
    with pytest.raises(ExerciseFileError) as caught:
        load_library(folder)
    return caught.value


def test_the_library_holds_the_thirty_exercises_and_the_gravest_faults() -> None:
    library = load_library()
    assert set(library.names) >= REQUIRED
    assert not library["plank"].counted
    assert not library["side_plank"].counted
    faults = {fault.name for exercise in library.exercises.values() for fault in exercise.faults}
    assert faults >= {"shallow_squat", "knees_caving_in", "hips_sagging", "elbows_flaring", "half_curl"}


def test_a_cue_can_be_said_in_a_breath() -> None:
    exercises = load_library().exercises.values()
    cues = [cue for exercise in exercises for cue in (*exercise.cues, *(fault.cue for fault in exercise.faults))]
    assert all(len(cue.split()) <= 7 for cue in cues)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("severity: moderate", "severity: awful"), "severity"),
        (("metric: knee_width_ratio", "metric: knee_colour"), "metric"),
        (("kind: counted", "kind: guessed"), "kind"),
        (("    above: 58", "    above: 58\n    below: 20"), "exactly one of above and below"),
        (("tolerance: 15}", "tolerance: -1}"), "tolerance"),
        (("    - leg_extension", "    - leg_colour"), "signals.1"),
        (("kind: knee_angle, views: [side, three_quarter]", "kind: knee_angle, views: [above]"), "views"),
        (("part: turn", "part: sideways"), "part"),
        (("difficulty: beginner", "difficulty: easy"), "difficulty"),
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


@pytest.mark.parametrize(
    ("exercise", "change"),
    [
        ("squat", ("{name: descent, part: out", "{name: descent, part: start")),
        ("squat", ("{name: descent, part: out", "{name: descent, part: hold")),
        ("plank", ("part: hold", "part: out")),
    ],
)
def test_phases_stand_in_the_order_of_the_movement(tmp_path: Path, exercise: str, change: tuple[str, str]) -> None:
    text = (EXERCISE_FOLDER / f"{exercise}.yaml").read_text()
    assert "phases" in refused(tmp_path, text.replace(*change, 1), f"{exercise}.yaml").reason


VARIANT = SQUAT.replace("name: squat", "name: zercher_squat", 1).replace(
    "display_name: Squat", "display_name: Zercher squat"
)
VARIANT = VARIANT.replace("aliases: [air squat, bodyweight squat]", "aliases: []")


@pytest.mark.parametrize(
    ("change", "reason", "line"),
    [
        (("family: squat", "family: squat\nvariant_of: press"), "there is no exercise 'press'", 5),
        (("family: squat", "family: squat\nvariant_of: zercher_squat"), "is a variant itself", 5),
        (("family: squat", "family: press\nvariant_of: squat"), "is of the family 'squat'", 4),
        (("aliases: []", "aliases: [air squat]"), "'air squat' is taken by squat.yaml", 5),
        (("aliases: []", "aliases: [Squat]"), "'Squat' is taken by squat.yaml", 5),
        (("display_name: Zercher squat", "display_name: Squat"), "'squat' is taken by", 2),
    ],
)
def test_files_that_contradict_each_other_are_refused(
    tmp_path: Path, change: tuple[str, str], reason: str, line: int
) -> None:
    (tmp_path / "squat.yaml").write_text(SQUAT)
    error = refused(tmp_path, VARIANT.replace(*change, 1), "zercher_squat.yaml")
    assert reason in error.reason
    assert error.line == line


@pytest.mark.parametrize("word", ["none", "unknown"])
def test_a_word_that_means_no_exercise_is_no_name(tmp_path: Path, word: str) -> None:
    assert "no exercise" in refused(tmp_path, SQUAT.replace("name: squat", f"name: {word}", 1), f"{word}.yaml").reason


def test_variants_take_no_part_in_recognition() -> None:
    library = load_library()
    recognised = {exercise.name for exercise in library.recognised}
    assert {variant.name for variant in library.variants_of("squat")} == {"goblet_squat", "barbell_squat"}
    assert recognised == set(library.names) - {
        "goblet_squat", "barbell_squat", "split_squat", "romanian_deadlift", "hammer_curl", "crunch"
    }  # fmt: skip


def test_a_signal_is_used_only_in_the_views_that_show_it() -> None:
    movement = load_library()["squat"].primary_movement
    assert set(movement.signal_indices_in(View.FRONT)) < set(movement.signal_indices)
    assert movement.signal_indices_in(View.UNKNOWN) == movement.signal_indices


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExerciseFileError, match="no exercise files"):
        load_library(tmp_path)


def test_a_fault_that_cannot_be_measured_never_shows() -> None:
    exercise: Exercise = load_library()["squat"]
    assert not any(fault.shows(float("nan")) for fault in exercise.faults)
