"""The exercise network on a real Triton server: the same answers, together, and in process while the server is away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import grpc
import numpy as np
import onnx
import pytest
from google.protobuf import json_format
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from mesh import names, tensors
from mesh.ids import new_id
from mesh.launcher.layout import free_ports
from mesh.triton import TritonClient
from spotter.common.v1 import tensor_pb2
from spotter.motion.v1 import motion_pb2, motion_pb2_grpc
from svc_motion import triton_network
from svc_motion.events import MotionEvent, PersonId
from svc_motion.library import load_library
from svc_motion.network import MODEL_NAME, NETWORK_FILE, SAMPLES, Array32, ExerciseNetwork
from svc_motion.observation import Observation, body_frame
from svc_motion.person import PersonMotion
from svc_motion.triton_network import TritonNetwork, all_of
from tests.svc_motion import skeletons
from tests.svc_motion.skeletons import Pose, phases, seen
from tests.svc_motion.test_service import follow, motion_service
from tests.triton_server import TritonServer
from triton_models.build import build

POSES = [skeletons.squat, skeletons.curl, skeletons.squat]
NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    repository = tmp_path_factory.mktemp("repository")
    build(repository, lambda line: None, [MODEL_NAME])
    with TritonServer(repository) as server:
        yield server


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's server isn't away."""
    monkeypatch.setattr(triton_network, "TIMEOUT_S", 30.0)


@pytest.fixture
def client(server: TritonServer) -> Iterator[TritonClient]:
    client = TritonClient(server.address)
    yield client
    client.close()


def window(pose: Pose) -> tuple[Array32, Array32]:
    frames = [body_frame(one) for one in seen(pose, phases(2, lead_s=0.2, tail_s=0.2), noise=0.01)[:SAMPLES]]
    points = np.stack([frame.points for frame in frames]).astype(np.float32)[None]
    return points, np.full(points.shape[:3], 0.9, dtype=np.float32)


def batches(client: TritonClient) -> dict[int, int]:
    return client.statistics(MODEL_NAME)[0].batches


async def counted_batches(client: TritonClient, rows: int) -> int:
    """How many batches of a size ran. One is added to the statistics after its answer is sent: waits for the sum."""
    for _ in range(100):
        found = client.statistics(MODEL_NAME)[0]
        if found.inferences == sum(size * count for size, count in found.batches.items()):
            return found.batches.get(rows, 0)
        await asyncio.sleep(0.02)
    return 0


async def asked(network: TritonNetwork, pose: Pose) -> Array32:
    return await network.run(lambda: network.probabilities(*window(pose)))


async def test_people_who_ask_at_once_share_a_request_and_get_what_they_get_in_process(client: TritonClient) -> None:
    network, before = TritonNetwork(client), batches(client).get(6, 0)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    meanwhile = asyncio.create_task(others())
    found = await asyncio.gather(*(asked(network, pose) for pose in POSES))
    meanwhile.cancel()
    for pose, shares in zip(POSES, found, strict=True):
        np.testing.assert_allclose(shares, ExerciseNetwork().probabilities(*window(pose)), atol=1e-5)
    assert turns > 1, "the event loop goes on while the server answers"
    assert (await counted_batches(client, 6)) - before == 1


async def test_more_people_than_a_batch_holds_are_asked_in_several_requests(client: TritonClient) -> None:
    network = TritonNetwork(client)
    found = await asyncio.gather(*(asked(network, skeletons.squat) for _ in range(40)))
    np.testing.assert_allclose(np.concatenate(found), np.repeat(found[0], 40, axis=0), atol=1e-5)


