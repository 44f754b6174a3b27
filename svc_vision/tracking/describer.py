"""Decides whom to describe in which frame, so that descriptions cost little and come from good crops."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from svc_vision.appearance import describe
from svc_vision.crops import cut_out, sharpness
from svc_vision.embedding import PersonEmbedder
from svc_vision.people import People
from svc_vision.picture import Picture
from svc_vision.tracking.config import TrackerConfig
from svc_vision.tracking.gallery import Appearance
from svc_vision.tracking.lives import Life

WINDOW_S = 1.0
"""The best crop of so long is embedded, instead of the newest."""
KEPT_CROPS = 2
"""Pictures remembered of one track within the window; each keeps a decoded frame alive."""
_BETTER = 1.1
"""A crop must be worth so many times the worst one kept to take its place."""


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    picture: Picture
    box: NDArray[np.float32]
    quality: float


@dataclass(slots=True)
class _Window:
    start_s: float
    best: list[_Snapshot] = field(default_factory=list)

    def offer(self, snapshot: _Snapshot) -> None:
        """Keeps the snapshot if it is among the best."""
        if len(self.best) < KEPT_CROPS:
            self.best.append(snapshot)
            return
        worst = min(range(KEPT_CROPS), key=lambda index: self.best[index].quality)
        if snapshot.quality > _BETTER * self.best[worst].quality:
            self.best[worst] = snapshot


class Describer:
    """Colours and embeddings of one camera's people, within its budget."""

    def __init__(self, embedder: PersonEmbedder | None, config: TrackerConfig) -> None:
        """Without `embedder` there are colours only."""
        self._embedder = embedder
        self._config = config
        self._spent: deque[float] = deque()
        self._windows: dict[int, _Window] = {}

    def now(self, picture: Picture, people: People, rows: list[int], time_s: float) -> list[Appearance]:
        """What these rows look like in this picture; for decisions that can't wait."""
        if not rows:
            return []
        bgr = picture.bgr()
        colours = [describe(bgr, people.boxes[row], people.keypoints[row]) for row in rows]
        crops = [cut_out(bgr, people.boxes[row]) for row in rows]
        chosen = [index for index, crop in enumerate(crops) if crop is not None][: self._left(time_s)]
        embeddings = self._embed([crop for index in chosen if (crop := crops[index]) is not None], time_s)
        by_row = dict(zip(chosen, embeddings, strict=True)) if embeddings is not None else {}
        return [Appearance(colour, by_row.get(index)) for index, colour in enumerate(colours)]

    def refresh(
        self, picture: Picture, people: People, quality: NDArray[np.float64], lives: dict[int, Life], time_s: float
    ) -> None:
        """Adds to the galleries what is due.

        Args:
            picture: the frame.
            people: all people in it.
            quality: (N,) worth of their crops.
            lives: whom a row shows, for rows with an id.
            time_s: now.
        """
        good = {row: life for row, life in lives.items() if life.free and quality[row] >= self._config.describe_quality}
        self._refresh_colours(picture, people, good, time_s)
        if self._embedder is not None:
            self._offer(picture, people, quality, good, time_s)
            self._close_windows({life.number: life for life in lives.values()}, time_s)

    def forget(self, number: int) -> None:
        """This id's crops are of no use any more."""
        self._windows.pop(number, None)

    def _refresh_colours(self, picture: Picture, people: People, good: dict[int, Life], time_s: float) -> None:
        interval_s = self._config.colours_interval_s
        if not any(time_s - life.colours_s >= interval_s for life in good.values()):
            return
        # The picture is converted for one of them anyway: the others join in rather than ask for another soon.
        for row, life in good.items():
            if time_s - life.colours_s >= interval_s / 2:
                life.colours_s = time_s
                life.gallery.add(Appearance(describe(picture.bgr(), people.boxes[row], people.keypoints[row])))

    def _offer(
        self, picture: Picture, people: People, quality: NDArray[np.float64], good: dict[int, Life], time_s: float
    ) -> None:
        for row, life in good.items():
            if time_s - life.embedding_s < self._config.embedding_interval_s - WINDOW_S:
                continue
            window = self._windows.setdefault(life.number, _Window(time_s))
            window.offer(_Snapshot(picture, people.boxes[row].copy(), float(quality[row])))

    def _close_windows(self, lives: dict[int, Life], time_s: float) -> None:
        """Embeds the best crops of the tracks whose time has come, all in one call."""
        due = [
            number
            for number, window in self._windows.items()
            if number in lives and window.best and self._is_due(lives[number], window, time_s)
        ][: self._left(time_s)]
        if not due:
            return
        sharpest = [(lives[number], _sharpest(self._windows.pop(number).best)) for number in due]
        chosen = [(life, crop) for life, crop in sharpest if crop is not None]
        embeddings = self._embed([crop for _, crop in chosen], time_s)
        if embeddings is None:
            return
        for (life, _), embedding in zip(chosen, embeddings, strict=True):
            life.embedding_s = time_s
            life.gallery.add(Appearance(embedding=embedding))

    def _is_due(self, life: Life, window: _Window, time_s: float) -> bool:
        if not life.gallery.embeddings:
            return True
        return time_s - life.embedding_s >= self._config.embedding_interval_s and time_s - window.start_s >= WINDOW_S

    def _left(self, time_s: float) -> int:
        """How many embeddings the budget of the last second leaves."""
        while self._spent and not 0 <= time_s - self._spent[0] < 1.0:
            self._spent.popleft()
        return max(0, int(self._config.embeddings_per_s) - len(self._spent)) if self._embedder else 0

    def _embed(self, crops: list[NDArray[np.uint8]], time_s: float) -> NDArray[np.float32] | None:
        if self._embedder is None or not crops:
            return None
        self._spent.extend([time_s] * len(crops))
        return self._embedder.describe(crops)


def _sharpest(snapshots: list[_Snapshot]) -> NDArray[np.uint8] | None:
    best, best_worth = None, -1.0
    for snapshot in snapshots:
        crop = cut_out(snapshot.picture.bgr(), snapshot.box)
        if crop is not None and (worth := snapshot.quality * (0.3 + sharpness(crop))) > best_worth:
            best, best_worth = crop, worth
    return best
