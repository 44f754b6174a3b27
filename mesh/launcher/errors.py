"""Why a mesh can't start or go on; each message says what was found and what to do.

* LauncherError
  x AlreadyRunning -- another mesh holds this home folder
  x PortTaken -- somebody else listens on a port that is needed
  x MissingTool -- a program that a part consists of can't be had
  x PartFailed -- a part never became ready, or died too often
"""

from __future__ import annotations


class LauncherError(Exception):
    """The mesh can't start or go on."""


class AlreadyRunning(LauncherError):
    """Another mesh holds this home folder."""


class PortTaken(LauncherError):
    """Somebody else listens on a port that is needed."""


class MissingTool(LauncherError):
    """A program that a part consists of can't be had."""


class PartFailed(LauncherError):
    """A part never became ready, or died too often."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part
