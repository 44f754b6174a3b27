"""Writes triton_models/golden.json: what models must answer for the golden pictures.

The graph is built from its source and, where that is ONNX, compared with it first. Record a tflite model only where
tests/triton_models say that the converter is right.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triton_models import golden, manifest
from triton_models.build import answer, convert
from triton_models.sources import Sources


def main() -> None:
    """Records the named models, or all."""
    parser = argparse.ArgumentParser(description="Records what models answer for the golden pictures.")
    parser.add_argument("names", nargs="*", help="models; all where none is named")
    parser.add_argument("--models-dir", type=Path, help="folder with the files that models are built from")
    arguments = parser.parse_args()
    kept = json.loads(golden.GOLDEN_FILE.read_text()) if golden.GOLDEN_FILE.exists() else {}
    with Sources(arguments.models_dir, print) as sources:
        for name in arguments.names or manifest.load():
            model = manifest.model(name)
            found = sources.fetch(model)
            outputs = answer(model, found, convert(model, found))
            kept[name] = golden.write_numbers(golden.numbers_of(name, outputs))
            print(f"{name}: recorded from {found.where}")
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
    main()
