"""svc_identity as a process that can be killed, and vision's side of its stream."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import numpy as np

from mesh import tensors
from spotter.common.v1 import stream_pb2
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc

NS_PER_S = 1_000_000_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class IdentityProcess:
    """The service; start it again after a kill and it listens where it did."""

    nats_url: str
    database_url: str
    address: str
    process: subprocess.Popen[bytes] | None = None
    silence_s: str = "4"
    log: Path = field(default_factory=lambda: Path(tempfile.mkdtemp()) / "identity.log")

    def start(self) -> None:
        environment = os.environ | {
            "SPOTTER_NATS_URL": self.nats_url,
            "SPOTTER_DATABASE_URL": self.database_url,
            "SPOTTER_LISTEN_ADDRESS": self.address,
            "SPOTTER_LOST_AFTER_S": "2",
            "SPOTTER_SILENCE_S": self.silence_s,
            "SPOTTER_SAVE_INTERVAL_S": "0.2",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "svc_identity"], env=environment, stdout=log)
        with grpc.insecure_channel(self.address) as channel:
            grpc.channel_ready_future(channel).result(60)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class Vision:
    """Vision's side of a Resolve stream."""

    def __init__(
        self, stub: identity_pb2_grpc.IdentityServiceStub, gym: str, epoch: str = "epoch-1", camera: str = "cam"
    ) -> None:
        self._call = stub.Resolve()
        self._gym, self.epoch, self._sequence = gym, epoch, 0
        self.start_ns = time.time_ns()
        self.credit = 0
        self._camera = camera
        self.face_consent: dict[int, bool] = {}
        """The newest word by track."""

    async def open(self, protocol_version: int = 1) -> None:
        opening = stream_pb2.StreamOpen(protocol_version=protocol_version, gym_id=self._gym, stream_id="test")
        await self._call.write(identity_pb2.ResolveRequest(open=opening))
        self.credit += (await self._read()).credit.messages

    async def see(
        self,
        at_s: float,
        boxes: dict[int, tuple[float, float, float, float]],
        ended: tuple[int, ...] = (),
        *,
        badges: dict[int, str] | None = None,
        faces: dict[int, list[float]] | None = None,
    ) -> dict[int, str]:
        """Person by track."""
        self._sequence += 1
        batch = identity_pb2.SightingBatch(
            camera_id=self._camera,
            capture_time_ns=self.start_ns + int(at_s * NS_PER_S),
            track_epoch=self.epoch,
            sequence=self._sequence,
            ended_track_ids=ended,
            sightings=[
                identity_pb2.Sighting(
                    track_id=track,
                    left=box[0],
                    top=box[1],
                    right=box[2],
                    bottom=box[3],
                    badge=(badges or {}).get(track, ""),
                    face=tensors.to_tensor(np.array(faces[track], np.float32)) if faces and track in faces else None,
                )
                for track, box in boxes.items()
            ],
        )
        await self._call.write(identity_pb2.ResolveRequest(batch=batch))
        while True:
            response = await self._read()
            if response.WhichOneof("message") == "credit":
                self.credit += response.credit.messages
                continue
            if response.assignments.sequence == 0:
                self._note(response.assignments)
                continue
            assert response.assignments.sequence == self._sequence
            assert response.assignments.track_epoch == self.epoch
            self._note(response.assignments)
            return {a.track_id: a.person_id for a in response.assignments.assignments}

    async def news(self) -> identity_pb2.AssignmentBatch:
        """The next batch that nobody asked for."""
        while (response := await self._read()).WhichOneof("message") != "assignments":
            continue
        assert response.assignments.sequence == 0
        self._note(response.assignments)
        return response.assignments

    def _note(self, batch: identity_pb2.AssignmentBatch) -> None:
        for assignment in batch.assignments:
            self.face_consent[assignment.track_id] = assignment.face_consent

    async def camera_ended(self, at_s: float) -> None:
        ended = identity_pb2.CameraEnded(camera_id=self._camera, capture_time_ns=self.start_ns + int(at_s * NS_PER_S))
        await self._call.write(identity_pb2.ResolveRequest(camera_ended=ended))

    async def close(self) -> None:
        await self._call.done_writing()
        async for _ in self._call:
            pass

    async def _read(self) -> identity_pb2.ResolveResponse:
        response = await asyncio.wait_for(self._call.read(), 10)
        assert isinstance(response, identity_pb2.ResolveResponse)
        return response
