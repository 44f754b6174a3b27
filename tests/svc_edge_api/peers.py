"""The services behind the edge, as far as its tests need them, and the edge as a process that can be killed."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import grpc

from mesh import times, tokens
from mesh.channels import open_channel
from mesh.errors import NotFound
from mesh.interceptors import CallInterceptor
from mesh.settings import MeshSettings
from spotter.coach.v1 import coach_pb2, coach_pb2_grpc
from spotter.edge.v1 import edge_pb2, edge_pb2_grpc
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc, safety_pb2, safety_pb2_grpc
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc

PERSON, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
ALERT = "33333333-3333-4333-8333-333333333333"
CODE = "ABC234"
CLIP = os.urandom(200_000)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Identity(identity_pb2_grpc.IdentityServiceServicer):
    async def GetPerson(self, request: Any, context: Any) -> identity_pb2.GetPersonResponse:
        if request.person_id not in (PERSON, OTHER):
            raise NotFound("PERSON_NOT_FOUND", "There is no such person.")
        return identity_pb2.GetPersonResponse(person=identity_pb2.Person(person_id=request.person_id, label="Person 1"))

    async def ListPeople(self, request: Any, context: Any) -> identity_pb2.ListPeopleResponse:
        # One a page: who asks for all has to turn pages.
        first = not request.page_token
        person = identity_pb2.Person(person_id=PERSON if first else OTHER, gym_id=request.gym_id, present=True)
        return identity_pb2.ListPeopleResponse(people=[person], next_page_token="more" if first else "")

    async def CreateClaimCode(self, request: Any, context: Any) -> identity_pb2.CreateClaimCodeResponse:
        return identity_pb2.CreateClaimCodeResponse(code=CODE, expire_time=times.to_timestamp(times.now_ns()))

    async def RedeemClaimCode(self, request: Any, context: Any) -> identity_pb2.RedeemClaimCodeResponse:
        if request.code != CODE:
            raise NotFound("CODE_NOT_FOUND", "The code has expired or was used; scan the kiosk's new one.")
        return identity_pb2.RedeemClaimCodeResponse(person=identity_pb2.Person(person_id=PERSON))


class Motion(motion_pb2_grpc.MotionServiceServicer):
    async def ListSets(self, request: Any, context: Any) -> motion_pb2.ListSetsResponse:
        sets = [
            motion_pb2.Set(set_id=f"{number}", person_id=request.person_id, gym_id=request.gym_id, open=number == 3)
            for number in (3, 2, 1)
        ]
        return motion_pb2.ListSetsResponse(sets=sets)

    async def GetSet(self, request: Any, context: Any) -> motion_pb2.GetSetResponse:
        return motion_pb2.GetSetResponse(set=motion_pb2.Set(set_id=request.set_id, person_id=OTHER))

    async def GetSession(self, request: Any, context: Any) -> motion_pb2.GetSessionResponse:
        following = f"after {request.page_size} of {request.page_token}" if request.page_token else "the first page"
        session = motion_pb2.Session(person_id=request.person_id)
        return motion_pb2.GetSessionResponse(session=session, next_page_token=following)


class Safety(safety_pb2_grpc.SafetyServiceServicer):
    """Knows one alert, of PERSON."""

    async def ListAlerts(self, request: Any, context: Any) -> safety_pb2.ListAlertsResponse:
        alert = safety_pb2.Alert(alert_id=ALERT, gym_id=request.gym_id, person_id=PERSON)
        return safety_pb2.ListAlertsResponse(alerts=[alert] if request.open_only else [alert, alert])

    async def GetAlert(self, request: Any, context: Any) -> safety_pb2.GetAlertResponse:
        if request.alert_id != ALERT:
            raise NotFound("ALERT_NOT_FOUND", "There is no alert with this alert_id in this gym.")
        return safety_pb2.GetAlertResponse(alert=safety_pb2.Alert(alert_id=ALERT, gym_id=request.gym_id))

    async def AcknowledgeAlert(self, request: Any, context: Any) -> safety_pb2.AcknowledgeAlertResponse:
        alert = safety_pb2.Alert(
            alert_id=request.alert_id, acknowledged_by=request.acknowledged_by, note=request.note, told_count=1
        )
        return safety_pb2.AcknowledgeAlertResponse(alert=alert)


class Ingest(ingest_pb2_grpc.IngestServiceServicer):
    async def ListCameras(self, request: Any, context: Any) -> ingest_pb2.ListCamerasResponse:
        return ingest_pb2.ListCamerasResponse(cameras=[ingest_pb2.Camera(camera_id="cam", uri="rtsp://10.0.0.9/1")])

    async def CreateCamera(self, request: Any, context: Any) -> ingest_pb2.CreateCameraResponse:
        return ingest_pb2.CreateCameraResponse(camera=request.camera)

    async def PushFrame(self, request: Any, context: Any) -> ingest_pb2.PushFrameResponse:
        return ingest_pb2.PushFrameResponse(accepted=True)

    async def GetClip(self, request: Any, context: Any) -> ingest_pb2.GetClipResponse:
        return ingest_pb2.GetClipResponse(clip=ingest_pb2.Clip(clip_id=request.clip_id, person_id=PERSON))

    async def ReadClip(self, request: Any, context: Any) -> AsyncIterator[ingest_pb2.ReadClipResponse]:
        for start in range(0, len(CLIP), 65536):
            yield ingest_pb2.ReadClipResponse(data=CLIP[start : start + 65536])


class Coach(coach_pb2_grpc.CoachServiceServicer):
    async def ListGuidance(self, request: Any, context: Any) -> coach_pb2.ListGuidanceResponse:
        said = coach_pb2.Guidance(person_id=request.person_id, create_time=times.to_timestamp(times.now_ns()))
        return coach_pb2.ListGuidanceResponse(guidance=[said])


class Vision(vision_pb2_grpc.VisionServiceServicer):
    """Shows pictures for ever, and remembers when nobody looks any more."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def StreamPreview(self, request: Any, context: Any) -> AsyncIterator[vision_pb2.StreamPreviewResponse]:
        try:
            while True:
                yield vision_pb2.StreamPreviewResponse(jpeg=request.camera_id.encode(), width_px=request.max_width_px)
                await asyncio.sleep(0.02)
        finally:
            self.ended.set()


