"""The second and the fourth gate: a running Triton server, beside traffic and without disturbing it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
from google.protobuf import json_format, text_format
from tritonclient.grpc.model_config_pb2 import ModelConfig

from mesh.triton import TritonClient
from triton_models import golden, served
from triton_models.rollout.candidate import Graph, first_row, slowdown
from triton_models.rollout.errors import RolloutRefused, first_line

CANDIDATE, REFERENCE = "__candidate", "__reference"


def check_in_server(client: TritonClient, config: Path, candidate: Graph, serving: Graph, enough: float) -> float:
    """Loads a candidate and a copy of what serves under other names, compares answers and speed, unloads both.

    Both are idle twins: the one that serves has traffic, and would look slower than it is.

    Returns how many times longer the candidate takes; measured no further once it is `enough` or less.

    Raises:
        RolloutRefused: CANDIDATE_FAILED_IN_SERVER.
        grpc.RpcError: the server is gone.
    """
    name = candidate.model.name
    with _twin(client, config, candidate, name + CANDIDATE), _twin(client, config, serving, name + REFERENCE):
        check_answers(client, candidate, name + CANDIDATE)
        inputs = first_row(golden.inputs(name))
        return slowdown(
            lambda: client.infer_arrays(name + CANDIDATE, inputs, served.TIMEOUT_S),
            lambda: client.infer_arrays(name + REFERENCE, inputs, served.TIMEOUT_S),
            time.perf_counter,
            enough,
        )


def check_answers(client: TritonClient, candidate: Graph, name: str) -> None:
    """Asks the server the golden pictures. Raises RolloutRefused where it answers other than the graph does here."""
    try:
        answer = served.answer(client, candidate.model.name, name)
    except grpc.RpcError as error:
        raise RolloutRefused("CANDIDATE_FAILED_IN_SERVER", f"the server can't run it: {error.details()}") from error
    wrong = served.differences(candidate.model.name, answer, candidate.outputs)
    if wrong:
        raise RolloutRefused(
            "CANDIDATE_FAILED_IN_SERVER", f"the server answers other than the same graph here: {'; '.join(wrong)}"
        )


def serving_version(client: TritonClient, model: str) -> int | None:
    """The newest version that takes requests; None where there is none."""
    found = [one.version for one in client.index() if one.name == model and one.is_ready and one.version is not None]
    return max(found, default=None)


@contextlib.contextmanager
def _twin(client: TritonClient, config: Path, graph: Graph, name: str) -> Iterator[None]:
    """A graph in the server under another name. Its bytes travel with the request: the repository stays as it is."""
    twin = text_format.Parse(config.read_text(encoding="utf-8"), ModelConfig())
    twin.name = name
    twin.ClearField("version_policy")
    try:
        client.load(
            name, json_format.MessageToJson(twin, preserving_proto_field_name=True), {"1/model.onnx": graph.data}
        )
        yield
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            raise
        words = first_line(Exception(error.details()))
        raise RolloutRefused("CANDIDATE_FAILED_IN_SERVER", f"the server can't use it: {words}") from error
    finally:
        with contextlib.suppress(grpc.RpcError):
            client.unload(name)
