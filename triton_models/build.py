"""Builds models of the manifest into a repository: find the source, convert, check, put in place."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triton_models import configuration, contract, golden, graph, manifest, onnx_convert, reference, tflite_model
from triton_models.errors import BuildError, ConversionError, GoldenError, LicenceNotAccepted, ManifestError
from triton_models.manifest import Model
from triton_models.settings import ModelSettings
from triton_models.sources import Found, Sources, digest
from triton_models.stamp import BUILD_REVISION, BUILT_VERSION, Stamp, model_path, read_stamp, stamp_path, versions

OWN_WEIGHTS = "own"
"""What the licence of an exported file says where its weights are the operator's own."""

Progress = Callable[[str], None]


@dataclass(slots=True)
class Report:
    """What a run of `build` did; each model is in one of the lists."""

    built: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Model → why it wasn't built although its file is there: nobody accepted its licence."""
    failed: dict[str, str] = field(default_factory=dict)
    """Model → what is wrong with its file; only where models weren't asked for by name."""


def default_repository() -> Path:
    """The folder named by SPOTTER_MODEL_REPOSITORY, else the one in the checkout."""
    return ModelSettings().model_repository


def is_built(repository: Path) -> bool:
    """Whether every model that is built by default is there, unchanged since this revision built it."""
    return all(is_current(repository, model) for model in manifest.load().values() if model.default)


def is_current(repository: Path, model: Model, source_sha256: str | None = None) -> bool:
    """Whether version 1 of a model is what this revision built, of that source where one is named."""
    stamp = read_stamp(repository, model.name)
    if stamp is None or stamp.revision != BUILD_REVISION:
        return False
    known = stamp.numbers is not None or stamp.source_sha256 in {source.sha256 for source in model.sources}
    if not known or source_sha256 not in (None, stamp.source_sha256):
        return False
    try:
        return digest(model_path(repository, model.name).read_bytes()) == stamp.model_sha256
    except OSError:
        return False


def build(
    repository: Path,
    progress: Progress,
    names: Sequence[str] = (),
    folder: Path | None = None,
    accepted: Iterable[str] = (),
    instances: int | None = None,
) -> Report:
    """Puts models into `repository`; those that are there already are left alone.

    Args:
        repository: Triton model repository; made when it is absent.
        progress: told in one line what happens next.
        names: models to build; none means those built by default, and every other whose file is in `folder`.
        folder: files to build from; a wheel or official address serves where it has none.
        accepted: licences that aren't permissive and that the operator accepts.
        instances: how many of a model a Triton server runs side by side; None keeps what is there.

    Raises:
        ManifestError: no such model or licence.
        BuildError: a subclass says what failed and what to do, with a model that was asked for or is built by default.
            Nothing half-written is left behind.
    """
    report = Report()
    with Sources(folder, progress) as sources:
        agreed = _known_licences(accepted, sources)
        for model in [manifest.model(name) for name in names] or manifest.load().values():
            try:
                _build_one(repository, model, sources, agreed, bool(names), report, progress)
            except BuildError as error:
                if names or model.default:
                    raise
                report.failed[model.name] = str(error)
                progress(str(error))
    ready = (*report.built, *report.unchanged)
    for name in ready:
        configuration.place(repository, name, instances)
    for name in report.built:
        latest = versions(repository, name)[-1]
        if latest != BUILT_VERSION:
            progress(f"{name}: version {latest} stays in use; what was built is version {BUILT_VERSION}")
    progress(f"ready in {repository}: {', '.join(ready)}")
    return report


def _build_one(
    repository: Path,
    model: Model,
    sources: Sources,
    agreed: frozenset[str],
    asked_for: bool,
    report: Report,
    progress: Progress,
) -> None:
    at_hand = sources.in_folder(model)
    if not (asked_for or model.default or at_hand or is_current(repository, model)):
        return
    if is_current(repository, model, at_hand.sha256 if at_hand else None):
        report.unchanged.append(model.name)
        return
    reason = _licence_reason(model, at_hand, agreed)
    if reason:
        if asked_for:
            raise LicenceNotAccepted(reason)
        report.refused[model.name] = reason
        progress(reason)
        return
    found = at_hand or sources.fetch(model)
    progress(f"building {model.name} from {found.where}")
    try:
        _install(repository, model, found)
    except OSError as error:
        raise BuildError(f"{model.name} can't be put into {repository}: {error.strerror or error}") from error
    report.built.append(model.name)


