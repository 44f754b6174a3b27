"""Golden check: a model must answer fixed pictures with the numbers kept in `golden.json`.

The check asks a function, not a file, so that it serves onnxruntime, OpenVINO and a running Triton alike.

Every output is divided into its parts (manifest: quantities of different size). Of each part are compared: values at
fixed places, half of them evenly spread, half where the expected values are greatest; and the mean of the absolute
values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triton_models.errors import GoldenError
from triton_models.manifest import INPUT_NAME, MANIFEST_FILE, Output, Tensor, model

GOLDEN_FILE = Path(__file__).with_name("golden.json")
PICTURE_FILE = Path(__file__).with_name("golden.png")
"""A frame of the sample gym that `spotter scene` draws, 640x384, 5 bits a colour."""
TOLERANCE = 2e-3
"""For float32: kernels differ between processors in the last bits; a wrong weight or axis differs by far more."""
TOLERANCE_BF16 = 6e-2
"""For bfloat16, measured "overall"; measured: 0.001 (yolo11_pose) to 0.04 (face_detect), 0.08 (blazepose_landmark)."""

_SPREAD = 8
_PEAKS = 4

Infer = Callable[[dict[str, NDArray[Any]]], Mapping[str, NDArray[Any]]]
"""Runs a batch: input name → array in, output name → array out."""
Measure = Literal["worst", "overall"]
Outputs = Mapping[str, NDArray[Any]]
"""Output name → array."""


class Part(BaseModel):
    """What one part of an output must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: tuple[int, ...]
    """Flat positions in the part of the whole batch."""
    values: tuple[float, ...]
    """The values there."""
    mean: float = Field(ge=0)
    """Of the absolute values."""


Numbers = dict[str, dict[str, Part]]
"""Output → part → what it must hold."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which an answer isn't what it must be."""

    output: str
    what: str
    """A sentence about it, with the numbers."""
    relative: float
    """Greatest difference of a value, in terms of what was expected or of the part's mean, whichever is greater."""
    overall: float
    """Length of the differences in terms of the length of the expected values. Both are infinite for a wrong form."""


def inputs(name: str) -> dict[str, NDArray[Any]]:
    """The golden batch of a model, two rows, by the name of its input."""
    tensor = model(name).tensor
    return {INPUT_NAME: pictures(name)} if tensor is None else {tensor.name: _rows(name, tensor)}


def pictures(name: str, height: int | None = None, width: int | None = None) -> NDArray[np.uint8]:
    """The golden batch of a model, (2, H, W, 3) uint8 RGB: a picture of people, and a pattern with edges.

    Args:
        name: model in the manifest.
        height: px, for models that take any size; absent: the size for which numbers are kept. The picture of people is
            cut, or repeated side by side.
        width: see `height`.
    """
    described = model(name)
    region = described.golden
    own_height, own_width = described.golden_size
    height, width = height or own_height, width or own_width
    rows = region.top + np.arange(height) // region.enlarge
    columns = region.left + np.arange(width) // region.enlarge
    people = _picture().take(rows, axis=0, mode="wrap").take(columns, axis=1, mode="wrap")
    return np.concatenate([people[None], pattern(height, width)])


