"""Reading checkpoints without running what is in them: a `.pt` is a pickle, which may call anything."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from triton_models.export.errors import ExportError

STATE_KEYS = ("state_dict", "state_dict_backbone", "model")
"""Where training programs put the weights among other things (torchreid; arcface_torch; others)."""
PARALLEL_PREFIX = "module."
"""`DataParallel` puts it before every name."""
# Training programs store a validation score beside the weights, which is often a numpy number.
_scalar = np.float64(0).__reduce__()[0]
NUMBERS = [
    (_scalar, "numpy.core.multiarray.scalar"),
    (_scalar, "numpy._core.multiarray.scalar"),
    np.dtype,
    type(np.dtype(np.float32)),
    type(np.dtype(np.float64)),
]


def is_ultralytics(path: Path) -> bool:
    """Whether a checkpoint holds objects of ultralytics; the file is looked through, not loaded."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except (ValueError, RuntimeError):
        return False
    return any(name.startswith("ultralytics.") for name in names)


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Weights by their names, out of a checkpoint that holds a state dict, alone or among other things.

    Raises:
        ExportError: it is no checkpoint, only a part of one, or holds objects that would have to run code.
    """
    try:
        with torch.serialization.safe_globals(NUMBERS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ExportError(
            f"{path.name} holds more than weights, or is no checkpoint of PyTorch. Save the "
            "weights alone in the program that trained them: torch.save(network.state_dict(), FILE)"
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ExportError(
            f"{path.name} can't be read as a checkpoint of PyTorch; it may be only a part of one: {error}"
        ) from error
    weights = _find_weights(content)
    if not weights:
        raise ExportError(f"{path.name} holds no weights: neither a state dict, nor one under {', '.join(STATE_KEYS)}")
    return {name.removeprefix(PARALLEL_PREFIX): value for name, value in weights.items()}


def _find_weights(content: object) -> dict[str, torch.Tensor]:
    if not isinstance(content, Mapping):
        return {}
    inner = next((content[key] for key in STATE_KEYS if isinstance(content.get(key), Mapping)), content)
    return {str(name): value for name, value in inner.items() if isinstance(value, torch.Tensor)}
