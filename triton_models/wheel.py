"""Takes model files out of a Python wheel without installing it.

The wheel is fetched for one fixed platform, so every host gets the same file whatever it runs itself.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from triton_models.errors import DownloadError, IntegrityError

PLATFORM_FLAGS = (
    "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", "manylinux_2_28_x86_64",
)  # fmt: skip
DOWNLOAD_TIMEOUT_S = 600.0


def download(requirement: str, folder: Path) -> Path:
    """Fetches the wheel of a pinned requirement into a folder of its own.

    Raises:
        DownloadError: the package index did not give it.
    """
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary=:all:", *PLATFORM_FLAGS, "--dest", str(folder), requirement,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise DownloadError(
            f"pip did not finish downloading {requirement} in {DOWNLOAD_TIMEOUT_S:.0f} s; check the network and retry"
        ) from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        raise DownloadError(_explain(requirement, done.stderr))
    return wheels[0]


def read_member(wheel: Path, path: str) -> bytes:
    """One member of a wheel. Raises IntegrityError where it isn't there or the wheel is damaged."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(path)
    except (KeyError, zipfile.BadZipFile) as error:
        raise IntegrityError(f"{wheel.name} does not hold {path} ({error}); fetch the wheel again") from error


def _explain(requirement: str, stderr: str) -> str:
    if "No module named pip" in stderr:
        return "this Python has no pip, which fetches the pose models; run `python -m ensurepip` and retry"
    lines = [line for line in stderr.strip().splitlines() if line.startswith("ERROR")] or stderr.strip().splitlines()
    last = lines[-1] if lines else "pip gave no reason"
    return (
        f"pip could not download {requirement}, which carries the pose models: {last}. "
        f"Check that this machine reaches a package index (`pip download --no-deps {requirement}`) and retry"
    )
