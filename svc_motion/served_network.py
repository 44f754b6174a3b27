"""Which file the exercise network is read from, and what happens when none can be used."""

from pathlib import Path

import structlog

from mesh.errors import StartupError
from svc_motion.network import NETWORK_FILE, ExerciseNetwork, NetworkFileError

MODEL_NAME = "exercise_network"
_log = structlog.get_logger()


def choose_network(named: Path | None, repository: Path | None) -> ExerciseNetwork | None:
    """The network of the named file; else of the model repository; else the one that comes with this package.

    Without any, exercises are recognised by the signatures of their files alone, and a warning says so.

    Args:
        named: a file that the operator asked for.
        repository: model repository in Triton's layout, whose highest version is taken.

    Raises:
        StartupError: the named file can't be used.
    """
    if named is not None:
        try:
            return ExerciseNetwork(named)
        except NetworkFileError as error:
            raise StartupError(
                f"SPOTTER_EXERCISE_NETWORK: {error}. Unset it to use the one that is built in."
            ) from None
    served = newest_version(repository) if repository else None
    for path in filter(None, (served, NETWORK_FILE)):
        try:
            return ExerciseNetwork(path)
        except NetworkFileError as error:
            _log.warning("exercise_network_unusable", file=str(path), reason=error.reason)
    _log.warning("exercise_network_missing", used="signatures of the exercise files alone")
    return None


def newest_version(repository: Path) -> Path | None:
    """The network's file of the highest version in a model repository; None where there is none."""
    files = [path for path in (repository / MODEL_NAME).glob("*/model.onnx") if path.parent.name.isdigit()]
    return max(files, key=lambda path: int(path.parent.name), default=None)
