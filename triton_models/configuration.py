"""Puts `config.pbtxt` into a repository: the checkout's own, with as many instances as asked for."""

from __future__ import annotations

import re
from pathlib import Path

from triton_models.errors import BuildError
from triton_models.settings import BUNDLED_REPOSITORY

_COUNT = re.compile(r"(instance_group\s*\[\s*\{[^}]*\bcount:\s*)(\d+)")


def place(repository: Path, name: str, instances: int | None = None) -> None:
    """Writes a model's configuration where it differs.

    Args:
        instances: how many of the model a Triton server runs side by side; None keeps the number that is there.

    Raises:
        BuildError: another number than git's is wanted in the checkout's own repository.
    """
    target = repository / name / "config.pbtxt"
    there = target.read_text(encoding="utf-8") if target.exists() else ""
    text = (BUNDLED_REPOSITORY / name / "config.pbtxt").read_text(encoding="utf-8")
    kept = _COUNT.search(there)
    wanted = instances or (int(kept[2]) if kept else None)
    if wanted:
        text = with_instances(text, wanted)
    if text == there:
        return
    if repository.resolve() == BUNDLED_REPOSITORY:
        raise BuildError(f"{target} is kept in git; name another --repository to change the number of instances")
    temporary = target.with_suffix(".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(target)


def with_instances(text: str, count: int) -> str:
    """A configuration whose models run `count` times side by side."""
    return _COUNT.sub(lambda match: f"{match[1]}{count}", text)
