"""The export environment: used where it is, made where SPOTTER_TEST_EXPORT=1 asks for it, else a reason to skip."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from triton_models.export.environment import PROJECT_DIR, export_python

ASKED_FOR = os.environ.get("SPOTTER_TEST_EXPORT") == "1"


@pytest.fixture(scope="session")
def export_environment() -> Path:
    """Its Python."""
    python = export_python()
    if python is None and ASKED_FOR:
        subprocess.run(["make", "export-env"], cwd=PROJECT_DIR, check=True)
        python = export_python()
    if python is None:
        pytest.skip(
            "no export environment, whose packages are 1.5 GB; SPOTTER_TEST_EXPORT=1 makes it (make export-env), or "
            "SPOTTER_EXPORT_PYTHON names the Python of one"
        )
    return python
