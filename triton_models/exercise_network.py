"""Puts the exercise network, which is ours and comes with svc_motion, into the repository.

It sees no pictures, so it has no entry in the manifest, and it has no `config.pbtxt`: svc_motion runs it in its own
process, where an answer takes less time than a call to a server would. A later version beside it is taken instead.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from triton_models import golden
from triton_models.errors import BuildError, ConversionError, GoldenError
from triton_models.sources import digest
from triton_models.stamp import model_path

NAME = "exercise_network"
SOURCE = Path(__file__).resolve().parent.parent / "svc_motion" / "weights" / "exercise_network.onnx"
INPUT, OUTPUT = "windows", "probabilities"
WINDOW = (30, 136)
"""Samples of 1/15 s, and features of the body in each."""


def place(repository: Path, source: Path = SOURCE) -> bool:
    """Put the network into the repository as version 1, unless the same is there; True when it was put there.

    Raises:
        ConversionError: the file can't be loaded, or takes and gives other tensors than svc_motion expects.
        GoldenError: its answers are no probabilities.
        BuildError: the file can't be read, or the repository can't be written.
    """
    target = model_path(repository, NAME)
    try:
        data = source.read_bytes()
        if target.is_file() and digest(target.read_bytes()) == digest(data):
            return False
        _check(source, data)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        raise BuildError(f"{NAME} can't be put into {repository}: {error.strerror or error}") from error
    return True


def _check(source: Path, data: bytes) -> None:
    try:
        session = golden.open_session(data)
    except Exception as error:  # onnxruntime's own exceptions share no base class but Exception
        raise ConversionError(f"{NAME}: onnxruntime can't load {source}: {error}") from error
    found = {tensor.name: tensor.shape[1:] for tensor in (*session.get_inputs(), *session.get_outputs())}
    if found.get(INPUT) != list(WINDOW) or OUTPUT not in found:
        raise ConversionError(f"{NAME}: {source} has the tensors {found}, expected {INPUT} {list(WINDOW)} and {OUTPUT}")
    windows = np.random.default_rng(0).normal(0, 1, (2, *WINDOW)).astype(np.float32)
    shares = golden.run_session(session, {INPUT: windows})[OUTPUT]
    if not (np.isfinite(shares).all() and (shares >= 0).all() and np.allclose(shares.sum(axis=1), 1, atol=1e-4)):
        raise GoldenError(f"{NAME}: the answers of {source} are no probabilities; train it again with `make train`")
