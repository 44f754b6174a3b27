"""`spotter models export`: a checkpoint of PyTorch becomes a file that `spotter models build` takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from triton_models.export.environment import MISSING, export_python, run_in_environment


def export(
    weights: Path,
    *,
    out: Path,
    accept: Annotated[Sequence[str], Parameter(negative="")] = (),
    own_weights: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Turn a PyTorch checkpoint into a model for the repository; `make export-env` installs what that needs.

    Parameters
    ----------
    weights
        Checkpoint of a YOLO11 pose network (ultralytics), an OSNet (torchreid) or a face embedding (arcface_torch).
    out
        ONNX file to write. In a folder of models, `spotter models build` finds it there.
    accept
        Licence of the weights that you accept, such as AGPL-3.0; may be given several times.
    own_weights
        You trained the weights yourself, so that nobody else's licence has to be accepted. Doesn't hold for
        ultralytics, which puts what is trained with it under its own licence.
    """
    python = export_python()
    if python is None:
        Console(highlight=False).print(MISSING, style="red", soft_wrap=True, markup=False)
        return 1
    accepted = [word for licence in accept for word in ("--accept", licence)]
    own = ["--own-weights"] if own_weights else []
    arguments = ["-m", "triton_models.export", str(weights.absolute()), "--out", str(out.absolute()), *accepted, *own]
    return run_in_environment(python, arguments).returncode
