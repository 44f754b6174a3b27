"""The people of one camera: which track is whom, who is lost, who has left. Capture time is its only clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mesh.ids import PersonId
from svc_identity.matching import Candidate, MatchConfig, match
from svc_identity.sightings import Appearance, Box, Embedding, Face, Sighting, SightingBatch

NS_PER_S = 1_000_000_000
CERTAIN = 1.0


class TrackKey(NamedTuple):
    """A track of a camera; the id alone says nothing once the epoch changes."""

    epoch: str
    track_id: int


@dataclass(frozen=True, slots=True)
class RosterConfig:
    """Parameters; what happens when each is raised."""

    lost_s: float = 10.0
    """A person who is unseen for longer has left. Raised: longer losses are bridged, and more wrongly."""
    stale_track_s: float = 3.0
    """A track unseen for longer counts as ended though nobody said so. Raised: later take-overs."""
    defer_s: float = 1.5
    """For so long a new track on top of a person whose own track may just have broken waits for the answer."""
    defer_overlap: float = 0.3
    """Overlap (IoU) from which it is on top."""
    clock_jump_s: float = 2.0
    """Capture time that runs back by more belongs to another recording: the people of the old one have left."""
    matching: MatchConfig = field(default_factory=MatchConfig)


@dataclass(slots=True)
class Presence:
    """A person on this camera."""

    person_id: PersonId
    last_seen_ns: int
    box: Box
    appearance: Appearance | None = None
    embedding: Embedding | None = None
    face: Face | None = None
    """The newest, for this visit only; never stored."""


@dataclass(slots=True)
class Track:
    """Whom a track shows."""

    person_id: PersonId
    last_seen_ns: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a batch comes to."""

    assigned: dict[int, tuple[PersonId, float]]
    """Person and confidence (0..1) by track id."""
    newcomers: tuple[Sighting, ...]
    """Nobody known: each is to be admitted as a new person once that person is stored."""
    bound: tuple[tuple[TrackKey, PersonId], ...]
    """Tracks that took over a lost person, to be stored."""


