"""Real clips with marked faults: the repetitions that are flagged are the marked ones, the others stay clean.

Thresholds were set with these clips in view, so they show that nothing breaks, not how good it is on others.
"""

import pytest

from svc_motion.events import RepetitionCounted
from svc_motion.library import Library, load_library
from tests.svc_motion.keypoint_clips import observations, shared_folder
from tests.svc_motion.trial_keypoints import run

pytestmark = pytest.mark.skipif(
    not (shared_folder() / "keypoints").is_dir(), reason="the shared keypoints are not here (SPOTTER_SHARED)"
)
CLIP_START_S = 1000.0


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.mark.parametrize(
    ("clip", "faults", "marked_s"),
    [
        ("pushup_side_good_then_sag", {"hips_sagging", "worm_push_up"}, (29.0, 46.8)),
        ("bicep_curl_fault_then_good", {"elbows_drifting", "half_curl"}, (0.0, 5.9)),
        ("bicep_curl_partial_range_park", {"half_curl"}, (2.0, 10.8)),
        ("lateral_raise_back_fault_then_good", {"shrugging"}, (0.0, 6.5)),
        ("squat_front_fault_no_depth", {"shallow_squat"}, (0.0, 4.8)),
        ("squat_front_fault_bending_forward", {"leaning_forward"}, (0.0, 4.0)),
        ("deadlift_front_garage", set(), (0.0, 0.0)),
        ("squat_side_correct_navyaman", set(), (0.0, 0.0)),
    ],
)
def test_the_marked_repetitions_are_flagged_and_no_others(
    library: Library, clip: str, faults: set[str], marked_s: tuple[float, float]
) -> None:
    found = run(library, observations(clip))
    counted = [event for event in found.events if isinstance(event, RepetitionCounted)]
    assert counted
    for repetition in counted:
        names = {finding.name for finding in repetition.faults}
        middle_s = (repetition.start_ns + repetition.end_ns) / 2e9 - CLIP_START_S
        if faults and marked_s[0] <= middle_s <= marked_s[1]:
            assert names & faults, middle_s
            assert names <= faults, middle_s
        else:
            assert names == set(), middle_s
