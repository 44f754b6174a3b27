"""Compares what a Triton server answers with what the same graphs answer in this process.

Run as `python -m triton_models.served ADDRESS REPOSITORY`; the launcher does so at every start of its server.
"""

from __future__ import annotations

import sys
from pathlib import Path

import grpc

from mesh.triton import ModelStatus, TritonClient
from triton_models import golden, manifest
from triton_models.golden import Outputs
from triton_models.stamp import model_path
from triton_models.verify import versions

TIMEOUT_S = 30.0


def differences(name: str, found: Outputs, wanted: Outputs, tolerance: float = golden.TOLERANCE) -> list[str]:
    """Sentences about the outputs of the golden batch that differ by more than `tolerance` of a part's peak."""
    compared = golden.differences(name, found, golden.numbers_of(name, wanted))
    return [one.what for one in compared if not one.relative <= tolerance]


def answer(client: TritonClient, model: str, name: str = "") -> Outputs:
    """What the server answers for the golden batch of a model; `name`: under which it is loaded there."""
    return client.infer_arrays(name or model, golden.inputs(model), TIMEOUT_S)


def answer_of_file(model: str, path: Path) -> Outputs:
    """What a graph answers in this process."""
    return golden.run_session(golden.open_session(path), golden.inputs(model))


def compare(client: TritonClient, repository: Path) -> tuple[list[str], list[str]]:
    """What answers other in the server than here, and what is built but not ready there; one sentence each.

    Raises `grpc.RpcError` where the server isn't there.
    """
    differing, missing = [], []
    index = client.index()
    for model in manifest.load():
        serving = [one for one in index if one.name == model and one.is_ready and one.version is not None]
        if versions(repository, model) and not serving:
            missing.append(f"{model} isn't ready: {_reason(index, model)}")
        for one in serving:
            path = model_path(repository, model, str(one.version))
            found = differences(model, answer(client, model), answer_of_file(model, path))
            differing += [f"{model} version {one.version} answers other than in process: {what}" for what in found]
    return differing, missing


def _reason(index: list[ModelStatus], model: str) -> str:
    return next((one.reason for one in index if one.name == model and one.reason), "it was not loaded")


def main(address: str, repository: Path) -> int:
    """The exit code: 0 where every model that the server has ready answers as it must."""
    client = TritonClient(address)
    try:
        differing, missing = compare(client, repository)
        ready = sum(one.is_ready for one in client.index())
    except grpc.RpcError as error:
        differing, missing, ready = [f"Triton at {address} gives no answer: {error.details()}"], [], 0
    client.close()
    if differing:
        sys.stderr.write("\n".join(differing) + "\n")
        return 1
    sys.stdout.write("; ".join([f"{ready} models answer as they do in process", *missing]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
