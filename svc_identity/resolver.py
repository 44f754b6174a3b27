"""Ties the rosters to the store: whoever is new is stored before anybody is told, the rest is saved once a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from mesh import names
from mesh.database import is_connection_error
from mesh.ids import GymId, PersonId, new_id
from svc_identity.badges import Badges
from svc_identity.roster import CERTAIN, Presence, Roster, RosterConfig, TrackKey, presence_of
from svc_identity.settings import IdentitySettings
from svc_identity.sightings import BadgeHash, Sighting, SightingBatch
from svc_identity.store import IdentityStore, Place

_log = structlog.get_logger()
_PRESENT = Gauge(names.METRIC_PEOPLE_PRESENT, "People in view, or lost for a moment.")
_FACES_REFUSED = Counter(names.METRIC_FACES_REFUSED, "Faces that came without their owner's consent, and were dropped.")
TICK_S = 0.25
RELOAD_WITHIN = timedelta(seconds=60)


@dataclass
class _Camera:
    roster: Roster
    heard_s: float
    """Loop time of the newest data."""
    ended_s: float | None = None
    """Loop time at which the stream ended."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    unsaved: set[PersonId] = field(default_factory=set)
    promised: dict[TrackKey, PersonId] = field(default_factory=dict)
    """Ids of newcomers who couldn't be stored yet: a commit whose answer was lost isn't done twice."""


@dataclass
class _Gym:
    """What all cameras of a gym share."""

    badges: Badges = field(default_factory=Badges)
    agreed: set[PersonId] = field(default_factory=set)
    """People present whose face may be described."""


