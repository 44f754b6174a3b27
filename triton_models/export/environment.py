"""The separate environment with torch, ultralytics and torchreid: where it lies, and programs that run in it.

This module itself needs nothing but the standard library, so that both sides may import it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
ENVIRONMENT_VARIABLE = "SPOTTER_EXPORT_PYTHON"
MISSING = (
    "The export environment isn't there. `make export-env` makes it in .spotter/export (PyTorch and ultralytics, "
    f"1.5 GB); {ENVIRONMENT_VARIABLE} names the Python of another one"
)


def export_python() -> Path | None:
    """The environment's interpreter, or None where nobody made it; `MISSING` then says how."""
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    python = Path(named) if named else PROJECT_DIR / ".spotter" / "export" / "bin" / "python"
    return python if python.is_file() else None


def run_in_environment(
    python: Path, arguments: Sequence[str], timeout_s: float | None = None, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    """Runs Python with `arguments` in the environment; modules of this checkout can be imported there.

    Args:
        python: what `export_python` found.
        arguments: of the interpreter.
        timeout_s: after it the program is ended and subprocess.TimeoutExpired raised.
        capture: keep its output instead of showing it.
    """
    # One inference thread, as everywhere in Spotter, and no packages of the environment that we run in.
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")},
        "PYTHONPATH": str(PROJECT_DIR),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.run(
        [str(python), *arguments], env=environment, capture_output=capture, text=True, timeout=timeout_s, check=False
    )
