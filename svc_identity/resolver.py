"""Ties the rosters to the store: whoever is new is stored before anybody is told, the rest is saved once a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from mesh import names
from mesh.database import is_connection_error
from mesh.ids import PersonId, new_id
from svc_identity.roster import CERTAIN, Presence, Roster, RosterConfig, TrackKey
from svc_identity.settings import IdentitySettings
from svc_identity.sightings import SightingBatch
from svc_identity.store import IdentityStore, Place

_log = structlog.get_logger()
_PRESENT = Gauge(names.METRIC_PEOPLE_PRESENT, "People in view, or lost for a moment.")
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


class Resolver:
    """All cameras of this replica. Use as `async with Resolver(...)`."""

    def __init__(self, settings: IdentitySettings, store: IdentityStore) -> None:
        self._settings = settings
        self._store = store
        self._config = RosterConfig(lost_s=settings.lost_after_s)
        self._cameras: dict[Place, _Camera] = {}
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
        camera = self._camera(place)
        async with camera.lock:
            camera.heard_s, camera.ended_s = _now_s(), None
            resolution = camera.roster.resolve(batch)
            assigned = dict(resolution.assigned)
            camera.unsaved.update(person_id for person_id, _ in assigned.values())
            newcomers = []
            for sighting in resolution.newcomers:
                key = TrackKey(batch.epoch, sighting.track_id)
                person_id = camera.promised.setdefault(key, PersonId(new_id()))
                presence = Presence(person_id, batch.capture_time_ns, sighting.box, sighting.appearance)
                newcomers.append((sighting, presence, key))
            if newcomers or resolution.bound:
                stored = await self._try(
                    self._store.add_people(place, [(p, key) for _, p, key in newcomers], resolution.bound)
                )
                for sighting, presence, key in newcomers if stored else ():
                    camera.roster.admit(batch, sighting, presence.person_id)
                    assigned[sighting.track_id] = (presence.person_id, CERTAIN)
                    camera.promised.pop(key, None)
            await self._let_go(place, camera, camera.roster.departed())
            return assigned

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

    async def _reload(self) -> None:
        limit = datetime.now(UTC) - RELOAD_WITHIN
        for stored in await self._store.load_present():
            if stored.save_time < limit:
                await self._store.leave(stored.place, [stored.presence])
            else:
                self._camera(stored.place).roster.restore(stored.presence, stored.tracks)
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
        if departed and await self._try(self._store.leave(place, departed)):
            camera.roster.forget(presence.person_id for presence in departed)
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

    def _count(self) -> None:
        _PRESENT.set(sum(len(camera.roster.people) for camera in self._cameras.values()))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
