"""Checks models of a repository: bytes, contract, and the answer to the golden pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import onnxruntime

from triton_models import contract, golden
from triton_models.errors import GoldenError, ModelRepositoryError
from triton_models.manifest import Model
from triton_models.sources import digest
from triton_models.stamp import expected_numbers, model_path, read_stamp
from triton_models.stamp import versions as versions  # whoever checks models asks for their versions too


@dataclass(slots=True)
class Verdict:
    """What was found of one version of a model."""

    model: str
    version: str
    problems: list[str] = field(default_factory=list)
    """Sentences; empty where all is well."""
    deviation: float = 0.0
    """Greatest difference from the golden numbers, see `golden.Difference.relative`."""

    @property
    def ok(self) -> bool:
        """Whether it may be used."""
        return not self.problems


def verify(repository: Path, model: Model) -> Iterator[Verdict]:
    """One verdict for each version; none where the model isn't there."""
    for version in versions(repository, model.name):
        yield verify_version(repository, model, version)


def verify_version(repository: Path, model: Model, version: str) -> Verdict:
    """Checks one version: configuration, digest, whether it loads, names, types and shapes, and golden numbers."""
    verdict = Verdict(model.name, version)
    verdict.problems += contract.config_problems(repository / model.name / "config.pbtxt", model)
    path = model_path(repository, model.name, version)
    stamp = read_stamp(repository, model.name, version)
    found = digest(path.read_bytes())
    if stamp and stamp.model_sha256 != found:
        verdict.problems.append(
            f"{path} has SHA-256 {found}, but {stamp.model_sha256} was built: it was changed or damaged. "
            f"Build it again: `{model.hint}`"
        )
    try:
        session = golden.open_session(path)
    except Exception as error:  # onnxruntime's own exceptions share no base class but Exception
        size = path.stat().st_size
        verdict.problems.append(f"{path} ({size} bytes) can't be loaded: {_first_line(error)}")
        return verdict
    verdict.problems += contract.session_problems(session, model)
    if not verdict.problems or stamp:
        _ask(session, repository, verdict)
    return verdict


def _ask(session: onnxruntime.InferenceSession, repository: Path, verdict: Verdict) -> None:
    try:
        expected = expected_numbers(repository, verdict.model, verdict.version)
        deviations = golden.check_outputs(
            verdict.model, lambda inputs: golden.run_session(session, inputs), expected=expected
        )
        verdict.deviation = max(deviations.values())
    except GoldenError as error:
        verdict.problems += str(error).splitlines()[1:] or [str(error)]
    except (ModelRepositoryError, Exception) as error:  # as above
        verdict.problems.append(f"it can't be run on the golden pictures: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
