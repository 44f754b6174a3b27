"""Writes triton_models/golden.json from a repository whose models were compared with their sources.

`spotter models build` compares every new graph with its source, so what it built is what should be recorded. The
tflite models have no such comparison: record them only where tests/triton_models say that their numbers are right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from triton_models import golden, manifest
from triton_models.settings import ModelSettings
from triton_models.stamp import model_path


def main(names: list[str]) -> None:
    """Records the named models, or all that are built."""
    repository = ModelSettings().model_repository
    kept = json.loads(golden.GOLDEN_FILE.read_text()) if golden.GOLDEN_FILE.exists() else {}
    for name in names or [name for name in manifest.load() if model_path(repository, name).is_file()]:
        session = golden.open_session(model_path(repository, name))
        outputs = golden.run_session(session, {manifest.INPUT_NAME: golden.pictures(name)})
        kept[name] = golden.write_numbers(golden.numbers_of(name, outputs))
        print(f"{name}: recorded from {repository}")
    golden.GOLDEN_FILE.write_text(_compact({name: kept[name] for name in manifest.load() if name in kept}))


def _compact(kept: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """One line a part, so that a change shows where it is."""
    models = []
    for name, outputs in kept.items():
        lines = []
        for output, parts in outputs.items():
            rows = [f'   "{part}": {json.dumps(value)}' for part, value in parts.items()]
            lines.append(f'  "{output}": {{\n' + ",\n".join(rows) + "\n  }")
        models.append(f' "{name}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(models) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