async def counted(library_network: ExerciseNetwork | None, films: list[list[Observation]]) -> list[list[MotionEvent]]:
    """Several people, frame by frame, each in a film of their own."""
    library = load_library().with_network(library_network)
    people = [PersonMotion(library, PersonId(f"person-{number}")) for number in range(len(films))]
    events: list[list[MotionEvent]] = [[] for _ in films]

    async def step(number: int, observation: Observation) -> None:
        assert library_network is not None
        events[number] += await library_network.run(lambda: people[number].update(observation))

    for frame in zip(*films, strict=True):
        await all_of([step(number, observation) for number, observation in enumerate(frame)])
    for number, person in enumerate(people):
        events[number] += person.flush(films[number][-1].capture_time_ns)
    return events


async def test_people_are_counted_as_they_are_in_process(client: TritonClient) -> None:
    films = [seen(pose, phases(3), noise=0.01, seed=seed) for seed, pose in enumerate(POSES)]
    network, before = TritonNetwork(client), client.statistics(MODEL_NAME)[0].inferences
    answered = REGISTRY.get_sample_value(names.METRIC_JUDGEMENTS, {"place": "triton"}) or 0.0
    found = await counted(network, films)
    assert (REGISTRY.get_sample_value(names.METRIC_JUDGEMENTS, {"place": "triton"}) or 0.0) - answered > 20
    assert found == await counted(ExerciseNetwork(), films)
    assert all(len(events) > 4 for events in found)
    assert client.statistics(MODEL_NAME)[0].inferences - before > 40


async def test_while_the_server_is_away_the_same_network_answers_here_which_is_said_once(
    server: TritonServer, client: TritonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triton_network, "ASK_AGAIN_S", 0.0)
    network, wanted = TritonNetwork(client), ExerciseNetwork().probabilities(*window(skeletons.squat))
    with capture_logs() as said:
        await asked(network, skeletons.squat)
        server.kill()
        for _ in range(3):
            np.testing.assert_allclose(await asked(network, skeletons.squat), wanted, atol=1e-5)
        await asyncio.to_thread(server.wait_until_back)
        async with asyncio.timeout(20):
            while [one["event"] for one in said] != ["exercise_network_away", "exercise_network_back"]:
                np.testing.assert_allclose(await asked(network, skeletons.squat), wanted, atol=1e-5)
                await asyncio.sleep(0.05)


async def test_a_server_that_is_not_there_is_asked_seldom() -> None:
    client = TritonClient(NOWHERE)
    network = TritonNetwork(client)
    with capture_logs() as said:
        shares = await asked(network, skeletons.squat)
    np.testing.assert_array_equal(shares, ExerciseNetwork().probabilities(*window(skeletons.squat)))
    assert [(one["event"], one["triton"]) for one in said] == [("exercise_network_away", NOWHERE)]
    client.close()
    # A closed client can't be asked any more: it isn't, for some seconds.
    np.testing.assert_array_equal(await asked(network, skeletons.squat), shares)


async def test_a_server_that_takes_connections_and_never_answers_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(triton_network, "TIMEOUT_S", 0.25)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = TritonClient(f"127.0.0.1:{silent.getsockname()[1]}")
        async with asyncio.timeout(20):
            shares = await asked(TritonNetwork(client), skeletons.squat)
        client.close()
    np.testing.assert_array_equal(shares, ExerciseNetwork().probabilities(*window(skeletons.squat)))


async def test_another_model_under_the_name_is_not_believed(client: TritonClient, tmp_path: Path) -> None:
    config = client.config(MODEL_NAME)
    model = onnx.load(NETWORK_FILE)
    first = onnx.helper.make_tensor("first", onnx.TensorProto.INT64, [1], [0])
    last = onnx.helper.make_tensor("last", onnx.TensorProto.INT64, [1], [20])
    axis = onnx.helper.make_tensor("axis", onnx.TensorProto.INT64, [1], [1])
    model.graph.initializer.extend([first, last, axis])
    model.graph.node[-1].output[0] = "all"
    model.graph.node.append(onnx.helper.make_node("Slice", ["all", "first", "last", "axis"], ["probabilities"]))
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 20
    config.output[0].dims[:] = [20]
    client.load(
        MODEL_NAME,
        json_format.MessageToJson(config, preserving_proto_field_name=True),
        {"1/model.onnx": model.SerializeToString()},
    )
    try:
        with capture_logs() as said:
            shares = await asked(TritonNetwork(client), skeletons.squat)
        assert [one["reason"] for one in said] == ["it serves another model under this name"]
        np.testing.assert_array_equal(shares, ExerciseNetwork().probabilities(*window(skeletons.squat)))
    finally:
        client.load(MODEL_NAME)