class Resolver:
    """All cameras of this replica. Use as `async with Resolver(...)`."""

    def __init__(self, settings: IdentitySettings, store: IdentityStore) -> None:
        self._settings = settings
        self._store = store
        self._config = RosterConfig(lost_s=settings.lost_after_s)
        self._cameras: dict[Place, _Camera] = {}
        self._gyms: dict[GymId, _Gym] = {}
        self._task: asyncio.Task[None] | None = None
        self._saved_s = 0.0

    async def __aenter__(self) -> Resolver:
        await self._reload()
        self._task = asyncio.create_task(self._run(), name="identity-timers")
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def resolve(self, place: Place, batch: SightingBatch) -> dict[int, tuple[PersonId, float]]:
        """Person and confidence by track id. Newcomers are missing while the database is away; ask again for them."""
        camera, gym = self._camera(place), self._gym(place.gym_id)
        async with camera.lock:
            camera.heard_s, camera.ended_s = _now_s(), None
            resolution = camera.roster.resolve(batch)
            assigned = dict(resolution.assigned)
            readings = gym.badges.readings(batch.sightings)
            bound = [*resolution.bound, *self._follow_badges(place, batch, readings, assigned)]
            camera.unsaved.update(person_id for person_id, _ in assigned.values())
            newcomers = []
            for sighting in resolution.newcomers:
                if sighting.track_id in assigned:
                    continue
                key = TrackKey(batch.epoch, sighting.track_id)
                person_id = camera.promised.setdefault(key, PersonId(new_id()))
                presence = presence_of(person_id, batch.capture_time_ns, sighting)
                newcomers.append((sighting, presence, key))
            if newcomers or bound:
                stored = await self._try(self._store.add_people(place, [(p, key) for _, p, key in newcomers], bound))
                for sighting, presence, key in newcomers if stored else ():
                    camera.roster.admit(batch, sighting, presence.person_id)
                    assigned[sighting.track_id] = (presence.person_id, CERTAIN)
                    camera.promised.pop(key, None)
            for sighting, badge in readings:
                if sighting.track_id in assigned:
                    gym.badges.wear(badge, assigned[sighting.track_id][0])
            self._keep_faces(place, batch, assigned)
            await self._let_go(place, camera, camera.roster.departed())
            return assigned

    def face_consent(self, gym_id: GymId, person_id: PersonId) -> bool:
        """Whether this person's face may be described now."""
        return person_id in self._gym(gym_id).agreed

    async def set_face_consent(self, gym_id: GymId, person_id: PersonId, granted: bool) -> Any | None:
        """Writes a consent given or withdrawn; the person's row, or None where nobody has this id.

        A withdrawal holds, and the face is forgotten, before anything is written; a consent only once it is stored.
        """
        gym = self._gym(gym_id)
        if not granted:
            gym.agreed.discard(person_id)
            for _, camera in self._cameras_of(gym_id):
                if person_id in camera.roster.people:
                    camera.roster.people[person_id].face = None
        row = await self._store.set_face_consent(gym_id, person_id, granted)
        if row is not None and granted:
            gym.agreed.add(person_id)
        return row

    def tracks_of(self, gym_id: GymId, person_id: PersonId) -> list[tuple[Place, TrackKey]]:
        """Every track that shows this person, or did a moment ago."""
        return [
            (place, key)
            for place, camera in self._cameras_of(gym_id)
            for key, track in camera.roster.tracks.items()
            if track.person_id == person_id
        ]

    async def end(self, place: Place, capture_time_ns: int) -> None:
        """A camera's stream ended: its people leave unless it comes back within `lost_after_s` of wall time."""
        camera = self._camera(place)
        async with camera.lock:
            camera.roster.end(capture_time_ns)
            camera.ended_s = _now_s()

    async def save(self) -> None:
        """Writes everything that isn't written yet."""
        for place, camera in list(self._cameras.items()):
            async with camera.lock:
                presences = [camera.roster.people[p] for p in camera.unsaved if p in camera.roster.people]
                if not presences or await self._try(self._store.save(place, presences)):
                    camera.unsaved.clear()

    def _follow_badges(
        self,
        place: Place,
        batch: SightingBatch,
        readings: list[tuple[Sighting, BadgeHash]],
        assigned: dict[int, tuple[PersonId, float]],
    ) -> list[tuple[TrackKey, PersonId]]:
        """Tracks whose badge says that they show somebody else than it seemed; `assigned` is put right."""
        gym, roster = self._gym(place.gym_id), self._camera(place).roster
        moved = []
        for sighting, badge in readings:
            wearer = gym.badges.wearer(badge)
            current = assigned.get(sighting.track_id, (None, 0.0))[0]
            if wearer is None or wearer == current or not self._is_present(place.gym_id, wearer):
                continue
            for key, person_id in roster.reassign(batch, sighting, wearer):
                assigned[key.track_id] = (person_id, CERTAIN)
                moved.append((key, person_id))
        return moved

    def _keep_faces(self, place: Place, batch: SightingBatch, assigned: dict[int, tuple[PersonId, float]]) -> None:
        """Keeps the newest face of those who have agreed; any other is dropped and counted."""
        gym, roster = self._gym(place.gym_id), self._camera(place).roster
        for sighting in batch.sightings:
            if sighting.face is None:
                continue
            person_id = assigned.get(sighting.track_id, (None, 0.0))[0]
            if person_id is None or person_id not in gym.agreed:
                _FACES_REFUSED.inc()
            elif person_id in roster.people:
                roster.people[person_id].face = sighting.face

    def _is_present(self, gym_id: GymId, person_id: PersonId) -> bool:
        return any(person_id in camera.roster.people for _, camera in self._cameras_of(gym_id))

    def _cameras_of(self, gym_id: GymId) -> list[tuple[Place, _Camera]]:
        return [(place, camera) for place, camera in self._cameras.items() if place.gym_id == gym_id]

    async def _reload(self) -> None:
        limit = datetime.now(UTC) - RELOAD_WITHIN
        for stored in await self._store.load_present():
            if stored.save_time < limit:
                await self._store.leave(stored.place, [stored.presence])
            else:
                self._camera(stored.place).roster.restore(stored.presence, stored.tracks)
                if stored.face_consent:
                    self._gym(stored.place.gym_id).agreed.add(stored.presence.person_id)
        self._count()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self._tick()
            except SQLAlchemyError as error:
                _log.error("timer_failed", exc_info=error)

    async def _tick(self) -> None:
        for place, camera in list(self._cameras.items()):
            await self._clear_silent(place, camera)
        if _now_s() - self._saved_s >= self._settings.save_interval_s:
            self._saved_s = _now_s()
            await self.save()

    async def _clear_silent(self, place: Place, camera: _Camera) -> None:
        async with camera.lock:
            ended = camera.ended_s is not None and _now_s() - camera.ended_s >= self._settings.lost_after_s
            if ended or _now_s() - camera.heard_s >= self._settings.silence_s:
                await self._let_go(place, camera, list(camera.roster.people.values()))

    async def _let_go(self, place: Place, camera: _Camera, departed: list[Presence]) -> None:
        """People who are out of this camera's view have left, unless another camera still has them."""
        elsewhere = {
            person_id
            for other_place, other in self._cameras_of(place.gym_id)
            if other_place != place
            for person_id in other.roster.people
        }
        camera.roster.forget(presence.person_id for presence in departed if presence.person_id in elsewhere)
        gone = [presence for presence in departed if presence.person_id not in elsewhere]
        if gone and await self._try(self._store.leave(place, gone)):
            camera.roster.forget(presence.person_id for presence in gone)
            gym = self._gym(place.gym_id)
            for presence in gone:
                gym.badges.leave(presence.person_id)
                gym.agreed.discard(presence.person_id)
        self._count()

    async def _try(self, writing: Awaitable[None]) -> bool:
        """True where it was written; False while the database is away."""
        try:
            await writing
        except SQLAlchemyError as error:
            if not is_connection_error(error):
                raise
            _log.warning("database_away", error=type(error).__name__)
            return False
        return True

    def _camera(self, place: Place) -> _Camera:
        if place not in self._cameras:
            self._cameras[place] = _Camera(Roster(self._config), _now_s())
        return self._cameras[place]

    def _gym(self, gym_id: GymId) -> _Gym:
        return self._gyms.setdefault(gym_id, _Gym())

    def _count(self) -> None:
        _PRESENT.set(len({person_id for camera in self._cameras.values() for person_id in camera.roster.people}))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
