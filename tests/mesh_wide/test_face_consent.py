"""Faces: only of those who agreed, counted where the models are really run, against the real svc_identity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mesh.channels import open_channel
from mesh.ids import CameraId, GymId, TrackId, new_id
from mesh.times import NS_PER_S
from spotter.identity.v1 import identity_pb2, identity_pb2_grpc
from svc_vision.details import DetailConfig, Details
from svc_vision.executors.local import LocalExecutor
from svc_vision.eye import Look
from svc_vision.faces import DETECTOR, EMBEDDER, FaceDescriber
from svc_vision.identity_link import IdentityLink
from svc_vision.people import People
from svc_vision.picture import Picture
from svc_vision.sightings import Sightings
from svc_vision.yolo import yolo_finder
from svc_vision.yolo.config import YoloConfig
from svc_vision.yolo.yolo_finder import YoloFinder
from tests.svc_identity.processes import IdentityProcess, free_port

LEFT, RIGHT = TrackId(1), TrackId(2)


class Counting:
    """The real executor, and what faces it was asked to describe."""

    def __init__(self, inner: LocalExecutor) -> None:
        self._inner = inner
        self.detections = 0
        self.described: list[NDArray[np.float32]] = []

    @property
    def name(self) -> str:
        return self._inner.name

    def infer(self, model: str, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        outputs = self._inner.infer(model, inputs)
        if model == DETECTOR:
            self.detections += len(inputs["image"])
        if model == EMBEDDER:
            self.described.extend(outputs["embedding"])
        return outputs

    def models(self) -> Sequence[str]:
        return self._inner.models()

    def describe(self) -> Any:
        return self._inner.describe()

    def close(self) -> None:
        self._inner.close()


@pytest.fixture(scope="module")
def executor(model_repository: Path) -> Iterator[LocalExecutor]:
    local = LocalExecutor(model_repository, [yolo_finder.MODEL, DETECTOR, EMBEDDER], "f32")
    yield local
    local.close()


@pytest.fixture(scope="module")
def couple(shared_dir: Path, executor: LocalExecutor) -> tuple[Picture, People]:
    """A picture of several people, and the two of them whose faces are seen best, the left one first."""
    photo = cv2.imread(str(shared_dir / "images" / "t1.jpg"))
    people = YoloFinder(executor, YoloConfig()).update(Picture.of(photo))
    describer = FaceDescriber(executor)
    seen = [row for row in range(len(people)) if describer.describe(photo, people, row) is not None]
    assert len(seen) >= 2
    return Picture.of(photo), people.rows(sorted(seen[:2], key=lambda row: people.boxes[row, 0]))


@pytest.fixture
async def identity(nats_url: str, postgres_url: str) -> AsyncIterator[IdentityProcess]:
    service = IdentityProcess(nats_url, postgres_url, f"127.0.0.1:{free_port()}", silence_s="60")
    service.start()
    yield service
    service.stop()


def test_the_two_faces_are_told_apart(couple: tuple[Picture, People], executor: LocalExecutor) -> None:
    picture, people = couple
    describer = FaceDescriber(executor)
    faces = [describer.describe(picture.bgr(), people, row) for row in range(2)]
    darker = cv2.convertScaleAbs(picture.bgr(), alpha=0.8)
    again = [describer.describe(darker, people, row) for row in range(2)]
    assert all(face is not None and 0 < face.quality <= 1 for face in [*faces, *again])
    likeness = np.array([[float(one.vector @ other.vector) for other in again] for one in faces])
    assert likeness.diagonal().min() > 0.8
    assert likeness[[0, 1], [1, 0]].max() < 0.4


def test_no_model_is_run_where_another_face_may_be_in_the_way(
    couple: tuple[Picture, People], executor: LocalExecutor
) -> None:
    picture, people = couple
    counting = Counting(executor)
    near = people.rows([0, 0])
    assert FaceDescriber(counting).describe(picture.bgr(), near, 0) is None
    assert (counting.detections, counting.described) == (0, [])


async def test_only_the_face_of_who_agreed_is_described_and_none_after_the_withdrawal(
    couple: tuple[Picture, People], executor: LocalExecutor, identity: IdentityProcess
) -> None:
    picture, people = couple
    reference = [FaceDescriber(executor).describe(picture.bgr(), people, row) for row in range(2)]
    counting, gym, camera = Counting(executor), GymId(f"gym-{new_id()[:8]}"), CameraId("cam")
    times = iter(range(1, 1000))

    def look() -> Look:
        at_ns = 1_000_000 * NS_PER_S + next(times) * NS_PER_S
        return Look(0, at_ns, at_ns, picture, people, (LEFT, RIGHT))

    async with open_channel(identity.address) as channel:
        stub = identity_pb2_grpc.IdentityServiceStub(channel)
        link = IdentityLink(gym, channel)
        running = asyncio.create_task(link.run())
        with ThreadPoolExecutor(1) as workers:
            details = Details(FaceDescriber(counting), DetailConfig(badge_interval_s=0, face_interval_s=1.0))
            sightings = Sightings(camera, True, link, workers, details)

            async def watch(frames: int) -> None:
                for _ in range(frames):
                    await sightings.see(look())
                    await asyncio.sleep(0.02)

            async def agree(person_id: str, granted: bool) -> None:
                await stub.SetFaceConsent(
                    identity_pb2.SetFaceConsentRequest(gym_id=gym, person_id=person_id, granted=granted)
                )
                await asyncio.sleep(0.2)

            left, right = await sightings.see(look())
            assert left and right
            await watch(5)
            assert counting.detections == 0, "nobody has agreed"

            await agree(left, True)
            await watch(10)
            assert len(counting.described) >= 5
            assert all(float(vector @ reference[0].vector) > 0.9 for vector in counting.described)
            assert not any(float(vector @ reference[1].vector) > 0.4 for vector in counting.described)

            detections, described = counting.detections, len(counting.described)
            await agree(left, False)
            await watch(10)
            assert (counting.detections, len(counting.described)) == (detections, described)

            await agree(left, True)
            await watch(2)
            assert len(counting.described) > described
            described = len(counting.described)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert not link.face_consent(camera, sightings._epoch, LEFT), "without the stream no consent is confirmed"