def _install(repository: Path, model: Model, found: Found) -> None:
    """Converts and checks in a scratch folder beside the target, then renames: a reader sees all or nothing."""
    data = convert(model, found)
    outputs = answer(model, found, data)
    numbers = golden.numbers_of(model.name, outputs)
    if not found.exported:
        _compare(model.name, outputs, golden.kept_numbers(model.name), "its golden numbers")
    stamp = Stamp(
        revision=BUILD_REVISION, source_sha256=found.sha256, model_sha256=digest(data),
        numbers=numbers if found.exported else None,
    )  # fmt: skip
    target = model_path(repository, model.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent.parent, prefix=".building-") as scratch:
        part, note = Path(scratch) / target.name, Path(scratch) / "built.json"
        part.write_bytes(data)
        note.write_text(json.dumps(stamp.as_json()), encoding="utf-8")
        part.replace(target)
        note.replace(stamp_path(repository, model.name))


def convert(model: Model, found: Found) -> bytes:
    """The repository's graph of a source file. Raises ConversionError."""
    if found.exported or model.build.kind == "copy":
        return found.data
    if model.build.kind == "onnx":
        metadata = {"licence": model.licence.id, "source_sha256": found.sha256}
        return bytes(graph.convert(found.data, model, metadata).SerializeToString(deterministic=True))
    mean, std = model.build.mean[0], model.build.std[0]
    proto = onnx_convert.convert(
        tflite_model.read_model(found.data), model.name, model.build.outputs, 1 / std, -mean / std
    )
    return bytes(proto.SerializeToString())


def answer(model: Model, found: Found, data: bytes) -> golden.Outputs:
    """What a new graph answers for the golden batch, after comparing it with the contract and with its source.

    Raises:
        ConversionError: names, types or shapes differ from the manifest.
        GoldenError: it answers other than its source.
    """
    try:
        session = golden.open_session(data)
    except Exception as error:  # onnxruntime's own exceptions share no base class but Exception
        raise ConversionError(f"{model.name}: onnxruntime can't load what {found.where} became: {error}") from error
    problems = [*contract.session_problems(session, model)]
    if problems:
        raise ConversionError(f"{model.name} can't be built from {found.where}: {'; '.join(problems)}")
    outputs = golden.run_session(session, golden.inputs(model.name))
    if model.build.kind == "onnx" and not found.exported:
        source = reference.run_source(found.data, model, golden.pictures(model.name))
        expected = golden.numbers_of(model.name, source)
        _compare(model.name, outputs, expected, "the source graph")
    return outputs


def _compare(name: str, outputs: golden.Outputs, expected: golden.Numbers, whose: str) -> None:
    found = golden.differences(name, outputs, expected)
    wrong = [one.what for one in found if not one.relative <= golden.TOLERANCE]
    if wrong:
        raise GoldenError(
            f"{name}, just built, answers other than {whose}: {'; '.join(wrong)}. If it stays so, this processor or "
            "onnxruntime version computes wrongly; the model was not put in place"
        )


def _known_licences(accepted: Iterable[str], sources: Sources) -> frozenset[str]:
    agreed = frozenset(accepted)
    known = {model.licence.id for model in manifest.load().values()} | sources.export_licences()
    if not agreed <= known:
        raise ManifestError(
            f"no model has the licence {', '.join(sorted(agreed - known))}; there are {', '.join(sorted(known))}"
        )
    return agreed


def _licence_reason(model: Model, found: Found | None, agreed: frozenset[str]) -> str:
    """Why a model may not be built; empty where it may. Weights of one's own need nobody's leave."""
    if found and found.exported:
        if found.licence in {OWN_WEIGHTS, *agreed}:
            return ""
        return (
            f"{model.name} is not built, because its weights in {found.where} come under {found.licence}, which is not "
            f"permissive. To accept it, add --accept {found.licence} (or set SPOTTER_MODELS_ACCEPT={found.licence})"
        )
    licence = model.licence
    if licence.permissive or licence.id in agreed:
        return ""
    return (
        f"{model.name} is not built, because its licence {licence.id} is not permissive: {licence.words}. "
        f"To accept it, run `{model.hint}` (or set SPOTTER_MODELS_ACCEPT={licence.id})"
    )
