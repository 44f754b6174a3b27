"""The exercise library as clients are told it."""

from spotter.motion.v1 import motion_pb2
from svc_motion import answers
from svc_motion.library import load_library

LIBRARY = load_library()


def test_a_variant_names_its_base_and_what_it_needs() -> None:
    told = answers.to_exercise(LIBRARY["goblet_squat"])
    assert told.variant_of == "squat"
    assert told.family == "squat"
    assert list(told.equipment) == ["dumbbell", "kettlebell"]
    assert told.difficulty == motion_pb2.DIFFICULTY_BEGINNER
    assert "before the chest" in told.description
    assert [phase.part for phase in told.phases] == ["start", "out", "turn", "back"]


def test_the_body_alone_is_no_equipment() -> None:
    assert not answers.to_exercise(LIBRARY["plank"]).equipment
    assert answers.to_exercise(LIBRARY["plank"]).held


def test_everything_that_the_library_says_is_told() -> None:
    for exercise in LIBRARY.exercises.values():
        told = answers.to_exercise(exercise)
        assert tuple(told.aliases) == exercise.aliases
        assert tuple(told.cues) == exercise.cues
        assert [fault.name for fault in told.fault_details] == list(told.faults)
        assert motion_pb2.CAMERA_VIEW_UNSPECIFIED not in told.views
        assert all(fault.severity and fault.cue and fault.views for fault in told.fault_details)