class Roster:
    """State of one camera."""

    def __init__(self, config: RosterConfig | None = None) -> None:
        self._config = config or RosterConfig()
        self.people: dict[PersonId, Presence] = {}
        self.tracks: dict[TrackKey, Track] = {}
        self._deferred: dict[TrackKey, int] = {}
        self._latest_ns: int | None = None
        self._abandoned: set[PersonId] = set()

    def restore(self, presence: Presence, tracks: Iterable[TrackKey]) -> None:
        """Puts back a person of before a restart, with the tracks that showed them."""
        self.people[presence.person_id] = presence
        for key in tracks:
            self.tracks[key] = Track(presence.person_id, presence.last_seen_ns)
        self._latest_ns = max(self._latest_ns or presence.last_seen_ns, presence.last_seen_ns)

    def resolve(self, batch: SightingBatch) -> Resolution:
        """Says who the tracks of a batch are. Known tracks first, then lost people, the rest is new."""
        self._begin(batch)
        assigned: dict[int, tuple[PersonId, float]] = {}
        unknown: list[Sighting] = []
        for sighting in batch.sightings:
            track = self._own_track(TrackKey(batch.epoch, sighting.track_id), assigned, batch.capture_time_ns)
            if track is None:
                unknown.append(sighting)
                continue
            track.last_seen_ns, track.ended = batch.capture_time_ns, False
            self._see(track.person_id, sighting, batch.capture_time_ns)
            assigned[sighting.track_id] = (track.person_id, CERTAIN)
        lost = self._lost(batch.capture_time_ns)
        candidates = [
            Candidate(p.box, p.appearance, _elapsed_s(p.last_seen_ns, batch.capture_time_ns), p.embedding) for p in lost
        ]
        matches = match(unknown, candidates, self._config.matching)
        bound = []
        for found in matches:
            sighting, person = unknown[found.sighting], lost[found.candidate]
            self._bind(batch, sighting, person.person_id)
            assigned[sighting.track_id] = (person.person_id, min(found.score, CERTAIN))
            bound.append((TrackKey(batch.epoch, sighting.track_id), person.person_id))
        taken = {found.sighting for found in matches}
        left = [sighting for index, sighting in enumerate(unknown) if index not in taken]
        newcomers = tuple(sighting for sighting in left if not self._defer(batch, sighting))
        return Resolution(assigned, newcomers, tuple(bound))

    def admit(self, batch: SightingBatch, sighting: Sighting, person_id: PersonId) -> None:
        """A newcomer has been stored under this id."""
        self.people[person_id] = presence_of(person_id, batch.capture_time_ns, sighting)
        self._bind(batch, sighting, person_id)

    def reassign(
        self, batch: SightingBatch, sighting: Sighting, person_id: PersonId
    ) -> list[tuple[TrackKey, PersonId]]:
        """A track certainly shows this person, whoever it was taken for; they may be new to this camera.

        Where the person was on another track of the batch, the two tracks have taken each other's person and change
        places. Returns the tracks whose person is another one now, to be stored.
        """
        key = TrackKey(batch.epoch, sighting.track_id)
        before = self.tracks.get(key)
        in_view = {seen.track_id: seen for seen in batch.sightings}
        other = next(
            (
                seen
                for other_key, track in self.tracks.items()
                if track.person_id == person_id
                and other_key != key
                and not track.ended
                and (seen := in_view.get(other_key.track_id)) is not None
            ),
            None,
        )
        if person_id not in self.people:
            self.people[person_id] = presence_of(person_id, batch.capture_time_ns, sighting)
        self._bind(batch, sighting, person_id)
        moved = [(key, person_id)]
        if other is not None and before is not None and before.person_id in self.people:
            self._bind(batch, other, before.person_id)
            moved.append((TrackKey(batch.epoch, other.track_id), before.person_id))
        return moved

    def end(self, capture_time_ns: int) -> None:
        """The camera's stream ended: its tracks are over, its people lost."""
        for track in self.tracks.values():
            track.ended = True
        self._latest_ns = max(self._latest_ns or capture_time_ns, capture_time_ns)

    def departed(self) -> list[Presence]:
        """Who has been unseen for longer than `lost_s` by the newest capture time."""
        if self._latest_ns is None:
            return []
        return [
            person
            for person in self.people.values()
            if person.person_id in self._abandoned
            or _elapsed_s(person.last_seen_ns, self._latest_ns) > self._config.lost_s
        ]

    def forget(self, person_ids: Iterable[PersonId]) -> None:
        """These have left, and it is stored."""
        gone = set(person_ids)
        self._abandoned -= gone
        for person_id in gone:
            self.people.pop(person_id, None)
        self.tracks = {key: track for key, track in self.tracks.items() if track.person_id not in gone}

    def _begin(self, batch: SightingBatch) -> None:
        now_ns = batch.capture_time_ns
        if self._latest_ns is not None and now_ns < self._latest_ns - self._config.clock_jump_s * NS_PER_S:
            self._abandoned.update(self.people)
            self.tracks.clear()
            self._latest_ns = now_ns
        self._latest_ns = max(self._latest_ns or now_ns, now_ns)
        # Vision restarted: its old tracks are over, whoever they showed was lost at the last sighting.
        self.tracks = {key: track for key, track in self.tracks.items() if key.epoch == batch.epoch}
        self._deferred = {key: since for key, since in self._deferred.items() if key.epoch == batch.epoch}
        for track_id in batch.ended_track_ids:
            track = self.tracks.get(TrackKey(batch.epoch, track_id))
            if track is not None:
                track.ended = True

    def _own_track(self, key: TrackKey, assigned: dict[int, tuple[PersonId, float]], now_ns: int) -> Track | None:
        """The track, unless its person has left or is meanwhile on another track."""
        track = self.tracks.get(key)
        if track is None or track.person_id not in self.people or track.person_id in self._abandoned:
            return None
        if any(person_id == track.person_id for person_id, _ in assigned.values()):
            return None
        for other_key, other in self.tracks.items():
            newer = other.person_id == track.person_id and other.last_seen_ns > track.last_seen_ns
            if other_key != key and newer and self._active(other, now_ns):
                return None
        return track

    def _active(self, track: Track, now_ns: int) -> bool:
        return not track.ended and _elapsed_s(track.last_seen_ns, now_ns) <= self._config.stale_track_s

    def _present(self, now_ns: int) -> set[PersonId]:
        return {track.person_id for track in self.tracks.values() if self._active(track, now_ns)}

    def _lost(self, now_ns: int) -> list[Presence]:
        out_of_question = self._present(now_ns) | self._abandoned
        return [
            person
            for person in self.people.values()
            if person.person_id not in out_of_question
            and _elapsed_s(person.last_seen_ns, now_ns) <= self._config.lost_s
        ]

    def _defer(self, batch: SightingBatch, sighting: Sighting) -> bool:
        """True while a track on top of a person who isn't in this batch may still turn out to be that person.

        A tracker that loses somebody for a moment starts the new track before it gives up the old one.
        """
        key = TrackKey(batch.epoch, sighting.track_id)
        now_ns = batch.capture_time_ns
        since_ns = self._deferred.setdefault(key, now_ns)
        hidden = (
            person.last_seen_ns < now_ns and person.box.overlap(sighting.box) >= self._config.defer_overlap
            for person_id, person in self.people.items()
            if person_id in self._present(now_ns)
        )
        if _elapsed_s(since_ns, now_ns) < self._config.defer_s and any(hidden):
            return True
        del self._deferred[key]
        return False

    def _bind(self, batch: SightingBatch, sighting: Sighting, person_id: PersonId) -> None:
        for track in self.tracks.values():
            if track.person_id == person_id:
                track.ended = True
        self._deferred.pop(TrackKey(batch.epoch, sighting.track_id), None)
        self.tracks[TrackKey(batch.epoch, sighting.track_id)] = Track(person_id, batch.capture_time_ns)
        self._see(person_id, sighting, batch.capture_time_ns)

    def _see(self, person_id: PersonId, sighting: Sighting, now_ns: int) -> None:
        person = self.people[person_id]
        person.last_seen_ns, person.box = max(now_ns, person.last_seen_ns), sighting.box
        person.appearance = _blended(person.appearance, sighting.appearance)
        person.embedding = _blended_embedding(person.embedding, sighting.embedding)


def presence_of(person_id: PersonId, capture_time_ns: int, sighting: Sighting) -> Presence:
    """A person as they are first seen on a camera."""
    return Presence(person_id, capture_time_ns, sighting.box, sighting.appearance, sighting.embedding)


def _elapsed_s(since_ns: int, now_ns: int) -> float:
    return max(now_ns - since_ns, 0) / NS_PER_S


def _blended(old: Appearance | None, new: Appearance | None) -> Appearance | None:
    """A slow mean, so that one poor crop doesn't change what somebody looks like."""
    if new is None or old is None or old.shape != new.shape:
        return old if new is None else new
    mixed = 0.8 * old + 0.2 * new
    return np.asarray(mixed / max(float(np.linalg.norm(mixed)), 1e-6), np.float32)


def _blended_embedding(old: Embedding | None, new: Embedding | None) -> Embedding | None:
    if new is None or old is None or old.model != new.model:
        return old if new is None else new
    vector = _blended(old.vector, new.vector)
    return new if vector is None else Embedding(new.model, vector)
