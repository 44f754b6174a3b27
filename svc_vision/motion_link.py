"""People of every frame to svc_motion."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc

from mesh.ids import CameraId, GymId
from spotter.common.v1 import stream_pb2
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc
from svc_vision.links import Link

CAPACITY = 128
"""Frames that wait while motion is away: some seconds of a camera, so that a restart loses no repetition."""

HISTORY = 96
"""Frames that motion sees again after a restart, some seconds of a camera: the repetition that was under way when it
died began in them. What is stored already it doesn't count again."""


class MotionLink(Link[motion_pb2.FollowRequest, motion_pb2.FollowResponse]):
    """MotionService.Follow of one gym."""

    def __init__(self, gym_id: GymId, channel: grpc.aio.Channel) -> None:
        super().__init__(gym_id, CAPACITY, HISTORY)
        self._stub = motion_pb2_grpc.MotionServiceStub(channel)
        self._flushing: dict[CameraId, asyncio.Future[None]] = {}

    async def end_camera(self, camera_id: CameraId, capture_time_ns: int, receive_time_ns: int) -> None:
        """Returns when everything of this camera is counted and stored, however often motion restarts meanwhile."""
        done = self._flushing.setdefault(camera_id, asyncio.get_running_loop().create_future())
        ended = motion_pb2.CameraEnded(
            camera_id=camera_id, capture_time_ns=capture_time_ns, receive_time_ns=receive_time_ns
        )
        await self.send_all(motion_pb2.FollowRequest(camera_ended=ended))
        await asyncio.shield(done)

    def _call(
        self, requests: AsyncIterator[motion_pb2.FollowRequest]
    ) -> grpc.aio.StreamStreamCall[motion_pb2.FollowRequest, motion_pb2.FollowResponse]:
        return self._stub.Follow(requests)

    def _opening(self, opening: stream_pb2.StreamOpen) -> motion_pb2.FollowRequest:
        return motion_pb2.FollowRequest(open=opening)

    def _receive(self, response: motion_pb2.FollowResponse) -> int:
        if response.WhichOneof("message") == "camera_flushed":
            camera_id = response.camera_flushed.camera_id
            # The stream is handled in order: whatever was sent before the end of this camera is done.
            while self._sent:
                request = self._sent.popleft()
                if request.HasField("camera_ended") and request.camera_ended.camera_id == camera_id:
                    break
            done = self._flushing.pop(CameraId(camera_id), None)
            if done is not None and not done.done():
                done.set_result(None)
        return response.credit.messages

    def _needs_credit(self, request: motion_pb2.FollowRequest) -> bool:
        return request.HasField("frame")

    def _may_give_way(self, request: motion_pb2.FollowRequest) -> bool:
        return request.HasField("frame")
