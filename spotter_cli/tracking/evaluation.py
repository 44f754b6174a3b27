"""Runs films through the eye, and scores what three trackers make of what its finder found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from spotter_cli.scene import Sight
from spotter_cli.tracking.eye_run import Replay, Watched, watch
from spotter_cli.tracking.eyes import Eyes
from spotter_cli.tracking.films import Film
from spotter_cli.tracking.mistakes import Mistakes, find_mistakes
from spotter_cli.tracking.recall import load_people, save_people
from spotter_cli.tracking.reference import by_boxes_alone, by_trackers_bytetrack
from spotter_cli.tracking.scoring import Score, score
from spotter_cli.tracking.tracks import Tracks, ids_of
from svc_vision.finder import FinderMaker

SPOTTER, BOXES_ALONE, TRACKERS = "spotter", "spotter, boxes alone", "trackers' ByteTrack"
"""The service's tracker; our ByteTrack without appearance; that of the package `trackers`, as a reference."""


@dataclass(frozen=True, eq=False)
class Judged:
    """One tracker on one film."""

    tracks: Tracks
    score: Score
    mistakes: Mistakes
    ids: int
    """Ids that were given."""


@dataclass(frozen=True, eq=False)
class FilmResult:
    """All trackers on one film."""

    film: Film
    people: int
    sight: Sight
    judged: dict[str, Judged]


def evaluate_film(film: Film, eyes: Eyes, *, reuse: bool = False) -> FilmResult:
    """Watches a film and scores it. reuse: what the finder found last time is taken, where that is known."""
    found = film.folder / f"found_{eyes.finder}.npz"
    make_finder: FinderMaker = eyes.make_finder
    if reuse and found.is_file():
        people = load_people(found)
        make_finder = partial(Replay, people, eyes.make_finder().sure_score)
    watched = watch(film.video, make_finder, eyes.make_eye)
    save_people(watched.people, found)
    sight = film.sight()
    judged = {name: _judge(film, sight, tracks) for name, tracks in all_tracks(watched, film.fps).items()}
    return FilmResult(film, sight.boxes.shape[1], sight, judged)


def all_tracks(watched: Watched, fps: float) -> dict[str, Tracks]:
    """What each tracker says of the same detections."""
    return {
        SPOTTER: watched.tracks,
        BOXES_ALONE: by_boxes_alone(watched),
        TRACKERS: by_trackers_bytetrack(watched, fps),
    }


def _judge(film: Film, sight: Sight, tracks: Tracks) -> Judged:
    return Judged(tracks, score(film.truth, tracks), find_mistakes(sight, tracks), len(ids_of(tracks)))