@dataclass
class Peers:
    """Five real gRPC servers."""

    addresses: dict[str, str] = field(default_factory=dict)
    servers: dict[str, grpc.aio.Server] = field(default_factory=dict)
    vision: Vision = field(default_factory=cast(Any, Vision))

    async def start(self) -> None:
        # Methods that the edge doesn't call are left out.
        peers: dict[str, tuple[Any, Callable[[], Any]]] = {
            "identity": (identity_pb2_grpc.add_IdentityServiceServicer_to_server, cast(Any, Identity)),
            "motion": (motion_pb2_grpc.add_MotionServiceServicer_to_server, cast(Any, Motion)),
            "ingest": (ingest_pb2_grpc.add_IngestServiceServicer_to_server, cast(Any, Ingest)),
            "coach": (coach_pb2_grpc.add_CoachServiceServicer_to_server, cast(Any, Coach)),
            "vision": (vision_pb2_grpc.add_VisionServiceServicer_to_server, lambda: self.vision),
        }
        for name, (add, make) in peers.items():
            server = grpc.aio.server(interceptors=[CallInterceptor(name, MeshSettings())])
            add(make(), server)
            if name == "motion":
                safety_pb2_grpc.add_SafetyServiceServicer_to_server(cast(Any, Safety)(), server)
            self.addresses[name] = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
            await server.start()
            self.servers[name] = server

    async def stop(self) -> None:
        await asyncio.gather(*(server.stop(0) for server in self.servers.values()))


@dataclass
class Edge:
    """svc_edge_api as a process; start it again after a kill and it listens where it did."""

    folder: Path
    nats_url: str
    upstreams: dict[str, str]
    gym: str
    key: bytes = field(default_factory=tokens.create_key)
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        (self.folder / "key.pem").write_bytes(self.key)
        (self.folder / "jwks.json").write_text(tokens.public_jwks(self.key))
        environment = os.environ | {f"SPOTTER_{name.upper()}_ADDRESS": at for name, at in self.upstreams.items()}
        environment |= {
            "SPOTTER_EDGE_ADDRESS": self.address,
            "SPOTTER_GYM_ID": self.gym,
            "SPOTTER_NATS_URL": self.nats_url,
            "SPOTTER_TOKEN_KEY_FILE": str(self.folder / "key.pem"),
            "SPOTTER_TOKEN_JWKS_FILE": str(self.folder / "jwks.json"),
            "SPOTTER_WEB_ADDRESS": "",
            "SPOTTER_PUBLIC_URL": "http://gym.test:8080",
            "SPOTTER_HEARTBEAT_INTERVAL_S": "0.5",
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "svc_edge_api", env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert self.process.stdout is not None
        while b'"serving"' not in (line := await asyncio.wait_for(self.process.stdout.readline(), 60)):
            assert line, "svc_edge_api ended while starting"

    async def end(self, *, kill: bool = False) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill() if kill else self.process.terminate()
            await self.process.communicate()

    def bearer(self, role: str = "staff", person_id: str = "", lifetime_s: float = 600) -> tuple[tuple[str, str], ...]:
        token, _ = tokens.mint(self.key, gym_id=self.gym, role=role, lifetime_s=lifetime_s, person_id=person_id)
        return (("authorization", f"Bearer {token}"),)

    def connect(self) -> grpc.aio.Channel:
        return open_channel(self.address, edge_pb2.DESCRIPTOR.services_by_name["EdgeService"])

    def stub(self, channel: grpc.aio.Channel) -> edge_pb2_grpc.EdgeServiceStub:
        return edge_pb2_grpc.EdgeServiceStub(channel)