@pytest.mark.parametrize("first_asks", [True, False])
async def test_what_the_work_raises_comes_out(client: TritonClient, first_asks: bool) -> None:
    network = TritonNetwork(client)

    def work() -> None:
        if first_asks:
            network.probabilities(*window(skeletons.squat))
        raise LookupError("nobody")

    with pytest.raises(LookupError, match="nobody"):
        await network.run(work)


async def test_who_is_cut_off_while_asking_can_go_on(client: TritonClient) -> None:
    network = TritonNetwork(client)
    film = seen(skeletons.squat, phases(3), noise=0.01)
    person = PersonMotion(load_library().with_network(network), PersonId("somebody"))
    events: list[MotionEvent] = []
    cut_off = 0
    for observation in film:
        update = asyncio.create_task(network.run(partial(person.update, observation)))
        await asyncio.sleep(0)
        if not update.done() and cut_off < 2:
            cut_off += 1
            update.cancel()
        with suppress(asyncio.CancelledError):
            events += await update
    events += person.flush(film[-1].capture_time_ns)
    (wanted,) = await counted(ExerciseNetwork(), [film])
    assert cut_off == 2
    assert [type(event) for event in events] == [type(event) for event in wanted]


def frame_of(people: list[str], observations: list[Observation], sequence: int) -> motion_pb2.FollowRequest:
    """One frame of one camera that shows everybody."""
    first = observations[0]
    keypoints = np.stack([one.keypoints for one in observations]).astype(np.float32)
    frame = motion_pb2.PeopleFrame(
        camera_id="front", sequence=sequence, capture_time_ns=first.capture_time_ns,
        receive_time_ns=first.capture_time_ns, width_px=first.frame_width_px, height_px=first.frame_height_px,
        person_ids=people,
        keypoints=tensor_pb2.Keypoints(
            schema=tensor_pb2.KEYPOINT_SCHEMA_COCO_17, image=tensors.to_tensor(np.nan_to_num(keypoints))
        ),
    )  # fmt: skip
    return motion_pb2.FollowRequest(frame=frame)


async def test_the_service_counts_two_people_of_a_camera_through_the_server(
    server: TritonServer, client: TritonClient, nats_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTTER_EXERCISE_EXECUTOR", "triton")
    monkeypatch.setenv("SPOTTER_TRITON_ADDRESS", server.address)
    monkeypatch.setenv("SPOTTER_MODEL_REPOSITORY", str(server.repository))
    films = [seen(skeletons.squat, phases(3), noise=0.01, seed=seed) for seed in (1, 2)]
    people, gym_id, port = [new_id(), new_id()], f"gym-{new_id()[:8]}", free_ports().services["motion"]
    requests = [frame_of(people, list(frame), number + 1) for number, frame in enumerate(zip(*films, strict=True))]
    before = await counted_batches(client, 4)
    async with (
        motion_service(nats_url, postgres_url, port),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = motion_pb2_grpc.MotionServiceStub(channel)
        await follow(stub, gym_id, requests, end=True)
        listed = await stub.ListSets(motion_pb2.ListSetsRequest(gym_id=gym_id))
    found = {one.person_id: (one.exercise, one.repetition_count) for one in listed.sets}
    assert found == dict.fromkeys(people, ("squat", 3))
    assert await counted_batches(client, 4) > before, "both were asked for in one request"
