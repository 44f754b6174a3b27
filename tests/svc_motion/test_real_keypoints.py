"""The promises of the project, over keypoints of real videos; skipped where those are absent."""

import pytest

from svc_motion.library import load_library
from tests.svc_motion.keypoint_clips import Degraded, clips, observations, shared_folder
from tests.svc_motion.trial_keypoints import Totals, run, totals

pytestmark = pytest.mark.skipif(
    not (shared_folder() / "keypoints" / "mp").is_dir(),
    reason="no shared keypoints (set SPOTTER_SHARED to the folder that holds MANIFEST.json)",
)


def measured(degraded: Degraded) -> Totals:
    library = load_library()
    return totals([(clip, run(library, observations(clip.name, "mp", degraded))) for clip in clips()])


def test_told_nothing_it_names_and_counts_real_people() -> None:
    found = measured(Degraded())
    assert found.label_accuracy >= 0.75
    assert found.obo >= 0.80
    assert found.repetitions_without_exercise == 0


@pytest.mark.parametrize(
    "degraded",
    [Degraded(fps=10), Degraded(mirror=True), Degraded(noise=0.005)],
    ids=["10fps", "mirror", "noise"],
)
def test_it_stays_right_with_fewer_frames_a_mirror_or_noise(degraded: Degraded) -> None:
    found = measured(degraded)
    assert found.label_accuracy >= 0.70
    assert found.obo >= 0.75
    assert found.repetitions_without_exercise == 0


def test_a_frame_costs_little() -> None:
    frames = observations("jumping_jack_18_gym")
    assert run(load_library(), frames).ms_per_frame < 10
