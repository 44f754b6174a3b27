"""What counts as told, as late, as too many and as seen, on made-up numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mesh.times import NS_PER_S
from spotter_cli.fall_evaluation.evaluation import Evaluation, QuietResult, fall_result, mean, training_result
from spotter_cli.fall_evaluation.falls import FallKind, fall_films
from spotter_cli.fall_evaluation.gathering import Source, gather
from spotter_cli.fall_evaluation.judging import Alert, judge
from spotter_cli.fall_evaluation.report import as_json, as_markdown
from spotter_cli.fall_evaluation.scoring import Sighting, iou, score_fall, sighting
from spotter_cli.fall_evaluation.seeing import Kept, Seen, key_of
from spotter_cli.fall_evaluation.training import training_films
from tests.svc_motion.safety.acting import View, film
from tests.svc_motion.safety.falls import FALL_S, KINDS, LENGTH_S


def alert(decided_s: float, kind: str = "fall") -> Alert:
    return Alert(kind, 1, decided_s - 1.0, decided_s)


def seen_lying(looks: int = 30) -> Seen:
    """A person who lies in the lower half of the picture, exactly where the truth has it."""
    box = np.array([100.0, 200.0, 300.0, 260.0], np.float32)
    joints = np.linspace(box[:2], box[2:], 17).astype(np.float32)
    keypoints = np.concatenate([joints, np.full((17, 1), 0.9, np.float32)], axis=1)
    return Seen(
        np.arange(looks) / 15,
        np.arange(looks),
        np.ones(looks, np.int64),
        np.tile(box, (looks, 1)),
        np.tile(keypoints, (looks, 1, 1)),
        np.array([640, 360]),
        np.tile(box, (looks, 1)),
        np.tile(joints, (looks, 1, 1)),
        np.full(looks, np.nan),
    )


@pytest.mark.parametrize(
    ("alerts", "latency_s", "in_time", "too_many"),
    [
        ([], None, False, 0),
        ([alert(5.0)], 1.0, True, 0),
        ([alert(6.5)], 2.5, False, 0),
        ([alert(1.0), alert(5.0)], 1.0, True, 1),
        ([alert(5.0), alert(7.0)], 1.0, True, 1),
        ([alert(5.0), alert(8.0, "pinned")], 1.0, True, 0),
        ([alert(2.0, "pinned")], None, False, 1),
        ([alert(8.0, "pinned")], None, False, 0),
    ],
)
def test_the_first_alert_after_a_fall_tells_it_and_others_are_too_many(
    alerts: list[Alert], latency_s: float | None, in_time: bool, too_many: int
) -> None:
    score = score_fall(alerts, start_s=3.0, end_s=4.0)
    assert score.latency_s == (None if latency_s is None else pytest.approx(latency_s))
    assert (score.in_time, len(score.too_many)) == (in_time, too_many)


def test_who_is_seen_where_the_truth_is_is_found_and_who_is_elsewhere_is_not() -> None:
    seen = seen_lying()
    assert sighting(seen) == Sighting(30, 1.0, 1.0)
    seen.boxes[:15] += 400
    seen.keypoints[15:20, :, :2] += 60
    found = sighting(seen)
    assert found.found == pytest.approx(0.5)
    assert found.posed == pytest.approx(10 / 30)
    assert sighting(seen, 1.0).looks == 15


def test_boxes_overlap_by_what_they_share() -> None:
    one = np.array([0.0, 0.0, 2.0, 2.0])
    assert iou(one, one) == pytest.approx(1.0)
    assert iou(one, one + 1) == pytest.approx(1 / 7)
    assert iou(one, one + 5) == 0.0


def test_sightings_are_joined_by_their_looks() -> None:
    joined = mean([Sighting(10, 1.0, 0.5), Sighting(30, 0.5, 0.5), Sighting(0, float("nan"), float("nan"))])
    assert joined.looks == 40
    assert (joined.found, joined.posed) == pytest.approx((0.625, 0.5))


def test_nothing_is_told_of_somebody_who_only_lies() -> None:
    assert judge(seen_lying(90)) == []


def seen_falling(cut_s: float) -> Seen:
    """Somebody who falls to the left four seconds after the beginning; the picture is cut at a time, NaN for never."""
    acted = film(KINDS["left"], LENGTH_S, View())
    times_s = np.array([(one.capture_time_ns - acted[0].capture_time_ns) / NS_PER_S for one in acted])
    looks = len(acted)
    return Seen(
        times_s,
        np.arange(looks),
        np.ones(looks, np.int64),
        np.tile(np.array([100.0, 200.0, 300.0, 260.0], np.float32), (looks, 1)),
        np.array([one.keypoints for one in acted], np.float32),
        np.array([acted[0].frame_width_px, acted[0].frame_height_px]),
        np.full((looks, 4), np.nan, np.float32),
        np.full((looks, 17, 2), np.nan, np.float32),
        np.where(times_s >= cut_s, cut_s, np.nan),
    )


@pytest.mark.parametrize(("cut_s", "told"), [(float("nan"), 1), (FALL_S, 1), (FALL_S + 1.1, 0), (FALL_S + 1.5, 1)])
def test_only_who_comes_down_across_a_cut_itself_has_not_fallen(cut_s: float, told: int) -> None:
    assert [one.is_fall for one in judge(seen_falling(cut_s))] == [True] * told


def test_the_report_counts_what_was_told_missed_and_false() -> None:
    fall, other = fall_films()[:2]
    seen = seen_lying(150)
    told = fall_result(fall, seen, [alert(fall.end_s + 1.0)])
    missed = fall_result(other, seen, [])
    quiet = training_result(training_films()[0], seen, [alert(4.0)])
    clip = QuietResult("clip", 20.0, ())
    whole = Evaluation("blazepose", [told, missed], [quiet], [clip], ["other.gif: no decoder"])
    assert whole.recall() == (1, 2)
    assert whole.recall(FallKind.FORWARD) == (1, 1)
    numbers = as_json(whole)
    assert (numbers["told_in_time"], numbers["falls"], numbers["false_alarms_in_training"]) == (1, 2, 1)
    assert numbers["false_alarms_in_clips"] == 0
    text = as_markdown(whole)
    for part in ("| all | 2 | 1 | 0 | 1.00 |", "Missed: backward_1.", "training_push_ups fall 4.0 s", "other.gif"):
        assert part in text


def test_what_was_seen_is_kept_until_the_film_changes(tmp_path: Path) -> None:
    seen = seen_lying()
    kept = Kept(tmp_path)
    kept.save("film", key_of("first"), seen)
    again = kept.load("film", key_of("first"))
    assert again is not None
    assert np.array_equal(again.keypoints, seen.keypoints)
    assert kept.load("film", key_of("second")) is None
    assert Kept(tmp_path, reuse=True).load("film", key_of("second")) is not None
    (tmp_path / "film.npz").write_bytes(b"broken off")
    assert kept.load("film", key_of("first")) is None


def test_films_that_were_watched_before_are_not_watched_again(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"never opened")
    source, kept = Source("clip", path=clip), Kept(tmp_path / "kept")
    kept.save("clip", source.key("blazepose"), seen_lying())
    seen, failed = gather([source], "blazepose", kept, 1, lambda name, ready, whole: None)
    assert (len(seen["clip"].times_s), failed) == (30, {})
    clip.write_bytes(b"another film of the same name")
    assert kept.load("clip", source.key("blazepose")) is None
