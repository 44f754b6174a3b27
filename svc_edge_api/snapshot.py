"""The state of the world when a live stream starts, gathered from the services that hold it."""

from __future__ import annotations

import asyncio
from itertools import chain

import structlog

from mesh import times
from mesh.errors import SpotterError
from spotter.coach.v1 import coach_pb2
from spotter.edge.v1 import edge_pb2
from spotter.identity.v1 import identity_pb2
from spotter.ingest.v1 import ingest_pb2
from spotter.motion.v1 import motion_pb2
from svc_edge_api.upstreams import Upstreams

_log = structlog.get_logger()
LARGEST_PAGE = 200
NEWEST_SETS = 5
GUIDANCE_AGE_NS = 60 * times.NS_PER_S


async def of_gym(upstreams: Upstreams, gym_id: str, now_ns: int) -> edge_pb2.Snapshot:
    """Everybody who is present, and the cameras. Raises Unavailable where a service is gone (the coach may be)."""
    people, cameras = await asyncio.gather(_present_people(upstreams, gym_id), _cameras(upstreams, gym_id))
    snapshot = await _of_people(upstreams, gym_id, people, now_ns)
    snapshot.cameras.extend(cameras)
    return snapshot


async def of_person(upstreams: Upstreams, gym_id: str, person_id: str, now_ns: int) -> edge_pb2.Snapshot:
    """One person. Raises NotFound for an unknown one, Unavailable where a service is gone (the coach may be)."""
    request = identity_pb2.GetPersonRequest(gym_id=gym_id, person_id=person_id)
    answer = await upstreams.call("identity", upstreams.identity.GetPerson, request)
    return await _of_people(upstreams, gym_id, [answer.person], now_ns)


async def _of_people(
    upstreams: Upstreams, gym_id: str, people: list[identity_pb2.Person], now_ns: int
) -> edge_pb2.Snapshot:
    ids = [person.person_id for person in people]
    sets = await asyncio.gather(*(_newest_sets(upstreams, gym_id, person_id) for person_id in ids))
    guidance = await asyncio.gather(*(_newest_guidance(upstreams, gym_id, person_id, now_ns) for person_id in ids))
    return edge_pb2.Snapshot(people=people, sets=chain(*sets), guidance=chain(*guidance))


async def _present_people(upstreams: Upstreams, gym_id: str) -> list[identity_pb2.Person]:
    people: list[identity_pb2.Person] = []
    request = identity_pb2.ListPeopleRequest(gym_id=gym_id, present_only=True, page_size=LARGEST_PAGE)
    while True:
        answer = await upstreams.call("identity", upstreams.identity.ListPeople, request)
        people.extend(answer.people)
        request.page_token = answer.next_page_token
        if not request.page_token:
            return people


async def _cameras(upstreams: Upstreams, gym_id: str) -> list[ingest_pb2.Camera]:
    cameras: list[ingest_pb2.Camera] = []
    request = ingest_pb2.ListCamerasRequest(gym_id=gym_id, page_size=LARGEST_PAGE)
    while True:
        answer = await upstreams.call("ingest", upstreams.ingest.ListCameras, request)
        cameras.extend(answer.cameras)
        request.page_token = answer.next_page_token
        if not request.page_token:
            return cameras


async def _newest_sets(upstreams: Upstreams, gym_id: str, person_id: str) -> list[motion_pb2.Set]:
    """The open sets, and the last closed one."""
    request = motion_pb2.ListSetsRequest(gym_id=gym_id, person_id=person_id, page_size=NEWEST_SETS)
    answer = await upstreams.call("motion", upstreams.motion.ListSets, request)
    closed = [candidate for candidate in answer.sets if not candidate.open]
    return [candidate for candidate in answer.sets if candidate.open] + closed[:1]


async def _newest_guidance(upstreams: Upstreams, gym_id: str, person_id: str, now_ns: int) -> list[coach_pb2.Guidance]:
    """What was said last, where that is fresh. Nothing while the coach is away: the rest of the picture still holds."""
    request = coach_pb2.ListGuidanceRequest(gym_id=gym_id, person_id=person_id, page_size=1)
    try:
        answer = await upstreams.call("coach", upstreams.coach.ListGuidance, request)
    except SpotterError as error:
        _log.info("snapshot_without_guidance", reason=error.reason)
        return []
    oldest_ns = now_ns - GUIDANCE_AGE_NS
    return [said for said in answer.guidance if times.from_timestamp(said.create_time) >= oldest_ns]
