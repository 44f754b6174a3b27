"""A film goes through the service's own eye, frame by frame."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from spotter_cli.scene import SceneSpec, Sight
from spotter_cli.tracking.evaluation import BOXES_ALONE, SPOTTER, TRACKERS, FilmResult, Judged, all_tracks
from spotter_cli.tracking.eye_run import Replay, watch
from spotter_cli.tracking.films import Film, prepare_film
from spotter_cli.tracking.mistakes import find_mistakes
from spotter_cli.tracking.pictures import save_film, save_wrong_frames
from spotter_cli.tracking.recall import load_people, save_people
from spotter_cli.tracking.scoring import score
from spotter_cli.tracking.tracks import TrackedFrame, Tracks
from svc_vision.eye import CameraEye
from svc_vision.people import People

pytest.importorskip("trackers", reason="the evaluator is part of spotter[dev]")


@pytest.fixture
def people(perfect: Tracks, sight: Sight) -> list[People]:
    """What a finder without a mistake would find."""
    frames = []
    for index, frame in enumerate(perfect):
        n = len(frame.ids)
        keypoints = np.zeros((n, 33, 3), np.float32)
        keypoints[:, :17, :2] = sight.keypoints[index, frame.ids - 1]
        frames.append(
            People(
                frame.boxes.astype(np.float32),
                np.full(n, 0.95, np.float32),
                keypoints,
                np.zeros((n, 33, 3), np.float32),
                np.full(n, -1, np.int64),
            )
        )
    return frames


def test_every_frame_of_a_film_is_looked_at(film: Film, people: list[People], sight: Sight) -> None:
    watched = watch(film.video, partial(Replay, people, 0.6), CameraEye)
    assert len(watched.people) == len(watched.tracks) == len(sight)
    assert np.diff(watched.times_s) == pytest.approx(1 / 15, abs=1e-6)


def test_with_perfect_boxes_every_tracker_is_near_perfect(film: Film, people: list[People]) -> None:
    watched = watch(film.video, partial(Replay, people, 0.6), CameraEye)
    tracks = all_tracks(watched, film.fps)
    assert set(tracks) == {SPOTTER, BOXES_ALONE, TRACKERS}
    for name in (SPOTTER, BOXES_ALONE):
        found = score(film.truth, tracks[name])
        assert (found.hota, found.mota) == pytest.approx((1, 1), abs=0.1), name
        assert found.switches == 0
    late = score(film.truth, tracks[TRACKERS])  # it gives an id with the second frame
    assert late.det_a > 0.8


def test_what_was_found_survives_its_file(people: list[People], tmp_path: Path) -> None:
    people[3] = People.empty()
    save_people(people, tmp_path / "found.npz")
    again = load_people(tmp_path / "found.npz")
    assert [len(frame) for frame in again] == [len(frame) for frame in people]
    assert all(np.array_equal(a.keypoints, b.keypoints) for a, b in zip(again, people, strict=True))
    assert [frame.schema for frame in again] == [frame.schema for frame in people]


def test_pictures_show_the_frames_of_a_switch(film: Film, sight: Sight, perfect: Tracks, tmp_path: Path) -> None:
    switched = [
        frame if index < 10 else TrackedFrame(frame.ids + 1, frame.boxes) for index, frame in enumerate(perfect)
    ]
    judged = Judged(switched, score(film.truth, switched), find_mistakes(sight, switched), 3)
    result = FilmResult(film, 2, sight, {SPOTTER: judged})
    assert save_wrong_frames(result, judged, tmp_path) == len(list(tmp_path.glob("*.png"))) > 0
    save_film(result, judged, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert len(list(container.decode(video=0))) == len(sight)


def test_a_film_is_kept_until_the_scene_changes(crossing: SceneSpec, film: Film) -> None:
    cache = film.folder.parent
    before = film.video.stat().st_mtime_ns
    assert prepare_film("crossing", crossing, cache, workers=0).video.stat().st_mtime_ns == before
    other = prepare_film("crossing", replace(crossing, duration_s=0.2), cache, workers=0)
    assert other.folder != film.folder
    assert len(other.sight()) == 3
    assert not list(cache.glob(".drawing_*"))
