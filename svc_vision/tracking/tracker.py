"""Ids of one camera's people: ByteTrack, and appearance where boxes alone can't tell.

An id survives being hidden and being out of the picture, as long as appearance says who came back; tracks that took
each other's person in a crossing are put right. As in DeepSORT (Wojke et al., ICIP 2017) each id keeps a gallery of
looks, but looks are compared only at these two occasions, so that most frames cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import lap
import numpy as np
from numpy.typing import NDArray

from mesh.ids import CameraId
from svc_vision.crops import cut_off, quality
from svc_vision.people import People
from svc_vision.picture import Picture
from svc_vision.tracking.bytetrack import NO_TRACK, ByteTrack, ByteTrackConfig
from svc_vision.tracking.config import TrackerConfig
from svc_vision.tracking.crossings import Crossings, tie
from svc_vision.tracking.describer import Describer
from svc_vision.tracking.gallery import Appearance
from svc_vision.tracking.lives import Life, nearness, return_score
from svc_vision.tracking.mirrors import Mirrors


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """Ids of the people of one frame."""

    numbers: NDArray[np.int64]
    """(N,) id of each row, from 1; -1 for a row without one (yet)."""
    reflections: NDArray[np.bool_]
    """(N,) True for a person's image in a mirror."""
    appearances: Mapping[int, Appearance]
    """What the ids of this frame looked like when they were last described."""
    uncertain: frozenset[int] = frozenset()
    """Ids of this frame that may show somebody else, until they have been compared."""


TrackerMaker = Callable[[CameraId, float], "PersonTracker"]
"""Makes the tracker of one more camera, for a finder with this `sure_score`."""


