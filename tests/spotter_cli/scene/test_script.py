"""The truth of a scene is what its people really do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spotter_cli.scene import SAMPLE_SCENE, Exercise, Fault, PersonSpec, SceneTruth, load_truth, save_truth
from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.looks import LOOKS
from spotter_cli.scene.measure import angle_deg
from spotter_cli.scene.script import person_truth, pose_of, schedule, to_room
from spotter_cli.scene.skeleton import solve

WORKING_JOINT = {
    Exercise.SQUAT: ("left_hip", "left_knee", "left_ankle"),
    Exercise.BICEP_CURL: ("left_shoulder", "left_elbow", "left_wrist"),
}


def curve(person: PersonSpec, times_s: Floats) -> Floats:
    """The angle that the exercise works with, over time."""
    body, repetitions = LOOKS[person.look].dimensions, schedule(person)
    joints = [to_room(person, solve(body, pose_of(person, body, repetitions, t)).joints) for t in times_s]
    return np.array([angle_deg(each, *WORKING_JOINT[person.exercise]) for each in joints])


@pytest.mark.parametrize("person", SAMPLE_SCENE.people, ids=lambda person: str(person.exercise))
def test_the_motion_of_the_sample_has_the_repetitions_of_its_truth(person: PersonSpec) -> None:
    truth = person_truth(person, (0, 0, 0, 0))
    times_s = np.arange(SAMPLE_SCENE.frame_count) / SAMPLE_SCENE.fps
    bent = curve(person, times_s) < 120
    ends_s = times_s[1:][bent[:-1] & ~bent[1:]]
    assert len(ends_s) == truth.reps == person.reps
    late = np.array(truth.rep_end_s) - ends_s
    assert (late > 0).all()
    assert (late < 1.0).all()


@pytest.mark.parametrize("person", SAMPLE_SCENE.people, ids=lambda person: str(person.exercise))
def test_people_stand_still_before_and_after(person: PersonSpec) -> None:
    end_s = SAMPLE_SCENE.frame_count / SAMPLE_SCENE.fps
    for times_s in (np.linspace(0, 1.5, 12), np.linspace(end_s - 1.2, end_s, 12)):
        assert np.ptp(curve(person, times_s)) < 3


def test_the_sample_has_two_people_two_exercises_and_one_fault() -> None:
    truths = [person_truth(person, (0, 0, 0, 0)) for person in SAMPLE_SCENE.people]
    assert [(t.exercise, t.reps, t.faults) for t in truths] == [
        ("squat", 6, {"knees_caving_in": 3}),
        ("bicep_curl", 8, {}),
    ]
    assert 20 <= SAMPLE_SCENE.frame_count / SAMPLE_SCENE.fps <= 30


def test_a_fault_without_chosen_repetitions_is_in_all_of_them() -> None:
    person = PersonSpec(Exercise.BICEP_CURL, 4, (0, 0), fault=Fault.HALF_CURL)
    assert person_truth(person, (0, 0, 0, 0)).faults == {"half_curl": 4}


def test_a_person_refuses_a_fault_of_another_exercise() -> None:
    with pytest.raises(ValueError, match="cannot show"):
        PersonSpec(Exercise.SQUAT, 3, (0, 0), fault=Fault.HALF_CURL)


def test_a_truth_survives_its_file(tmp_path: Path) -> None:
    people = [person_truth(person, (1, 2, 3, 4)) for person in SAMPLE_SCENE.people]
    truth = SceneTruth(15, 354, 23.6, 1280, 720, "abc", people)
    save_truth(truth, tmp_path / "truth.json")
    assert load_truth(tmp_path / "truth.json") == truth


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"people": [{"reps": 3}]}', '{"people": []}', '{"people": 5}'])
def test_what_is_no_truth_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(ValueError, match="not the truth of a scene"):
        load_truth(tmp_path / "truth.json")
