"""Decides whether a model may multiply in bf16: twice as fast, with 8 bits of mantissa.

The golden check compares both precisions on fixed pictures, the same on every machine. It costs a second for each
model, so its answer is kept beside the machine's other state.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svc_vision.errors import ModelError
from svc_vision.executors.engine import Engine
from svc_vision.executors.model_files import ModelFiles
from svc_vision.executors.tensors import DTYPES

TOLERANCE_PARAMETER = "bf16_tolerance"
"""Parameter of `config.pbtxt`: greatest relative difference of any output (norm of the difference over the norm) with
which bf16 is taken; 0 keeps a model in f32 whatever the check says."""
DEFAULT_TOLERANCE = 0.04
"""Where `config.pbtxt` says nothing. YOLO11n-pose differs by 0.009 and OSNet by 0.03: they find the same people (joints
0.3 % of the trunk apart) and know them as well. MobileFaceNet differs by 0.05, YuNet by 0.1, BlazePose by 0.25: its
joints move by a tenth of the trunk in one frame of twenty, its depth by 10 cm."""
_FREE_SIDE_PX = 256
"""Side of the golden pictures where a model takes any size."""


def may_be_tried(files: ModelFiles) -> bool:
    """Whether the model's configuration leaves bf16 to the check."""
    return _tolerance(files) > 0


def agrees(files: ModelFiles, exact: Engine, quick: Engine) -> bool:
    """The golden check: whether both engines answer the golden pictures alike, within the model's tolerance."""
    tolerance = _tolerance(files)
    for inputs in _golden_inputs(files):
        expected, found = exact.run(inputs), quick.run(inputs)
        for name, values in expected.items():
            difference = float(np.linalg.norm(found[name] - values))
            # Written so that a value that is no number fails.
            if not difference <= tolerance * float(np.linalg.norm(values)):
                return False
    return True


class Verdicts:
    """Answers of earlier checks, kept in a file; without one they hold for this process."""

    def __init__(self, path: Path | None) -> None:
        """`path`: a JSON file that needs not exist; None keeps nothing."""
        self._path = path
        self._known: dict[str, bool] = {}
        if path is not None:
            with contextlib.suppress(OSError, ValueError):
                self._known = {str(key): bool(value) for key, value in json.loads(path.read_text()).items()}

    def of(self, key: str) -> bool | None:
        """The answer kept under `key`."""
        return self._known.get(key)

    def keep(self, key: str, verdict: bool) -> None:
        """Remembers an answer; a folder that can't be written costs the check again at the next start."""
        self._known[key] = verdict
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(self._known, indent=1, sort_keys=True))
            draft.replace(self._path)


def verdict_key(files: ModelFiles, processor: str) -> str:
    """What a verdict holds for: model file, tolerance, processor and library."""
    digest = hashlib.sha256(files.path.read_bytes()).hexdigest()[:16]
    return f"{files.config.name} {digest} within {_tolerance(files)} on {processor}"


def _tolerance(files: ModelFiles) -> float:
    text = files.config.parameters.get(TOLERANCE_PARAMETER, str(DEFAULT_TOLERANCE))
    try:
        return float(text)
    except ValueError:
        raise ModelError(
            "MODEL_CONFIG_INVALID", f'{files.config.name}: {TOLERANCE_PARAMETER} must be a number, is "{text}"'
        ) from None


def _golden_inputs(files: ModelFiles) -> list[Mapping[str, NDArray[Any]]]:
    batch = (1,) if files.config.max_batch_size else ()
    inputs: list[Mapping[str, NDArray[Any]]] = []
    for turn in range(2):
        named = {}
        for spec in files.config.inputs:
            shape = (*batch, *(_FREE_SIDE_PX if size < 0 else size for size in spec.dims))
            pattern = _pattern(*shape[-3:-1]) if len(shape) >= 3 and shape[-1] == 3 else np.zeros(shape, np.uint8)
            image = 255 - pattern if turn else pattern
            named[spec.name] = np.ascontiguousarray(np.broadcast_to(image, shape)).astype(DTYPES[spec.data_type])
        inputs.append(named)
    return inputs


def _pattern(height: int, width: int) -> NDArray[np.uint8]:
    """Colours that change smoothly, with edges, by integers only: the same on every machine."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [(3 * x + 5 * y) % 256, (x * x // 64 + y) % 256, np.where((x // 32 + y // 32) % 2, 200, 40)]
    return np.stack(planes, axis=-1).astype(np.uint8)
