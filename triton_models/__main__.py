"""`python -m triton_models`: builds the model repository."""

import argparse
import sys
from pathlib import Path
from typing import TextIO

from triton_models.build import ENVIRONMENT_VARIABLE, build, default_repository
from triton_models.errors import BuildError


def main() -> int:
    """Returns the exit code: 0 when every model is in place."""
    parser = argparse.ArgumentParser(prog="python -m triton_models", description="Builds the model repository.")
    parser.add_argument(
        "--repository",
        type=Path,
        default=default_repository(),
        help=f"Triton model repository (default: ${ENVIRONMENT_VARIABLE} or the checkout's, %(default)s)",
    )
    repository: Path = parser.parse_args().repository
    try:
        build(repository, lambda line: _say(sys.stdout, line))
    except BuildError as error:
        _say(sys.stderr, str(error))
        return 1
    return 0


def _say(stream: TextIO, line: str) -> None:
    stream.write(f"models: {line}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
