"""The note beside a built model that says what it was built from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triton_models import golden
from triton_models.errors import GoldenError

BUILD_REVISION = 1
"""Raised whenever the result of a conversion changes, so that models built before are built again."""
BUILT_VERSION = "1"
"""Builds go here; later versions are rolled out."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What was built from what."""

    revision: int
    source_sha256: str
    model_sha256: str
    numbers: golden.Numbers | None
    """Golden numbers of an own export; None where the manifest's file was used, whose numbers are kept with it."""

    def as_json(self) -> dict[str, Any]:
        """For `built.json`."""
        fields: dict[str, Any] = {
            "revision": self.revision, "source_sha256": self.source_sha256, "model_sha256": self.model_sha256,
        }  # fmt: skip
        return fields if self.numbers is None else fields | {"numbers": golden.write_numbers(self.numbers)}


def versions(repository: Path, name: str) -> list[str]:
    """Numbers of the versions that are there, the latest last."""
    folder = repository / name
    found = [child.name for child in folder.iterdir() if child.name.isdigit()] if folder.is_dir() else []
    return sorted((name for name in found if model_path(repository, folder.name, name).is_file()), key=int)


def model_path(repository: Path, name: str, version: str = BUILT_VERSION) -> Path:
    """Where a version of a model lies."""
    return repository / name / version / "model.onnx"


def stamp_path(repository: Path, name: str, version: str = BUILT_VERSION) -> Path:
    """Where the note about it lies."""
    return model_path(repository, name, version).with_name("built.json")


def read_stamp(repository: Path, name: str, version: str = BUILT_VERSION) -> Stamp | None:
    """The note; None where there is none, or none that can be read."""
    try:
        fields = json.loads(stamp_path(repository, name, version).read_text(encoding="utf-8"))
        numbers = fields.get("numbers")
        return Stamp(
            fields["revision"], fields["source_sha256"], fields["model_sha256"],
            None if numbers is None else golden.read_numbers(numbers),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, AttributeError, TypeError, GoldenError):
        return None


def expected_numbers(repository: Path, name: str, version: str = BUILT_VERSION) -> golden.Numbers:
    """What a version must answer for the golden pictures: noted beside it, else kept for the manifest's files."""
    stamp = read_stamp(repository, name, version)
    return stamp.numbers if stamp and stamp.numbers else golden.kept_numbers(name)
