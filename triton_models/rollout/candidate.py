"""The first gate: a file, looked at in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models import contract, golden
from triton_models.golden import Outputs
from triton_models.manifest import Model
from triton_models.rollout.errors import RolloutRefused, first_line
from triton_models.sources import digest

FILE_NAME = "model.onnx"
FEWEST_ROUNDS, MOST_ROUNDS = 7, 50
LONGEST_TIMING_S = 6.0


@dataclass(frozen=True, slots=True)
class Graph:
    """One version in hand."""

    model: Model
    data: bytes
    session: onnxruntime.InferenceSession
    outputs: Outputs
    """Its answer to the golden pictures."""

    @property
    def sha256(self) -> str:
        """Of the file."""
        return digest(self.data)


def read_graph(model: Model, source: Path) -> Graph:
    """Loads a file, or the one in a version's folder, and runs it on the golden pictures.

    Raises:
        RolloutRefused: CANDIDATE_MISSING, CANDIDATE_DAMAGED, or CANDIDATE_CONTRACT where its tensors aren't those of
            the manifest, in name, type or shape, or its rows depend on each other.
    """
    path = source / FILE_NAME if source.is_dir() else source
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RolloutRefused("CANDIDATE_MISSING", f"{path} can't be read ({error.strerror})") from error
    try:
        session = golden.open_session(data)
    except Exception as error:  # onnxruntime's own exceptions share no base class but Exception
        raise RolloutRefused(
            "CANDIDATE_DAMAGED", f"{path} ({len(data)} bytes) can't be loaded: {first_line(error)}"
        ) from error
    problems = list(contract.session_problems(session, model))
    if problems:
        raise _no_such_model(model, path, problems)
    outputs = _run(session, model, path)
    return Graph(model, data, session, outputs)


def check_agreement(candidate: Graph, serving: Graph, tolerance: float) -> float:
    """Compares the answers to the golden pictures with those of the version that serves.

    Returns the greatest difference, relative to the greatest value of each part of each output.

    Raises:
        RolloutRefused: CANDIDATE_DIFFERS, with where and by how much.
    """
    found = list(
        golden.differences(
            candidate.model.name, candidate.outputs, golden.numbers_of(candidate.model.name, serving.outputs)
        )
    )
    wrong = [one.what for one in found if not one.relative <= tolerance]
    if wrong:
        raise RolloutRefused(
            "CANDIDATE_DIFFERS",
            f"it answers the golden pictures other than the version that serves, by more than {tolerance:g}: "
            f"{'; '.join(wrong)}. Where other numbers are what you want, for instance from new weights, say "
            "--new-golden; where they are only coarser, --tolerance",
        )
    return max(one.relative for one in found)


def slowdown(
    candidate: Callable[[], object], serving: Callable[[], object], clock: Callable[[], float], enough: float
) -> float:
    """How many times longer a candidate takes, measured in turns so that both meet what else the machine does.

    The smaller one of two estimates, the ratio of medians and that of the shortest times: whatever disturbs lengthens
    times, and seldom shortens both. Measures on, up to a limit, while the ratio is above `enough` and not clearly so.
    """
    times: tuple[list[float], list[float]] = ([], [])
    end_s = time.monotonic() + LONGEST_TIMING_S
    candidate()
    serving()
    while True:
        times[0].append(_timed(candidate, clock))
        times[1].append(_timed(serving, clock))
        if len(times[0]) < FEWEST_ROUNDS:
            continue
        ratio = min(float(one(times[0]) / max(one(times[1]), 1e-9)) for one in (np.median, np.min))
        is_clear = ratio <= enough or ratio > 3 * enough
        if is_clear or len(times[0]) >= MOST_ROUNDS or time.monotonic() > end_s:
            return ratio


def local_slowdown(candidate: Graph, serving: Graph, enough: float) -> float:
    """`slowdown` in processor time of this thread, which what else runs doesn't lengthen."""
    inputs = first_row(golden.inputs(candidate.model.name))
    return slowdown(
        lambda: golden.run_session(candidate.session, inputs),
        lambda: golden.run_session(serving.session, inputs),
        time.thread_time,
        enough,
    )


def first_row(inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """A batch of one."""
    return {name: rows[:1] for name, rows in inputs.items()}


def _timed(run: Callable[[], object], clock: Callable[[], float]) -> float:
    began_s = clock()
    run()
    return clock() - began_s


def _run(session: onnxruntime.InferenceSession, model: Model, path: Path) -> Outputs:
    inputs = golden.inputs(model.name)
    try:
        together = golden.run_session(session, inputs)
        alone = golden.run_session(session, {name: rows[1:] for name, rows in inputs.items()})
    except Exception as error:  # as above
        raise RolloutRefused(
            "CANDIDATE_CONTRACT", f"{path} fails on the golden pictures: {first_line(error)}"
        ) from error
    problems = [*_form_problems(model, together), *_row_problems(together, alone)]
    if problems:
        raise _no_such_model(model, path, problems)
    return together


def _no_such_model(model: Model, path: Path, problems: Sequence[str]) -> RolloutRefused:
    remedy = f". {model.export}" if model.export else ""
    return RolloutRefused("CANDIDATE_CONTRACT", f"{path} is no {model.name}: {'; '.join(problems)}{remedy}")


def _form_problems(model: Model, outputs: Outputs) -> Sequence[str]:
    found = []
    for output in model.outputs:
        value = outputs[output.name]
        dims = value.shape[1:]
        fits = len(dims) == len(output.dims) and all(d in (-1, n) for d, n in zip(output.dims, dims, strict=True))
        if not fits or len(value) != 2:
            found.append(f"{output.name} has the shape {value.shape}, expected (2, {', '.join(map(str, output.dims))})")
        elif not np.isfinite(value).all():
            found.append(f"{output.name} holds values that are no numbers")
        elif model.classes and not ((value >= 0).all() and np.allclose(value.sum(axis=1), 1, atol=1e-3)):
            found.append(f"{output.name} holds no shares: they must be 0 or more, and their sum 1")
    return found


def _row_problems(together: Outputs, alone: Outputs) -> Sequence[str]:
    """Triton puts pictures of several cameras into one batch: what one gets must not depend on the others."""
    found = []
    for name, value in together.items():
        if value[1:].shape != alone[name].shape:
            found.append(f"{name} has another shape in a batch than alone")
            continue
        allowed = golden.TOLERANCE * max(np.abs(value).max(initial=0), 1e-3)
        if np.abs(value[1:] - alone[name]).max(initial=0) > allowed:
            found.append(f"{name} of a picture depends on the other pictures of its batch")
    return found