def pattern(height: int, width: int) -> NDArray[np.uint8]:
    """A smooth coloured pattern with edges, (1, H, W, 3), the same on every host (integer arithmetic only)."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [(3 * x + 5 * y) % 256, (x * x // 64 + y) % 256, np.where((x // 32 + y // 32) % 2, 200, 40)]
    return np.stack(waves, axis=-1).astype(np.uint8)[None]


def check_outputs(
    name: str,
    infer: Infer,
    tolerance: float = TOLERANCE,
    expected: Numbers | None = None,
    measure: Measure = "worst",
) -> dict[str, float]:
    """Runs the golden batch and compares the answer.

    Args:
        name: model in the manifest.
        infer: runs one batch of two.
        tolerance: greatest difference allowed in any part.
        expected: numbers of another file than the manifest's, see `numbers_of` and `stamp.expected_numbers`.
        measure: "worst" judges single values; "overall" suits arithmetic of lower precision, where single values that
            matter to nobody (the box of an anchor that sees nobody) wander far.

    Returns:
        Output → greatest difference found.

    Raises:
        GoldenError: names every output that differs, where, and by how much.
    """
    expected = expected or kept_numbers(name)
    found: dict[str, float] = {}
    wrong = []
    for difference in differences(name, infer(inputs(name)), expected):
        share = difference.relative if measure == "worst" else difference.overall
        found[difference.output] = max(share, found.get(difference.output, 0.0))
        if not share <= tolerance:
            wrong.append(f"  {difference.what}")
    if wrong:
        raise GoldenError("\n".join([f"{name} differs from its golden numbers:", *wrong]))
    return found


def differences(name: str, outputs: Mapping[str, NDArray[Any]], expected: Numbers) -> Iterator[Difference]:
    """The greatest difference in each part of each output; a missing output or a wrong shape or type at once."""
    described = {output.name: output for output in model(name).outputs}
    for output, parts in expected.items():
        if output not in outputs:
            yield Difference(output, f"output {output} is missing; there are {sorted(outputs)}", np.inf, np.inf)
            continue
        value = outputs[output]
        wrong = _wrong_form(described[output], value, parts)
        if wrong:
            yield Difference(output, f"output {output} {wrong}", np.inf, np.inf)
            continue
        for part, flat in _parts(described[output], value):
            yield _difference(output, part, flat, parts[part])


def numbers_of(name: str, outputs: Mapping[str, NDArray[Any]]) -> Numbers:
    """What to expect of a model that gave these outputs for its golden batch.

    Raises:
        GoldenError: an output is missing, has another form than the manifest says, or holds values that are no numbers.
    """
    for output in model(name).outputs:
        if output.name not in outputs:
            raise GoldenError(f"{name}: output {output.name} is missing; there are {sorted(outputs)}")
        wrong = _wrong_form(output, outputs[output.name], {})
        if wrong:
            raise GoldenError(f"{name}: output {output.name} {wrong}")
    return {
        output.name: {part: _sample(flat) for part, flat in _parts(output, outputs[output.name])}
        for output in model(name).outputs
    }


def kept_numbers(name: str) -> Numbers:
    """The numbers kept for the files that the manifest names. Raises GoldenError where there are none."""
    numbers = _all_kept(GOLDEN_FILE).get(name)
    if numbers is None:
        raise GoldenError(f"{GOLDEN_FILE.name} has no numbers for {name}; scripts/record_golden.py writes them")
    return numbers


def read_numbers(data: object) -> Numbers:
    """Numbers as they were written to JSON. Raises GoldenError where they are something else."""
    try:
        return {o: {p: Part.model_validate(v) for p, v in parts.items()} for o, parts in data.items()}  # type: ignore[attr-defined]
    except (AttributeError, ValidationError) as error:
        raise GoldenError(f"golden numbers are expected, found something else: {error}") from error


def write_numbers(numbers: Numbers) -> dict[str, dict[str, dict[str, Any]]]:
    """Numbers for JSON."""
    return {output: {part: value.model_dump() for part, value in parts.items()} for output, parts in numbers.items()}


def open_session(source: Path | bytes) -> onnxruntime.InferenceSession:
    """A one-thread session on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    data = source if isinstance(source, bytes) else str(source)
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run_session(session: onnxruntime.InferenceSession, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """All outputs of a session by their names."""
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


@cache
def _picture() -> NDArray[np.uint8]:
    picture = cv2.imread(str(PICTURE_FILE))
    if picture is None:
        raise GoldenError(f"{PICTURE_FILE} is missing or damaged; restore it from git")
    return np.ascontiguousarray(picture[..., ::-1], dtype=np.uint8)


def _rows(name: str, tensor: Tensor) -> NDArray[np.float32]:
    path = MANIFEST_FILE.with_name(tensor.golden)
    try:
        rows: NDArray[np.float32] = np.load(path).astype(np.float32)
    except (OSError, ValueError) as error:
        raise GoldenError(f"{path} is missing or damaged; restore it from git") from error
    if rows.shape != (2, *tensor.dims):
        raise GoldenError(f"{path} has the shape {rows.shape}, {name} takes (2, {', '.join(map(str, tensor.dims))})")
    return rows


@cache
def _all_kept(path: Path) -> dict[str, Numbers]:
    return {name: read_numbers(numbers) for name, numbers in json.loads(path.read_text(encoding="utf-8")).items()}


def _parts(output: Output, value: NDArray[Any]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if not output.parts:
        yield "all", value.astype(np.float64).ravel()
    for part, (start, stop, step) in output.parts.items():
        yield part, value[:, start:stop:step].astype(np.float64).ravel()


def _sample(flat: NDArray[np.float64]) -> Part:
    spread = np.linspace(0, flat.size - 1, min(_SPREAD, flat.size)).astype(int)
    highest = np.argsort(-flat, kind="stable")[:_PEAKS]
    furthest = np.argsort(-np.abs(flat), kind="stable")[:_PEAKS]
    at = sorted({int(index) for index in (*spread, *highest, *furthest)})
    return Part(
        at=tuple(at),
        values=tuple(float(f"{flat[index]:.6g}") for index in at),
        mean=float(f"{np.abs(flat).mean():.6g}"),
    )


def _wrong_form(output: Output, value: NDArray[Any], parts: Mapping[str, Part]) -> str:
    dims = value.shape[1:]
    fits = len(dims) == len(output.dims) and all(d in (-1, n) for d, n in zip(output.dims, dims, strict=True))
    if not fits or len(value) != 2:
        return f"has the shape {value.shape}, expected (2, {', '.join(map(str, output.dims))})"
    if value.dtype != np.float32:
        return f"has the type {value.dtype}, expected float32"
    if not np.isfinite(value).all():
        return "holds values that are no numbers"
    small = [part for part, flat in _parts(output, value) if part in parts and max(parts[part].at) >= flat.size]
    return f"has the shape {value.shape}, which is smaller than expected" if small else ""


def _difference(output: str, part: str, flat: NDArray[np.float64], expected: Part) -> Difference:
    found, wanted = np.append(flat[list(expected.at)], np.abs(flat).mean()), np.append(expected.values, expected.mean)
    shares = np.abs(found - wanted) / np.maximum(np.abs(wanted), max(expected.mean, 1e-6))
    worst = int(shares.argmax())
    place = f"value {expected.at[worst]}" if worst < len(expected.at) else "mean of absolute values"
    where = output if part == "all" else f"{output}.{part}"
    share = float(shares[worst])
    overall = float(np.linalg.norm(found - wanted) / (np.linalg.norm(wanted) + 1e-9))
    told = f"{where}: {place} is {found[worst]:.6g}, expected {wanted[worst]:.6g} ({share:.2g}; overall {overall:.2g})"
    return Difference(output, told, share, overall)
