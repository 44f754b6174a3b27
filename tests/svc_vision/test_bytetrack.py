"""Track ids: the same people keep them, as in the reference implementation."""

import json
from pathlib import Path

import numpy as np
import pytest

from svc_vision.tracking.bytetrack import ByteTrack, ByteTrackConfig

# Boxes, scores and ids of `trackers` 2.6.1 (ByteTrackTracker, 30 fps, confirmation after 2 frames).
GOLDEN: dict[str, list[list[list[float]]]] = json.loads(Path(__file__).with_name("bytetrack_golden.json").read_text())
FPS = 30.0


@pytest.mark.parametrize("name", GOLDEN)
def test_ids_split_the_boxes_as_the_reference_does(name: str) -> None:
    tracker = ByteTrack(ByteTrackConfig(confirm_hits=2))
    pairs = set()
    for index, frame in enumerate(GOLDEN[name]):
        rows = np.array(frame).reshape(-1, 6)
        ids = tracker.update(rows[:, :4], rows[:, 4], index / FPS)
        pairs |= {(int(a), int(b)) for a, b in zip(ids, rows[:, 5], strict=True)}
    ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    assert len(set(ours)) == len(ours) and len(set(theirs)) == len(theirs), sorted(pairs)


def test_a_person_has_an_id_in_the_first_frame() -> None:
    assert ByteTrack().update([[10, 10, 60, 200]], [0.9], 0.0).tolist() == [1]


@pytest.mark.parametrize(("gap_s", "kept"), [(0.3, True), (0.9, True), (1.5, False)])
def test_an_id_survives_a_gap_of_up_to_a_second(gap_s: float, kept: bool) -> None:
    tracker = ByteTrack()
    for frame in range(15):
        tracker.update([[100, 100, 200, 400]], [0.9], frame / 15)
    for frame in range(1, round(gap_s * 15)):
        tracker.update(np.zeros((0, 4)), [], (14 + frame) / 15)
    after = tracker.update([[104, 100, 204, 400]], [0.9], 14 / 15 + gap_s)
    assert (after.tolist() == [1]) is kept


def test_ids_follow_the_region_when_boxes_jump_between_frames() -> None:
    tracker = ByteTrack()
    tracker.update([[0, 0, 100, 300], [300, 0, 400, 300]], [0.9, 0.9], 0.0, [7, 8])
    moved = tracker.update([[300, 0, 400, 300], [110, 0, 210, 300]], [0.9, 0.9], 0.2, [8, 7])
    assert moved.tolist() == [2, 1]


def test_a_doubtful_box_continues_a_track_but_starts_none() -> None:
    tracker = ByteTrack()
    assert tracker.update([[0, 0, 50, 100]], [0.3], 0.0).tolist() == [-1]
    tracker.update([[0, 0, 50, 100]], [0.9], 0.1)
    assert tracker.update([[2, 0, 52, 100]], [0.3], 0.2).tolist() == [1]


def test_the_rate_of_frames_does_not_matter() -> None:
    for fps in (5.0, 15.0, 60.0):
        tracker = ByteTrack()
        seen = set()
        for index in range(int(2 * fps)):
            x = 100 + 150 * index / fps
            seen |= set(tracker.update([[x, 100, x + 100, 400]], [0.9], index / fps).tolist())
        assert seen == {1}, fps


def test_no_boxes_and_repeated_times_are_harmless() -> None:
    tracker = ByteTrack()
    assert tracker.update(np.zeros((0, 4)), [], 1.0).shape == (0,)
    tracker.update([[0, 0, 50, 100]], [0.9], 1.0)
    assert tracker.update([[0, 0, 50, 100]], [0.9], 1.0).tolist() == [1]
    assert tracker.update([[0, 0, 50, 100]], [0.9], 0.5).tolist() == [1]
