"""The servicer: messages of the contract in, domain out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import grpc
import numpy as np

from mesh import pages, tensors
from mesh.errors import InvalidArgument, NotFound
from mesh.ids import CameraId, GymId, require_slug, require_uuid
from mesh.server import Drain
from mesh.streams import Granter, check_open, not_opened, until_drained
from spotter.common.v1 import tensor_pb2
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc
from svc_motion import answers
from svc_motion.events import PersonId
from svc_motion.follower import Follower, SeenFrame
from svc_motion.library import Library
from svc_motion.observation import KeypointSchema
from svc_motion.record.backlog import Backlog
from svc_motion.record.requests import PageToken
from svc_motion.session import SessionStore
from svc_motion.store import MotionStore

_SCHEMAS = {
    tensor_pb2.KEYPOINT_SCHEMA_COCO_17: KeypointSchema.COCO_17,
    tensor_pb2.KEYPOINT_SCHEMA_BLAZEPOSE_33: KeypointSchema.BLAZEPOSE_33,
}
Context = grpc.aio.ServicerContext[Any, Any]


class MotionServicer(motion_pb2_grpc.MotionServiceServicer):
    """spotter.motion.v1.MotionService."""

    def __init__(
        self,
        library: Library,
        store: MotionStore,
        sessions: SessionStore,
        backlog: Backlog,
        follower_of: Callable[[GymId], Follower],
        flush_events: Callable[[], Any],
        drain: Drain,
        credit: int,
    ) -> None:
        self._library = library
        self._store = store
        self._sessions = sessions
        self._backlog = backlog
        self._follower_of = follower_of
        self._flush_events = flush_events
        self._drain = drain
        self._credit = credit

    async def Follow(
        self, request_iterator: AsyncIterator[motion_pb2.FollowRequest], context: Context
    ) -> AsyncIterator[motion_pb2.FollowResponse]:
        follower: Follower | None = None
        granter = Granter(self._credit)
        async for request in until_drained(request_iterator, self._drain):
            kind = request.WhichOneof("message")
            if follower is None:
                if kind != "open":
                    raise not_opened("open")
                follower = self._follower_of(check_open(request.open))
                yield motion_pb2.FollowResponse(credit=granter.first())
            elif kind == "frame":
                await follower.see(to_frame(request.frame))
                if credit := granter.after_message():
                    yield motion_pb2.FollowResponse(credit=credit)
            elif kind == "camera_ended":
                ended = request.camera_ended
                camera_id = CameraId(ended.camera_id)
                await follower.end_camera(camera_id, ended.capture_time_ns, ended.receive_time_ns)
                await self._flush_events()
                flushed = motion_pb2.CameraFlushed(camera_id=camera_id)
                yield motion_pb2.FollowResponse(camera_flushed=flushed)
            else:
                raise InvalidArgument("message", "After open, send frame or camera_ended.")

    async def ListExercises(
        self, request: motion_pb2.ListExercisesRequest, context: Context
    ) -> motion_pb2.ListExercisesResponse:
        size = pages.page_size(request.page_size)
        after = pages.decode_token(request.page_token, 1)
        found = [name for name in self._library.names if after is None or name > str(after[0])]
        return motion_pb2.ListExercisesResponse(
            exercises=[answers.to_exercise(self._library[name]) for name in found[:size]],
            next_page_token=pages.encode_token(found[size - 1]) if len(found) > size else "",
        )

    async def GetSession(
        self, request: motion_pb2.GetSessionRequest, context: Context
    ) -> motion_pb2.GetSessionResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        person_id = require_uuid(request.person_id, "person_id")
        # Whoever knows of no pages gets all sets of any visit that a body can bear.
        size = pages.page_size(request.page_size or pages.MAX_PAGE_SIZE)
        token = PageToken("session", gym_id, person_id)
        after = token.decode_position(request.page_token)
        await self._backlog.person_ready(person_id)
        totals = await self._sessions.totals(gym_id, person_id)
        if not totals.exercises and not await self._store.is_followed(gym_id, person_id):
            raise NotFound("PERSON_NOT_FOUND", "Nobody with this person_id has been followed in this gym.")
        rows = await self._sessions.page(gym_id, person_id, after, size + 1)
        shown = rows[:size]
        return motion_pb2.GetSessionResponse(
            session=answers.to_session(gym_id, person_id, totals, shown, families=self._library.families),
            next_page_token=token.encode(shown[-1].start_time.isoformat(), shown[-1].set_id)
            if len(rows) > size
            else "",
        )

    async def GetSet(self, request: motion_pb2.GetSetRequest, context: Context) -> motion_pb2.GetSetResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        set_id = require_uuid(request.set_id, "set_id")
        await self._backlog.sets_ready([set_id])
        found = await self._store.get_set(gym_id, set_id)
        if found is None:
            raise NotFound("SET_NOT_FOUND", "There is no set with this set_id in this gym.")
        return motion_pb2.GetSetResponse(set=answers.to_set(*found, families=self._library.families))

    async def ListSets(self, request: motion_pb2.ListSetsRequest, context: Context) -> motion_pb2.ListSetsResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        person_id = require_uuid(request.person_id, "person_id") if request.person_id else ""
        size = pages.page_size(request.page_size)
        asked = (gym_id, person_id, request.camera_id, _position(request.page_token), size + 1)
        rows = await self._store.list_sets(*asked)
        if unmoved := [row.set_id for row in rows if row.range_count is None]:
            await self._backlog.sets_ready(unmoved)
            rows = await self._store.list_sets(*asked)
        return motion_pb2.ListSetsResponse(
            sets=[answers.to_set(row, families=self._library.families) for row in rows[:size]],
            next_page_token=_token(rows[size - 1]) if len(rows) > size else "",
        )


def to_frame(message: motion_pb2.PeopleFrame) -> SeenFrame:
    """A frame's message as arrays. Raises InvalidArgument where shapes, ids or sizes don't fit."""
    schema = _SCHEMAS.get(message.keypoints.schema)
    if schema is None:
        raise InvalidArgument("frame.keypoints.schema", "frame.keypoints.schema must be COCO_17 or BLAZEPOSE_33.")
    count = len(message.person_ids)
    if not count:
        keypoints = np.zeros((0, schema.value, 3), np.float32)
    else:
        keypoints = tensors.from_tensor(message.keypoints.image, "frame.keypoints.image")
    if keypoints.shape != (count, schema.value, 3):
        raise InvalidArgument("frame.keypoints.image", f"frame.keypoints.image must be ({count}, {schema.value}, 3).")
    if message.width_px == 0 or message.height_px == 0:
        raise InvalidArgument("frame.width_px", "frame.width_px and frame.height_px must be > 0.")
    world = None
    if count and message.keypoints.HasField("world"):
        world = tensors.from_tensor(message.keypoints.world, "frame.keypoints.world")
        if world.shape != (count, schema.value, 3):
            raise InvalidArgument(
                "frame.keypoints.world", f"frame.keypoints.world must be ({count}, {schema.value}, 3)."
            )
    return SeenFrame(
        camera_id=CameraId(require_slug(message.camera_id, "frame.camera_id")),
        capture_time_ns=message.capture_time_ns,
        receive_time_ns=message.receive_time_ns,
        width_px=message.width_px,
        height_px=message.height_px,
        person_ids=tuple(PersonId(require_uuid(person_id, "frame.person_ids")) for person_id in message.person_ids),
        schema=schema,
        keypoints=keypoints,
        world=world,
        traceparent=message.traceparent,
        cut_time_ns=message.cut_time_ns,
    )


def _position(token: str) -> tuple[datetime, str] | None:
    keys = pages.decode_token(token, 2)
    if keys is None:
        return None
    try:
        return datetime.fromisoformat(str(keys[0])), require_uuid(str(keys[1]), "page_token")
    except ValueError:
        raise InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.") from None


def _token(row: Any) -> str:
    return pages.encode_token(row.start_time.isoformat(), row.set_id)
