"""ByteTrack: gives boxes track ids over time.

Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022: sure boxes are matched
with the predicted tracks first, doubtful ones with the tracks that are left. Added here: real time between frames,
and a hint which boxes come from one followed image region.
"""

from dataclasses import dataclass, field

import lap
import numpy as np
from numpy.typing import ArrayLike, NDArray

from svc_vision.tracking.kalman import BoxFilter, Float64

NO_TRACK = -1


@dataclass(frozen=True, slots=True)
class ByteTrackConfig:
    """Parameters; what happens when each is raised."""

    high_score: float = 0.6
    """Boxes from here on are matched first. Raised: more boxes may only continue tracks that nobody else wants."""
    new_track_score: float = 0.6
    """Boxes from here on may start a track. Raised: fewer false tracks, later starts."""
    low_score: float = 0.1
    """Boxes below are ignored. Raised: hidden people lose their track sooner."""
    min_overlap: float = 0.1
    """Least IoU of box and prediction. Raised: fewer swaps, more broken tracks under fast movement."""
    confirm_hits: int = 1
    """Frames in a row before a track gets its id. Raised: flickering false people get none, everybody later."""
    lost_s: float = 1.0
    """For so long a track without box waits. Raised: longer gaps are bridged, and more wrongly."""
    region_bonus: float = 0.5
    """Added to the IoU when box and track come from one image region. Raised: regions outweigh overlap."""
    region_reach: float = 1.0
    """Farther than so many box heights away, the region is no hint any more."""


@dataclass(slots=True)
class _Track:
    filter: BoxFilter
    box: Float64
    """As last seen, later as predicted."""
    seen_s: float
    region: int
    hits: int = 1
    missed: bool = False
    number: int = NO_TRACK


@dataclass(slots=True)
class ByteTrack:
    """State of one camera. Ids count from 1 and are never used twice."""

    config: ByteTrackConfig = field(default_factory=ByteTrackConfig)
    _tracks: list[_Track] = field(default_factory=list)
    _time_s: float | None = None
    _numbers: int = 0

    def update(
        self, boxes: ArrayLike, scores: ArrayLike, time_s: float, regions: ArrayLike | None = None
    ) -> NDArray[np.int64]:
        """Track ids of the boxes of the next frame.

        Args:
            boxes: (N, 4) xyxy px.
            scores: (N,) 0..1.
            time_s: capture time; a time that does not advance counts as no movement.
            regions: (N,) number of the followed region each box comes from; None where there are none.

        Returns:
            (N,) ids, -1 for a box that belongs to no track (yet).
        """
        box = np.asarray(boxes, np.float64).reshape(-1, 4)
        score = np.asarray(scores, np.float64).reshape(-1)
        region = np.full(len(box), NO_TRACK) if regions is None else np.asarray(regions, np.int64)
        self._predict(time_s)
        owners: list[_Track | None] = [None] * len(box)
        high = np.flatnonzero(score >= self.config.high_score)
        low = np.flatnonzero((score < self.config.high_score) & (score >= self.config.low_score))
        free = list(self._tracks)
        for chosen in (high, low):
            pairs = self._match(free, box[chosen], region[chosen])
            for track, index in [(free[row], int(chosen[column])) for row, column in pairs]:
                self._hit(track, box[index], int(region[index]), time_s)
                owners[index] = track
            taken = {row for row, _ in pairs}
            free = [track for row, track in enumerate(free) if row not in taken]
        for index in high.tolist():
            if owners[index] is None and score[index] >= self.config.new_track_score:
                owners[index] = self._start(box[index], int(region[index]), time_s)
        self._forget(time_s)
        return np.array([NO_TRACK if owner is None else owner.number for owner in owners], np.int64)

    def _predict(self, time_s: float) -> None:
        gap_s = max(0.0, time_s - self._time_s) if self._time_s is not None else 0.0
        self._time_s = time_s
        self._forget(time_s)
        for track in self._tracks:
            track.filter.predict(gap_s, lost=track.missed)
            track.box = track.filter.box()
            if track.missed:
                track.hits = 0
            track.missed = True

    def _forget(self, time_s: float) -> None:
        """Drops tracks lost for too long, and those lost before they were confirmed."""
        self._tracks = [
            track
            for track in self._tracks
            if time_s - track.seen_s <= self.config.lost_s and (track.number != NO_TRACK or not track.missed)
        ]

    def _match(self, tracks: list[_Track], boxes: Float64, regions: NDArray[np.int64]) -> list[tuple[int, int]]:
        if not tracks or not len(boxes):
            return []
        predicted = np.stack([track.box for track in tracks])
        overlap = iou_matrix(predicted, boxes)
        same = np.array([track.region for track in tracks])[:, None] == regions[None, :]
        centres = (predicted[:, None, :2] + predicted[:, None, 2:] - boxes[None, :, :2] - boxes[None, :, 2:]) / 2
        heights = np.maximum(predicted[:, 3] - predicted[:, 1], 1.0)[:, None]
        near = np.linalg.norm(centres, axis=2) <= self.config.region_reach * heights
        similarity = overlap + self.config.region_bonus * (same & near & (regions != NO_TRACK))
        rows, columns = lap.lapjvx(-similarity, extend_cost=True, return_cost=False)
        return [
            (int(row), int(column))
            for row, column in zip(rows, columns, strict=True)
            if similarity[row, column] >= self.config.min_overlap
        ]

    def _hit(self, track: _Track, box: Float64, region: int, time_s: float) -> None:
        track.filter.correct(box)
        track.box, track.seen_s, track.region, track.missed = box, time_s, region, False
        track.hits += 1
        self._confirm(track)

    def _start(self, box: Float64, region: int, time_s: float) -> _Track:
        track = _Track(BoxFilter(box), box, time_s, region)
        self._confirm(track)
        self._tracks.append(track)
        return track

    def _confirm(self, track: _Track) -> None:
        if track.number == NO_TRACK and track.hits >= self.config.confirm_hits:
            self._numbers += 1
            track.number = self._numbers


def iou_matrix(a: Float64, b: Float64) -> Float64:
    """(N, M) intersection over union of (N, 4) and (M, 4) xyxy boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(axis=2)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)
    return np.asarray(inter / np.maximum(area_a[:, None] + area_b[None, :] - inter, 1e-9), np.float64)