class PersonTracker:
    """State of one camera. Ids are never used twice for two people, as far as it can tell."""

    def __init__(
        self, describer: Describer, config: TrackerConfig | None = None, mirrors: Mirrors | None = None
    ) -> None:
        """Without `mirrors` nobody is a reflection."""
        self._config = config or TrackerConfig()
        self._describer = describer
        self._mirrors = mirrors
        self._boxes = ByteTrack(self._config.motion)
        self._crossings = Crossings(self._config)
        self._lives: dict[int, Life] = {}
        self._id_of: dict[int, int] = {}
        """Id by number of ByteTrack's track."""
        self._waiting: dict[int, float] = {}
        """Since when tracks of ByteTrack wait for their id."""
        self._numbers = 0
        self._looked_s = float("-inf")
        """Time of the look before; an idle camera is looked at twice a second, and nobody was away for that."""

    def update(self, picture: Picture, people: People, time_s: float) -> Tracked:
        """Ids of the people of the next frame, seen at capture time `time_s`."""
        tracks = self._boxes.update(people.boxes, people.scores, time_s, people.regions)
        if not self._config.appearance:
            return Tracked(tracks, self._reflections(picture, people, tracks, time_s), {})
        rows = self._known(people, tracks, cut_off(people.boxes, picture.width, picture.height), time_s)
        worth = quality(people, picture.width, picture.height)
        self._settle(picture, people, tracks, rows, worth, time_s)
        self._untangle(picture, people, tracks, rows, worth, time_s)
        self._describer.refresh(picture, people, worth, rows, time_s)
        self._forget(time_s)
        self._looked_s = time_s
        numbers = np.full(len(people), NO_TRACK, np.int64)
        for row, life in rows.items():
            numbers[row] = life.number
        return Tracked(
            numbers,
            self._reflections(picture, people, numbers, time_s),
            {life.number: life.gallery.newest() for life in rows.values()},
            frozenset(life.number for life in rows.values() if not life.free),
        )

    def _reflections(
        self, picture: Picture, people: People, numbers: NDArray[np.int64], time_s: float
    ) -> NDArray[np.bool_]:
        rows = np.flatnonzero(numbers != NO_TRACK)
        if self._mirrors is None or not len(rows):
            return np.zeros(len(people), np.bool_)
        found = self._mirrors.update(
            numbers[rows].tolist(),
            people.boxes[rows],
            people.keypoints[rows],
            (picture.width, picture.height),
            time_s,
            self._likeness,
        )
        return np.isin(numbers, list(found))

    def _likeness(self, first: int, second: int) -> float | None:
        if first not in self._lives or second not in self._lives:
            return None
        return self._lives[first].gallery.likeness(self._lives[second].gallery.newest())

    def _known(
        self, people: People, tracks: NDArray[np.int64], at_edge: NDArray[np.bool_], time_s: float
    ) -> dict[int, Life]:
        """Who has an id already, by row. Whoever was away or at the edge may be somebody who was lost."""
        rows: dict[int, Life] = {}
        doubtful = []
        for row, track in enumerate(tracks.tolist()):
            number = self._id_of.get(track)
            if number is None or number not in self._lives:
                continue
            rows[row] = life = self._lives[number]
            away = life.seen_s < self._looked_s and time_s - life.seen_s > self._config.doubt_s
            if away or at_edge[row]:
                doubtful.append(life)
            life.box, life.seen_s = people.boxes[row].astype(np.float64), time_s
        for life in doubtful:
            for other in self._lives.values():
                if other.seen_s < time_s:
                    tie(life, other)
        return rows

    def _settle(
        self,
        picture: Picture,
        people: People,
        tracks: NDArray[np.int64],
        rows: dict[int, Life],
        worth: NDArray[np.float64],
        time_s: float,
    ) -> None:
        """Gives ids to tracks without one: that of somebody who was lost, or a new one."""
        new = [row for row, track in enumerate(tracks.tolist()) if track != NO_TRACK and row not in rows]
        seen_now = {life.number for life in rows.values()}
        lost = [life for number, life in self._lives.items() if number not in seen_now]
        if new and lost:
            clear = [row for row in new if worth[row] >= self._config.describe_quality]
            looks = self._describer.now(picture, people, clear, time_s)
            for row, life in self._returned(people, dict(zip(clear, looks, strict=True)), lost, time_s):
                self._unbind([life])
                self._bind(row, int(tracks[row]), life, people, rows, time_s)
        for row in new:
            if row in rows:
                continue
            since_s = self._waiting.setdefault(int(tracks[row]), time_s)
            if not lost or time_s - since_s >= self._config.settle_s:
                self._numbers += 1
                life = self._lives[self._numbers] = Life(self._numbers, people.boxes[row].astype(np.float64), time_s)
                self._bind(row, int(tracks[row]), life, people, rows, time_s)
                for other in lost:
                    if nearness(other, life.box, time_s, self._config) > 0:
                        tie(life, other)

    def _returned(
        self, people: People, looks: dict[int, Appearance], lost: list[Life], time_s: float
    ) -> list[tuple[int, Life]]:
        """Which rows are who was lost: the best one-to-one pairing."""
        described = [row for row, look in looks.items() if look]
        if not described:
            return []
        scores = np.zeros((len(described), len(lost)))
        for index, row in enumerate(described):
            box = people.boxes[row].astype(np.float64)
            for column, life in enumerate(lost):
                others = [other for other in self._lives.values() if other is not life]
                scores[index, column] = return_score(life, others, box, looks[row], time_s, self._config)
        chosen, columns = lap.lapjvx(-scores, extend_cost=True, return_cost=False)
        return [
            (described[int(index)], lost[int(column)])
            for index, column in zip(chosen, columns, strict=True)
            if scores[index, column] > 0
        ]

    def _unbind(self, lives: Iterable[Life]) -> None:
        """Whatever tracks carried these ids do so no longer."""
        numbers = {life.number for life in lives}
        self._id_of = {track: number for track, number in self._id_of.items() if number not in numbers}

    def _bind(self, row: int, track: int, life: Life, people: People, rows: dict[int, Life], time_s: float) -> None:
        self._id_of[track] = life.number
        self._waiting.pop(track, None)
        life.box, life.seen_s = people.boxes[row].astype(np.float64), time_s
        rows[row] = life

    def _untangle(
        self,
        picture: Picture,
        people: People,
        tracks: NDArray[np.int64],
        rows: dict[int, Life],
        worth: NDArray[np.float64],
        time_s: float,
    ) -> None:
        """Puts tracks right that took another's person while people were over each other."""
        shares = shared(people.boxes.astype(np.float64))
        lost = [life for life in self._lives.values() if life.seen_s < time_s]
        self._crossings.tangle(rows, shares, lost, time_s)
        due = self._crossings.due(rows, tracks, shares, worth, time_s)
        for row, look in zip(due, self._describer.now(picture, people, due, time_s), strict=True):
            self._crossings.note(int(tracks[row]), look)
        settled = self._crossings.settle(self._lives, rows, tracks)
        moved = {row: life for row, life in settled.items() if rows[row] is not life}
        if not moved:
            return
        given_up = [rows[row] for row in moved if rows[row] not in moved.values()]
        robbed = [row for row, life in rows.items() if row not in moved and life in moved.values()]
        self._unbind(moved.values())
        for row in robbed:
            del rows[row]
        moved |= dict(zip(robbed, given_up, strict=False))
        for row, life in moved.items():
            self._bind(row, int(tracks[row]), life, people, rows, time_s)

    def _forget(self, time_s: float) -> None:
        gone = [n for n, life in self._lives.items() if time_s - life.seen_s > self._config.remember_s]
        for number in gone:
            del self._lives[number]
            self._describer.forget(number)
        self._crossings.forget(self._id_of)
        if gone:
            for life in self._lives.values():
                life.tangled.difference_update(gone)
            self._id_of = {track: number for track, number in self._id_of.items() if number in self._lives}
        self._waiting = {t: since_s for t, since_s in self._waiting.items() if time_s - since_s <= 2.0}


def shared(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, N) share of the smaller box of two, xyxy, that the other one covers; 0 on the diagonal."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(axis=2)
    area = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-6)
    share = inter / np.minimum(area[:, None], area[None, :])
    np.fill_diagonal(share, 0.0)
    return np.asarray(share, np.float64)


def motion_config(sure_score: float) -> ByteTrackConfig:
    """ByteTrack for a finder whose people are sure from this score on."""
    return ByteTrackConfig(high_score=sure_score, new_track_score=sure_score)


def colours_only(sure_score: float) -> PersonTracker:
    """A tracker that needs no model and finds no reflections."""
    config = TrackerConfig(motion=motion_config(sure_score))
    return PersonTracker(Describer(None, config), config)
