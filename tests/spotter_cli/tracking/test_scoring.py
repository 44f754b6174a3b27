"""The public evaluator and the list of mistakes agree with what was planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spotter_cli.scene import Sight
from spotter_cli.tracking.films import Film
from spotter_cli.tracking.mistakes import Switch, find_mistakes
from spotter_cli.tracking.scoring import score
from spotter_cli.tracking.tracks import TrackedFrame, Tracks, ids_of

pytest.importorskip("trackers", reason="the evaluator is part of spotter[dev]")


def from_frame(tracks: Tracks, first: int, ids: dict[int, int]) -> Tracks:
    """The same with other ids from a frame on."""
    return [
        frame if index < first else replace(frame, ids=np.array([ids.get(int(n), int(n)) for n in frame.ids], np.int64))
        for index, frame in enumerate(tracks)
    ]


def test_the_truth_is_perfect(film: Film, sight: Sight, perfect: Tracks) -> None:
    found = score(film.truth, perfect)
    assert (found.hota, found.det_a, found.ass_a) == pytest.approx((1, 1, 1), abs=0.01)
    assert (found.idf1, found.mota) == pytest.approx((1, 1))
    assert (found.switches, found.missed, found.false) == (0, 0, 0)
    mistakes = find_mistakes(sight, perfect)
    assert not mistakes.switches
    assert mistakes.ids_of_person == {0: {1}, 1: {2}}


def test_a_planted_switch_is_found(film: Film, sight: Sight, perfect: Tracks) -> None:
    frame = next(index for index in range(12, 21) if len(perfect[index].ids) == 2)
    switched = from_frame(perfect, frame, {1: 2, 2: 1})
    found = score(film.truth, switched)
    assert found.switches == 2
    assert found.idf1 < 0.9
    assert found.det_a == pytest.approx(1, abs=0.01)
    assert find_mistakes(sight, switched).switches == [Switch(frame, 0, 1, 2), Switch(frame, 1, 2, 1)]


def test_a_new_id_for_one_person_is_one_switch(film: Film, sight: Sight, perfect: Tracks) -> None:
    renamed = from_frame(perfect, 6, {1: 7})
    assert score(film.truth, renamed).switches == 1
    assert find_mistakes(sight, renamed).ids_of_person[0] == {1, 7}
    assert len(ids_of(renamed)) == 3


def test_nobody_tracked_is_nobody_found(film: Film, perfect: Tracks) -> None:
    found = score(film.truth, [TrackedFrame.of([], np.zeros((0, 4))) for _ in perfect])
    assert found.hota == 0
    assert found.missed == sum(len(frame.ids) for frame in perfect)


def test_a_tracked_reflection_costs_no_score_but_is_reported(film: Film, sight: Sight, perfect: Tracks) -> None:
    tracks = []
    for index, frame in enumerate(perfect):
        mirrored = sight.reflections[index, 0]
        seen = np.isfinite(mirrored).all()
        ids, boxes = ([*frame.ids, 9], [*frame.boxes, mirrored]) if seen else (frame.ids, frame.boxes)
        tracks.append(TrackedFrame(np.array(ids), np.array(boxes)))
    assert score(film.truth, tracks) == score(film.truth, perfect)
    mistakes = find_mistakes(sight, tracks)
    assert mistakes.reflected_ids == {9}
    assert mistakes.reflected_boxes > 10


def test_a_box_where_nobody_is_is_false(film: Film, perfect: Tracks) -> None:
    ghost = [
        TrackedFrame(np.array([*frame.ids, 5]), np.array([*frame.boxes, [250.0, 5.0, 270.0, 45.0]]))
        for frame in perfect
    ]
    assert score(film.truth, ghost).false == len(perfect)
