"""The stream to motion: what a peer that dies hadn't handled, and the seconds before it, come again, in order, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc

from mesh.errors import InvalidArgument
from mesh.ids import CameraId, GymId
from mesh.interceptors import CallInterceptor
from mesh.launcher.layout import free_ports
from mesh.settings import MeshSettings
from spotter.common.v1 import stream_pb2
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc
from svc_vision.motion_link import CAPACITY, HISTORY, MotionLink


class Peer(motion_pb2_grpc.MotionServiceServicer):
    """Notes the frames it gets, and grants credit as it handles them."""

    def __init__(self, window: int, refuse: int = 0) -> None:
        self.frames: list[int] = []
        self._window = window
        self._refuse = refuse

    async def Follow(self, request_iterator, context):
        async for request in request_iterator:
            kind = request.WhichOneof("message")
            if kind == "open":
                yield motion_pb2.FollowResponse(credit=stream_pb2.Credit(messages=self._window))
            elif kind == "camera_ended":
                flushed = motion_pb2.CameraFlushed(camera_id=request.camera_ended.camera_id)
                yield motion_pb2.FollowResponse(camera_flushed=flushed)
            elif request.frame.sequence == self._refuse:
                raise InvalidArgument("frame", "This frame can't be used.")
            else:
                self.frames.append(request.frame.sequence)
                yield motion_pb2.FollowResponse(credit=stream_pb2.Credit(messages=1))


@asynccontextmanager
async def serving(peer: Peer, address: str) -> AsyncIterator[None]:
    server = grpc.aio.server(interceptors=[CallInterceptor("motion", MeshSettings())])
    motion_pb2_grpc.add_MotionServiceServicer_to_server(peer, server)
    server.add_insecure_port(address)
    await server.start()
    yield
    await server.stop(None)


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[MotionLink, str]]:
    address = f"127.0.0.1:{free_ports().services['motion']}"
    options = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 100)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        link = MotionLink(GymId("gym"), channel)
        running = asyncio.create_task(link.run())
        yield link, address
        running.cancel()


def frame(sequence: int) -> motion_pb2.FollowRequest:
    return motion_pb2.FollowRequest(frame=motion_pb2.PeopleFrame(camera_id="front", sequence=sequence))


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():  # noqa: ASYNC110 - a server's list has no event
            await asyncio.sleep(0.02)


async def test_a_peer_that_comes_back_sees_the_last_seconds_and_what_waited_in_order():
    first, second = Peer(window=8), Peer(window=8)
    async with linked() as (link, address):
        async with serving(first, address):
            for sequence in range(1, 201):
                await link.send_all(frame(sequence))
            await until(lambda: len(first.frames) == 200)
        for sequence in range(201, 206):
            link.send(frame(sequence))
        async with serving(second, address):
            await until(lambda: second.frames[-1:] == [205])
    assert first.frames == list(range(1, 201))
    again = second.frames[:-5]
    assert again == list(range(again[0], 201))
    assert HISTORY <= len(again) <= HISTORY + 8
    assert second.frames[-5:] == [201, 202, 203, 204, 205]


async def test_live_frames_give_way_to_newer_ones_while_the_peer_is_away():
    peer = Peer(window=8)
    async with linked() as (link, address):
        kept = [link.send(frame(sequence)) for sequence in range(1, CAPACITY + 11)]
        async with serving(peer, address):
            await until(lambda: len(peer.frames) == CAPACITY)
    assert kept.count(False) == 10
    assert peer.frames == list(range(11, CAPACITY + 11))


async def test_a_refused_frame_is_not_sent_for_ever():
    peer = Peer(window=8, refuse=3)
    async with linked() as (link, address), serving(peer, address):
        for sequence in range(1, 4):
            link.send(frame(sequence))
        await asyncio.sleep(0.5)
        link.send(frame(4))
        await until(lambda: 4 in peer.frames)
        await asyncio.wait_for(link.end_camera(CameraId("front"), 1, 1), 10)
