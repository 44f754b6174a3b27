"""`python -m triton_models`: builds the model repository; `spotter models` does the same and more."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TextIO

from triton_models.build import build
from triton_models.errors import ModelRepositoryError
from triton_models.settings import ModelSettings


def main() -> int:
    """Returns the exit code: 0 when every model is in place."""
    settings = ModelSettings()
    parser = argparse.ArgumentParser(
        prog="python -m triton_models",
        description="Builds the models for poses and exercises, and those whose files are in the folder SPOTTER_MODELS "
        "and whose licence is permissive or named in SPOTTER_MODELS_ACCEPT.",
    )
    parser.add_argument(
        "--repository", type=Path, default=settings.model_repository,
        help="Triton model repository (default: $SPOTTER_MODEL_REPOSITORY or the checkout's, %(default)s)",
    )  # fmt: skip
    repository: Path = parser.parse_args().repository
    try:
        report = build(
            repository, lambda line: _say(sys.stdout, line), folder=settings.models, accepted=settings.accepted
        )  # fmt: skip
    except ModelRepositoryError as error:
        _say(sys.stderr, str(error))
        return 1
    return 1 if report.failed else 0


def _say(stream: TextIO, line: str) -> None:
    stream.write(f"models: {line}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
